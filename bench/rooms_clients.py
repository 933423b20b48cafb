"""Sockets in rooms, for bench.rooms: one process of them, told by a JSON line what to do.

They speak just enough: they enter, ask for the document, acknowledge, and read moves of cursors as
bytes. In each room one socket moves at the given rate; all the others count what comes and how
late, by the time that the move carries.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from collab.frames import CONTROL, Frame, Kind, Reader, State, awareness, read, write
from tests.collab.replies import reply

ACK_EVERY, OPENING = 16, 40
MARK = b'"at":'


@dataclass
class Told:
    joined: int = 0
    sent: int = 0
    came: int = 0
    closed: int = 0
    doubled: int = 0
    late_ms: list[float] = field(default_factory=list)


class Client:
    def __init__(self, room: int, place: int, speaks: bool, told: Told) -> None:
        self.room, self.place, self.speaks, self.told = room, place, speaks, told
        self.line: ClientConnection | None = None
        self.is_in = asyncio.Event()
        self.frames = self.clock = self.seen = 0
        self.id = 1 + room * 1000 + place

    async def run(self, url: str, cookie: str) -> None:
        options: dict[str, Any] = {"compression": None, "ping_interval": None, "proxy": None}
        options["additional_headers"] = {"Cookie": cookie} if cookie else {}
        options["origin"] = url.replace("ws://", "http://").rpartition("/ws/")[0]
        if self.speaks:
            options["subprotocols"] = ["sr.v1"]
        async with connect(f"{url}{self.room}/", open_timeout=60, **options) as self.line:
            try:
                async for data in self.line:
                    await self.take(bytes(data))  # type: ignore[arg-type]
            except ConnectionClosed:
                pass
            self.told.closed += 1

    async def take(self, data: bytes) -> None:
        self.frames += 1
        if data[0] == 1:
            self.moved(data)
        elif data[0] == CONTROL:
            await self.controlled(data)
        elif self.speaks and read(data, may_write=True).kind == Kind.STEP1:
            await self.say(write(Frame(Kind.STEP1, b"\0")))
        elif not self.is_in.is_set():
            self.enter()
        if self.speaks and self.frames % ACK_EVERY == 0:
            await self.say(reply(type="ack", n=self.frames))

    def moved(self, data: bytes) -> None:
        at = data.rfind(MARK)
        if at < 0 or not self.place:  # the comparison's servers answer the mover, too
            return
        words = data[at + len(MARK) :].partition(b"}")[0].split(b",")
        self.told.came += 1
        self.told.late_ms.append((time.monotonic() - float(words[0])) * 1000)
        clock = int(words[1].rpartition(b":")[2])
        self.told.doubled += clock <= self.seen
        self.seen = max(clock, self.seen)

    async def controlled(self, data: bytes) -> None:
        if not self.speaks:
            self.enter()
        elif json.loads(Reader(data[1:]).rest())["type"] == "joined":
            await self.say(reply(type="enter", epoch=None))

    def enter(self) -> None:
        self.told.joined += 1
        self.is_in.set()

    async def move(self) -> None:
        self.clock += 1
        state = {"cursor": {"anchor": 12, "head": 34}, "at": time.monotonic(), "n": self.clock}
        await self.say(write(awareness([State(self.id, self.clock, state)])))
        self.told.sent += 1

    async def say(self, data: bytes) -> None:
        line: Any = self.line
        await line.send(data)


async def main(asked: dict[str, Any]) -> None:
    told = Told()
    speaks = bool(asked["speaks"])
    clients = [
        Client(room, place, speaks, told)
        for room in asked["rooms"]
        for place in range(asked["each"])
    ]
    opening = asyncio.Semaphore(OPENING)
    running = []

    async def begin(client: Client) -> None:
        async with opening:
            running.append(asyncio.create_task(client.run(asked["url"], asked["cookie"])))
            await asyncio.wait_for(client.is_in.wait(), 120)

    await asyncio.gather(*(begin(client) for client in clients))
    answer(joined=told.joined)
    movers = [client for client in clients if client.place == 0]
    while line := await asyncio.to_thread(sys.stdin.readline):
        wanted = json.loads(line)
        told.sent = told.came = told.doubled = 0
        told.late_ms.clear()
        await asyncio.gather(*(hurry(one, wanted["rate"], wanted["seconds"]) for one in movers))
        await settled(told, len(clients) // len(movers) - 1)
        late = sorted(told.late_ms) or [0.0]
        answer(
            sent=told.sent,
            due=told.sent * (asked["each"] - 1),
            came=told.came,
            doubled=told.doubled,
            closed=told.closed,
            late_ms=late[:: max(1, len(late) // 2000)],
        )
    for task in running:
        task.cancel()


async def hurry(client: Client, rate: float, seconds: float) -> None:
    """Steady, and not all rooms at the same moment."""
    await asyncio.sleep((client.room % 50) / 50 / rate)
    began = time.monotonic()
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
        await client.move()


async def settled(told: Told, others: int) -> None:
    ends = time.monotonic() + 10
    while told.came < told.sent * others and time.monotonic() < ends:  # noqa: ASYNC110 - counts
        await asyncio.sleep(0.05)


def answer(**told: Any) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.readline())))
