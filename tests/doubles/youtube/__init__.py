"""A stand-in for YouTube: Google's sign-in, the Data API, resumable uploads, Analytics and enough
public pages to click. `python -m tests.doubles.youtube --port 0 --log FILE` starts it."""
