"""Voices with a price, registered as any other, and a run that speaks with one of them."""

import wave
from datetime import timedelta
from pathlib import Path

from billing.models import CostEntry, Hold
from config.kit.database import after
from config.kit.errors import Spend
from config.kit.money import Use
from tests.videos.test_edits import OWN
from videos import actions, pipeline, runs
from videos.contracts import Said, SceneText, Script
from videos.models import RunState, StageRun
from videos.providers.catalogue import providers
from videos.providers.voices import Offer

PAST = -timedelta(seconds=1)
PRICE = 5_000_000
LOUD, SILENT = b"\x00\x20\x00\xe0", b"\x00\x00\x00\x00"


def spoken(into: Path, words, sound: bytes, spent=()) -> Said:
    with wave.open(str(into), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(sound * 12_000)
    times = tuple((n * 1000, n * 1000 + 900) for n in range(len(words)))
    return Said(into, 24_000, 24_000, times, spent)


class PaidVoice:
    """Speaks for five dollars a scene; `meanwhile` happens while it speaks."""

    version = "1"
    licence = "bought"
    recovery = "none"
    sound = LOUD
    price = PRICE
    meanwhile = staticmethod(lambda: None)

    def __init__(self, voice: str) -> None:
        self.name = f"paid:{voice}"

    @classmethod
    def offers(cls) -> list[Offer]:
        return [Offer("paid", "one", ("en",))]

    def uses(self, words, params) -> list[Use]:
        return [Use(self.name, "scene", 1, 1, 1, quoted_micros=PRICE)]

    def say(self, words, *, language, speed, into, stopping, beat) -> Said:
        type(self).meanwhile()
        return spoken(into, words, self.sound, [Spend(self.name, "scene", 1, self.price)])


class PostalVoice:
    """Asked by letter, answers by letter; `opened` happens when its answer is read."""

    version = "1"
    licence = "bought"
    recovery = "none"
    letters: list[str] = []
    sent = staticmethod(lambda: None)
    opened = staticmethod(lambda: None)

    def __init__(self, voice: str) -> None:
        self.name = f"postal:{voice}"

    @classmethod
    def offers(cls) -> list[Offer]:
        return [Offer("postal", "one", ("en",))]

    def uses(self, words, params) -> list[Use]:
        return [Use(self.name, "scene", 1, 1, 1, quoted_micros=PRICE)]

    def ask(self, words, *, params, request, into, stopping, beat) -> None:
        type(self).letters.append(request)
        type(self).sent()
        into.write_bytes(LOUD)

    def read(self, reply, words, *, into) -> Said:
        type(self).opened()
        return spoken(into, words, reply.read_bytes(), [Spend(self.name, "scene", 1, PRICE)])


for voice in (PaidVoice, PostalVoice):
    kind = voice.__name__.removesuffix("Voice").lower()
    if f"voice:{kind}" not in providers:
        providers.add(f"voice:{kind}", voice)


def narrating(by, channel, voice: str) -> StageRun:
    """A run of the narration stage, claimed, that speaks with this voice."""
    wish = actions.Wish(source="Kelp grows.", title="Kelp", seconds=10, voice=voice)
    video = actions.create_video(by=by, channel=channel, wish=wish)
    actions.edit_script(by=by, video=video, script=OWN)
    return claimed()


def claimed() -> StageRun:
    StageRun.objects.exclude(stage="narration").update(due_at=None)
    return runs.claim("studio", "w:1", 9)


def perform_again() -> StageRun:
    """As a worker does once the run is due."""
    StageRun.objects.filter(state=RunState.WAITING, stage="narration").update(due_at=after(PAST))
    run = claimed()
    pipeline.perform(run)
    run.refresh_from_db()
    return run


def two_scenes(second: str) -> Script:
    first = SceneText(
        "aaaa0001", "Kelp grows in cold water.", "A", {"template": "statement", "text": "A"}
    )
    other = SceneText("aaaa0002", second, "B", {"template": "statement", "text": "B"})
    return Script(title="Kelp", language="en", method="edited", scenes=(first, other))


def failing(error: BaseException):
    def fail() -> None:
        raise error

    return staticmethod(fail)


def booked() -> int:
    return sum(CostEntry.objects.values_list("amount_micros", flat=True))


def kinds() -> list[str]:
    return list(CostEntry.objects.order_by("id").values_list("kind", flat=True))


def holds() -> set[str]:
    return set(Hold.objects.values_list("state", flat=True))
