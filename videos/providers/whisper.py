"""Whisper tiny.en: hears English, for the quality check and the voice bench."""

from pathlib import Path

from videos.contracts import HeardWord, Stop
from videos.media.engines import Engine
from videos.providers.catalogue import providers


class Whisper:
    name = "whisper:tiny.en"
    languages = ("en",)

    @property
    def version(self) -> str:
        return str(Engine("whisper").about()["version"])

    @property
    def licence(self) -> str:
        return str(Engine("whisper").about()["licence"])

    @classmethod
    def present(cls) -> bool:
        return Engine("whisper").present()

    def hear(self, wave: Path, *, language: str, stopping: Stop) -> list[HeardWord]:
        return Engine("whisper").hear(
            wave, language=language, stopping=stopping, beat=lambda fraction: None
        )


providers.add("listener:whisper", Whisper)
