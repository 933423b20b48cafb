"""One file a provider; importing this package registers them all."""

from videos.providers import espeak, extractive, given, kokoro, piper, web, whisper

__all__ = ["espeak", "extractive", "given", "kokoro", "piper", "web", "whisper"]
