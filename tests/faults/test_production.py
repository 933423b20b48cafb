"""Processes and servers of a production die while videos are made: they come through, once."""

import contextlib
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from tests.browser.served import served
from tests.faults.conftest import disk
from tests.faults.plant import CLUSTERS
from tests.processes import until

AWAY_S = 25  # verbs wait ten seconds, leases last sixty
pytestmark = [pytest.mark.media, pytest.mark.processes]


def test_videos_come_through(plant):
    plant.start()
    plant.order()
    plant.comes_through()


@pytest.mark.long
def test_a_busy_worker_is_killed(at_work):
    at_work.busy("render").kill()
    at_work.comes_through()


@pytest.mark.long
def test_a_worker_is_killed_while_it_buys(buying):
    buying.buyer().kill()
    buying.comes_through()
    assert buying.has_lost_an_answer()


@pytest.mark.long
def test_an_idle_worker_is_killed(at_work):
    """It dies with the lock of the task queue: the watchdog replaces the cluster."""
    at_work.worker("publish").kill()
    at_work.comes_through()


@pytest.mark.long
@pytest.mark.parametrize("cluster", ["ai", "render"])
def test_a_sentinel_is_killed(at_work, cluster):
    at_work.sentinel(cluster).kill()
    at_work.comes_through()


@pytest.mark.long
def test_a_whole_cluster_is_killed_and_started_again(at_work):
    for process in at_work.members("render"):
        process.kill()
    at_work.clusters["render"].wait(60)
    at_work.start("render")
    at_work.comes_through()


def test_every_pgbouncer_is_killed(at_work):
    for pooler in at_work.poolers():
        pooler.kill()
    at_work.comes_through()
    assert len(at_work.poolers()) == len(CLUSTERS)
    at_work.counted_nothing_against_a_run()


@pytest.mark.long
@pytest.mark.parametrize("times", [1, 4])
def test_postgres_restarts(at_work, own_stack, times):
    for _ in range(times):
        own_stack.postgres.restart()
    at_work.comes_through()
    at_work.counted_nothing_against_a_run()


@pytest.mark.long
@pytest.mark.parametrize("stage", ["narration", "render"])
def test_postgres_is_away_for_longer_than_a_verb_waits(plant, own_stack, stage):
    plant.start()
    plant.order()
    until(lambda: plant.runs(stage), within_s=300, what=f"it is at {stage}")
    own_stack.postgres.stop()
    try:
        time.sleep(AWAY_S)
    finally:
        own_stack.postgres.start()
    plant.comes_through()
    plant.counted_nothing_against_a_run()


@pytest.mark.long
def test_postgres_restarts_while_something_is_bought(buying, own_stack):
    own_stack.postgres.restart()
    buying.comes_through()


@pytest.mark.long
def test_redis_forgets_everything(at_work, own_stack):
    redis.from_url(own_stack.redis.url).flushall()
    at_work.comes_through()


@pytest.mark.long
def test_redis_dies_and_comes_back(at_work, own_stack):
    with served(at_work.installation, with_workers=False) as studio:
        own_stack.redis.kill()
        try:
            until(studio.answers, what="the studio answers without Redis", within_s=60)
            at_work.comes_through()
        finally:
            own_stack.redis.start()
        until(studio.answers, what="the studio answers with Redis again", within_s=60)


@pytest.mark.long
@pytest.mark.parametrize("shift", ["+300s", "-300s"])
def test_the_clocks_of_some_workers_are_wrong(plant, shift):
    began = datetime.now(UTC)
    plant.start("ai", "render", clock=shift)
    plant.start("publish", "batch")
    plant.order()
    plant.comes_through()
    first, last = plant.logged()
    assert max(began - first, last - datetime.now(UTC)) > timedelta(minutes=4), "none was wrong"
    by_ours = "SELECT stage FROM videos_stagerun WHERE NOT started_at BETWEEN ? AND now()"
    assert plant.ask(by_ours, began) == []


@pytest.mark.long
def test_two_reapers_at_once(buying):
    """With the sweeps of the clusters they are three: the run is taken once from who held it."""
    reapers = buying.reapers(2)
    until(buying.buys, within_s=120, what="it buys something else")
    buying.sentinel("ai").kill()
    buying.let_leases_run_out()
    assert sum(buying.reap(reapers)) <= 1
    buying.comes_through()
    assert buying.has_lost_an_answer()


def fill(disk: Path) -> Path:
    filled = disk / "filled"
    with filled.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**20))
    return filled


@pytest.mark.long
@pytest.mark.parametrize("stage", ["narration", "render"])
def test_the_disk_fills(small_disk, plant, stage):
    plant.start()
    plant.order()
    until(lambda: plant.runs(stage), within_s=300, what=f"it is at {stage}")
    filled = fill(small_disk)
    asked = "SELECT 1 FROM videos_stagerun WHERE stage = ? AND reason ILIKE ?"
    told = lambda: plant.ask(asked, stage, "%space%") or plant.ask(asked, stage, "%disk%")  # noqa: E731
    until(told, within_s=120, what="it says that the disk is full")
    filled.unlink()
    plant.comes_through()


def test_where_nobody_may_mount_a_disk_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="takes root"), disk(tmp_path, 1):
        pass


@pytest.mark.parametrize(
    "to_all",
    [
        pytest.param(False, marks=pytest.mark.long, id="main"),
        pytest.param(True, id="every process"),
    ],
)
def test_a_production_is_told_to_end(at_work, to_all):
    told = at_work.members("render") if to_all else at_work.members("render")[:1]
    for process in told:
        process.send_signal(signal.SIGTERM)
    assert at_work.clusters["render"].wait(60) == 0
    asked = "SELECT DISTINCT state, attempt FROM videos_stagerun WHERE stage = 'render'"
    asked += " AND state <> 'done'"
    assert at_work.ask(asked) == [("waiting", 0)]
    at_work.start("render")
    at_work.comes_through()


def test_the_studio_heals_when_postgres_restarts(plant, own_stack):
    with served(plant.installation, with_workers=False) as studio:
        own_stack.postgres.restart()
        until(studio.answers, what="the studio answers again", within_s=60)
