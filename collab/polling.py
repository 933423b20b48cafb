"""Open documents look at their rows from time to time, whatever they were told."""

import asyncio
import random
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError

from collab import store
from config.kit.live.tasks import in_thread, keep

POLL_S, JITTER = 3.0, 0.3


class Polled(Protocol):
    document_id: int

    def saw(self, head: tuple[int, int] | None) -> None: ...

    def note_lateness(self) -> None: ...


class Poller:
    """Asks for the heads of all that a process has open, in one query."""

    def __init__(self) -> None:
        self._opened: set[Polled] = set()
        keep("documents: polls", self._poll)

    def add(self, opened: Polled) -> None:
        self._opened.add(opened)

    def remove(self, opened: Polled) -> None:
        self._opened.discard(opened)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
            asked = list(self._opened)
            if not asked:
                continue
            try:
                heads = await in_thread(store.heads, [one.document_id for one in asked])
            except (DatabaseError, InterfaceError):
                for one in asked:
                    one.note_lateness()
                continue
            for one in asked:
                one.saw(heads.get(one.document_id))


_pollers: WeakKeyDictionary[asyncio.AbstractEventLoop, Poller] = WeakKeyDictionary()


def poller() -> Poller:
    """That of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _pollers:
        _pollers[loop] = Poller()
    return _pollers[loop]
