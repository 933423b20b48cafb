"""Workers that race for the best run."""

import pytest
from django.db import connection

from teams.models import Event
from tests.videos.test_actions import TEXT
from videos import actions, runs
from videos.models import RunState, StageRun

pytestmark = pytest.mark.django_db(transaction=True)


class Rival:
    """Another worker that takes a run between our looking at it and our taking it."""

    def __init__(self) -> None:
        self.wins = 1

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith('UPDATE "videos_stagerun"') and self.wins:
            self.wins, before = 0, self.wins
            waiting = StageRun.objects.filter(stage="script", state=RunState.WAITING)
            best = waiting.order_by("id").first()
            waiting.filter(pk=best.pk).update(state=RunState.RUNNING, fence=1, worker="rival")
            self.wins = before - 1
        return execute(sql, params, many, context)


@pytest.fixture
def rival():
    found = Rival()
    with connection.execute_wrapper(found):
        found.wins = 0
        yield found


def order_two(by, channel) -> list[int]:
    wishes = [actions.Wish(source=TEXT, title=title) for title in ("Kelp", "Otters")]
    return [actions.create_video(by=by, channel=channel, wish=wish).pk for wish in wishes]


def test_a_worker_that_was_beaten_takes_the_next_run(by_ana, channel, rival):
    first, second = order_two(by_ana, channel)
    rival.wins = 1
    assert runs.claim("studio", "w:1", 9).video_id == second
    assert StageRun.objects.get(video=first, stage="script").worker == "rival"
    assert Event.objects.filter(kind="videos.stage_started").count() == 1


def test_a_worker_beaten_to_everything_goes_away(by_ana, channel, rival):
    order_two(by_ana, channel)
    rival.wins = 2
    assert runs.claim("studio", "w:1", 9) is None


def test_a_worker_gives_up_after_some_tries(by_ana, channel, rival, monkeypatch):
    monkeypatch.setattr(runs, "CLAIM_TRIES", 1)
    order_two(by_ana, channel)
    rival.wins = 2
    assert runs.claim("studio", "w:1", 9) is None
    assert StageRun.objects.filter(worker="rival").count() == 1
