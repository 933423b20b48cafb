"""What may have been bought already is bought again only when a person said so."""

from functools import partial

import pytest

from billing.models import Hold
from config.kit.errors import OutcomeUnknown, Stopped
from tests.videos import paid
from tests.videos.paid import (
    PRICE,
    PaidVoice,
    PostalVoice,
    booked,
    failing,
    kinds,
    perform_again,
    two_scenes,
)
from videos import actions, holds, pipeline, runs
from videos.models import RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)
SILENCE = OutcomeUnknown("The service took the request and did not answer.")


@pytest.fixture
def narrating(by_ana, channel):
    return paid.narrating(by_ana, channel, "paid:one")


def asked() -> bool:
    """Whether the next worker buys nothing and a person is asked."""
    before = booked()
    run = perform_again()
    video = Video.objects.get(pk=run.video_id)
    is_asked = (video.state, video.reason_code) == ("blocked", "outcome_unknown")
    assert is_asked == (run.state == RunState.BLOCKED)
    return is_asked and booked() == before


def broken_off(monkeypatch, run: StageRun, act) -> None:
    """The purchase of the part at hand is broken off by what a person does meanwhile."""

    def meanwhile() -> None:
        act()
        raise Stopped("the voice heard that it should stop")

    with monkeypatch.context() as patched:
        patched.setattr(PaidVoice, "meanwhile", staticmethod(meanwhile))
        pipeline.perform(run)
    assert kinds() == ["unknown"]


def pause(by, video: Video) -> None:
    actions.pause(by=by, video=video)


def cancel(by, video: Video) -> None:
    actions.cancel(by=by, video=video)


def retry(by, video: Video) -> None:
    actions.retry_stage(by=by, run=video.runs.get(stage="narration"))


def change(by, video: Video) -> None:
    actions.change_order(by=by, video=video, format="square")


@pytest.mark.parametrize("halt", [pause, cancel])
def test_a_purchase_that_a_halt_broke_off_is_asked_about(narrating, by_ana, monkeypatch, halt):
    broken_off(monkeypatch, narrating, lambda: halt(by_ana, narrating.video))
    actions.resume(by=by_ana, video=narrating.video)
    assert asked()


@pytest.mark.parametrize("again", [retry, change])
def test_a_purchase_that_a_change_broke_off_is_asked_about(narrating, by_ana, monkeypatch, again):
    broken_off(monkeypatch, narrating, lambda: again(by_ana, narrating.video))
    assert asked()


def test_an_edit_of_another_scene_buys_nothing_twice(narrating, by_ana, monkeypatch):
    actions.edit_script(by=by_ana, video=narrating.video, script=two_scenes("It grows fast."))
    other = two_scenes("It grows very fast.")
    run = paid.claimed()
    broken_off(
        monkeypatch, run, partial(actions.edit_script, by=by_ana, video=run.video, script=other)
    )
    assert asked()
    actions.resume(by=by_ana, video=run.video)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["unknown", "usage", "usage"], 3 * PRICE)


def test_what_a_dead_worker_of_an_older_text_holds_is_asked_about(narrating, by_ana):
    request = f"{narrating.video.team_id}-same"
    bought = runs.ledger.Request("paid:one", request)
    assert holds.hold(narrating, "scene:aaaa0001", PRICE, bought)
    retry(by_ana, narrating.video)
    run = paid.claimed()
    assert holds.hold(run, "scene:aaaa0001", PRICE, bought) is None
    assert Video.objects.get().reason_code == "outcome_unknown"
    assert (kinds(), booked()) == (["unknown"], PRICE)


@pytest.mark.parametrize("again", [retry, change])
def test_a_verb_that_is_no_answer_leaves_the_question(narrating, by_ana, monkeypatch, again):
    with monkeypatch.context() as silent:
        silent.setattr(PaidVoice, "meanwhile", failing(SILENCE))
        pipeline.perform(narrating)
    again(by_ana, narrating.video)
    assert asked()


def test_pausing_a_blocked_video_does_not_lose_the_question(narrating, by_ana, monkeypatch):
    with monkeypatch.context() as silent:
        silent.setattr(PaidVoice, "meanwhile", failing(SILENCE))
        pipeline.perform(narrating)
    actions.pause(by=by_ana, video=narrating.video)
    actions.resume(by=by_ana, video=narrating.video)
    assert asked()
    actions.resume(by=by_ana, video=narrating.video)
    assert perform_again().state == RunState.DONE


def test_a_consent_is_good_for_one_purchase(narrating, by_ana, monkeypatch):
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(SILENCE))
    pipeline.perform(narrating)
    actions.resume(by=by_ana, video=narrating.video)
    assert perform_again().state == RunState.BLOCKED
    actions.pause(by=by_ana, video=narrating.video)
    actions.resume(by=by_ana, video=narrating.video)
    assert asked()
    assert kinds() == ["unknown", "unknown"]


def test_the_same_scene_of_another_video_is_asked_about_too(
    narrating, by_ana, channel, monkeypatch
):
    with monkeypatch.context() as silent:
        silent.setattr(PaidVoice, "meanwhile", failing(SILENCE))
        pipeline.perform(narrating)
    other = paid.narrating(by_ana, channel, "paid:one")
    pipeline.perform(other)
    assert Video.objects.get(pk=other.video_id).reason_code == "outcome_unknown"
    actions.resume(by=by_ana, video=other.video)
    assert perform_again().state == RunState.DONE
    assert set(Hold.objects.values_list("doubt", flat=True)) == {"accepted", "none"}


def test_an_answer_on_disk_is_read_and_nobody_is_asked(by_ana, channel, monkeypatch):
    monkeypatch.setattr(PostalVoice, "letters", [])
    run = paid.narrating(by_ana, channel, "postal:one")
    with monkeypatch.context() as torn:
        torn.setattr(PostalVoice, "opened", failing(KeyError("audio")))
        with pytest.raises(KeyError):
            pipeline.perform(run)
    pause(by_ana, run.video)
    actions.resume(by=by_ana, video=run.video)
    assert perform_again().state == RunState.DONE
    assert len(PostalVoice.letters) == 1
