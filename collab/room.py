"""One room: who writes one script together, as one process holds it.

What its people write goes through an OpenDocument, who they are through a Presence; both are kept
in step with the rooms that other processes hold of the same document, over the hub. What the hub
loses, the rows and the next beat of each presence bring back.
"""

import contextlib
import time
import uuid
from collections.abc import Hashable, Mapping
from typing import Any, Protocol

from collab import edits, store, writing
from collab.frames import BadFrame, Frame, Kind, control, write
from collab.models import Document
from collab.opened import OpenDocument
from collab.presence import Presence
from collab.roles import Guest, RoomRole
from config.kit.live import tasks
from config.kit.live.hub import Message, hub
from config.kit.live.wire import Shared
from teams import journal
from teams.access import Actor
from teams.models import Role
from teams.tailer import Follower, tailer
from videos.following import TOPIC

OTHERS_LAST_S = 35.0  # a room of another process that is not heard of for so long is gone
LOOKS_AFTER_S, LOOKS_AT_LATEST_S = 0.6, 3.0  # at what an edit makes again


class Member(Protocol):
    """A socket in a room."""

    name: str
    by: Actor | Guest
    is_behind: bool  # was told nothing more since its client stopped reading

    @property
    def has_credit(self) -> bool: ...

    def put(self, data: bytes | Shared) -> None: ...

    def saved(self) -> None: ...

    def begun_anew(self) -> None: ...

    async def take_role(self, role: RoomRole | None) -> None: ...


