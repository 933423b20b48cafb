"""The room manager: opens a room for the first socket, and closes it a while after the last."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from collab import roles
from collab.models import Document
from collab.news import ShareLinkRevoked
from collab.roles import Guest
from collab.room import Member, Room
from config.kit.live import hints, tasks
from config.kit.live.closing import Close
from config.kit.live.hub import Message, hub
from teams.access import Actor
from teams.tailer import Line, tailer

LINGERS_S = 10.0  # a reload finds the room open
EXPIRY_EVERY_S, CALLS_EVERY_S = 5.0, 10.0
LOOKED_AT_EVERY_S = 60.0  # the rights of guests and members
MADE = ("videos.part_made", "videos.stage_finished", "videos.script_saved")
SAID = ("collab.comment_", "collab.thread_", "collab.suggestion_")
REVOKED = ShareLinkRevoked.kind
log = logging.getLogger("showrunner.collab")


class Visitor(Protocol):
    """A socket of somebody who came by a link."""

    by: Any  # a roles.Guest

    async def close(self, code: Close) -> None: ...


class Rooms:
    """All rooms of a process."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._locks: dict[int, asyncio.Lock] = {}
        self._left: dict[int, float] = {}
        self.guests: set[Visitor] = set()
        hub().join(hints.RIGHTS, self._hint)
        tailer().watch(self._noticed)
        tasks.keep("rooms: look and expire", self._watch)
        tasks.keep("rooms: look at rights", self._look_at_rights)

    async def join(self, row: Document) -> Room:
        """Its video is loaded. Raises LookupError where the document is gone."""
        document_id = row.pk
        async with self._locks.setdefault(document_id, asyncio.Lock()):
            self._left.pop(document_id, None)
            room = self._rooms.get(document_id)
            if room is not None and room.document.epoch < row.epoch:
                await self._replace(room)
                room = None
            if room is None:
                room = Room(row)
                await room.open()
                self._rooms[document_id] = room
            return room

    async def _replace(self, room: Room) -> None:
        """The document was begun anew, which its room may not have heard yet."""
        del self._rooms[room.document_id]
        room.begun_anew()
        await room.close()

    def leave(self, room: Room, member: Member) -> None:
        room.leave(member)
        if not room.members and self._rooms.get(room.document_id) is room:
            self._left[room.document_id] = time.monotonic()

    async def _watch(self) -> None:
        expired_at = called_at = time.monotonic()
        while True:
            await asyncio.sleep(0.25)
            await self._look_at_edits()
            now = time.monotonic()
            if now - expired_at > EXPIRY_EVERY_S:
                expired_at = now
                for room in self._rooms.values():
                    room.expire()
            if now - called_at > CALLS_EVERY_S:
                called_at = now
                for room in self._rooms.values():
                    room.call_out()
            for document_id in [one for one, at in self._left.items() if now - at > LINGERS_S]:
                await self._close(document_id)

    async def _look_at_edits(self) -> None:
        for room in [one for one in self._rooms.values() if one.stirred_at]:
            try:
                await room.look()
            except Exception:
                log.exception("room %s can't tell what is made again", room.document_id)

    # --- rights

    def _hint(self, told: Message) -> None:
        if "link" in told:
            self.look_soon([one for one in self.guests if one.by.link_id == told["link"]])

    def look_soon(self, guests: Sequence[Visitor]) -> None:
        tasks.soon("rooms: look at guests", self._look_at(guests))

    async def _look_at_rights(self) -> None:
        """Links expire, and videos go out, without a word."""
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY_S)
            await self._look_at(list(self.guests))
            await self._look_at_roles()

    async def _look_at_roles(self) -> None:
        """Of all members in one go: each by itself, two thousand would be a burst of queries."""
        seated = [
            (room.video_id, member, member.by)
            for room in self._rooms.values()
            for member in room.members.values()
        ]
        asked: dict[int, list[Actor | Guest]] = {}
        for video_id, _, by in seated:
            asked.setdefault(video_id, []).append(by)
        found = await tasks.in_thread(roles.roles_in_rooms, asked)
        given = {video_id: iter(all_) for video_id, all_ in found.items()}
        for video_id, member, by in seated:
            role = next(given[video_id])
            if member.by is by:  # or it is looked at by itself
                await member.take_role(role)

    async def _look_at(self, guests: Sequence[Visitor]) -> None:
        links = {guest.by.link_id for guest in guests}
        alive = await tasks.in_thread(roles.usable_links, links) if links else {}
        for guest in guests:
            if alive.get(guest.by.link_id) != guest.by.role:
                await guest.close(Close.SIGNED_OUT)

    def _noticed(self, team_id: int, lines: Sequence[Line]) -> None:
        revoked = {line["payload"]["link_id"] for line in lines if line["kind"] == REVOKED}
        if revoked:
            self.look_soon([one for one in self.guests if one.by.link_id in revoked])
        said = {line["payload"].get("video_id") for line in lines if line["kind"].startswith(SAID)}
        made = {line["payload"].get("video_id") for line in lines if line["kind"] in MADE}
        for room in self._rooms.values():
            if room.video_id in made:
                room.look_again()
            if room.video_id in said:
                room.tell_guests_of_talk()

    async def _close(self, document_id: int) -> None:
        async with self._locks[document_id]:
            if document_id not in self._left:
                return  # somebody came back
            room = self._rooms[document_id]
            del self._rooms[document_id], self._left[document_id]
            try:
                await room.close()
            except Exception:  # what was not acknowledged its writer still has
                log.exception("room %s was closed without its last words", document_id)


_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, Rooms] = WeakKeyDictionary()


def rooms() -> Rooms:
    """Those of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _rooms:
        _rooms[loop] = Rooms()
    return _rooms[loop]
