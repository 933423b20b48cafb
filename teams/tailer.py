"""Hands the journal of teams to those who follow it: one for all of a web process.

Each follower has a place in the journal. A look compares the heads of the journals with the places
and hands out what lies between, so nobody misses or doubles anything, whatever happened since: a
place moves only with what was handed over. Who is a long way behind gets a snapshot instead.

Where there is Redis, a hint after each commit makes it look at once, and it looks every second all
the same; without, it looks four times a second. Where nobody follows anything it asks nothing.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from django.conf import settings

from config.kit import registry
from config.kit.live import tasks
from config.kit.live.hub import Message, hub
from config.kit.registry import Tick, Topic
from teams import journal
from teams.access import Actor
from teams.events import EVERYBODY, topic_of

LONGEST_REPLAY = 500  # lines
A_FRAME = 48_000  # characters; the server drops what is above its limit for frames, unsaid
PAUSE_S = 0.25  # between two looks: at most four frames a second for each topic
EVERY_S = 1.0  # hearts beat once a second, and a hint may be lost
Line = dict[str, Any]
Place = tuple[str, int]
Watcher = Callable[[int, Sequence[Line]], None]
log = logging.getLogger("showrunner.live")


class Reader(Protocol):
    """A client: a socket, or a stream of server-sent events."""

    @property
    def actor(self) -> Actor: ...
    @property
    def has_credit(self) -> bool: ...
    def tell(self, frame: str) -> None: ...
    def tick(self, topic: str, state: str) -> None: ...


@dataclass(eq=False)
class Follower:
    reader: Reader
    topic: Topic
    id: int
    seq: int | None  # the last line that was handed over; None: it begins with a snapshot
    is_new: bool = True

    @property
    def team_id(self) -> int:
        return self.reader.actor.team_id

    @property
    def place(self) -> Place:
        return (self.topic.kind, self.id)

    def about(self, line: Line) -> bool:
        name = self.topic.field
        is_mine = not name or line["payload"].get(name) == self.id
        return is_mine and journal.may_read(self.reader.actor, line["kind"])

    def hears(self, tick: Tick) -> bool:
        if self.topic.field and (tick.kind, tick.id) != self.place:
            return False
        return sees_kind(self.reader.actor, registry.topic.get(tick.kind))

    def told(self, kind: str, **more: Any) -> str:
        return json.dumps({"type": kind, "topic": self.topic.kind, "id": self.id, **more})


def sees_kind(by: Actor, topic: Topic) -> bool:
    if topic.is_of_costs and not by.can_see_costs:
        return False
    return not topic.scope or by.has_scope(topic.scope)


@dataclass
class _Seen:
    """What one look has found."""

    heads: Mapping[int, int]
    behind: dict[int, list[Follower]] = field(default_factory=dict)  # by team, for whom it was read
    lines: dict[int, list[Line]] = field(default_factory=dict)  # by team, from the earliest place
    states: dict[Follower, Mapping[str, Any]] = field(default_factory=dict)


class Tailer:
    def __init__(self) -> None:
        self._followers: dict[int, set[Follower]] = {}  # by team
        self._ticks: dict[int, dict[Place, Tick]] = {}  # by team, as they were told last
        self._ticked_at = 0.0
        self._poked = asyncio.Event()
        self._watchers: list[Watcher] = []
        hub().join(EVERYBODY, self._hint)
        tasks.keep("live tailer", self._run)

    def follow(self, follower: Follower) -> None:
        mine = self._followers.setdefault(follower.team_id, set())
        if not mine:
            hub().join(topic_of(follower.team_id), self._hint)
        mine.add(follower)
        self.poke()

    def leave(self, follower: Follower) -> None:
        mine = self._followers.get(follower.team_id, set())
        mine.discard(follower)
        if not mine and self._followers.pop(follower.team_id, None) is not None:
            hub().leave(topic_of(follower.team_id), self._hint)

    def watch(self, watcher: Watcher) -> None:
        """Is called on the loop with what any team's followers are told of."""
        self._watchers.append(watcher)

    def poke(self) -> None:
        self._poked.set()

    def _hint(self, _: Message) -> None:
        self.poke()

    async def _run(self) -> None:
        every_s = EVERY_S if settings.REDIS_URL else PAUSE_S
        while True:
            self._poked.clear()
            if self._followers:
                await self._look()
            await asyncio.sleep(PAUSE_S)
            wait_s = every_s - PAUSE_S if self._followers else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._poked.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        everybody = {team_id: list(mine) for team_id, mine in self._followers.items()}
        seen = await tasks.in_thread(_read, everybody)
        for team_id, head in seen.heads.items():
            # who could take nothing when the lines were read may be further back than they begin
            there = self._followers.get(team_id, set())
            behind = [one for one in seen.behind[team_id] if one in there]
            self._hand_out(head, behind, seen.lines.get(team_id, []), seen.states)
            for watcher in self._watchers if team_id in seen.lines else ():
                watcher(team_id, seen.lines[team_id])
        if time.monotonic() - self._ticked_at >= EVERY_S:
            self._ticked_at = time.monotonic()
            self._compare(everybody, await tasks.in_thread(_moving, list(everybody)))

    # --- news

    def _hand_out(
        self,
        head: int,
        followers: Sequence[Follower],
        lines: Sequence[Line],
        states: Mapping[Follower, Mapping[str, Any]],
    ) -> None:
        made: dict[Any, list[tuple[str, int]]] = {}
        for one in followers:
            if not one.reader.has_credit:
                continue  # its place stays: it is looked at again
            if one in states:
                one.reader.tell(one.told("snapshot", seq=head, state=states[one]))
                one.seq = head
                self._welcome(one)
            elif one.is_new:
                one.reader.tell(one.told("subscribed", seq=one.seq))
                self._welcome(one)
            if one.seq is not None and one.seq < head and lines:
                self._hand_over(one, head, lines, made)

    def _hand_over(
        self,
        one: Follower,
        head: int,
        lines: Sequence[Line],
        made: dict[Any, list[tuple[str, int]]],
    ) -> None:
        by = one.reader.actor
        alike = (one.place, one.seq, by.scopes, by.can_see_costs)
        if alike not in made:
            made[alike] = list(_frames(one, lines))
        for frame, last in made[alike]:
            if not one.reader.has_credit:
                return
            one.reader.tell(frame)
            one.seq = last
        one.seq = head

    # --- what moves without news

    def _compare(self, everybody: Mapping[int, Sequence[Follower]], now: Iterable[Tick]) -> None:
        before, self._ticks = self._ticks, {}
        for tick in now:
            place = (tick.kind, tick.id)
            self._ticks.setdefault(tick.team_id, {})[place] = tick
            if before.get(tick.team_id, {}).get(place) != tick:
                _tell_tick(tick, [one for one in everybody[tick.team_id] if not one.is_new])

    def _welcome(self, one: Follower) -> None:
        one.is_new = False
        for tick in self._ticks.get(one.team_id, {}).values():
            _tell_tick(tick, [one])


