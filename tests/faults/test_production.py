"""Processes and servers of a production die while a video is made: it comes through, once."""

import os
import signal
import subprocess

import pytest
import redis

from tests.browser.served import served
from tests.faults.plant import CLUSTERS, Plant
from tests.processes import until

pytestmark = [pytest.mark.media, pytest.mark.processes]


@pytest.fixture
def at_work(plant: Plant):
    """A production that renders the video which it was asked for."""
    plant.start()
    video = plant.order()
    until(lambda: plant.runs("render"), within_s=180, what="it renders")
    return plant, video


def test_a_video_comes_through(plant):
    plant.start()
    plant.comes_through(plant.order())


@pytest.mark.long
def test_a_busy_worker_is_killed(at_work):
    plant, video = at_work
    plant.busy("render").kill()
    plant.comes_through(video)


@pytest.mark.long
def test_an_idle_worker_is_killed(at_work):
    """It dies with the lock of the task queue: the watchdog replaces the cluster."""
    plant, video = at_work
    for worker in plant.sentinel("publish").children():
        worker.kill()
    plant.comes_through(video)


@pytest.mark.long
def test_a_sentinel_is_killed(at_work):
    plant, video = at_work
    plant.sentinel("render").kill()
    plant.comes_through(video)


def test_a_whole_cluster_is_killed_and_started_again(at_work):
    plant, video = at_work
    for process in plant.members("render"):
        process.kill()
    plant.clusters["render"].wait(30)
    plant.start("render")
    plant.comes_through(video)


def test_every_pgbouncer_is_killed(at_work):
    plant, video = at_work
    for pooler in plant.poolers():
        pooler.kill()
    plant.comes_through(video)
    assert len(plant.poolers()) == len(CLUSTERS)


@pytest.mark.parametrize("times", [1, pytest.param(4, marks=pytest.mark.long)])
def test_postgres_restarts(at_work, own_stack, times):
    plant, video = at_work
    for _ in range(times):
        own_stack.postgres.restart()
    plant.comes_through(video)


@pytest.mark.long
def test_redis_forgets_everything_and_dies(at_work, own_stack):
    plant, video = at_work
    redis.from_url(own_stack.redis.url).flushall()
    own_stack.redis.kill()
    try:
        plant.comes_through(video)
    finally:
        own_stack.redis.start()


@pytest.mark.long
@pytest.mark.parametrize("shift", ["+300s", "-300s"])
def test_a_worker_whose_clock_is_wrong(plant, shift):
    os_env = {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    plant.installation.env |= os_env
    plant.start("ai", "render", under=("faketime", "-f", shift))
    plant.start("publish", "batch")
    plant.comes_through(plant.order())


@pytest.mark.long
def test_two_reapers_at_once(at_work):
    plant, video = at_work
    plant.busy("render").kill()
    plant.installation.tell(
        "UPDATE videos_stagerun SET lease_until = now() - interval '1 s' WHERE state = 'running'"
    )
    assert [reaper.wait(60) for reaper in [plant.reap(), plant.reap()]] == [0, 0]
    plant.comes_through(video)


@pytest.mark.long
@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")
def test_the_disk_fills_while_it_renders(plant):
    rooms = plant.installation.folder / "rooms"
    rooms.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", str(rooms)]
    subprocess.run(mount, check=True)
    try:
        plant.start()
        (rooms / "filled").write_bytes(b"x" * 400 * 2**20)
        video = plant.order()
        asked = "SELECT 1 FROM videos_stagerun WHERE reason LIKE '%disk%'"
        until(lambda: plant.installation.ask(asked), what="it says that the disk is full")
        (rooms / "filled").unlink()
        plant.comes_through(video)
    finally:
        plant.stop()
        subprocess.run(["umount", "-l", str(rooms)], check=False)


@pytest.mark.parametrize("to_all", [False, True], ids=["main", "every process"])
def test_a_production_is_told_to_end(at_work, to_all):
    plant, video = at_work
    told = plant.members("render") if to_all else plant.members("render")[:1]
    for process in told:
        process.send_signal(signal.SIGTERM)
    assert plant.clusters["render"].wait(30) == 0
    asked = "SELECT state, attempt FROM videos_stagerun WHERE video_id = ? AND stage = 'render'"
    assert plant.installation.ask(asked, video) == [("waiting", 0)]
    plant.start("render")
    plant.comes_through(video)


def test_the_studio_heals_when_postgres_restarts(plant, own_stack):
    with served(plant.installation, with_workers=False) as studio:
        own_stack.postgres.restart()
        until(studio.answers, what="the studio answers again", within_s=15)
