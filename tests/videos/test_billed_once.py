"""A request that may be sent again for the same bill is booked once, however often it is sent."""

import pytest

from config.kit.errors import OutcomeUnknown, Rejected, Spend, Unavailable
from tests.videos import paid
from tests.videos.paid import PRICE, PaidVoice, booked, failing, kinds, perform_again
from videos import pipeline, runs
from videos.models import RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)
SILENCE = OutcomeUnknown("The service took the request and did not answer.")
PART_OF_IT = Spend("paid:one", "call", 1, PRICE // 5)


@pytest.fixture(autouse=True)
def repeatable(monkeypatch):
    monkeypatch.setattr(PaidVoice, "recovery", "lookup")


@pytest.fixture
def narrating(by_ana, channel):
    return paid.narrating(by_ana, channel, "paid:one")


@pytest.fixture
def unknown(narrating, monkeypatch) -> StageRun:
    with monkeypatch.context() as silent:
        silent.setattr(PaidVoice, "meanwhile", failing(SILENCE))
        pipeline.perform(narrating)
    assert (kinds(), booked()) == (["unknown"], PRICE)
    return narrating


def test_silence_at_every_attempt_is_booked_once(unknown, monkeypatch):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(SILENCE))
    for _ in range(1, runs.MAX_ATTEMPTS):
        perform_again()
    assert Video.objects.get().state == "failed"
    assert (kinds(), booked()) == (["unknown"], PRICE)


def test_a_final_no_takes_back_what_nobody_knew(unknown, monkeypatch):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(Rejected("The job never ran.")))
    perform_again()
    assert (kinds(), booked()) == (["unknown", "correction"], 0)


def test_a_no_for_now_takes_nothing_back(unknown, monkeypatch):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(Unavailable("Busy.")))
    perform_again()
    assert (kinds(), booked()) == (["unknown"], PRICE)


def test_what_a_failed_attempt_named_is_part_of_the_same_bill(narrating, monkeypatch):
    with monkeypatch.context() as busy:
        error = Unavailable("Busy.", spent=[PART_OF_IT])
        busy.setattr(PaidVoice, "meanwhile", failing(error))
        pipeline.perform(narrating)
        perform_again()
    assert (kinds(), booked()) == (["usage"], PRICE // 5)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["usage", "correction"], PRICE)


@pytest.mark.parametrize("first_is_lost", [False, True])
def test_two_videos_that_ask_at_once_are_billed_once(
    narrating, by_ana, channel, monkeypatch, first_is_lost
):
    other = paid.narrating(by_ana, channel, "paid:one")
    asked = []

    def meanwhile() -> None:
        asked.append(1)
        if len(asked) == 1:
            pipeline.perform(other)
            if first_is_lost:
                raise SILENCE

    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(meanwhile))
    pipeline.perform(narrating)
    assert len(asked) == 2
    assert (kinds(), booked()) == (["usage"], PRICE)


def test_an_answer_settles_what_another_video_left_unknown(unknown, by_ana, channel):
    other = paid.narrating(by_ana, channel, "paid:one")
    pipeline.perform(other)
    assert (kinds(), booked()) == (["unknown", "correction", "usage"], PRICE)
