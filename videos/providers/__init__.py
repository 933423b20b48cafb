"""One file a provider; importing this package registers them all."""

from videos.providers import (
    anthropic_writer,
    elevenlabs,
    espeak,
    extractive,
    given,
    kokoro,
    openai_images,
    openai_voice,
    openai_writer,
    pexels,
    piper,
    pixabay,
    replicate,
    web,
    whisper,
)

__all__ = [
    "anthropic_writer",
    "elevenlabs",
    "espeak",
    "extractive",
    "given",
    "kokoro",
    "openai_images",
    "openai_voice",
    "openai_writer",
    "pexels",
    "piper",
    "pixabay",
    "replicate",
    "web",
    "whisper",
]
