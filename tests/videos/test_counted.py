"""A video counts once against its team's plan, whatever way it goes."""

import pytest

from billing import entitlements
from channels_app import actions as channel_actions
from config.kit.database import verb
from tests.videos.test_actions import TEXT
from tests.videos.test_edits import OWN
from videos import actions, conclusions, moves, runs
from videos.models import IN_WORK, RunState, StageRun, Video, VideoState

pytestmark = pytest.mark.django_db(transaction=True)


class Plan:
    """Counts as billing will, with a limit."""

    def __init__(self) -> None:
        self.videos, self.limit = 0, 100

    def take(self, team, key: str, n: int = 1) -> None:
        if key == "videos":
            if self.videos + n > self.limit:
                raise entitlements.OverPlan("The plan's videos are used up.")
            self.videos += n

    def give_back(self, team, key: str, n: int = 1) -> None:
        self.videos -= n


@pytest.fixture
def plan(monkeypatch) -> Plan:
    counting = Plan()
    monkeypatch.setattr(entitlements, "take", counting.take)
    monkeypatch.setattr(entitlements, "give_back", counting.give_back)
    return counting


@pytest.fixture
def video(plan, by_ana, channel) -> Video:
    wish = actions.Wish(source=TEXT, title="Kelp", seconds=10)
    return actions.create_video(by=by_ana, channel=channel, wish=wish)


def fail(video: Video) -> None:
    runs.fail(runs.claim("studio", "w:1", 9), "There is no text.")


@verb
def finish(video: Video) -> None:
    """As the last run does where a person approves."""
    StageRun.objects.filter(video=video).update(state=RunState.DONE)
    moves.move(moves.lock(video.pk), VideoState.REVIEW, leaving=IN_WORK)


def steps(by) -> dict:
    return {
        "fail": fail,
        "finish": finish,
        "claim": lambda video: runs.claim("studio", "w:1", 9),
        "retry": lambda video: actions.retry_stage(by=by, run=video.runs.get(stage="narration")),
        "edit": lambda video: actions.edit_script(by=by, video=video, script=OWN),
        **{
            name: lambda video, verb=verb: verb(by=by, video=video)
            for name, verb in {
                "pause": actions.pause,
                "resume": actions.resume,
                "cancel": actions.cancel,
                "approve": actions.approve,
            }.items()
        },
    }


@pytest.mark.parametrize(
    ("way", "counted"),
    [
        ("", 1),
        ("claim", 1),
        ("cancel", 0),
        ("cancel resume", 1),
        ("cancel resume cancel", 0),
        ("pause resume", 1),
        ("pause cancel resume", 1),
        ("fail", 0),
        ("fail cancel", 0),
        ("fail cancel resume", 1),
        ("fail resume", 1),
        ("fail retry", 1),
        ("fail edit", 1),
        ("fail edit cancel", 0),
        ("finish", 1),
        ("finish cancel", 1),
        ("finish cancel resume", 1),
        ("finish approve cancel", 1),
        ("finish edit", 1),
        ("finish edit fail", 1),
        ("finish edit fail resume", 1),
        ("finish retry cancel resume", 1),
    ],
)
def test_a_video_counts_once_whatever_way_it_goes(by_ana, plan, video, way, counted):
    for step in way.split():
        steps(by_ana)[step](video)
    assert plan.videos == counted


def test_a_failed_publication_gives_nothing_back(by_ana, plan, video):
    finish(video)
    actions.approve(by=by_ana, video=video)
    actions.publish_video(by=by_ana, video=video)
    channel_actions.fail(channel_actions.claim("w:1", 2), "The folder is gone.")
    conclusions.follow_upload(video.pk)
    video.refresh_from_db()
    assert (video.state, plan.videos) == ("failed", 1)
    actions.cancel(by=by_ana, video=video)
    assert plan.videos == 1


def test_what_no_longer_fits_the_plan_is_not_taken_up_again(by_ana, plan, video):
    actions.cancel(by=by_ana, video=video)
    plan.limit = 0
    with pytest.raises(entitlements.OverPlan):
        actions.resume(by=by_ana, video=video)
    video.refresh_from_db()
    assert (video.state, video.counted) == ("cancelled", "not")


@pytest.mark.parametrize("way", ["cancel resume", "fail retry"])
def test_the_runs_are_changed_before_the_plan_is_asked(by_ana, plan, video, monkeypatch, way):
    """The order of locks that every verb keeps."""
    *before, last = way.split()
    for step in before:
        steps(by_ana)[step](video)
    seen: list[bool] = []
    fences = {run.pk: run.fence for run in video.runs.all()}

    def take(team, key: str, n: int = 1) -> None:
        seen.append(all(run.fence > fences[run.pk] for run in video.runs.filter(stage="script")))

    monkeypatch.setattr(entitlements, "take", take)
    steps(by_ana)[last](video)
    assert seen == [True]


def test_a_video_that_does_not_fit_the_plan_is_not_made(by_ana, plan, channel):
    plan.limit = 0
    with pytest.raises(entitlements.OverPlan):
        actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=TEXT))
    assert not Video.objects.exists()
