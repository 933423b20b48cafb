"""The feed as server-sent events, for programs that open no sockets."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import connections

from config.kit.live import tasks
from config.kit.live.closing import Close
from config.kit.live.limits import places
from config.kit.registry import Topic
from teams import sockets
from teams.access import Actor
from teams.tailer import Follower, tailer

HEARTBEAT_S = 15.0  # shorter than what routers in front take for silence
MOST_WAITING = 16  # frames
MOST = 5  # streams of a person at once


def room_of(by: Actor) -> str:
    return f"streams:{by.user_id}"


class Stream:
    """One answer. Its client reads as fast as it can: what waits is bounded, the journal keeps
    the rest."""

    def __init__(self, by: Actor, shown: sockets.Shown, name: str) -> None:
        self.actor, self.shown, self._name = by, shown, name
        self._room = room_of(by)  # `actor` may become another
        self._out, self._ticks = deque[str](), dict[str, str]()
        self._woken = asyncio.Event()
        self._is_open = True

    @property
    def has_credit(self) -> bool:
        return self._is_open and len(self._out) < MOST_WAITING

    def tell(self, frame: str) -> None:
        self._out.append(frame)
        self._woken.set()

    def tick(self, topic: str, state: str) -> None:
        self._ticks[topic] = state
        self._woken.set()

    async def close(self, code: Close) -> None:
        """The client comes back, and is told why it may not stay."""
        self._is_open = False
        self._woken.set()

    async def events(self, topic: Topic, id_: int, since: int | None) -> AsyncIterator[str]:
        follower = Follower(self, topic, id_, since)
        tailer().follow(follower)
        sockets.presence().add(self)
        places.keep(self._room, self._name)
        # the request's thread waits until the stream ends: not with a connection in its hand
        await sync_to_async(connections.close_all)()
        try:
            while self._is_open:
                for text in await self._next():
                    yield text
                tailer().poke()
        finally:
            tailer().leave(follower)
            sockets.presence().remove(self)
            left = tasks.in_thread(places.leave, self._room, self._name)
            tasks.soon("live places: leaves", left)

    async def _next(self) -> list[str]:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._woken.wait()
        except TimeoutError:
            return [": \n\n"]
        self._woken.clear()
        found = [text for frame in self._out for text in _as_events(frame)]
        if self._ticks:
            found.append(f"event: progress\ndata: [{','.join(self._ticks.values())}]\n\n")
        self._out.clear()
        self._ticks.clear()
        return found


def _as_events(frame: str) -> list[str]:
    told = json.loads(frame)
    if told["type"] == "events":
        return [f"id: {line['seq']}\ndata: {json.dumps(line)}\n\n" for line in told["events"]]
    if told["type"] == "snapshot":
        return [f"id: {told['seq']}\nevent: snapshot\ndata: {json.dumps(told['state'])}\n\n"]
    return [": \n\n"]
