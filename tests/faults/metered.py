"""A voice that a service sells: it writes a bill of its own, once a request however often that is
sent, and answers some time after it has billed."""

import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from config.kit.errors import Spend, Stopped
from config.kit.money import Use
from videos.contracts import Beat, Said, Stop, Word
from videos.providers.catalogue import providers
from videos.providers.piper import Piper
from videos.providers.voices import Offer

PRICE_MICROS = 5_000_000
ANSWERS_AFTER_S = 1.5
BILLS = "bills"  # a file a request, beside VAR_DIR: not on the disk that a test fills


class Metered:
    """Piper, for money."""

    version = "1"
    licence = "bought"
    recovery = "idempotent"

    def __init__(self, voice: str) -> None:
        self.name, self._voice = f"metered:{voice}", Piper(voice)

    @classmethod
    def offers(cls) -> list[Offer]:
        return [replace(offer, engine="metered") for offer in Piper.offers()]

    def uses(self, words: Sequence[Word], params: Mapping[str, Any]) -> Sequence[Use]:
        return [Use(self.name, "scene", 1, 1, 1, quoted_micros=PRICE_MICROS)]

    def ask(
        self,
        words: Sequence[Word],
        *,
        params: Mapping[str, Any],
        request: str,
        into: Path,
        stopping: Stop,
        beat: Beat,
    ) -> None:
        _bill(request)
        _takes_its_time(stopping, beat)
        wave = into.with_suffix(".wav")
        said = self._voice.say(
            words,
            language=str(params["language"]),
            speed=float(params["speed"]),
            into=wave,
            stopping=stopping,
            beat=beat,
        )
        head = {"rate": said.sample_rate, "samples": said.samples, "times": said.times}
        into.write_bytes(json.dumps(head).encode() + b"\n" + wave.read_bytes())

    def read(self, reply: Path, words: Sequence[Word], *, into: Path) -> Said:
        with reply.open("rb") as told, into.open("wb") as wave:
            head = json.loads(told.readline())
            shutil.copyfileobj(told, wave)
        times = tuple((start, end) for start, end in head["times"])
        spent = [Spend(self.name, "scene", 1, PRICE_MICROS)]
        return Said(into, head["rate"], head["samples"], times, spent)


def _bill(request: str) -> None:
    """Names the process that asked last."""
    bills = settings.VAR_DIR.parent / BILLS
    bills.mkdir(exist_ok=True)
    (bills / request).write_text(str(os.getpid()))


def _takes_its_time(stopping: Stop, beat: Beat) -> None:
    ends = time.monotonic() + ANSWERS_AFTER_S
    while time.monotonic() < ends:
        if stopping():
            raise Stopped("told to stop while the service works")
        beat(0.1)
        time.sleep(0.1)


if "voice:metered" not in providers:
    providers.add("voice:metered", Metered)
