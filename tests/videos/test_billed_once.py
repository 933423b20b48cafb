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


@pytest.mark.parametrize("recovery", ["lookup", "none"])
def test_of_two_videos_that_ask_at_once_the_second_waits_and_takes_what_was_made(
    narrating, by_ana, channel, monkeypatch, recovery
):
    monkeypatch.setattr(PaidVoice, "recovery", recovery)
    other = paid.narrating(by_ana, channel, "paid:one")
    asked = []

    def meanwhile() -> None:
        asked.append(1)
        pipeline.perform(other)

    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(meanwhile))
    pipeline.perform(narrating)
    other.refresh_from_db()
    assert (other.state, other.attempt) == (RunState.WAITING, 0)
    assert "being bought for another video" in other.reason
    assert perform_again().state == RunState.DONE
    assert (len(asked), kinds(), booked()) == (1, ["usage"], PRICE)


def test_what_another_video_made_meanwhile_is_taken_and_not_bought(
    narrating, by_ana, channel, monkeypatch
):
    """It was not there yet when this one looked, and nobody buys it any more."""
    other = paid.narrating(by_ana, channel, "paid:one")
    uses, bought = PaidVoice.uses, []

    def late(self, words, params):
        if not bought:
            bought.append(1)
            pipeline.perform(narrating)
        return uses(self, words, params)

    monkeypatch.setattr(PaidVoice, "uses", late)
    pipeline.perform(other)
    other.refresh_from_db()
    assert (other.state, other.attempt) == (RunState.WAITING, 0)
    assert (kinds(), booked()) == (["usage"], PRICE)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["usage"], PRICE)


def test_what_another_video_lost_is_asked_for_by_the_one_that_waited(
    narrating, by_ana, channel, monkeypatch
):
    other = paid.narrating(by_ana, channel, "paid:one")

    def meanwhile() -> None:
        pipeline.perform(other)
        raise SILENCE

    with monkeypatch.context() as lost:
        lost.setattr(PaidVoice, "meanwhile", staticmethod(meanwhile))
        pipeline.perform(narrating)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["unknown", "correction", "usage"], PRICE)


def test_an_answer_settles_what_another_video_left_unknown(unknown, by_ana, channel):
    other = paid.narrating(by_ana, channel, "paid:one")
    pipeline.perform(other)
    assert (kinds(), booked()) == (["unknown", "correction", "usage"], PRICE)
