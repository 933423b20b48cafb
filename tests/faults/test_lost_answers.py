"""A commit whose answer is lost with the connection: asked again, nothing is doubled."""

import pytest
from django.db import OperationalError, connection

from billing import ledger
from billing.models import CostEntry, Hold
from config.kit import database, files, jobs
from config.kit.errors import Spend
from config.kit.scaling import Board
from teams.models import Event
from tests.videos.test_actions import TEXT
from videos import actions, holds, runs
from videos.models import RunPart, RunState, StageRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(by_ana, channel) -> StageRun:
    video = actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=TEXT))
    return runs.claim(video.runs.get(stage="script").cluster, "host:1", 9)


@pytest.fixture
def lost_answer(monkeypatch):
    """The next verb commits, and its answer is lost."""
    monkeypatch.setattr(database, "OUTAGE_PAUSES_S", (0.01, 0.01))
    once, lost = database._once, []

    def losing(function, *args, **kwargs):
        outermost = not connection.in_atomic_block
        answer = once(function, *args, **kwargs)
        if outermost and not lost:
            lost.append(function.__name__)
            told = "server closed the connection unexpectedly"
            raise OperationalError("database is locked" if connection.vendor == "sqlite" else told)
        return answer

    monkeypatch.setattr(database, "_once", losing)
    return lost


def made(run: StageRun, tmp_path, *spent: Spend) -> runs.Result:
    path = tmp_path / "script.json"
    path.write_text("{}")
    kept = {"script.json": files.store(run.video.team_id, path)}
    return runs.Result("script", 0, "a" * 64, "script:extract", kept, {}, spent)


def test_money_is_held_once(run, lost_answer):
    holds.hold(run, "script", 100, ledger.NOBODY)
    assert lost_answer
    assert Hold.objects.count() == 1


def test_a_part_is_settled_and_booked_once(run, tmp_path, lost_answer):
    lost_answer.append("not yet")
    held = holds.hold(run, "script", 100, ledger.NOBODY)
    lost_answer.clear()
    spent = Spend("llm", "token", 10, 80, "USD")
    runs.settle_part(run, made(run, tmp_path, spent), held)
    assert lost_answer == ["settle_part"]
    assert RunPart.objects.count() == CostEntry.objects.count() == 1
    assert Event.objects.filter(kind="videos.part_made").count() == 1


def test_a_run_ends_once(run, lost_answer):
    assert runs.fail(run, "broken") is False  # the second time it is not ours any more
    assert lost_answer == ["fail"]
    assert Event.objects.filter(kind="videos.stage_finished").count() == 1


def test_the_next_run_is_taken_along_once(run, by_ana, channel, lost_answer, monkeypatch):
    lost_answer.append("not yet")
    monkeypatch.setattr(jobs, "_board", Board(size=2, wanted=2))
    other = actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=TEXT))
    run.stage = "narration"  # its end needs no script
    lost_answer.clear()
    second = runs.finish(run, [], runs.Claimant(run.cluster, "host:1", 9))
    assert lost_answer == ["finish"]
    assert second.video_id == other.pk
    assert StageRun.objects.held_by(second).exists()
    assert StageRun.objects.filter(state=RunState.RUNNING).count() == 1
    assert Event.objects.filter(kind="videos.stage_started").count() == 2
