"""One file a provider; importing this package registers them all."""

from videos.providers import (
    espeak,
    extractive,
    given,
    kokoro,
    openai_images,
    pexels,
    piper,
    pixabay,
    replicate,
    web,
    whisper,
)

__all__ = [
    "espeak",
    "extractive",
    "given",
    "kokoro",
    "openai_images",
    "pexels",
    "piper",
    "pixabay",
    "replicate",
    "web",
    "whisper",
]
