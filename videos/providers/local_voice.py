"""A voice that an engine program on this machine speaks with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from config.kit.errors import Unavailable
from videos.contracts import Beat, Said, Stop, Word
from videos.media.engines import Engine
from videos.providers.voices import Offer, speakers


class LocalVoice:
    """Subclasses name the engine; an instance is one voice of it."""

    engine: ClassVar[str]

    def __init__(self, voice: str) -> None:
        self.voice = voice
        self.name = f"{self.engine}:{voice}"

    @property
    def version(self) -> str:
        return str(Engine(self.engine).about()["version"])

    @property
    def licence(self) -> str:
        return str(Engine(self.engine).about()["licence"])

    @classmethod
    def present(cls) -> bool:
        return Engine(cls.engine).present()

    @classmethod
    def offers(cls) -> list[Offer]:
        """Its voices; none if the engine is not set up."""
        try:
            about = Engine(cls.engine).about()
        except Unavailable:
            return []
        return [
            Offer(cls.engine, voice["name"], tuple(voice["languages"]), voice["about"])
            for voice in about["voices"]
        ]

    @classmethod
    def voices(cls, language: str) -> list[Offer]:
        return speakers(cls.offers(), language)

    @classmethod
    def speaks(cls, language: str) -> bool:
        return bool(cls.voices(language))

    def say(
        self,
        words: Sequence[Word],
        *,
        language: str,
        speed: float,
        into: Path,
        stopping: Stop,
        beat: Beat,
    ) -> Said:
        return Engine(self.engine).say(
            words,
            voice=self.voice,
            language=language,
            speed=speed,
            into=into,
            stopping=stopping,
            beat=beat,
        )
