"""What every socket does: the handshake, its limits, credit for what is sent, and its end.

Credit instead of the server's own back-pressure, for daphne's `send` returns at once however slow
the client reads: each frame has a number `n`, the client acks the highest that it has seen, and
beyond MOST_UNREAD frames or bytes nothing is sent. Who gets no credit for PATIENCE_S is closed.
"""

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import DatabaseError

from config.kit import logs
from config.kit.database import is_unavailable
from config.kit.live import handshake, restarts, tasks, wire
from config.kit.live.closing import Close, Refusal
from config.kit.live.limits import RENEWED_EVERY_S, Flow, places
from config.kit.live.wire import Shared

HANDSHAKE_S = 5.0
MOST_UNREAD, MOST_UNREAD_BYTES = 64, 256 * 1024
PATIENCE_S = 30.0
LONGEST_FRAME = 64 * 1024  # of what a client says; the server refuses far larger ones unread
TICKS_A_S = 4

log = logging.getLogger("showrunner.live")
closed: Counter[str] = Counter()  # by code, of this process
open_sockets: "set[Socket]" = set()


class Socket(AsyncConsumer):
    """A subclass says who may enter, what it does with a message, and what it does at the end."""

    channel_layer_alias = "none"  # no subscription of its own: there is the hub

    async def enter(self) -> None:
        """Raises Refusal."""
        raise NotImplementedError

    async def told(self, message: Mapping[str, Any]) -> None:
        """Raises Refusal."""
        raise NotImplementedError

    def has_credit_again(self) -> None:
        """What was held back may be sent now."""

    def left(self) -> None:
        """Gives back all that `enter` and `told` have taken."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.name = uuid.uuid4().hex
        self._flow, self._out = Flow(), deque[str | bytes | Shared]()
        self._unread, self._unread_bytes, self._n = deque[tuple[int, int]](), 0, 0
        self._is_sending = self._is_open = False
        self._stalled_at: float | None = None
        self._ticks: dict[str, str] = {}
        self._ticked_at = 0.0
        self.protocol = wire.protocol_of(send)
        ids = scope.setdefault("ids", {})
        ids["socket"] = self.name
        with logs.running(logs.Unit(ids)):
            try:
                await self._serve(scope, receive, send)
            finally:
                self._ended()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Channels' own starts a task for each message, to hear a layer too: there is none."""
        self.scope, self.base_send = scope, send
        with contextlib.suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Channels' own goes through a thread for each message, to close old connections."""
        try:
            await self._act(message)
        except Refusal as refusal:
            await self.close(refusal.code)
        except DatabaseError as error:
            if not is_unavailable(error):
                raise
            log.warning("a socket is closed: the database was not there: %s", error)
            await self.close(Close.TOO_MANY)

    async def _act(self, message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.receive":
            await self._received(message)
        elif kind == "websocket.connect":
            await self._connect()
        elif kind == "websocket.disconnect":
            raise StopConsumer

    async def _connect(self) -> None:
        """Accepted first: who is refused before that is told no code."""
        wanted = handshake.PROTOCOL in self.scope.get("subprotocols", ())
        protocol = handshake.PROTOCOL if wanted else None
        await self.send({"type": "websocket.accept", "subprotocol": protocol})
        self._is_open = True
        open_sockets.add(self)
        _keep_watch()
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                await self.enter()
        except TimeoutError:
            raise Refusal(Close.TOO_SLOW) from None

    async def _received(self, message: Mapping[str, Any]) -> None:
        if not self._is_open:
            return
        text = message.get("text")
        data = text if text is not None else message.get("bytes") or b""
        await self.heard(data, in_time=self._flow.lets_through(len(data)))

    async def heard(self, data: str | bytes, *, in_time: bool) -> None:
        """A frame as it came; `in_time`: within what one socket may send. Raises Refusal."""
        if not in_time:
            raise Refusal(Close.TOO_MANY)
        told = parsed(data)
        if told.get("type") == "ack":
            self.acked(told.get("n"))
        else:
            await self.told(told)

    # --- what goes out

    @property
    def has_credit(self) -> bool:
        has_room = len(self._unread) < MOST_UNREAD and self._unread_bytes < MOST_UNREAD_BYTES
        return self._is_open and has_room

    def tell(self, frame: str) -> None:
        """`frame` is an object as JSON, and gets its number. Ask `has_credit` before."""
        self.put(f'{{"n":{self._n + 1},{frame[1:]}')

    def put(self, data: str | bytes | Shared) -> None:
        """A frame as it is; its number is one more than that of the last."""
        if not self._is_open:
            return
        self._n += 1
        self._unread.append((self._n, len(data)))
        self._unread_bytes += len(data)
        if not self.has_credit and self._stalled_at is None:
            self._stalled_at = time.monotonic()
        if self.protocol is not None and not self._out:
            wire.write(self.protocol, data)  # its `send` never waits
            return
        self._out.append(data)
        if not self._is_sending:
            self._is_sending = True
            tasks.soon("live socket: sends", self._drain())

    def tick(self, topic: str, state: str) -> None:
        """Of what changes all the time only the latest is sent, a few times a second."""
        self._ticks[topic] = state
        if len(self._ticks) == 1:
            wait_s = max(0.0, self._ticked_at + 1 / TICKS_A_S - time.monotonic())
            asyncio.get_running_loop().call_later(wait_s, self._tell_ticks)

    def _tell_ticks(self) -> None:
        if not self._ticks or not self.has_credit:
            return  # `acked` comes back to it
        self._ticked_at = time.monotonic()
        states = ",".join(self._ticks.values())
        self._ticks.clear()
        self.tell(f'{{"type":"progress","of":[{states}]}}')

    async def send(self, message: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):  # ASGI: the client has gone, which `receive` tells
            await super().send(message)

    async def _drain(self) -> None:
        try:
            while self._out and self._is_open:
                data = self._out.popleft()
                if isinstance(data, Shared):
                    data = data.data
                kind = "text" if isinstance(data, str) else "bytes"
                await self.send({"type": "websocket.send", kind: data})
        finally:
            self._is_sending = False

    def acked(self, n: Any) -> None:
        if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n <= self._n:
            raise Refusal(Close.BAD_FRAME)
        had_credit = self.has_credit
        while self._unread and self._unread[0][0] <= n:
            self._unread_bytes -= self._unread.popleft()[1]
        if self.has_credit:
            self._stalled_at = None
        if self.has_credit and not had_credit:
            self._tell_ticks()
            self.has_credit_again()

    def is_too_slow(self) -> bool:
        at = self._stalled_at
        return at is not None and time.monotonic() - at > PATIENCE_S

    # --- the end

    async def close(self, code: Close) -> None:
        if self._is_open:
            self._is_open = False
            closed[str(int(code))] += 1
            open_sockets.discard(self)
            await self.send({"type": "websocket.close", "code": int(code)})

    def _ended(self) -> None:
        self._is_open = False
        open_sockets.discard(self)
        self._out.clear()
        self._ticks.clear()
        self.left()


class Nowhere(Socket):
    """Where there is no such socket."""

    async def enter(self) -> None:
        raise Refusal(Close.NOT_FOUND)


def parsed(text: str | bytes) -> dict[str, Any]:
    """Raises Refusal where it is no JSON object of a decent size."""
    if isinstance(text, bytes) or len(text) > LONGEST_FRAME:
        raise Refusal(Close.BAD_FRAME)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(Close.BAD_FRAME) from None
    if not isinstance(found, dict):
        raise Refusal(Close.BAD_FRAME)
    return found


_watching: "set[asyncio.AbstractEventLoop]" = set()


def _keep_watch() -> None:
    loop = asyncio.get_running_loop()
    if loop not in _watching:
        _watching.add(loop)
        tasks.keep("live sockets: watch", _watch)
        tasks.keep("live places: renew", _renew)
        restarts.close_before(_protocols)


def _protocols() -> list[Any]:
    return [one.protocol for one in open_sockets if one.protocol is not None]


async def _watch() -> None:
    while True:
        await asyncio.sleep(1)
        for socket in [one for one in open_sockets if one.is_too_slow()]:
            log.info("a socket reads nothing for %d s and is closed", PATIENCE_S)
            await socket.close(Close.TOO_SLOW)


async def _renew() -> None:
    while True:
        await asyncio.sleep(RENEWED_EVERY_S)
        await tasks.in_thread(places.renew)
