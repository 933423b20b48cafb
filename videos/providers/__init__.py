"""One file a provider; importing this package registers them all."""

from videos.providers import (
    elevenlabs,
    espeak,
    extractive,
    given,
    kokoro,
    openai_voice,
    piper,
    web,
    whisper,
)

__all__ = [
    "elevenlabs",
    "espeak",
    "extractive",
    "given",
    "kokoro",
    "openai_voice",
    "piper",
    "web",
    "whisper",
]
