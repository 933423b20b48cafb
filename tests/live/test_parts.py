"""The parts below the feed, each alone: tasks, places, hub and hints, origins, tails."""

import asyncio
import json
import time

import pytest
from autobahn.twisted.websocket import WebSocketServerFactory

from config.kit import redis as redises
from config.kit.live import handshake, hints, tasks, wire
from config.kit.live.closing import Refusal
from config.kit.live.hub import Hub, hub
from config.kit.live.limits import Bucket, Places
from config.kit.live.wire import Shared
from teams import sockets
from teams.access import acting as acting_as
from teams.actions import change_role, change_team
from teams.following import TOPIC
from teams.models import Event, Membership, Role
from teams.sockets import Shown, rights
from teams.tailer import Follower, Tailer
from tests import stack as stacks
from tests.conftest import acting
from tests.live.server import session_of

real = pytest.mark.processes


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


# --- tasks


def test_work_that_fails_begins_anew(monkeypatch):
    monkeypatch.setattr(tasks, "FIRST_PAUSE_S", 0.01)
    tries = []

    async def main() -> None:
        works = asyncio.Event()

        async def fails() -> None:
            tries.append(1)
            if len(tries) < 4:
                raise ValueError("a bug")
            works.set()
            await asyncio.sleep(10)

        task = tasks.keep("test", fails)
        await works.wait()
        task.cancel()

    before = tasks.restarted["test"]
    asyncio.run(asyncio.wait_for(main(), 5))
    assert tasks.restarted["test"] == before + 3


# --- how much


def test_a_bucket_lets_its_rate_through_and_a_rush_after_a_rest():
    bucket = Bucket(100, 20)
    assert sum(bucket.take() for _ in range(50)) == 20
    time.sleep(0.1)
    assert 8 <= sum(bucket.take() for _ in range(50)) <= 14


def test_places_are_taken_left_and_end():
    places = Places()
    assert places.take("here", "a", 1, lease_s=0.1)
    assert places.take("here", "a", 1, lease_s=0.1)
    assert not places.take("here", "b", 1)
    places.leave("here", "a")
    assert places.take("here", "b", 1, lease_s=0.1)
    time.sleep(0.12)
    assert places.take("here", "c", 1)


@real
def test_places_are_counted_over_all_processes(redis):
    one, other = Places(), Places()
    assert one.take("here", "a", 1, lease_s=0.3)
    assert not other.take("here", "b", 1)
    one.keep("here", "a")
    one.renew()
    time.sleep(0.35)
    assert not other.take("here", "b", 1)
    one.leave("here", "a")
    assert other.take("here", "b", 1)


@real
def test_a_redis_that_is_away_keeps_nobody_out(redis):
    places = Places()
    assert places.take("here", "a", 1)
    redis.kill()
    assert places.take("there", "a", 1)
    assert not places.take("there", "b", 1)
    places.leave("there", "a")
    assert places.take("there", "b", 1)


# --- hub and hints


async def heard(act, topic: str = "team.1", within_s: float = 5) -> dict:
    """What an ear hears after `act`, done again each half second."""
    got: asyncio.Queue = asyncio.Queue()
    hub().join(topic, got.put_nowait)
    await asyncio.sleep(0.3)
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        await act()
        try:
            return await asyncio.wait_for(got.get(), 0.5)
        except TimeoutError:
            continue
    raise AssertionError("nothing was heard")


def test_a_hint_is_heard_in_the_same_process(settings):
    settings.REDIS_URL = ""

    async def main() -> dict:
        return await heard(lambda: tasks.in_thread(hints.tell, "team.1", seq=7))

    assert asyncio.run(main())["seq"] == 7


@real
def test_a_hint_of_synchronous_code_reaches_hubs_through_redis(redis):
    async def main() -> dict:
        return await heard(lambda: tasks.in_thread(hints.tell, "team.1", seq=7))

    assert asyncio.run(main())["seq"] == 7


@real
def test_hubs_tell_each_other_and_outlive_their_redis(redis):
    async def main() -> tuple[dict, bool, dict]:
        other = Hub()
        first = await heard(lambda: other.send("team.1", {"seq": 1}))
        redis.kill()
        lost = await other.send("team.1", {"seq": 2})
        redis.start()
        return first, lost, await heard(lambda: other.send("team.1", {"seq": 3}), within_s=10)

    first, lost, again = asyncio.run(main())
    assert (first["seq"], lost, again["seq"]) == (1, False, 3)


@real
def test_one_subscription_serves_all_who_listen(redis):
    async def main() -> int:
        ears = [lambda message: None for _ in range(50)]
        for ear in ears:
            hub().join("team.1", ear)
        await heard(lambda: hub().send("team.1", {}))
        with redises.client("test") as asked:
            return dict(asked.pubsub_numsub(redises.group_channel("team.1"))).popitem()[1]

    assert asyncio.run(main()) == 1


# --- origins

PRODUCTION = {"PUBLIC_URL": "https://studio.example", "ALLOWED_HOSTS": ["studio.example"]}


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        ("https://studio.example", True),
        ("https://studio.example:443", True),
        ("HTTPS://Studio.Example", True),
        ("https://en.partner.example", True),
        ("http://studio.example", False),
        ("https://studio.example:8443", False),
        ("https://studio.example.evil.example", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
        ("https://[", False),
    ],
)
def test_in_production_scheme_and_port_of_the_origin_count(settings, origin, is_let_in):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.partner.example"]
    scope = {"headers": [(b"origin", origin.encode())] if origin else []}
    if is_let_in:
        handshake.check_origin(scope)
    else:
        with pytest.raises(Refusal):
            handshake.check_origin(scope)


