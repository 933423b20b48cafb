"""Reapers that find the same dead workers at once: each run is taken and each hold ended once."""

import secrets
import threading
from datetime import timedelta

import pytest
from django.db import connection

from billing.models import CostEntry, Hold, HoldState
from config.kit.database import after
from teams.models import Event
from tests.faults.world import World
from videos import runs
from videos.models import StageRun

pytestmark = pytest.mark.django_db(transaction=True)
DEAD, REAPERS = 8, 3


def reap_at_once() -> list[int]:
    ready, reaped = threading.Barrier(REAPERS), list[int]()

    def reap() -> None:
        try:
            ready.wait()
            reaped.append(runs.reap())
        finally:
            connection.close()

    threads = [threading.Thread(target=reap) for _ in range(REAPERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return reaped


@pytest.fixture
def dead() -> list[World]:
    worlds = [World(secrets.token_hex(6)) for _ in range(DEAD)]
    past = after(-timedelta(seconds=1))
    assert StageRun.objects.filter(state="running").update(lease_until=past) == DEAD
    return worlds


def test_what_was_paid_for_is_asked_about_once(dead):
    reaped = reap_at_once()
    assert len(reaped) == REAPERS
    assert sum(reaped) == DEAD
    assert not StageRun.objects.filter(state="running").exists()
    assert not Hold.objects.filter(state=HoldState.OPEN).exists()
    assert CostEntry.objects.filter(kind="unknown").count() == CostEntry.objects.count() == DEAD
    told = Event.objects.filter(kind="videos.stage_finished", payload__stage="narration")
    assert told.filter(payload__state="blocked").count() == told.count() == DEAD


def test_what_was_free_waits_for_another_worker(dead):
    Hold.objects.all().delete()
    assert sum(reap_at_once()) == DEAD
    given_back = StageRun.objects.filter(stage="narration", fence=1, attempt=1, state="waiting")
    assert given_back.filter(lease_until=None, due_at__isnull=False).count() == DEAD
