"""A person's bell at their sockets: how much is unread, told when it changes.

The journal is the team's and a notification one person's own, so none is told of there. A hint
names whose bell may have changed; the next look asks for the counts of all of those in one query,
however many sockets they sit at. A hint may be lost, and a worker can give none where there is no
Redis: so every few seconds a look asks for all bells that are followed here.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from weakref import WeakKeyDictionary

from django.conf import settings

from config.kit.live import tasks
from config.kit.live.hub import Message, hub
from teams import notices
from teams.notices import Bell, Owner
from teams.tailer import Reader

TOPIC = "bell"
SCOPE = "notifications:read"
PAUSE_S = 0.25  # between two looks: what one verb changes comes in several hints
ALL_EVERY_S, ALL_EVERY_ALONE_S = 5.0, 1.0  # with and without Redis


class Bells:
    def __init__(self) -> None:
        self._readers: dict[Owner, dict[Reader, Bell | None]] = {}  # with what each was told
        self._doubted: set[Owner] = set()
        self._rung = asyncio.Event()
        hub().join(notices.RUNG, self._hint)
        tasks.keep("live bells", self._run)

    def follow(self, reader: Reader) -> None:
        """Tells the reader how it stands, then each change, until `leave`."""
        owner = _owner_of(reader)
        self._readers.setdefault(owner, {})[reader] = None
        self._doubt([owner])

    def leave(self, reader: Reader) -> None:
        owner = _owner_of(reader)
        mine = self._readers.get(owner, {})
        mine.pop(reader, None)
        if not mine:
            self._readers.pop(owner, None)

    def _hint(self, told: Message) -> None:
        self._doubt((user_id, told["team"]) for user_id in told["users"])

    def _doubt(self, owners: Iterable[Owner]) -> None:
        self._doubted |= self._readers.keys() & set(owners)
        if self._doubted:
            self._rung.set()

    async def _run(self) -> None:
        every_s = ALL_EVERY_S if settings.REDIS_URL else ALL_EVERY_ALONE_S
        all_at = 0.0
        while True:
            self._rung.clear()
            asked, self._doubted = self._doubted, set()
            if time.monotonic() - all_at >= every_s:
                all_at, asked = time.monotonic(), set(self._readers)
            if asked:
                self._tell(asked, await tasks.in_thread(notices.bells, asked))
            await asyncio.sleep(PAUSE_S)
            wait_s = all_at + every_s - time.monotonic() if self._readers else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._rung.wait()
            except TimeoutError:
                continue

    def _tell(self, asked: Iterable[Owner], found: Mapping[Owner, Bell]) -> None:
        for owner in asked:
            now = found.get(owner, notices.SILENT)
            state = json.dumps({"topic": TOPIC, "id": owner[1], **asdict(now)})
            readers = self._readers.get(owner, {})
            for reader in [one for one, told in readers.items() if told != now]:
                readers[reader] = now
                reader.tick(TOPIC, state)


def _owner_of(reader: Reader) -> Owner:
    return (reader.actor.user_id or 0, reader.actor.team_id)


_bells: WeakKeyDictionary[asyncio.AbstractEventLoop, Bells] = WeakKeyDictionary()


def bells() -> Bells:
    """Those of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _bells:
        _bells[loop] = Bells()
    return _bells[loop]
