"""A sweep and a worker that comes late meet over one publication: one of them has it."""

import threading
import time

import pytest
from django.db import connection

from channels_app import actions, tasks
from channels_app.models import Upload
from channels_app.publishers import publishers
from config.kit.database import after, verb
from tests.videos.paid import PAST
from videos.models import Video, VideoState

pytestmark = pytest.mark.django_db(transaction=True)
MEANWHILE_S = 0.5  # long enough to come to the row, and to wait for it


@pytest.fixture
def taken(video) -> Upload:
    """In a worker's hands."""
    Video.objects.update(state=VideoState.SCHEDULED)
    actions.request_publication(
        channel=video.channel, video_id=video.pk, title="Kelp", files={}, metadata={}
    )
    return actions.claim("w:1", 2)


@pytest.fixture
def upload(taken) -> Upload:
    """With a lease that ran out."""
    Upload.objects.update(lease_until=after(PAST))
    return taken


class Other(threading.Thread):
    """Does something over a connection of its own."""

    def __init__(self, act) -> None:
        super().__init__()
        self._act, self.answer = act, None

    def run(self) -> None:
        try:
            self.answer = self._act()
        finally:
            connection.close()


def while_open(mine, theirs):
    """What both answer, where `theirs` comes when the transaction of `mine` is still open."""
    other = Other(theirs)

    @verb
    def both():
        answer = mine()
        other.start()
        time.sleep(MEANWHILE_S)
        return answer

    answer = both()
    other.join(30)
    return answer, other.answer


def test_who_beat_first_keeps_the_publication(upload):
    assert while_open(lambda: actions.beat(upload), actions.reap) == (True, 0)
    assert actions.settle(upload, "/there") is True
    assert Upload.objects.get().state == "done"


def test_a_late_beat_gets_no_lease_back_that_was_taken(upload):
    assert while_open(actions.reap, lambda: actions.beat(upload)) == (1, False)
    left = Upload.objects.get()
    assert (left.state, left.lease_until) == ("waiting", None)
    assert actions.settle(upload, "/there") is False


def test_one_of_two_that_delivered_records_where_it_went(upload):
    """The first was thought dead while it was still on its way."""
    actions.reap()
    second = actions.claim("w:2", 2)
    assert while_open(
        lambda: actions.settle(second, "/second"), lambda: actions.settle(upload, "/first")
    ) == (True, False)
    assert Upload.objects.get().address == "/second"


class Slow:
    """Delivers so slowly that a sweep takes the publication, and hears of it at its next beat."""

    def __init__(self) -> None:
        self.goes_on = []

    def deliver(self, parcel, beat) -> str:
        Upload.objects.update(lease_until=after(PAST))
        actions.reap()
        self.goes_on.append(beat())
        return "/slowly"


def test_a_worker_whose_publication_was_taken_is_told_to_stop(taken, monkeypatch):
    slow = Slow()
    monkeypatch.setitem(publishers._things, "folder", slow)
    tasks._publish(taken)
    assert slow.goes_on == [False]
    assert Upload.objects.get().state == "waiting"
