"""A stand-in for AI and footage vendors: one server that speaks their HTTP APIs, fails as told and
bills by a price list of its own. `python -m tests.doubles.ai --port 0 --log FILE` starts it."""