class Room:
    """Of one document in one process; hears its OpenDocument."""

    def __init__(self, row: Document) -> None:
        document_id, video = row.pk, row.video
        self.document_id, self.video_id = document_id, video.pk
        self._journal = Follower(_Silent(video.team_id), TOPIC, video.pk, None)
        self.members: dict[str, Member] = {}
        self.presence = Presence()
        self.document = OpenDocument(document_id, self, writing.materialise)
        self._me, self._topic = uuid.uuid4().hex, store.topic_of(document_id)
        self._others: dict[str, float] = {}  # rooms of other processes, and until when they count
        # the last frame that told what is made again: without its price, and with it
        self._remade = (b"", b"")
        self.stirred_at: tuple[float, float] | None = None  # (first, last) change not looked at

    async def open(self) -> None:
        """Listens first, and loads then: what is written in between is heard."""
        hub().join(self._topic, self._heard)
        try:
            team_id = self._journal.team_id
            heads = await tasks.in_thread(journal.heads, [team_id])
            self._journal.seq = heads.get(team_id)
            await self.document.open()
        except BaseException:
            hub().leave(self._topic, self._heard)
            raise
        tailer().follow(self._journal)  # for those who watch it: rights, and what is made
        self._call(kind="who")
        self._stir()

    async def close(self) -> None:
        """Stores what is pending. Raises DatabaseError where it can't be stored."""
        hub().leave(self._topic, self._heard)
        tailer().leave(self._journal)
        await self.document.close()

    # --- members

    def enter(self, member: Member) -> None:
        """The joiner is told what is here, and sees everybody at once."""
        self.members[member.name] = member
        self.ask(member)
        if len(self.presence):
            member.put(write(self.presence.all()))
        self._tell_remade(member)

    def ask(self, member: Member) -> None:
        """For what its client has and we lack."""
        member.put(write(Frame(Kind.STEP1, self.document.state_vector())))

    def leave(self, member: Member) -> None:
        if self.members.pop(member.name, None) is not None:
            self._tell_presence(self.presence.leave(member.name))

    def write(self, member: Member, update: bytes, author_id: int | None) -> None:
        """Raises documents.BadUpdate, store.TooLarge."""
        self.document.apply(update, author_id=author_id, origin=member.name)
        if self.document.has_stored(member.name):
            member.saved()

    def answer(self, member: Member, state_vector: bytes) -> None:
        """Raises documents.BadUpdate."""
        member.put(write(Frame(Kind.STEP2, self.document.missing(state_vector))))

    def move(self, member: Member, payload: bytes, user: Mapping[str, Any]) -> None:
        """Raises BadFrame."""
        told = self.presence.hear(member.name, payload, user, time.monotonic())
        self._tell_presence(told, member)

    def catch_up(self, member: Member) -> None:
        """What passed by while its client did not read."""
        if self.document.has_stored(member.name):
            member.saved()
        self.tell_all_presence(member)
        self._tell_remade(member)

    def tell_all_presence(self, member: Member) -> None:
        member.put(write(self.presence.all()))

    def expire(self) -> None:
        self._show(self.presence.expire(time.monotonic()))

    # --- Hears

    def show(self, update: bytes, but: Hashable | None) -> None:
        frame = Shared(write(Frame(Kind.UPDATE, update)))
        for member in self.members.values():
            if member.name == but:
                continue
            if member.has_credit and not member.is_behind:
                member.put(frame)
            else:
                member.is_behind = True
        self._stir()

    def tell(self, epoch: int, seq: int, data: bytes) -> None:
        self._tell_others(kind="row", epoch=epoch, seq=seq, data=store.as_hint(data))

    def saved(self, origins: set[Hashable]) -> None:
        for origin in origins:
            if (member := self.members.get(str(origin))) is not None:
                member.saved()

    def late(self, waited_s: float) -> None:
        self._show_all(control("late", seconds=round(waited_s, 1)))

    def begun_anew(self) -> None:
        for member in list(self.members.values()):
            member.begun_anew()

    # --- what the edit makes again

    def _stir(self) -> None:
        now = time.monotonic()
        first = self.stirred_at[0] if self.stirred_at else now
        self.stirred_at = (first, now)

    async def look(self) -> None:
        """Tells what would be made again, once people pause."""
        if self.stirred_at is None or not self.members:
            return
        (first, last), now = self.stirred_at, time.monotonic()
        if now - last < LOOKS_AFTER_S and now - first < LOOKS_AT_LATEST_S:
            return
        self.stirred_at = None
        told = await tasks.in_thread(edits.remade, self.document_id, self.document.scenes())
        without = {name: value for name, value in told.items() if name != "price"}
        frames = (control("remade", **without), control("remade", **told))
        if frames != self._remade:
            self._remade = frames
            for member in self.members.values():
                if member.has_credit and not member.is_behind:
                    self._tell_remade(member)
                else:
                    member.is_behind = True

    def _tell_remade(self, member: Member) -> None:
        sees_costs = isinstance(member.by, Actor) and member.by.can_see_costs
        if frame := self._remade[sees_costs]:
            member.put(frame)

    def look_again(self) -> None:
        """Something of the video was made meanwhile."""
        self._stir()

    def tell_guests_of_talk(self) -> None:
        """Members hear of it by the feed, which tells guests nothing."""
        frame = control("said")
        for member in self.members.values():
            if isinstance(member.by, Guest) and member.has_credit and not member.is_behind:
                member.put(frame)

    # --- between processes

    def _heard(self, told: Message) -> None:
        source, kind = told.get("src", ""), told.get("kind")
        if source == self._me:
            return
        if source:
            self._others[source] = time.monotonic() + OTHERS_LAST_S
        if kind == "row" and told["data"]:
            self.document.hear(told["epoch"], told["seq"], told["data"])
        elif kind == "row":
            self.document.look()
        elif kind == "awareness":
            with contextlib.suppress(BadFrame):
                self._show(self.presence.hear_remote(told["payload"], time.monotonic()))
        elif kind == "who":
            self._call(kind="here")
            if (mine := self.presence.mine()) is not None:
                self._call(kind="awareness", payload=mine.payload)

    def call_out(self) -> None:
        """From time to time: one may have missed the other's coming."""
        now = time.monotonic()
        self._others = {one: until for one, until in self._others.items() if until > now}
        self._call(kind="here")

    def _tell_others(self, **told: Any) -> None:
        """Nothing goes out where no other process has the room open: who opens it asks."""
        if self._others:
            self._call(**told)

    def _call(self, **told: Any) -> None:
        tasks.soon("room: tells", _send(self._topic, {**told, "src": self._me}))

    def _tell_presence(self, frame: Frame | None, but: Member | None = None) -> None:
        if frame is not None:
            self._show(frame, but)
            self._tell_others(kind="awareness", payload=frame.payload)

    def _show(self, frame: Frame | None, but: Member | None = None) -> None:
        if frame is not None:
            self._show_all(write(frame), but)

    def _show_all(self, data: bytes, but: Member | None = None) -> None:
        """Of what passes by: who reads too slowly gets the state of then."""
        frame = Shared(data)
        for member in self.members.values():
            if member is but:
                continue
            if member.has_credit and not member.is_behind:
                member.put(frame)
            else:
                member.is_behind = True


class _Silent:
    """Who follows a team's journal for those that watch it, and is told nothing."""

    has_credit = True

    def __init__(self, team_id: int) -> None:
        self.actor = Actor(team_id, Role.VIEWER, can_comment=False)

    def tell(self, frame: str) -> None: ...

    def tick(self, topic: str, state: str) -> None: ...


async def _send(topic: str, message: Message) -> None:
    await hub().send(topic, message)