def _tell_tick(tick: Tick, followers: Iterable[Follower]) -> None:
    state = json.dumps({"topic": tick.kind, "id": tick.id, **tick.state})
    for one in followers:
        if one.hears(tick):
            one.reader.tick(f"{tick.kind}:{tick.id}", state)


def _frames(one: Follower, lines: Sequence[Line]) -> Iterable[tuple[str, int]]:
    """(frame, its last line)."""
    texts, last, size = list[str](), 0, 0
    for line in lines:
        if line["seq"] <= (one.seq or 0) or not one.about(line):
            continue
        text = json.dumps(line)
        if len(text) > A_FRAME:  # a client reads such a row itself
            text = json.dumps({**line, "payload": {}, "is_cut": True})
        if size + len(text) > A_FRAME:
            yield _framed(one, texts), last
            texts, size = [], 0
        texts.append(text)
        last, size = line["seq"], size + len(text)
    if texts:
        yield _framed(one, texts), last


def _framed(one: Follower, texts: Iterable[str]) -> str:
    return f'{one.told("events")[:-1]}, "events": [{",".join(texts)}]}}'


# --- in a thread


def _read(everybody: Mapping[int, Sequence[Follower]]) -> _Seen:
    seen = _Seen(journal.heads(everybody))
    for team_id, head in seen.heads.items():
        waiting = [one for one in everybody[team_id] if one.is_new or one.seq != head]
        behind = seen.behind[team_id] = [one for one in waiting if one.reader.has_credit]
        begins = journal.begins_at(team_id) if any(one.is_new for one in behind) else 0
        places = []
        for one in behind:
            if _is_lost(one.seq, begins, head):
                seen.states[one] = _state(one)
            else:
                places.append(one.seq or 0)
        if places and min(places) < head:
            seen.lines[team_id] = journal.lines(team_id, min(places), head)
    return seen


def _is_lost(seq: int | None, begins: int, head: int) -> bool:
    """Whether a replay from there would miss lines, be too long, or the place was never reached:
    the database was restored to a time before."""
    return seq is None or seq > head or seq + 1 < begins or head - seq > LONGEST_REPLAY


def _state(one: Follower) -> Mapping[str, Any]:
    try:
        return one.topic.snapshot(one.reader.actor, one.id)
    except Exception:  # one that fails must not keep the news from all others
        log.exception("no snapshot of %s %s", *one.place)
        return {}


def _moving(team_ids: Sequence[int]) -> list[Tick]:
    return [tick for ask in registry.moving for tick in ask(team_ids)]


_tailers: WeakKeyDictionary[asyncio.AbstractEventLoop, Tailer] = WeakKeyDictionary()


def tailer() -> Tailer:
    """That of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _tailers:
        _tailers[loop] = Tailer()
    return _tailers[loop]
