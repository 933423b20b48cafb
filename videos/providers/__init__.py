"""One file a provider; importing this package registers them all."""

from videos.providers import espeak, kokoro, piper, whisper

__all__ = ["espeak", "kokoro", "piper", "whisper"]
