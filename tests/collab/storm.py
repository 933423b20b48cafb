"""Many who write in one room while everything under it dies: `python -m tests.collab.storm`.

Two servers on a Postgres and a Redis of their own. Clients with Yjs documents write at random,
lose their connections without a close frame, and go on writing meanwhile. Redis is killed and comes
back empty, one server is killed, Postgres restarts. Afterwards all must read the same, every word
that was written once, and so must somebody who comes when all servers have started anew. Prints
what it found as JSON.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from pycrdt import Doc, TransactionEvent
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from collab import documents, frames
from collab.frames import CONTROL, NOTHING, PART, Frame, Kind, Reader, write
from tests import stack as stacks
from tests.collab.replies import reply

WORD = re.compile(r"\[\d+\.\d+\]")
CALMS_WITHIN_S = 90.0
ACK_EVERY = 8
# Shares of the time: what happens then.
FATES = ((0.2, "redis dies"), (0.35, "redis is back"), (0.45, "a server dies"))
FATES += ((0.55, "the server is back"), (0.7, "postgres restarts"))


class Writer:
    """A client that comes back whenever it is thrown out, and writes all the while."""

    def __init__(self, number: int, places: Sequence[str], cookie: str, seed: int) -> None:
        self.number, self.places, self.cookie = number, places, cookie
        self.chance = random.Random(seed * 1000 + number)  # noqa: S311
        self.doc: Doc[Any] = Doc()
        self.body = documents.text_of(self.doc)
        self.words: list[str] = []
        self.line: ClientConnection | None = None
        self.epoch: int | None = None
        self.is_synced = self._has_answered = self._applies = False
        self.sent = self.stored = self.read = self.aborts = self.joins = 0
        self._pieces = b""
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._watch = self.doc.observe(self._changed)

    @property
    def text(self) -> str:
        return str(self.body)

    @property
    def is_calm(self) -> bool:
        return self.is_synced and self.stored >= self.sent and self._out.empty()

    async def live(self) -> None:
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                await self._visit(self.chance.choice(self.places))
            self.is_synced = self._has_answered = False
            await asyncio.sleep(0.1 + self.chance.random() * 0.5)

    async def _visit(self, place: str) -> None:
        headers = {"Cookie": self.cookie}
        origin: Any = "http://" + place.partition("//")[2].partition("/")[0]
        options: dict[str, Any] = {"compression": None, "proxy": None, "open_timeout": 10}
        options |= {"subprotocols": ["sr.v1"], "origin": origin, "close_timeout": 1}
        async with connect(place, additional_headers=headers, **options) as line:
            self.line, self._out = line, asyncio.Queue()
            self.sent = self.stored = self.read = 0
            sending = asyncio.create_task(self._send(line))
            try:
                async for data in line:
                    self._hear(bytes(data))  # type: ignore[arg-type]
            finally:
                self.line = None
                sending.cancel()

    async def _send(self, line: ClientConnection) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            while True:
                await line.send(await self._out.get())

    def _hear(self, data: bytes) -> None:
        self.read += 1
        if data[0] == PART:
            self._pieces += data[2:]
            data, self._pieces = (self._pieces, b"") if data[1] else (b"", self._pieces)
        if data:
            self._take(data)
        if self.read % ACK_EVERY == 0:
            self._out.put_nowait(reply(type="ack", n=self.read))

    def _take(self, data: bytes) -> None:
        if data[0] == CONTROL:
            self._told(json.loads(Reader(data[1:]).rest()))
            return
        frame = frames.read(data, may_write=True)
        if frame.kind == Kind.STEP1:
            lacks = self.doc.get_update(frame.payload)
            self._has_answered = True  # what is written from now on is in no answer
            self._ask()
            if lacks != NOTHING:
                self._content(Kind.STEP2, lacks)
        elif frame.kind in (Kind.STEP2, Kind.UPDATE):
            self._applies = True
            self.doc.apply_update(frame.payload)
            self._applies = False
            self.is_synced = self.is_synced or frame.kind == Kind.STEP2

    def _told(self, told: dict[str, Any]) -> None:
        if told["type"] == "joined":
            self.joins += 1
            self.epoch = self.epoch or told["epoch"]
            self._out.put_nowait(reply(type="enter", epoch=self.epoch))
        elif told["type"] == "saved":
            self.stored = told["frames"]
        elif told["type"] == "behind":
            self._ask()

    def _ask(self) -> None:
        self._out.put_nowait(write(Frame(Kind.STEP1, self.doc.get_state())))

    def _changed(self, event: TransactionEvent) -> None:
        if not self._applies and self._has_answered:
            self._content(Kind.UPDATE, event.update)

    def _content(self, kind: Kind, update: bytes) -> None:
        self._out.put_nowait(write(Frame(kind, update)))
        self.sent += 1

    def scribble(self) -> None:
        """A word that nobody else writes, behind any other; now and then a letter is taken out."""
        text = self.text
        if not text:
            return  # it has not seen the script yet
        word = f"[{self.number}.{len(self.words)}]"
        ends = [found.end() for found in WORD.finditer(text)] or [len(text)]
        place = self.chance.choice(ends)
        self.body.insert(len(text[:place].encode()), f"{word}kelp")
        self.words.append(word)
        if self.chance.random() < 0.3:
            places = [found.end() for found in re.finditer(r"\](?=k)", self.text)]
            start = len(self.text[: self.chance.choice(places)].encode())
            del self.body[start : start + 1]

    def abort(self) -> None:
        """As a network that is gone: no close frame."""
        if self.line is not None:
            self.aborts += 1
            self.line.transport.abort()


class Storm:
    def __init__(self, stack: stacks.Stack, servers: Sequence[Any], seed: int) -> None:
        self.stack, self.servers = stack, servers
        self.chance = random.Random(seed)  # noqa: S311

    async def rage(self, writers: Sequence[Writer], seconds: float, rate: float) -> float:
        """Answers how many seconds after the last edit all read the same."""
        began, fates = time.monotonic(), list(FATES)
        happening: list[asyncio.Task[None]] = []
        while (share := (time.monotonic() - began) / seconds) < 1:
            if fates and share >= fates[0][0]:
                happening.append(asyncio.create_task(self._befall(fates.pop(0)[1])))
            for writer in writers:
                if self.chance.random() < rate * 0.1:
                    writer.scribble()
                if self.chance.random() < 0.02:
                    writer.abort()
            await asyncio.sleep(0.1)
        ended = time.monotonic()
        await asyncio.gather(*happening)
        await calm(writers)
        return time.monotonic() - ended

    async def _befall(self, fate: str) -> None:
        sys.stderr.write(f"{fate}\n")
        redis, server = self.stack.redis, self.servers[1]
        does = {
            "redis dies": redis.kill,
            "redis is back": redis.start,
            "a server dies": server.kill,
            "the server is back": server.start,
            "postgres restarts": self.stack.postgres.restart,
        }
        await asyncio.to_thread(does[fate])


async def calm(writers: Sequence[Writer]) -> None:
    began = time.monotonic()
    while not (all(one.is_calm for one in writers) and len({one.text for one in writers}) == 1):
        if time.monotonic() - began > CALMS_WITHIN_S:
            break
        await asyncio.sleep(0.05)


async def _storm(stack: stacks.Stack, servers: list[Any], told: argparse.Namespace) -> dict:
    video_id, cookie = told.video_id, told.cookie
    places = [f"ws://127.0.0.1:{one.port}/ws/rooms/{video_id}/" for one in servers]
    writers = [Writer(n, places, cookie, told.seed) for n in range(told.clients)]
    living = [asyncio.create_task(one.live()) for one in writers]
    await calm(writers)
    within_s = await Storm(stack, servers, told.seed).rage(writers, told.seconds, told.rate)
    for task in living:
        task.cancel()
    await asyncio.gather(*living, return_exceptions=True)
    for server in servers:
        await asyncio.to_thread(server.kill)
    await asyncio.to_thread(servers[0].start)
    late = Writer(len(writers), places[:1], cookie, told.seed)
    visit = asyncio.create_task(late.live())
    await calm([late])
    visit.cancel()
    await asyncio.gather(visit, return_exceptions=True)
    return _found(writers, late, within_s)


def _found(writers: Sequence[Writer], late: Writer, within_s: float) -> dict[str, Any]:
    wanted = [word for one in writers for word in one.words]
    read = Counter(WORD.findall(late.text))
    return {
        "clients": len(writers),
        "edits": len(wanted),
        "aborts": sum(one.aborts for one in writers),
        "joins": sum(one.joins for one in writers),
        "converged": len({one.text for one in writers}) == 1,
        "converged_within_s": round(within_s, 1),
        "lost": sum(not read[word] for word in wanted),
        "doubled": sum(read[word] > 1 for word in wanted),
        "cold_reload_equal": late.text == writers[0].text,
    }


@contextlib.contextmanager
def _own_stack() -> Iterator[stacks.Stack]:
    """Not the one that other tests use: this one dies."""
    with tempfile.TemporaryDirectory(prefix="showrunner-storm-") as folder:
        stack = stacks.made(Path(folder))
        try:
            yield stack
        finally:
            stack.end()


def _servers(folder: Path) -> list[Any]:
    made = []
    for name in ("one", "two"):
        place = folder / name
        place.mkdir()
        made.append(import_module("tests.live.server").Server(place))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2.0, help="edits a second and client")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    with _own_stack() as stack, tempfile.TemporaryDirectory() as folder:
        os.environ.update(stack.environment(), VAR_DIR=folder, LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        (told.video_id,), told.cookie = import_module("tests.collab.seeds").scripts(1)
        servers = _servers(Path(folder))
        try:
            for server in servers:
                server.start()
            found = asyncio.run(_storm(stack, servers, told))
            found["tracebacks"] = sum(server.log().count("Traceback") for server in servers)
        finally:
            for server in servers:
                server.stop()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
