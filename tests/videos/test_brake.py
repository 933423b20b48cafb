"""What a brake stops, what it leaves alone, and how things go on once it is released."""

from datetime import timedelta

import pytest

from billing import ledger
from billing.models import Hold
from channels_app import actions as channel_actions
from channels_app import tasks as publishing
from channels_app.models import Upload, UploadState
from config.kit import sweeps
from config.kit.database import after
from teams import brakes
from teams.access import operator
from tests.videos import paid
from tests.videos.paid import PRICE, PaidVoice, booked, two_scenes
from videos import actions, conclusions, pipeline, runs
from videos.models import RunPart, RunState, StageRun, Video, VideoState

pytestmark = pytest.mark.django_db(transaction=True)
OPERATOR = brakes.Operator()


def state() -> tuple[str, str]:
    video = Video.objects.get()
    return video.state, video.reason_code


def stop(what: str, team=None) -> None:
    brakes.pull_as_operator(by=OPERATOR, what=what, team=team)


def let_go(what: str, team=None) -> None:
    brakes.release_as_operator(by=OPERATOR, what=what, team=team)
    sweeps.sweep()


@pytest.fixture
def narrating(by_ana, channel) -> StageRun:
    return paid.narrating(by_ana, channel, "paid:one")


@pytest.fixture
def approved(video) -> Video:
    """Made, and handed to nobody yet."""
    StageRun.objects.update(state=RunState.SKIPPED, due_at=None)
    Video.objects.update(state=VideoState.APPROVED)
    video.refresh_from_db()
    return video


def test_nothing_is_bought_while_spending_is_stopped(narrating, team):
    stop("spending", team)
    pipeline.perform(narrating)
    assert state() == ("blocked", "spending_stopped")
    run = StageRun.objects.get(pk=narrating.pk)
    assert (run.state, run.attempt) == ("waiting", 0)
    assert "once they release the brake" in run.reason
    assert (booked(), Hold.objects.count()) == (0, 0)


def test_the_ledger_refuses_by_name(narrating, by_ana):
    brakes.pull(by=by_ana, what="spending", why="Audit")
    with pytest.raises(brakes.Braked, match=r"Spending is stopped in this team \(“Audit”\)") as no:
        ledger.hold(runs.purpose(narrating), amount_micros=1)
    assert no.value.code == "spending_stopped"


def test_another_teams_brake_and_that_on_publishing_stop_no_spending(narrating, others):
    stop("spending", others)
    stop("publishing")
    pipeline.perform(narrating)
    assert booked() == PRICE


def test_what_costs_nothing_goes_on(video, team):
    stop("spending", team)
    run = runs.claim("studio", "w:1", 9)
    pipeline.perform(run)
    assert StageRun.objects.get(pk=run.pk).state == RunState.DONE


def test_the_part_at_work_is_ended_and_the_next_one_waits(narrating, by_ana, monkeypatch):
    actions.edit_script(by=by_ana, video=narrating.video, script=two_scenes("Otters guard it."))
    run = paid.claimed()
    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(lambda: stop("spending")))
    pipeline.perform(run)
    assert (booked(), RunPart.objects.filter(run=run).count()) == (PRICE, 1)
    assert state() == ("blocked", "spending_stopped")
    assert runs.claim("studio", "w:1", 9) is None


def test_released_it_goes_on_where_it_stood(narrating, by_ana, monkeypatch):
    actions.edit_script(by=by_ana, video=narrating.video, script=two_scenes("Otters guard it."))
    run = paid.claimed()
    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(lambda: stop("spending")))
    pipeline.perform(run)
    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(lambda: None))
    let_go("spending")
    assert state() == ("queued", "")
    pipeline.perform(runs.claim("studio", "w:1", 9))
    assert StageRun.objects.get(pk=run.pk).state == RunState.DONE
    assert booked() == 2 * PRICE


def test_it_waits_for_the_last_of_two_brakes(narrating, team):
    stop("spending", team)
    stop("spending")
    pipeline.perform(narrating)
    let_go("spending")
    assert state() == ("blocked", "spending_stopped")
    let_go("spending", team)
    assert state() == ("queued", "")


def test_nobody_resumes_past_a_brake(narrating, by_ana, browser, ana):
    stop("spending")
    pipeline.perform(narrating)
    with pytest.raises(brakes.Braked, match="goes on by itself"):
        actions.resume(by=by_ana, video=narrating.video)
    page = browser(ana).get(f"/videos/{narrating.video_id}/").content.decode()
    assert "Spending is stopped on this whole server" in page
    assert "/resume/" not in page


