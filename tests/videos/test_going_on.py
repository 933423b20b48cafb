"""A worker that ends a run takes up the next in the same transaction, where it need not wait."""

import pytest
from django_q.models import OrmQ

from config.kit import jobs
from config.kit.scaling import Board
from teams.models import Event
from tests.videos.test_actions import TEXT
from tests.videos.test_edits import OWN
from videos import actions, pipeline, runs
from videos.models import ProviderLimit, RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def board(monkeypatch) -> Board:
    """This process works for a cluster of four that may become eight."""
    board = Board(size=4, wanted=4)
    monkeypatch.setattr(jobs, "_board", board)
    monkeypatch.setattr(jobs, "_most", 8)
    return board


def order(by, channel, **wish) -> Video:
    """A video whose narration alone is due."""
    video = actions.create_video(by=by, channel=channel, wish=actions.Wish(source=TEXT, **wish))
    actions.edit_script(by=by, video=video, script=OWN)
    video.runs.exclude(stage="narration").update(due_at=None)
    return video


@pytest.fixture
def orders(by_ana, channel):
    return [order(by_ana, channel), order(by_ana, channel)]


@pytest.fixture
def claimant(orders) -> runs.Claimant:
    return runs.Claimant(orders[0].runs.get(stage="narration").cluster, "w:1", 7)


def claim(claimant: runs.Claimant) -> StageRun:
    return runs.claim(claimant.cluster, claimant.worker, claimant.at_once)


def started() -> list[int]:
    told = Event.objects.filter(kind="videos.stage_started").order_by("seq")
    return [payload["video_id"] for payload in told.values_list("payload", flat=True)]


def test_the_next_run_is_claimed_as_the_last_one_ends(board, orders, claimant):
    first = claim(claimant)
    second = runs.finish(first, [], claimant)
    assert (first.video_id, second.video_id) == (orders[0].pk, orders[1].pk)
    kept = StageRun.objects.get(pk=second.pk)
    assert (kept.state, kept.worker, kept.attempt) == (RunState.RUNNING, "w:1", 1)
    assert (kept.fence, kept.lease_until) == (second.fence, second.lease_until)
    assert started() == [orders[0].pk, orders[1].pk]


def test_what_people_wait_for_goes_first_here_too(board, orders, claimant, by_ana, channel):
    first = claim(claimant)
    urgent = order(by_ana, channel, priority=5)
    assert runs.finish(first, [], claimant).video_id == urgent.pk


def test_where_it_would_have_to_wait_it_comes_back_for_the_next(orders, claimant):
    first = claim(claimant)  # a process without a board does not know how many others there are
    assert runs.finish(first, [], claimant) is None
    assert claim(claimant).video_id == orders[1].pk


def test_a_provider_with_a_limit_is_left_to_the_claim(board, orders, claimant):
    first = claim(claimant)
    StageRun.objects.filter(video=orders[1]).update(provider="voice:piper")
    ProviderLimit.objects.create(provider="voice:piper", most=9)
    assert runs.finish(first, [], claimant) is None
    assert ProviderLimit.objects.get().running == 0


def test_a_worker_that_is_told_to_go_leaves_the_next_run_to_others(
    board, orders, claimant, monkeypatch
):
    end = runs.finish

    def end_and_be_told(run, parts, claimant=None):
        next_one = end(run, parts, claimant)
        board.stop = True
        return next_one

    monkeypatch.setattr(runs, "finish", end_and_be_told)
    OrmQ.objects.all().delete()
    pipeline.work(claimant.cluster)
    assert not StageRun.objects.filter(state=RunState.RUNNING).exists()
    given_back = StageRun.objects.get(video=orders[1], stage="narration")
    assert (given_back.state, given_back.attempt) == (RunState.WAITING, 0)
    assert OrmQ.objects.exists()


def test_parts_of_an_earlier_plan_go(board, orders, claimant):
    run = claim(claimant)
    pipeline.perform(run)
    StageRun.objects.exclude(pk=run.pk).update(due_at=None)
    StageRun.objects.filter(pk=run.pk).update(state=RunState.WAITING, due_at=run.started_at)
    again = claim(claimant)
    assert again.parts.exists()
    runs.finish(again, ["other"])
    assert not again.parts.exists()
