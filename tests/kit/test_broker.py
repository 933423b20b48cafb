"""The queue's table: a task is taken once, at once, whatever the clocks of the machines say."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.brokers import get_broker

from config.kit import jobs
from config.kit.broker import Broker

pytestmark = pytest.mark.django_db(transaction=True)
MINUTES = timedelta(minutes=5)


@pytest.fixture
def broker() -> Broker:
    found = get_broker(jobs.cluster("publish"))
    assert isinstance(found, Broker)
    return found


@pytest.fixture
def shift(monkeypatch):
    """From now on this machine's clock is wrong by so much."""
    right = timezone.now

    def by(amount: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: right() + amount)

    return by


def enqueue() -> None:
    jobs.enqueue("config.kit.jobs.prune_tasks", to="publish")


@pytest.mark.parametrize(("theirs", "ours"), [(MINUTES, -MINUTES), (-MINUTES, MINUTES)])
def test_a_wrong_clock_hides_no_task_and_gives_none_twice(broker, shift, theirs, ours):
    shift(theirs)
    enqueue()
    shift(ours)
    assert broker.queue_size() == 1
    assert len(broker.dequeue()) == 1
    shift(theirs)
    assert broker.dequeue() is None
    assert (broker.queue_size(), broker.lock_size()) == (0, 1)


def test_a_task_is_taken_by_one_of_many(broker):
    for _ in range(20):
        enqueue()
    ready, taken = threading.Barrier(4), list[int]()

    def take() -> None:
        ready.wait()
        while (found := broker.dequeue()) is not None:
            taken.extend(pk for pk, _ in found)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == len(set(taken)) == 20


def test_what_is_acknowledged_is_gone(broker):
    enqueue()
    broker.acknowledge(broker.dequeue()[0][0])
    assert (broker.queue_size(), broker.lock_size()) == (0, 0)


def test_a_queue_that_is_away_for_a_moment_is_one_line_and_no_end(broker, caplog):
    """Its pusher goes on by itself."""
    enqueue()
    sqlite = connection.vendor == "sqlite"

    def fail(*_):
        raise OperationalError("database is locked" if sqlite else "server closed it")

    with connection.execute_wrapper(fail):
        assert broker.dequeue() is broker.dequeue() is None
    assert len(broker.dequeue()) == 1
    [line] = [record for record in caplog.records if record.name == "showrunner.queue"]
    assert line.getMessage().startswith(f"{jobs.cluster('publish')}: the database is away")
    assert line.exc_info is None
