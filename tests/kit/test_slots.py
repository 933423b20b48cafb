"""Runs and publications share the workers of a cluster; one worker stays free for short tasks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django_q.models import OrmQ

from channels_app import actions as publications
from channels_app.models import Upload
from config.kit import slots
from config.kit.database import after, verb
from config.kit.models import ClusterBeat
from config.kit.registry import LongWork, Ports
from teams import events
from videos import runs
from videos.actions import Wish, create_video
from videos.models import StageRun, Video, VideoState

pytestmark = pytest.mark.embedded
THREE_WORKERS = 2  # at once: the third stays free


def order_runs(by, channel, n: int) -> None:
    for _ in range(n):
        create_video(by=by, channel=channel, wish=Wish(source="Kelp grows."))


@verb
def order_uploads(channel, n: int) -> None:
    for _ in range(n):
        video = Video.objects.create(
            team=channel.team, channel=channel, state=VideoState.SCHEDULED, title="Kelp"
        )
        publications.request_publication(
            channel=channel, video_id=video.pk, title="Kelp", files={}, metadata={}
        )


def take_run(worker="w:1", at_once=THREE_WORKERS):
    return runs.claim("studio", worker, at_once)


def take_upload(worker="w:1", at_once=THREE_WORKERS):
    return publications.claim(worker, at_once)


def woken() -> set[str]:
    """Beside who listens to the journal."""
    found = {row.task["func"] for row in OrmQ.objects.all()}
    OrmQ.objects.all().delete()
    return found - {events.WAKE}


def test_uploads_leave_one_worker_free(channel):
    order_uploads(channel, 3)
    assert [bool(take_upload()) for _ in range(3)] == [True, True, False]


def test_both_kinds_count_together(by_ana, channel):
    order_runs(by_ana, channel, 3)
    order_uploads(channel, 3)
    taken = [bool(take()) for take in (take_upload, take_run, take_upload, take_run)]
    assert taken == [True, True, False, False]


def test_another_cluster_has_workers_of_its_own(channel):
    order_uploads(channel, 3)
    assert all([take_upload(), take_upload(), take_upload(worker="w:2")])


def test_a_lease_that_ran_out_holds_no_worker(channel):
    order_uploads(channel, 3)
    take_upload()
    take_upload()
    Upload.objects.update(lease_until=Now())
    assert take_upload()


def test_uploads_leave_a_slot_to_a_run_that_waits(by_ana, channel):
    order_uploads(channel, 2)
    order_runs(by_ana, channel, 1)
    assert take_upload()
    woken()
    assert take_upload() is None
    assert woken() == {runs.WORK}
    assert take_run()


def test_runs_leave_the_last_slot_to_an_upload_that_waits(by_ana, channel):
    order_runs(by_ana, channel, 3)
    assert take_run()
    order_uploads(channel, 1)
    woken()
    assert take_run() is None
    assert woken() == {publications.WORK}
    assert take_upload()


@pytest.mark.parametrize("first", ["run", "upload"])
def test_with_one_slot_an_upload_goes_before_the_runs(by_ana, channel, first):
    order_runs(by_ana, channel, 2)
    order_uploads(channel, 1)
    assert take_run(at_once=1) is None
    assert take_upload(at_once=1)
    Upload.objects.update(state="done")
    assert take_run(at_once=1)


def test_a_slot_that_one_kind_does_not_need_wakes_the_other(by_ana, channel):
    order_runs(by_ana, channel, 1)
    woken()
    assert take_upload() is None
    assert woken() == {runs.WORK}


def test_where_nothing_waits_nobody_is_woken(channel):
    assert (take_run(), take_upload()) == (None, None)
    assert woken() == set()


def test_a_full_cluster_wakes_nobody(by_ana, channel):
    order_uploads(channel, 3)
    take_upload()
    take_upload()
    order_runs(by_ana, channel, 1)
    woken()
    assert (take_run(), take_upload()) == (None, None)
    assert woken() == set()


def test_every_refusal_wakes_a_kind_that_may_go(db, monkeypatch):
    """Whoever is woken can start, however the slots are held: else two kinds could wake each
    other for ever."""
    for at_once in (1, 2, 3):
        for held in [(a, b) for a in range(4) for b in range(4) if a + b < at_once]:
            started = [may_start(monkeypatch, kind, held, at_once) for kind in (0, 1)]
            assert any(started), (at_once, held)


def may_start(monkeypatch, kind: int, held: tuple[int, int], at_once: int) -> bool:
    ports: Ports[LongWork] = Ports()
    for place in (0, 1):
        ports.fill(LongWork(str(place), lambda _, n=held[place]: n, lambda _: True, lambda _: None))
    monkeypatch.setattr(slots.registry, "long_work", ports)
    return slots.has_room(str(kind), "studio", "w:1", at_once)


class Thief:
    """Another worker that is faster, once: it takes the row between the question and the answer."""

    def __init__(self, words: str, steal) -> None:
        self._words, self._steal = words, steal

    def __call__(self, execute, sql, params, many, context):
        if self._words in sql and self._steal:
            steal, self._steal = self._steal, None
            steal()
        return execute(sql, params, many, context)


def test_an_upload_lost_to_another_worker_is_no_reason_to_rest(channel):
    order_uploads(channel, 2)
    first, second = Upload.objects.order_by("id")
    steal = Upload.objects.filter(pk=first.pk)
    with connection.execute_wrapper(
        Thief('UPDATE "channels_app_upload"', lambda: steal.update(state="running", worker="w:2"))
    ):
        assert take_upload() == second
    first.refresh_from_db()
    assert first.worker == "w:2"


@pytest.mark.parametrize(("take", "model"), [(take_run, StageRun), (take_upload, Upload)])
def test_a_slot_taken_while_one_waited_for_the_cluster_is_seen(by_ana, channel, take, model):
    order_runs(by_ana, channel, 2 if model is StageRun else 0)
    order_uploads(channel, 2 if model is Upload else 0)
    stolen = model.objects.filter(pk=model.objects.exclude(due_at=None).earliest("id").pk)
    lease = {"state": "running", "worker": "w:1", "lease_until": after(timedelta(minutes=1))}
    with connection.execute_wrapper(
        Thief('FROM "kit_clusterbeat"', lambda: stolen.update(**lease))
    ):
        assert take(at_once=1) is None
    assert model.objects.filter(state="running").count() == 1


class Locks:
    """What a database with row locks would be asked; this one locks as a whole."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        self.asked.append(sql)
        return execute(sql.replace(" FOR NO KEY UPDATE", ""), params, many, context)


@pytest.mark.parametrize("take", [take_run, take_upload])
def test_the_row_of_the_cluster_is_locked_before_its_leases_are_counted(db, monkeypatch, take):
    ClusterBeat.objects.create(
        cluster="studio", host="w", pid=1, workers=3, started_at=Now(), beat_at=Now()
    )
    for feature in ("has_select_for_update", "has_select_for_no_key_update"):
        monkeypatch.setattr(connection.features, feature, True)
    locks = Locks()
    with connection.execute_wrapper(locks):
        take()
    asked = [sql for sql in locks.asked if not sql.startswith("SAVEPOINT")]
    assert 'FROM "kit_clusterbeat"' in asked[0]
    assert asked[0].endswith("FOR NO KEY UPDATE")
