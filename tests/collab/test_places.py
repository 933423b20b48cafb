"""Places of sockets in rooms: held while they are there, and no longer."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from collab import store
from collab.websocket import handlers
from collab.websocket.routes import routes
from config.kit.live import limits, socket
from config.kit.live.limits import LEASE_S, places
from tests.live.server import session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def later(settings, monkeypatch):
    """Lets the clock of the places go on by so many seconds."""
    settings.REDIS_URL = ""
    clock = SimpleNamespace(ahead_s=0.0)
    clock.monotonic = lambda: time.monotonic() + clock.ahead_s
    monkeypatch.setattr(limits, "time", clock)

    def go_on(by_s: float) -> None:
        clock.ahead_s += by_s
        places.renew()

    return go_on


def opening(video, who) -> WebsocketCommunicator:
    headers = [
        (b"origin", b"http://testserver"),
        (b"cookie", f"sessionid={session_of(who)}".encode()),
    ]
    path = f"/ws/rooms/{video.pk}/"
    return WebsocketCommunicator(URLRouter(routes), path, headers, ["sr.v1"])


def test_a_room_counts_among_the_sockets_of_a_person_as_long_as_it_is_open(written, ana, later):
    line = opening(written, ana)

    async def main() -> None:
        assert (await line.connect(5))[0]
        await line.receive_from(5)
        for _ in range(2):
            later(0.7 * LEASE_S)
        assert not places.take(f"user:{ana.pk}", "another", 1)
        await line.disconnect()

    asyncio.run(main())


def test_who_has_gone_before_a_slow_database_answers_holds_no_place(
    written, ana, later, monkeypatch
):
    document, line = store.open_for(written), opening(written, ana)

    def slow(video):
        time.sleep(1)
        return document

    monkeypatch.setattr(socket, "HANDSHAKE_S", 0.3)
    monkeypatch.setattr(handlers.store, "open_for", slow)

    async def main() -> None:
        assert (await line.connect(5))[0]
        assert (await line.receive_output(5))["code"] == 4408
        await line.disconnect()
        await asyncio.sleep(1.5)
        for _ in range(2):
            later(0.7 * LEASE_S)
        assert places.take(f"room:{document.pk}:editors", "another", 1)

    asyncio.run(main())
