"""Lines that break, readers that do not read, a Redis and a server that die: nobody misses news."""

import contextlib
import random
import threading
import time
from socket import SHUT_RDWR

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from billing.entries import CostBooked
from config.kit import redis as redises
from config.kit.database import verb
from teams.events import publish
from teams.models import Event, TeamJournal
from tests import stack as stacks
from tests.live.server import Server, running, session_of
from tests.processes import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@verb
def happen(team, n: int, provider: str = "paid:one") -> None:
    publish(team, CostBooked(n, "script", provider, n, "USD"))


class Reader(threading.Thread):
    """Comes back with `since` until it has seen the last event; its line is cut at random."""

    def __init__(self, server: Server, session: str, since: int, last: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.server, self.session, self.last = server, session, last
        self.chance = random.Random(seed)  # noqa: S311 - the same each time
        self.since, self.seen, self.cuts, self.snapshots = since, list[int](), 0, 0

    def run(self) -> None:
        ends = time.monotonic() + 90
        while self.since < self.last and time.monotonic() < ends:
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError):
                self._read()

    def _read(self) -> None:
        cookie = {"Cookie": f"sessionid={self.session}"}
        with self.server.open(headers=cookie) as socket:
            told = socket.follow("team", since=self.since)
            self.snapshots += told["type"] == "snapshot"
            stays_s = self.chance.uniform(0.05, 1.5)
            ends = time.monotonic() + stays_s
            with contextlib.suppress(TimeoutError):
                while self.since < self.last:
                    told = socket.until("events", max(0.01, ends - time.monotonic()))
                    for line in told["events"]:
                        self.seen.append(line["seq"])
                        self.since = line["seq"]
            self.cuts += self.since < self.last
            socket.line.socket.shutdown(SHUT_RDWR)  # no goodbye


def readers(server: Server, ana, first: int, last: int) -> list[Reader]:
    session = session_of(ana)
    found = [Reader(server, session, first, last, seed) for seed in range(5)]
    for one in found:
        one.start()
    return found


def wait_for(found: list[Reader], head: int) -> None:
    """Nobody falls so far behind that a snapshot would be right."""
    until(lambda: min(one.since for one in found) > head - 400, what="the readers follow")


def check(found: list[Reader], first: int, last: int) -> None:
    for one in found:
        one.join(90)
        assert one.seen == list(range(first + 1, last + 1))
        assert one.snapshots == 0


def test_each_event_comes_once_however_often_lines_break(server, ana, team):
    first = TeamJournal.objects.get(team=team).seq
    found = readers(server, ana, first, first + 300)
    for n in range(300):
        happen(team, n)
        time.sleep(0.01)
    check(found, first, first + 300)
    assert sum(one.cuts for one in found) >= 5


@pytest.fixture
def redis(settings, tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    found = stacks.Redis(str(folder), stacks.free_port())
    found.start()
    settings.REDIS_URL = found.url
    settings.CHANNEL_LAYERS = redises.channel_layers(found.url, settings.REDIS_PREFIX)
    yield found
    found.kill()


@pytest.fixture
def on_redis(redis, tmp_path):
    with running(tmp_path, REDIS_URL=redis.url) as found:
        yield found


def test_a_thousand_events_survive_a_redis_that_dies_twice(on_redis, redis, ana, team):
    first = TeamJournal.objects.get(team=team).seq
    found = readers(on_redis, ana, first, first + 1000)
    for n in range(1000):
        if n in (300, 600):
            redis.kill()
        if n in (400, 700):
            redis.start()
        happen(team, n)
        wait_for(found, first + n)
    check(found, first, first + 1000)
    with on_redis.open(ana) as socket:  # and hints come again
        socket.follow("team")
        happen(team, 1)
        assert socket.events(1)
    assert "Traceback" not in on_redis.log()


def test_a_server_that_dies_loses_nothing(tmp_path, ana, team):
    with running(tmp_path) as server:
        first = TeamJournal.objects.get(team=team).seq
        found = readers(server, ana, first, first + 200)
        for n in range(200):
            if n in (70, 140):
                server.kill()
                server.start()
            happen(team, n)
            time.sleep(0.005)
        check(found, first, first + 200)


def test_a_server_that_stops_says_come_back(tmp_path, ana, team):
    with running(tmp_path) as server, server.open(ana) as socket:
        socket.follow("team")
        server.stop()
        assert socket.closed_with() == 1012


def memory_mb(server: Server) -> float:
    assert server.process
    return psutil.Process(server.process.pid).memory_info().rss / 2**20


def test_who_reads_nothing_costs_no_memory_and_is_closed(server, ana, team):
    with server.open(ana, acks=False) as slow, server.open(ana) as quick:
        slow.follow("team")
        quick.follow("team")
        began, used = time.monotonic(), []
        for _ in range(4):
            for n in range(200):
                happen(team, n, provider="x" * 9000)
            assert len(quick.events(200)) == 200
            used.append(memory_mb(server))
        assert used[-1] - used[0] < 8  # of 5 MB that it does not read
        assert slow.closed_with(within_s=60) == 4408
        assert 10 < time.monotonic() - began < 60


def test_who_acks_late_gets_the_rest(server, ana, team):
    with server.open(ana, acks=False) as socket:
        socket.follow("team")
        for n in range(90):
            happen(team, n, provider="x" * 9000)
        got, last = [], 0
        while len(got) < 90:
            told = socket.until("events", within_s=5)
            got += [line["payload"]["video_id"] for line in told["events"]]
            last = told["n"]
            socket.say(type="ack", n=last)
        assert got == list(range(90))


def test_many_lines_that_were_missed_are_one_snapshot(server, ana, team):
    with server.open(ana) as socket:
        seq = socket.follow("team")["seq"]
    Event.objects.bulk_create(
        Event(team=team, seq=seq + n, kind="billing.cost_booked") for n in range(1, 502)
    )
    TeamJournal.objects.filter(team=team).update(seq=seq + 501)
    with server.open(ana) as socket:
        told = socket.follow("team", since=seq)
        assert (told["type"], told["seq"]) == ("snapshot", seq + 501)
        assert socket.is_quiet(0.5)
    with server.open(ana) as socket:
        assert socket.follow("team", since=seq + 1)["type"] == "subscribed"
        assert len(socket.events(500)) == 500