def test_behind_a_proxy_the_last_address_counts(settings):
    headers = [(b"x-forwarded-for", b"6.6.6.6, 10.0.0.7")]
    scope = {"headers": headers, "client": ["127.0.0.1", 5]}
    settings.TRUST_PROXY = False
    assert handshake.address(scope) == "127.0.0.1"
    settings.TRUST_PROXY = True
    assert handshake.address(scope) == "10.0.0.7"


@pytest.mark.parametrize("beside", ['told={"yes":true}', "a[b]=1", "x@y=1", "flag", "ü=1"])
def test_a_strange_cookie_hides_no_session(beside):
    scope = {"headers": [(b"cookie", f"{beside}; sessionid=abc".encode("latin1"))]}
    assert handshake.cookie(scope, "sessionid") == "abc"
    assert handshake.cookie(scope, "other") == ""


# --- the tailer


class Reading:
    """A client that has acked too little when the journal is read, and enough a moment later."""

    def __init__(self, by, credits) -> None:
        self.actor, self.credits = by, iter(credits)
        self.seen: list[int] = []

    @property
    def has_credit(self) -> bool:
        return next(self.credits, True)

    def tell(self, frame: str) -> None:
        self.seen += [one["seq"] for one in json.loads(frame).get("events", ())]

    def tick(self, topic: str, state: str) -> None: ...


@pytest.mark.django_db(transaction=True)
def test_who_acks_while_the_journal_is_read_misses_nothing(by_ana, team):
    for n in range(5):
        change_team(by=by_ana, team=team, name=f"Name {n}", email=team.email)
    head = Event.objects.filter(team=team).latest("seq").seq
    near, far = Reading(by_ana, []), Reading(by_ana, [False])

    async def main() -> None:
        tail = Tailer()
        for reader, seq in ((near, head - 1), (far, head - 4)):
            tail.follow(Follower(reader, TOPIC, team.pk, seq))
        ends = time.monotonic() + 5
        while head not in far.seen and time.monotonic() < ends:
            tail.poke()
            await asyncio.sleep(0.05)

    asyncio.run(main())
    assert near.seen == [head]
    assert far.seen == list(range(head - 3, head + 1))


# --- rights, looked at again


def test_all_guests_are_looked_at_in_three_queries(
    ana, ben, cho, by_ana, django_assert_num_queries
):
    asked = {}
    for user in (ana, ben, cho):
        for n in range(5):
            asked[user.email, n] = (acting(user), Shown(session_key=session_of(user)))
    with django_assert_num_queries(2):
        found = rights(asked)
    assert {key: now for key, now in found.items() if now != asked[key][0]} == {}


def test_what_a_look_finds(ana, ben, by_ana, program):
    key = session_of(ben)
    shown, old = Shown(session_key=key), acting(ben)
    member = Membership.objects.get(user=ben)
    change_role(by=by_ana, membership=member, role=Role.VIEWER)
    now = rights({1: (old, shown)})[1]
    assert now == acting_as(Membership.objects.get(user=ben))
    assert rights({1: (old, Shown(session_key="gone"))})[1] == sockets.Close.SIGNED_OUT
    ben.set_password("another one")
    ben.save()
    assert rights({1: (old, shown)})[1] == sockets.Close.SIGNED_OUT
    assert rights({1: (old, Shown(token_id=10**6))})[1] == sockets.Close.SIGNED_OUT
    member.delete()
    assert rights({1: (old, shown)})[1] == sockets.Close.FORBIDDEN


# --- the wire


class Connection:
    """Twisted's, as far as it is asked: the kernel takes `takes` bytes of each frame."""

    TLS, connected, disconnecting, dataBuffer = False, True, False, b""
    _tempDataLen = 0

    def __init__(self, takes: int) -> None:
        self.takes, self.sent, self.waiting = takes, b"", b""

    def writeSomeData(self, data: bytes) -> int:
        self.sent += data[: self.takes]
        return min(self.takes, len(data))

    def write(self, data: bytes) -> None:
        self.waiting += data
        self._tempDataLen = len(self.waiting)


class Protocol:
    STATE_OPEN = state = 3
    send_queue = ()

    def __init__(self, takes: int) -> None:
        self.transport = Connection(takes)
        self.factory = WebSocketServerFactory()


def test_what_the_kernel_does_not_take_waits_and_what_comes_later_waits_behind_it():
    whole, slow = Protocol(10_000), Protocol(1)
    frames = [Shared(b"a" * 70_000), Shared(b"b" * 300), b"c"]
    for protocol in (whole, slow):
        for frame in frames:
            wire.write(protocol, frame)
    told = whole.transport.sent + whole.transport.waiting
    assert slow.transport.sent + slow.transport.waiting == told
    assert len(slow.transport.sent) == 1
    assert told.startswith(b"\x82\x7f" + (70_000).to_bytes(8, "big") + b"aaa")
    assert told.endswith(b"\x82\x01c")


def test_nothing_goes_to_a_connection_at_its_end():
    protocol = Protocol(10_000)
    protocol.state = 2
    wire.write(protocol, b"late")
    assert not protocol.transport.sent + protocol.transport.waiting
