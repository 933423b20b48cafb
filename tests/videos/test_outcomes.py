"""Paid requests of which nobody knows what became: booked, asked about, never bought unasked."""

from contextlib import suppress
from pathlib import Path

import pytest

from bench.driver import Studio, Tools
from config.kit.database import after
from config.kit.errors import OutcomeUnknown, Rejected, Stopped, Unavailable
from tests.videos import paid
from tests.videos.orders import order
from tests.videos.paid import (
    PAST,
    PRICE,
    PaidVoice,
    PostalVoice,
    booked,
    failing,
    holds,
    kinds,
    perform_again,
)
from tests.videos.test_edits import OWN
from videos import actions, pipeline, runs
from videos.models import Reply, RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)
SILENCE = OutcomeUnknown("The service took the request and did not answer.")


@pytest.fixture
def narrating(by_ana, channel):
    return paid.narrating(by_ana, channel, "paid:one")


@pytest.fixture
def writing(by_ana, channel, monkeypatch):
    """A run whose voice keeps its answers; `PostalVoice.letters` are the requests it was sent."""
    monkeypatch.setattr(PostalVoice, "letters", [])
    return paid.narrating(by_ana, channel, "postal:one")


@pytest.mark.parametrize("error", [SILENCE, Stopped("the cluster ends"), KeyError("audio")])
def test_an_unknown_outcome_blocks_and_says_what_trying_again_may_cost(
    narrating, monkeypatch, error
):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(error))
    with suppress(KeyError):
        pipeline.perform(narrating)
    video = Video.objects.get()
    assert (video.state, video.reason_code) == ("blocked", "outcome_unknown")
    assert "Try again (it may be billed again)" in video.reason
    assert StageRun.objects.get(pk=narrating.pk).state == RunState.BLOCKED
    assert runs.claim("studio", "w:1", 9) is None
    assert (kinds(), booked(), holds()) == (["unknown"], PRICE, {"settled"})


def test_a_bug_behind_an_unknown_outcome_still_flies(narrating, monkeypatch):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(KeyError("audio")))
    with pytest.raises(KeyError, match="audio"):
        pipeline.perform(narrating)


def test_resuming_tries_again_and_pays_again(narrating, monkeypatch, by_ana):
    with monkeypatch.context() as silent:
        silent.setattr(PaidVoice, "meanwhile", failing(SILENCE))
        pipeline.perform(narrating)
    actions.resume(by=by_ana, video=narrating.video)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["unknown", "usage"], 2 * PRICE)


@pytest.mark.parametrize("recovery", ["idempotent", "lookup"])
@pytest.mark.parametrize("error", [SILENCE, KeyError("audio")])
def test_what_may_be_asked_again_by_its_key_is_and_is_paid_once(
    narrating, monkeypatch, recovery, error
):
    monkeypatch.setattr(PaidVoice, "recovery", recovery)
    with monkeypatch.context() as silent, suppress(KeyError):
        silent.setattr(PaidVoice, "meanwhile", failing(error))
        pipeline.perform(narrating)
    assert Video.objects.get().state == "producing"
    assert (kinds(), booked()) == (["unknown"], PRICE)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["unknown", "correction", "usage"], PRICE)


def test_a_dead_worker_of_a_voice_that_can_not_be_asked_blocks(narrating, monkeypatch):
    monkeypatch.setattr(PaidVoice, "meanwhile", lease_runs_out_of(narrating))
    pipeline.perform(narrating)
    assert Video.objects.get().reason_code == "outcome_unknown"


def lease_runs_out_of(run: StageRun):
    def reap() -> None:
        StageRun.objects.filter(pk=run.pk).update(lease_until=after(PAST))
        runs.reap()

    return staticmethod(reap)


@pytest.mark.parametrize("error", [Unavailable("Busy."), Rejected("No.")])
def test_a_voice_that_answers_no_is_not_blocked(narrating, monkeypatch, error):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(error))
    pipeline.perform(narrating)
    assert Video.objects.get().state in ("producing", "failed")
    assert (booked(), holds()) == (0, {"refunded"})


