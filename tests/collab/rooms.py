"""People at sockets of several processes, without the sockets."""

import asyncio
import random
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from pycrdt import Doc, TransactionEvent

from collab import documents
from collab.documents import text_of
from collab.opened import OpenDocument


@dataclass
class Wire:
    """Between processes: loses some of what is told, and brings the rest in any order."""

    rooms: "list[Room]" = field(default_factory=list)
    loses: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    lost: int = 0

    def tell(self, sender: "Room", epoch: int, seq: int, data: bytes) -> None:
        for room in self.rooms:
            if room is sender:
                continue
            if self.chance.random() < self.loses:
                self.lost += 1
                continue
            delay_s = self.chance.random() * 0.05
            asyncio.get_running_loop().call_later(delay_s, room.opened.hear, epoch, seq, data)


class Room:
    """A document that one process holds open."""

    def __init__(self, document_id: int, wire: Wire, materialise: Callable | None = None) -> None:
        self.wire = wire
        self.people: list[Person] = []
        self.was_saved: list[set[Hashable]] = []
        self.lateness: list[float] = []
        self.ended = 0
        self.opened = OpenDocument(document_id, self, materialise)
        wire.rooms.append(self)

    def show(self, update: bytes, but: Hashable | None) -> None:
        for person in self.people:
            if person is not but:
                person.receive(update)

    def tell(self, epoch: int, seq: int, data: bytes) -> None:
        self.wire.tell(self, epoch, seq, data)

    def saved(self, origins: set[Hashable]) -> None:
        self.was_saved.append(origins)

    def late(self, waited_s: float) -> None:
        self.lateness.append(waited_s)

    def begun_anew(self) -> None:
        self.ended += 1


class Person:
    """A client of Yjs: a document of its own, in step with that of its room."""

    def __init__(self, room: Room, name: int) -> None:
        self.room, self.name = room, name
        self.doc: Doc = Doc()
        self.is_receiving = False
        self.doc.observe(self._changed)
        self.join(room)

    def join(self, room: Room) -> None:
        """As y-websocket does: each sends what the other lacks."""
        self.room = room
        room.people.append(self)
        self.receive(room.opened.missing(self.doc.get_state()))
        offline = self.doc.get_update(room.opened.state_vector())
        room.opened.apply(offline, author_id=self.name, origin=self)

    def leave(self) -> None:
        self.room.people.remove(self)

    def receive(self, update: bytes) -> None:
        self.is_receiving = True
        documents.apply(self.doc, update)
        self.is_receiving = False

    def _changed(self, event: TransactionEvent) -> None:
        if not self.is_receiving and self in self.room.people:
            self.room.opened.apply(event.update, author_id=self.name, origin=self)

    def write(self, words: str, at: int | None = None) -> None:
        text = text_of(self.doc)
        now = str(text)
        at = len(now) if at is None else at
        text.insert(len(now[:at].encode()), words)

    def cut(self, at: int, length: int) -> None:
        start = len(self.text[:at].encode())
        del text_of(self.doc)[start : start + length]

    def scribble(self, chance: random.Random, tag: str) -> None:
        """A word that no other edit writes, and now and then some letters taken out."""
        now = str(text_of(self.doc))
        self.write(f"[{tag}]", chance.randrange(len(now) + 1) if "[" not in now else None)
        if chance.random() < 0.3 and now:
            at = chance.randrange(len(now))
            if now[at].isalpha() and "[" not in now[at:] and now[at].isascii():
                start = len(now[:at].encode())
                del text_of(self.doc)[start : start + 1]

    @property
    def text(self) -> str:
        return str(text_of(self.doc))


async def until(is_so: Callable[[], bool], within_s: float = 20.0) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_s, "it did not come about"
        await asyncio.sleep(0.02)
    return time.monotonic() - began
