"""A provider with a price, registered as any other: what it costs is never lost."""

import wave
from datetime import timedelta

import pytest

from billing import ledger
from billing.models import CostEntry, Hold
from config.kit.database import after
from config.kit.errors import Rejected, Spend
from teams.access import operator
from tests.videos.test_edits import OWN
from videos import actions, pipeline, runs
from videos.contracts import Said
from videos.models import RunPart, RunState, StageRun
from videos.providers.catalogue import providers
from videos.providers.voices import Offer

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 5_000_000


class PaidVoice:
    """Speaks silence for five dollars a scene; `meanwhile` happens while it speaks."""

    version = "1"
    licence = "bought"
    meanwhile = staticmethod(lambda: None)

    def __init__(self, voice: str) -> None:
        self.name = f"paid:{voice}"

    @classmethod
    def offers(cls) -> list[Offer]:
        return [Offer("paid", "one", ("en",))]

    def estimate_micros(self, params) -> int:
        return PRICE

    def say(self, words, *, language, speed, into, stopping, beat) -> Said:
        type(self).meanwhile()
        with wave.open(str(into), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(24_000)
            file.writeframes(b"\x00\x20\x00\xe0" * 12_000)
        times = tuple((n * 1000, n * 1000 + 900) for n in range(len(words)))
        return Said(into, 24_000, 24_000, times, [Spend(self.name, "scene", 1, PRICE)])


if "voice:paid" not in providers:
    providers.add("voice:paid", PaidVoice)


@pytest.fixture
def narrating(by_ana, channel):
    """A run of the narration stage that speaks with the paid voice."""
    wish = actions.Wish(source="Kelp grows.", title="Kelp", seconds=10, voice="paid:one")
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    actions.edit_script(by=by_ana, video=video, script=OWN)
    StageRun.objects.filter(stage="visuals").update(due_at=None)
    return runs.claim("studio", "w:1", 9)


def booked() -> int:
    return sum(CostEntry.objects.values_list("amount_micros", flat=True))


def holds() -> set[str]:
    return set(Hold.objects.values_list("state", flat=True))


def test_what_a_scene_cost_is_booked_and_its_hold_ends(narrating):
    pipeline.perform(narrating)
    assert StageRun.objects.get(pk=narrating.pk).state == RunState.DONE
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_the_same_scene_again_costs_nothing(narrating, by_ana):
    pipeline.perform(narrating)
    actions.retry_stage(by=by_ana, run=narrating)
    StageRun.objects.filter(stage="visuals").update(due_at=None)
    pipeline.perform(runs.claim("studio", "w:1", 9))
    assert booked() == PRICE


def test_a_part_that_is_cancelled_while_it_is_bought_is_still_paid(narrating, monkeypatch):
    by = operator(narrating.video.team)
    cancel = staticmethod(lambda: actions.cancel(by=by, video=narrating.video))
    monkeypatch.setattr(PaidVoice, "meanwhile", cancel)
    pipeline.perform(narrating)
    assert not RunPart.objects.filter(run=narrating).exists()
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_a_part_that_the_store_can_not_take_is_still_paid(narrating, settings, monkeypatch):
    away = settings.MEDIA_DIR.with_name("away")
    fill = staticmethod(lambda: (settings.MEDIA_DIR.rename(away), settings.MEDIA_DIR.touch()))
    monkeypatch.setattr(PaidVoice, "meanwhile", fill)
    pipeline.perform(narrating)
    assert "free some space" in StageRun.objects.get(pk=narrating.pk).reason
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_what_could_not_be_said_costs_nothing(narrating, monkeypatch):
    def refuse() -> None:
        raise Rejected("This voice does not say that: change the scene.")

    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(refuse))
    pipeline.perform(narrating)
    assert StageRun.objects.get(pk=narrating.pk).state == RunState.FAILED
    assert (booked(), holds()) == (0, {"refunded"})


def test_what_a_dead_worker_may_have_bought_is_booked_as_unknown(narrating):
    ledger.hold(runs.purpose(narrating, "scene:aaaa0001"), amount_micros=PRICE)
    StageRun.objects.filter(pk=narrating.pk).update(lease_until=after(-timedelta(seconds=1)))
    runs.reap()
    assert CostEntry.objects.get().kind == "unknown"
    assert (booked(), holds()) == (PRICE, {"settled"})