def test_an_answer_is_on_disk_before_it_is_read(writing, monkeypatch):
    seen = []
    look = staticmethod(lambda: seen.extend(Reply.objects.values_list("request", flat=True)))
    monkeypatch.setattr(PostalVoice, "opened", look)
    pipeline.perform(writing)
    assert seen == PostalVoice.letters
    assert (kinds(), booked()) == (["usage"], PRICE)
    assert not Reply.objects.exists()


def test_an_answer_that_could_not_be_read_is_read_again_and_not_bought_again(writing, monkeypatch):
    with monkeypatch.context() as torn:
        torn.setattr(PostalVoice, "opened", failing(KeyError("audio")))
        with pytest.raises(KeyError):
            pipeline.perform(writing)
    assert Video.objects.get().state == "producing"
    assert perform_again().state == RunState.DONE
    assert len(PostalVoice.letters) == 1
    assert (booked(), holds()) == (PRICE, {"settled", "refunded"})


def test_an_answer_that_stays_unreadable_is_paid_once(writing, monkeypatch):
    monkeypatch.setattr(PostalVoice, "opened", failing(KeyError("audio")))
    for attempt in range(runs.MAX_ATTEMPTS):
        with pytest.raises(KeyError):
            pipeline.perform(writing) if attempt == 0 else perform_again()
    assert Video.objects.get().state == "failed"
    assert (len(PostalVoice.letters), booked()) == (1, PRICE)


def test_a_worker_that_died_over_an_answer_on_disk_blocks_nobody(writing, monkeypatch):
    with monkeypatch.context() as dying:
        dying.setattr(PostalVoice, "opened", lease_runs_out_of(writing))
        pipeline.perform(writing)
    assert StageRun.objects.get(pk=writing.pk).state == RunState.WAITING
    assert perform_again().state == RunState.DONE
    assert (len(PostalVoice.letters), booked()) == (1, PRICE)


def test_a_letter_without_an_answer_blocks(writing, monkeypatch):
    monkeypatch.setattr(PostalVoice, "sent", failing(SILENCE))
    pipeline.perform(writing)
    assert Video.objects.get().reason_code == "outcome_unknown"
    assert (kinds(), booked()) == (["unknown"], PRICE)


def test_an_answer_that_the_store_can_not_take_is_paid_and_asked_about(
    writing, monkeypatch, settings
):
    away = settings.MEDIA_DIR.with_name("away")
    fill = staticmethod(lambda: (settings.MEDIA_DIR.rename(away), settings.MEDIA_DIR.touch()))
    monkeypatch.setattr(PostalVoice, "sent", fill)
    pipeline.perform(writing)
    assert Video.objects.get().reason_code == "outcome_unknown"
    assert (kinds(), booked()) == (["unknown"], PRICE)


def test_in_memory_an_answer_is_bought_once_too(tmp_path, monkeypatch):
    monkeypatch.setattr(PostalVoice, "letters", [])
    tools = Tools(given={"voice": PostalVoice("one")})
    studio = Studio(tmp_path, order("Kelp grows."), OWN, tools)
    with monkeypatch.context() as torn:
        torn.setattr(PostalVoice, "opened", failing(KeyError("audio")))
        with pytest.raises(KeyError):
            studio.run("narration")
    (made,) = studio.run("narration").values()
    assert len(PostalVoice.letters) == 1
    assert made.spent == ()


def test_a_fault_before_anything_is_asked_costs_nothing_and_blocks_nobody(writing, monkeypatch):
    make = Path.mkdir

    def full(self, *args, **options) -> None:
        if self.name.startswith("scene-"):
            raise OSError(28, "No space left on device")
        make(self, *args, **options)

    with monkeypatch.context() as crowded:
        crowded.setattr(Path, "mkdir", full)
        with pytest.raises(OSError, match="No space"):
            pipeline.perform(writing)
    assert (kinds(), holds(), PostalVoice.letters) == ([], {"refunded"}, [])
    assert perform_again().state == RunState.DONE