@pytest.mark.parametrize("verb", [actions.pause, actions.cancel])
def test_who_halts_a_braked_video_keeps_it_halted(narrating, by_ana, verb):
    stop("spending")
    pipeline.perform(narrating)
    verb(by=by_ana, video=narrating.video)
    halted = state()
    let_go("spending")
    assert state() == halted


@pytest.mark.parametrize(
    ("run_state", "expected"),
    [
        (RunState.FAILED, ("failed", "thumbnail")),
        (RunState.BLOCKED, ("blocked", "outcome_unknown")),
    ],
)
def test_what_became_of_other_runs_meanwhile_is_seen_after_it(narrating, run_state, expected):
    stop("spending")
    pipeline.perform(narrating)
    StageRun.objects.filter(stage="thumbnail").update(state=run_state, reason="Look here.")
    let_go("spending")
    assert (state(), Video.objects.get().reason) == (expected, "Look here.")


# --- publishing


def test_nothing_goes_out_while_publishing_is_stopped(approved, team):
    stop("publishing", team)
    actions.change_order(by=operator(team), video=approved, wants_publishing=True)
    publishing.work()
    assert Upload.objects.get().state == UploadState.WAITING
    assert state() == ("blocked", "publishing_stopped")


def test_released_it_goes_out(approved, team, monkeypatch):
    stop("publishing", team)
    actions.change_order(by=operator(team), video=approved, wants_publishing=True)
    let_go("publishing", team)
    assert state() == ("scheduled", "")
    assert channel_actions.claim("w:1", 9) is not None
    conclusions.follow_all()
    assert state() == ("uploading", "")


def test_what_was_handed_over_before_says_why_it_waits(approved, by_ana):
    actions.publish_video(by=by_ana, video=approved)
    stop("publishing")
    assert channel_actions.claim("w:1", 9) is None
    sweeps.sweep()
    assert state() == ("blocked", "publishing_stopped")
    assert "once the server’s operators release the brake" in Video.objects.get().reason


def test_it_may_go_out_before_the_sweep_has_looked(approved, by_ana):
    actions.publish_video(by=by_ana, video=approved)
    stop("publishing")
    sweeps.sweep()
    brakes.release_as_operator(by=OPERATOR, what="publishing")
    assert channel_actions.claim("w:1", 9) is not None
    conclusions.follow_upload(approved.pk)
    assert state() == ("uploading", "")


def test_a_person_is_told_that_publishing_is_stopped(approved, by_ana, program, ana):
    stop("publishing")
    answer = program(ana).post(f"videos/{approved.pk}/publish/")
    assert (answer.status_code, answer.json()["code"]) == (409, "publishing_stopped")
    assert not Upload.objects.exists()


def test_a_failed_publication_is_not_tried_again_meanwhile(approved, by_ana):
    upload = actions.publish_video(by=by_ana, video=approved)
    Upload.objects.update(state=UploadState.FAILED)
    stop("publishing")
    with pytest.raises(brakes.Braked):
        channel_actions.retry_upload(by=by_ana, upload=upload)
    assert Upload.objects.get().state == UploadState.FAILED


def test_who_may_approve_still_may_and_the_video_waits(approved, by_ana):
    Video.objects.update(state=VideoState.REVIEW, reason_code="approval", wants_publishing=True)
    stop("publishing")
    actions.approve(by=by_ana, video=approved)
    assert state() == ("blocked", "publishing_stopped")


def test_a_publication_at_work_stops_at_its_next_piece(approved, by_ana):
    actions.publish_video(by=by_ana, video=approved)
    upload = channel_actions.claim("w:1", 9)
    assert channel_actions.beat(upload)
    stop("publishing")
    assert not channel_actions.beat(upload)
    assert channel_actions.give_back(upload)
    assert channel_actions.claim("w:1", 9) is None
    upload.refresh_from_db()
    assert (upload.state, upload.attempt) == (UploadState.WAITING, 0)


def test_another_teams_brake_and_that_on_spending_stop_no_publishing(approved, by_ana, others):
    stop("publishing", others)
    stop("spending")
    actions.publish_video(by=by_ana, video=approved)
    assert channel_actions.claim("w:1", 9) is not None


def test_a_braked_video_that_is_cancelled_never_goes_out(approved, by_ana):
    actions.publish_video(by=by_ana, video=approved)
    stop("publishing")
    sweeps.sweep()
    actions.cancel(by=by_ana, video=approved)
    let_go("publishing")
    Upload.objects.filter(state=UploadState.WAITING).update(due_at=after(-timedelta(seconds=1)))
    assert channel_actions.claim("w:1", 9) is None
    assert state() == ("cancelled", "")
