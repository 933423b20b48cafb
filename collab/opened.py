"""A document as one process holds it open: in memory, in step with its rows and with the others.

    opened = OpenDocument(document_id, hears)
    await opened.open()
    opened.apply(update, author_id=7, origin=socket)  # of a client: others see it at once
    await opened.close()

1. What a client sends is applied and shown to the other sockets of this process at once, and waits
   as pending. Every FLUSH_S the pending updates are merged and become one row.
2. The row is told to the other processes. Who hears row n + 1 behind row n is up to date; any other
   number means that something was lost, and the rows are asked. So they are every 3 s anyway:
   telling only makes it sooner.
3. Yjs takes updates in any order and any number of times; so what is heard is applied at once, and
   `seq` only says up to which row nothing is missing.

All of it runs in one event loop, where the Doc stays; threads see bytes.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from django.db import DatabaseError, InterfaceError
from pycrdt import Doc, TransactionEvent, get_update, merge_updates

from collab import documents, store, updates
from collab.polling import poller
from collab.store import LARGEST, LARGEST_UPDATE, OtherEpoch, TooLarge
from config.kit.live.tasks import in_thread
from videos.contracts import SceneText

log = logging.getLogger("showrunner.collab")
FLUSH_S = 0.05
MATERIALISE_S, MATERIALISE_AT_LATEST_S = 1.0, 5.0
RETRY_S, LATE_S = 0.5, 5.0
_WEIGHED_EVERY = 64_000  # bytes of updates between two looks at the size of the document


class Hears(Protocol):
    """Who is told what happens to an open document; every call is short and raises nothing."""

    def show(self, update: bytes, but: Hashable | None) -> None:
        """To all sockets of this process, except the one that it comes from."""

    def tell(self, epoch: int, seq: int, data: bytes) -> None:
        """To the other processes."""

    def saved(self, origins: set[Hashable]) -> None:
        """All that these have sent is stored."""

    def late(self, waited_s: float) -> None:
        """What people wrote has not been stored for so long; 0: it is now."""

    def begun_anew(self) -> None:
        """The document has another epoch: sockets have to join again."""


Materialise = Callable[[int], object]


@dataclass
class _Pending:
    updates: list[bytes] = field(default_factory=list)
    authors: set[int | None] = field(default_factory=set)
    origins: set[Hashable] = field(default_factory=set)
    since: float = 0.0

    def merged(self) -> bytes:
        return merge_updates(*self.updates) if len(self.updates) > 1 else self.updates[0]

    @property
    def author_id(self) -> int | None:
        return next(iter(self.authors)) if len(self.authors) == 1 else None


class OpenDocument:
    """`materialise(document_id)` brings the script to what was written, in a thread."""

    def __init__(
        self, document_id: int, hears: Hears, materialise: Materialise | None = None
    ) -> None:
        self.document_id, self._hears, self._materialise = document_id, hears, materialise
        self.epoch = self.seq = 0
        self.doc: Doc[Any] = Doc()
        self._pending, self._storing = _Pending(), _Pending()
        self._from: tuple[bytes, Hashable | None] = (b"", None)
        self._news = False
        self._is_behind = self._is_late = False
        self._weight = self._unweighed = 0
        self._hidden = 0  # bytes that wait for earlier ones, which a document is not weighed with
        self._unmaterialised: tuple[float, float] | None = None  # (first, last) stored row
        self._stirred, self._all_stored = asyncio.Event(), asyncio.Event()
        self._written = asyncio.Event()  # a row that is not materialised yet
        self._all_stored.set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_closed = False

    async def open(self) -> None:
        """Raises LookupError where there is no document."""
        loaded = await in_thread(store.load, self.document_id)
        self.epoch, self.seq = loaded.epoch, loaded.seq
        self.doc = documents.loaded(*loaded.updates)
        self.doc.observe(self._changed)
        self._weigh()
        self._supervise("keeper", self._keep)
        poller().add(self)
        if self._materialise is not None:
            self._supervise("materialiser", self._keep_materialised)

    async def close(self) -> None:
        """Stores what is pending, then ends. Raises DatabaseError where it can't be stored."""
        self._is_closed = True
        poller().remove(self)
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._pending.updates:
            await self._flush()
        if self._unmaterialised and self._materialise is not None:
            await in_thread(self._materialise, self.document_id)

    # --- what comes in

    def apply(self, update: bytes, *, author_id: int | None, origin: Hashable) -> None:
        """Of a client that may write. Raises documents.BadUpdate, TooLarge."""
        if len(update) > LARGEST_UPDATE or (
            self._is_too_large() and not documents.only_deletes(update)
        ):
            raise TooLarge("This script is too large: take something out of it.")
        updates.check(update)
        before = self.doc.get_state()
        if not self._take(update, origin):
            if not _has_content(update, before):
                return
            self._hidden += len(update)
        pending = self._pending
        pending.since = pending.since or time.monotonic()
        pending.updates.append(update)
        pending.authors.add(author_id)
        pending.origins.add(origin)
        self._all_stored.clear()
        self._stirred.set()

    def hear(self, epoch: int, seq: int, data: bytes) -> None:
        """A row that another process has written."""
        if not self.epoch:  # it is being read, perhaps from before this row
            self.look()
            return
        if self._is_closed or epoch < self.epoch or self._is_other(epoch) or seq <= self.seq:
            return
        self._take(data, None)
        if seq == self.seq + 1:
            self.seq = seq
        else:
            self._is_behind = True
            self._stirred.set()

    def look(self) -> None:
        """There is a row that nobody has shown us."""
        self._is_behind = True
        self._stirred.set()

    def scenes(self) -> list[SceneText]:
        return documents.scenes_of(self.doc)

    def missing(self, state_vector: bytes) -> bytes:
        """What who has this state lacks. Raises documents.BadUpdate."""
        try:
            return self.doc.get_update(state_vector)
        except ValueError as error:
            raise documents.BadUpdate(str(error)) from None

    def state_vector(self) -> bytes:
        return self.doc.get_state()

    def has_stored(self, origin: Hashable) -> bool:
        """All that this socket has sent."""
        return origin not in self._pending.origins | self._storing.origins

    @property
    def is_saved(self) -> bool:
        return not (self._pending.updates or self._storing.updates)

    async def stored(self) -> None:
        """Waits until all that was applied is in rows: before the video is made of it."""
        await self._all_stored.wait()

    def _take(self, update: bytes, origin: Hashable | None) -> bool:
        """Applies an update and shows what became visible. False: nothing did."""
        self._from, self._news = (update, origin), False
        documents.apply(self.doc, update)
        self._unweighed += len(update)
        if self._unweighed > _WEIGHED_EVERY:
            self._weigh()
        return self._news

    def _changed(self, event: TransactionEvent) -> None:
        """Shows what was integrated: an update that waited for this one goes out with it, and then
        whoever sent this one needs it too."""
        self._news = True
        update, origin = self._from
        self._hears.show(event.update, origin if event.update == update else None)

    def _is_too_large(self) -> bool:
        if self._weight + self._unweighed + self._hidden > LARGEST:
            self._weigh()
        return self._weight + self._hidden > LARGEST

    def _weigh(self) -> None:
        self._weight, self._unweighed = len(self.doc.get_update()), 0

    def _is_other(self, epoch: int) -> bool:
        if epoch != self.epoch and not self._is_closed:
            self._is_closed = True
            self._pending = self._storing = _Pending()
            self._all_stored.set()
            self._hears.begun_anew()
        return epoch != self.epoch

    # --- what goes out

    async def _keep(self) -> None:
        """Stores what is pending and catches up, one after the other."""
        while not self._is_closed:
            await self._stirred.wait()
            self._stirred.clear()
            await asyncio.sleep(FLUSH_S)
            try:
                if self._pending.updates:
                    await self._flush()
                if self._is_behind:
                    await self._catch_up()
            except (DatabaseError, InterfaceError) as error:
                log.warning("document %s: the database: %s", self.document_id, error)
                self.note_lateness()
                self._stirred.set()
                await asyncio.sleep(RETRY_S)

    async def _flush(self) -> None:
        """One row of all that is pending. After a failure it is pending again: a row that was
        written although its answer was lost is written twice, which changes nothing."""
        self._storing, self._pending = self._pending, _Pending()
        pending, data = self._storing, self._storing.merged()
        write = partial(store.append, epoch=self.epoch)
        try:
            seq = await in_thread(write, self.document_id, data, pending.author_id)
        except (OtherEpoch, LookupError):
            self._is_other((await self._head())[0])
            return
        except BaseException:
            self._put_back()
            raise
        self._storing = _Pending()
        if seq == self.seq + 1:
            self.seq = seq
        else:
            self._is_behind = True
        self._hears.tell(self.epoch, seq, data)
        self._stored(pending)
        if seq % store.FOLD_EVERY == 0:
            await in_thread(store.fold, self.document_id)

    def _put_back(self) -> None:
        older, newer = self._storing, self._pending
        self._storing = _Pending()
        self._pending = _Pending(
            [*older.updates, *newer.updates],
            older.authors | newer.authors,
            older.origins | newer.origins,
            older.since,
        )

    async def _head(self) -> tuple[int, int]:
        """Epoch and last row; (0, 0): the document is gone, with its video."""
        try:
            return await in_thread(store.head, self.document_id)
        except LookupError:
            return (0, 0)

    def _stored(self, pending: _Pending) -> None:
        now = time.monotonic()
        first = self._unmaterialised[0] if self._unmaterialised else now
        self._unmaterialised = (first, now)
        self._written.set()
        if self.is_saved:
            self._all_stored.set()
        self._hears.saved(pending.origins - self._pending.origins)
        if self._is_late:
            self._is_late = False
            self._hears.late(0.0)

    def note_lateness(self) -> None:
        since = self._storing.since or self._pending.since
        waited_s = time.monotonic() - since if since else 0.0
        if waited_s < LATE_S:
            return
        if not self._is_late:
            log.error("document %s: unsaved for %.1f s", self.document_id, waited_s)
        self._is_late = True
        self._hears.late(waited_s)

    async def _catch_up(self) -> None:
        since = self.seq  # before the question: `hear` may move it while we wait for the answer
        self._is_behind = False
        found = await in_thread(store.since, self.document_id, since)
        if self._is_other(found.epoch):
            return
        for data in found.updates:
            self._take(data, None)
        self.seq = max(self.seq, found.seq)

    def saw(self, head: tuple[int, int] | None) -> None:
        """Epoch and last row, as they are stored now; None: the document is gone."""
        epoch, seq = head or (0, 0)
        if not self._is_closed and not self._is_other(epoch) and seq > self.seq:
            self._is_behind = True
            self._stirred.set()
        self.note_lateness()

    async def _keep_materialised(self) -> None:
        """Once nobody has written for a second, and at least every five while they do."""
        while not self._is_closed and self._materialise is not None:
            await self._written.wait()
            await asyncio.sleep(MATERIALISE_S / 4)
            if self._unmaterialised is None:
                self._written.clear()
                continue
            first, last = self._unmaterialised
            now = time.monotonic()
            if now - last < MATERIALISE_S and now - first < MATERIALISE_AT_LATEST_S:
                continue
            self._unmaterialised = None
            try:
                await in_thread(self._materialise, self.document_id)
            except (DatabaseError, InterfaceError) as error:
                log.warning("document %s is not materialised: %s", self.document_id, error)
                self._unmaterialised = self._unmaterialised or (now, now)

    # --- the tasks

    def _supervise(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A task that dies is heard of and begun again: a document must not fall silent."""
        task = asyncio.create_task(work(), name=f"document {self.document_id} {name}")
        self._tasks[name] = task

        def ended(task: asyncio.Task[None]) -> None:
            error = None if task.cancelled() else task.exception()
            if error is None or self._is_closed:
                return
            log.error("document %s: its %s died", self.document_id, name, exc_info=error)
            loop = asyncio.get_running_loop()
            loop.call_later(RETRY_S, self._begin_again, name, work)

        task.add_done_callback(ended)

    def _begin_again(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if not self._is_closed:
            self._supervise(name, work)
            self._stirred.set()


def _has_content(update: bytes, state: bytes) -> bool:
    """Whether an update of which nothing became visible waits for another one. A reconnecting
    client sends what we have with all deletions it knows of: that is no news and no row."""
    return not documents.only_deletes(get_update(update, state))
