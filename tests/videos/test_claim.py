"""Workers that race for the best run."""

import pytest

from teams.models import Event
from tests.videos.test_actions import TEXT
from videos import actions, moves, runs
from videos.models import RunState, StageRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rival(monkeypatch):
    """Another worker that takes a run between our looking at it and our taking it."""
    lock, wins = moves.lock, []

    def beaten(video_id: int):
        if len(wins) < rivals["wins"]:
            wins.append(video_id)
            StageRun.objects.filter(video=video_id, stage="script").update(
                state=RunState.RUNNING, fence=1, worker="rival"
            )
        return lock(video_id)

    rivals = {"wins": 1}
    monkeypatch.setattr(moves, "lock", beaten)
    return rivals


def order_two(by, channel) -> list[int]:
    wishes = [actions.Wish(source=TEXT, title=title) for title in ("Kelp", "Otters")]
    return [actions.create_video(by=by, channel=channel, wish=wish).pk for wish in wishes]


def test_a_worker_that_was_beaten_takes_the_next_run(by_ana, channel, rival):
    first, second = order_two(by_ana, channel)
    assert runs.claim("studio", "w:1", 9).video_id == second
    assert StageRun.objects.get(video=first, stage="script").worker == "rival"
    assert Event.objects.filter(kind="videos.stage_started").count() == 1


def test_a_worker_beaten_to_everything_goes_away(by_ana, channel, rival):
    rival["wins"] = 2
    order_two(by_ana, channel)
    assert runs.claim("studio", "w:1", 9) is None


def test_a_worker_gives_up_after_some_tries(by_ana, channel, rival, monkeypatch):
    rival["wins"] = 99
    monkeypatch.setattr(runs, "CLAIM_TRIES", 1)
    order_two(by_ana, channel)
    assert runs.claim("studio", "w:1", 9) is None
    assert StageRun.objects.filter(worker="rival").count() == 1
