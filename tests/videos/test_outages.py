"""The database goes away for a moment: a worker goes on, and nothing is counted against a run."""

import logging
import threading
import time

import pytest
from django.db import OperationalError, connection

from billing.models import CostEntry
from config.kit import database, jobs
from config.kit.scaling import Board
from tests.videos import paid
from tests.videos.paid import PRICE, PostalVoice, booked, holds, kinds, perform_again
from videos import pipeline, runs
from videos.models import RunState, StageRun

pytestmark = pytest.mark.django_db(transaction=True)
SHORT_S, LONG_S = 1.5, 60.0
READ = "videos_artifact"  # what the pipeline looks at before each part, in no transaction


class Outage:
    """Begins with a statement that names a table; from then on nothing is answered for a while.
    It meets this thread's connection alone: the heart's goes on."""

    def __init__(self) -> None:
        self._table, self._within, self._lasts_s, self._until = "", False, 0.0, 0.0

    def begin_at(self, table: str, lasts_s: float, *, within_verbs: bool = False) -> None:
        self._table, self._within, self._lasts_s = table, within_verbs, lasts_s

    def end(self) -> None:
        self._until = 0.0

    def __call__(self, execute, sql, params, many, context):
        if self._table and self._table in sql and connection.in_atomic_block == self._within:
            self._table, self._until = "", time.monotonic() + self._lasts_s
        if time.monotonic() < self._until:
            sqlite = connection.vendor == "sqlite"
            raise OperationalError("database is locked" if sqlite else "server closed it\nGone")
        return execute(sql, params, many, context)


@pytest.fixture
def outage():
    found = Outage()
    with connection.execute_wrapper(found):
        yield found
        found.end()


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Verbs give up before the outage is over."""
    monkeypatch.setattr(database, "RETRY_PAUSES_S", (0.01,))
    monkeypatch.setattr(database, "OUTAGE_PAUSES_S", (0.01,))


@pytest.fixture
def narrating(by_ana, channel) -> StageRun:
    return paid.narrating(by_ana, channel, "paid:one")


def lines(caplog) -> list[tuple[str, bool]]:
    """Each with whether it has a traceback."""
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    ours = [record for record in told if not record.name.startswith("showrunner.db")]
    return [(record.getMessage(), bool(record.exc_info)) for record in ours]


def state(run: StageRun) -> tuple[str, int]:
    run.refresh_from_db()
    return run.state, run.attempt


def test_a_run_at_work_is_given_back_and_its_attempt_with_it(narrating, outage, caplog):
    outage.begin_at(READ, SHORT_S)
    pipeline.perform(narrating)
    assert state(narrating) == (RunState.WAITING, 0)
    [(line, has_traceback)] = lines(caplog)
    assert line.startswith(
        f"video {narrating.video_id} narration given back: the database was away"
    )
    assert (has_traceback, "\n" in line) == (False, False)
    assert perform_again().state == RunState.DONE
    assert booked() == PRICE * CostEntry.objects.count() > 0


def test_what_was_settled_before_is_not_made_again(narrating, outage):
    pipeline.perform(narrating)
    before = list(CostEntry.objects.values_list("pk", flat=True))
    StageRun.objects.filter(pk=narrating.pk).update(state=RunState.WAITING)
    outage.begin_at(READ, SHORT_S)
    assert perform_again().state == RunState.WAITING
    assert perform_again().state == RunState.DONE
    assert list(CostEntry.objects.values_list("pk", flat=True)) == before


def test_money_that_was_set_aside_goes_back(by_ana, channel, outage, monkeypatch):
    monkeypatch.setattr(PostalVoice, "letters", [])
    run = paid.narrating(by_ana, channel, "postal:one")
    outage.begin_at("videos_reply", SHORT_S)  # asked whether there is an answer: nothing is sent
    pipeline.perform(run)
    assert state(run) == (RunState.WAITING, 0)
    assert (PostalVoice.letters, kinds(), holds()) == ([], [], {"refunded"})
    assert perform_again().state == RunState.DONE
    assert len(PostalVoice.letters) == len(kinds()) == CostEntry.objects.count()
    assert set(kinds()) == {"usage"}


def test_what_was_bought_meanwhile_is_booked_once(narrating, outage, impatient):
    """The restart is longer than a verb waits: the part is lost, its bill is not."""
    outage.begin_at("videos_runpart", SHORT_S, within_verbs=True)
    pipeline.perform(narrating)
    assert state(narrating) == (RunState.WAITING, 0)
    assert (kinds(), booked(), holds()) == (["usage"], PRICE, {"settled"})


def test_a_claim_waits(narrating, outage):
    runs.give_back(narrating)
    outage.begin_at("videos_stagerun", SHORT_S, within_verbs=True)
    assert runs.claim("studio", "w:1", 9).pk == narrating.pk


def test_a_worker_that_waited_in_vain_says_so_in_a_line(narrating, outage, caplog, impatient):
    runs.give_back(narrating)
    outage.begin_at("videos_stagerun", LONG_S, within_verbs=True)
    pipeline.work("studio")
    [(line, has_traceback)] = lines(caplog)
    assert line.startswith("the database is away: ")
    assert not has_traceback
    outage.end()
    assert runs.claim("studio", "w:1", 9).pk == narrating.pk


def test_a_worker_that_must_go_waits_no_longer(narrating, outage, impatient, monkeypatch):
    """Its lease runs out, and a sweep gives the run to another."""
    board = Board()
    monkeypatch.setattr(jobs, "_board", board)
    outage.begin_at(READ, LONG_S)
    threading.Timer(1.0, lambda: setattr(board, "stop", True)).start()
    began = time.monotonic()
    pipeline.perform(narrating)
    assert time.monotonic() - began < 10
    outage.end()
    assert state(narrating) == (RunState.RUNNING, 1)


def test_a_statement_that_takes_too_long_is_no_outage(narrating):
    class Cause(Exception):
        sqlstate = "57014"

    slow = OperationalError("canceling statement due to statement timeout")
    slow.__cause__ = Cause()
    if connection.vendor == "postgresql":
        assert database.is_unavailable(slow)
    assert not database.is_away(slow)
