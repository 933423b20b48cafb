"""One file a provider; importing this package registers them all."""

from videos.providers import (
    elevenlabs,
    espeak,
    extractive,
    given,
    kokoro,
    openai_images,
    openai_voice,
    pexels,
    piper,
    pixabay,
    replicate,
    web,
    whisper,
)

__all__ = [
    "elevenlabs",
    "espeak",
    "extractive",
    "given",
    "kokoro",
    "openai_images",
    "openai_voice",
    "pexels",
    "piper",
    "pixabay",
    "replicate",
    "web",
    "whisper",
]
