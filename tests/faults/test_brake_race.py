"""A brake that is pulled while things start: once the pull is through, nothing starts any more."""

import threading
import time
from copy import copy

import pytest
from django.db import connection

from billing import ledger
from billing.models import Hold
from channels_app import actions as channels
from channels_app.models import Upload, UploadState
from config.kit.database import verb
from teams import brakes
from teams.models import Brake, Event
from videos.models import Video, VideoState

pytestmark = pytest.mark.django_db(transaction=True)
STARTERS, SECONDS = 6, 1.5
PAUSE_S = {"postgresql": 0.0, "sqlite": 0.4}  # SQLite's one writer is no queue: some starve


@verb
def buys(team_id: int, video_id: int) -> bool:
    """A start that commits long after it has looked at the brake."""
    ledger.hold(ledger.Purpose(team_id, video_id, 1, "narration"), amount_micros=1)
    time.sleep(0.03)
    return True


@verb
def goes_out(team_id: int, video_id: int) -> bool:
    taken = channels.claim(f"host:{threading.get_ident()}", 999)
    time.sleep(0.03)
    return taken is not None


def bought() -> int:
    return Hold.objects.count()


def out() -> int:
    return Upload.objects.filter(state=UploadState.RUNNING).count()


@pytest.fixture
def many_wait(video) -> Video:
    """More publications than can be taken up while the test runs."""
    Video.objects.update(state=VideoState.SCHEDULED)
    video.refresh_from_db()
    twins = []
    for _ in range(500):
        twin = copy(video)
        twin.pk = None
        twins.append(twin)
    made = Video.objects.bulk_create(twins)
    Upload.objects.bulk_create(
        Upload(
            team=one.team, channel=one.channel, video_id=one.pk, title="K", due_at=one.created_at
        )
        for one in made
    )
    return video


def starting(act, video: Video, stop: threading.Event, started: list[float]) -> None:
    try:
        while not stop.wait(PAUSE_S[connection.vendor]):
            try:
                if act(video.team_id, video.pk):
                    started.append(time.monotonic())
            except brakes.Braked:
                return
    finally:
        connection.close()


def the_pull_is_the_end(act, video: Video, count, pull) -> None:
    stop, started = threading.Event(), list[float]()
    arguments = [act, video, stop, started]
    threads = [threading.Thread(target=starting, args=arguments) for _ in range(STARTERS)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    pull()
    when_it_was_through = count()
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert when_it_was_through == count() == len(started) > 0


def test_nothing_is_bought_after_the_team_has_pulled(video, by_ana):
    the_pull_is_the_end(buys, video, bought, lambda: brakes.pull(by=by_ana, what="spending"))


def test_nothing_is_bought_after_an_operator_has_pulled(video):
    by = brakes.Operator()
    pull = lambda: brakes.pull_as_operator(by=by, what="spending")  # noqa: E731
    the_pull_is_the_end(buys, video, bought, pull)


def test_nothing_goes_out_after_the_pull(many_wait, by_ana):
    pull = lambda: brakes.pull(by=by_ana, what="publishing")  # noqa: E731
    the_pull_is_the_end(goes_out, many_wait, out, pull)


def test_of_two_that_pull_at_once_one_has_pulled(video, by_ana):
    ready, pulled = threading.Barrier(4), list[int]()

    def pull() -> None:
        ready.wait()
        pulled.append(brakes.pull(by=by_ana, what="spending").pk)
        connection.close()

    threads = [threading.Thread(target=pull) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert pulled == [Brake.objects.get().pk] * 4
    assert Event.objects.filter(kind="teams.brake_pulled").count() == 1
