"""On which day each waiting upload goes out: never past a limit, fair between channels. Pure.

A day of California is filled one upload after the other, until nothing fits any more:
1. Channels below the least that is reserved for them a day go first, then what is to be public on
   that day or the next, the earliest first; else the channels go in turn.
2. In turn goes the channel that had the fewest today by its weight, then in the last seven days,
   then the one that waits longest. A new channel comes first in its round, and has no round more.
3. Every fourth is in turn whatever is urgent. The count begins anew each day, one further than the
   day before, so that a day of one upload gets there as well: nobody waits for ever.

Within a channel scheduled ones go by their time and the others as they came; a scheduled one passes
the others when it becomes urgent. What does not fit goes on another day.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from channels_app.pacific import pacific_day, starts_at

IN_TURN = 4  # of so many one goes in turn
DAYS_TRIED = 2  # on which something smaller would have gone
URGENT_DAYS = 1  # before the day of the date
Units = Mapping[str, int]  # by bucket
Key = tuple[float, ...]


class Why(StrEnum):
    """What keeps an upload from going a day earlier."""

    NOTHING = "nothing"  # it goes today
    QUOTA = "quota"
    CAP = "cap"  # its channel has as many as it may that day
    REST = "rest"  # YouTube lets its channel rest
    NEVER = "never"  # it needs more than a whole day gives


@dataclass(frozen=True)
class Supply:
    """Units of a bucket for publications: of a whole day, and what is left of today's."""

    a_day: int
    today: int


@dataclass(frozen=True)
class Lane:
    """A channel, with what it has sent. All that sent today belong into a plan."""

    channel: int
    last_at: datetime  # when the last one went out; since when it exists, if none has
    cap: int  # uploads a day at most
    least: int = 0  # uploads a day that are reserved for it
    weight: int = 1
    sent_today: int = 0
    sent_lately: int = 0  # in the last seven days, today's among them
    rests_until: datetime | None = None


@dataclass(frozen=True)
class Waiting:
    upload: int
    channel: int
    place: int  # among those of its channel
    need: Units  # for all of its dress
    parts: Mapping[str, Units] = field(default_factory=dict)  # of it, what may be left out
    public_at: datetime | None = None


@dataclass(frozen=True)
class Sooner:
    """`without` a part, or with a higher `cap` of the channel, this one would go at `at`."""

    without: str
    at: datetime


CAP = "cap"


@dataclass(frozen=True)
class Turn:
    upload: int
    day: int  # from today on
    at: datetime | None  # from then on it goes; None: never as it is
    why: Why
    bucket: str = ""  # which one is too empty the day before
    sooner: Sooner | None = None
    is_late: bool = False  # it could not be public when it is to be


@dataclass(frozen=True)
class Plan:
    turns: tuple[Turn, ...]  # in the order in which they go; last those that never do
    left: Mapping[int, Units]  # by day, at its end

    def today(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.at is not None and turn.day == 0]


def plan(
    now: datetime, supplies: Mapping[str, Supply], lanes: Iterable[Lane], waiting: Iterable[Waiting]
) -> Plan:
    """Every bucket and channel that an upload names must be given. n log n in the uploads."""
    return _Filling(now, supplies, lanes).fill(waiting)


class _Line:
    """A channel while the plan is made."""

    def __init__(self, lane: Lane, rank: int, starts: int) -> None:
        self.lane, self.rank, self.starts = lane, rank, starts
        self.dated: deque[Waiting] = deque()
        self.plain: deque[Waiting] = deque()
        self.sent, self.lately = lane.sent_today, lane.sent_lately
        self.day = 0  # of `sent`
        self.free_since = starts  # the day on which the one before left
        self.why, self.short, self.why_day = Why.NOTHING, "", 0
        self.version = 0
        self.urgent_from: dict[int, int] = {}  # a dated upload -> the day

    def has_any(self) -> bool:
        return bool(self.dated or self.plain)

    def queue(self, day: int) -> deque[Waiting]:
        """Out of which the next one comes that day."""
        if self.dated and (not self.plain or self.is_urgent(self.dated[0], day)):
            return self.dated
        return self.plain

    def is_urgent(self, one: Waiting, day: int) -> bool:
        return one.public_at is not None and self.urgent_from[one.upload] <= day

    def sent_on(self, day: int) -> int:
        return self.sent if self.day == day else 0

    def turn(self, day: int) -> Key:
        weight = self.lane.weight
        return (self.sent_on(day) / weight, self.lately / weight, self.rank)


Entry = tuple[Key, int, _Line]


class _Shape:
    """Channels whose next upload needs the same."""

    def __init__(self, need: Units) -> None:
        self.need = need
        self.in_turn: list[Entry] = []
        self.rushed: list[Entry] = []

    def fits(self, left: Units) -> bool:
        return _fits(self.need, left)

    def sweep(self, lines: int) -> None:
        """What is outdated sinks and would stay; it goes when it is most of a heap."""
        for heap in (self.in_turn, self.rushed):
            if len(heap) > 2 * lines:
                heap[:] = [entry for entry in heap if entry[1] == entry[2].version]
                heapq.heapify(heap)


def urgent_from(one: Waiting, now: datetime) -> int:
    """The day from which on it goes before others, counted from today."""
    if one.public_at is None:
        raise ValueError("Only what has a date becomes urgent.")
    days = (pacific_day(one.public_at) - pacific_day(now)).days
    return max(0, days - URGENT_DAYS)


class _Filling:
    def __init__(
        self, now: datetime, supplies: Mapping[str, Supply], lanes: Iterable[Lane]
    ) -> None:
        self.now, self.today = now, pacific_day(now)
        self.a_day = {name: one.a_day for name, one in supplies.items()}
        self.lefts: dict[int, dict[str, int]] = {}
        self.shapes: dict[frozenset[tuple[str, int]], _Shape] = {}
        self.calendar: list[tuple[int, int]] = []  # days on which a channel has to be looked at
        self.day, self.left = 0, {name: one.today for name, one in supplies.items()}
        by_wait = sorted(lanes, key=lambda lane: (lane.last_at, lane.channel))
        self.lines = {
            lane.channel: _Line(lane, rank, self._rests_to(lane))
            for rank, lane in enumerate(by_wait)
        }
        self.next_rank, self.queued = len(by_wait), 0
        self.picks = self.today.toordinal() + sum(lane.sent_today for lane in by_wait)

    def fill(self, waiting: Iterable[Waiting]) -> Plan:
        never = self._queue_up(waiting)
        placed: list[Turn] = []
        while len(placed) < self.queued:
            before = len(placed)
            placed += (self._place(line) for line in self._picked())
            self.lefts[self.day] = self.left
            was_idle = self.day > 0 and len(placed) == before  # all that wait rest
            if len(placed) < self.queued:
                self._open(self.calendar[0][0] if was_idle else self.day + 1)
        return Plan((*placed, *never), self.lefts)

    def _rests_to(self, lane: Lane) -> int:
        until = lane.rests_until
        return max(0, (pacific_day(until) - self.today).days) if until else 0

    def _queue_up(self, waiting: Iterable[Waiting]) -> list[Turn]:
        """Opens today. Answers those that never go."""
        never = []
        for one in sorted(waiting, key=lambda one: (one.public_at or self.now, one.place)):
            line = self.lines[one.channel]
            over = [name for name, units in one.need.items() if units > self.a_day[name]]
            if over or line.lane.cap <= 0:
                why = Why.NEVER if over else Why.CAP
                never.append(Turn(one.upload, -1, None, why, "".join(over[:1])))
            elif one.public_at is None:
                line.plain.append(one)
            else:
                line.dated.append(one)
                line.urgent_from[one.upload] = day = urgent_from(one, self.now)
                self.calendar.append((max(line.starts, day), one.channel))
        for channel, line in self.lines.items():
            line.plain = deque(sorted(line.plain, key=lambda one: one.place))
            self.queued += len(line.plain) + len(line.dated)
            self.calendar.append((line.starts, channel))
            if line.sent:
                self.calendar.append((max(1, line.starts), channel))
        heapq.heapify(self.calendar)
        self._enter_due()
        return never

    def _open(self, day: int) -> None:
        self.day, self.left = day, dict(self.a_day)
        self.picks = self.today.toordinal() + day
        for shape in self.shapes.values():
            shape.sweep(len(self.lines))
        self._enter_due()

    def _enter_due(self) -> None:
        due = set()
        while self.calendar and self.calendar[0][0] <= self.day:
            due.add(heapq.heappop(self.calendar)[1])
        for channel in due:
            self._enter(self.lines[channel])

    def _enter(self, line: _Line) -> None:
        """Puts a channel where its next upload belongs; nowhere when it may send no more today."""
        line.version += 1
        sent = line.sent_on(self.day)
        if not line.has_any() or sent >= line.lane.cap:
            return
        one, turn = line.queue(self.day)[0], line.turn(self.day)
        shape = self._shape(one.need)
        heapq.heappush(shape.in_turn, (turn, line.version, line))
        if sent < line.lane.least:
            heapq.heappush(shape.rushed, ((0, *turn), line.version, line))
        elif one.public_at is not None and line.is_urgent(one, self.day):
            key = (1, one.public_at.timestamp(), line.rank)
            heapq.heappush(shape.rushed, (key, line.version, line))

    def _shape(self, need: Units) -> _Shape:
        name = frozenset(need.items())
        if name not in self.shapes:
            self.shapes[name] = _Shape(need)
        return self.shapes[name]

    def _picked(self) -> Iterator[_Line]:
        """Who goes next, until nothing fits; each is placed before the next is asked for."""
        while True:
            fitting = [shape for shape in self.shapes.values() if shape.fits(self.left)]
            rushed = [] if self.picks % IN_TURN == 0 else [shape.rushed for shape in fitting]
            found = _first(rushed) or _first([shape.in_turn for shape in fitting])
            if found is None:
                return
            self.picks += 1
            yield found

    def _place(self, line: _Line) -> Turn:
        one = line.queue(self.day)[0]
        turn = self._turn(line, one)
        line.queue(self.day).popleft()
        for bucket, units in one.need.items():
            self.left[bucket] -= units
        if not line.sent_on(self.day):
            heapq.heappush(self.calendar, (self.day + 1, line.lane.channel))
        line.sent, line.day = line.sent_on(self.day) + 1, self.day
        line.lately += 1
        line.free_since = self.day
        line.rank, self.next_rank = self.next_rank, self.next_rank + 1
        self._enter(line)
        return turn

    def _turn(self, line: _Line, one: Waiting) -> Turn:
        if line.why_day < self.day:
            line.why, line.short, line.why_day = *self._why(line, one), self.day
        at = self._at(line, self.day)
        is_late = one.public_at is not None and at >= one.public_at
        sooner = self._sooner(line, one)
        return Turn(one.upload, self.day, at, line.why, line.short, sooner, is_late)

    def _at(self, line: _Line, day: int) -> datetime:
        start = starts_at(self.today + timedelta(days=day)) if day else self.now
        return max(start, line.lane.rests_until or start)

    def _why(self, line: _Line, one: Waiting) -> tuple[Why, str]:
        """Of the first of a channel on a later day; those behind it have the same reason."""
        if line.starts == self.day:
            return Why.REST, ""
        if line.sent_on(self.day - 1) >= line.lane.cap:
            return Why.CAP, ""
        had = self.lefts[self.day - 1]
        return Why.QUOTA, min(one.need, key=lambda name: had[name] / one.need[name], default="")

    def _sooner(self, line: _Line, one: Waiting) -> Sooner | None:
        """What would fit into what a day before has left, so that it is true whatever others do."""
        if line.why is Why.CAP and line.free_since < self.day:
            before = self.day - 1
            is_next = line.queue(before)[0] is one
            if is_next and _fits(one.need, self.lefts[before]):
                return Sooner(CAP, self._at(line, before))
        elif line.why is Why.QUOTA:
            first = line.free_since
            for day in range(first, min(first + DAYS_TRIED, self.day)):
                is_next = line.queue(day)[0] is one
                if is_next and line.sent_on(day) < line.lane.cap:
                    for part, units in one.parts.items():
                        if _fits(_without(one.need, units), self.lefts[day]):
                            return Sooner(part, self._at(line, day))
        return None


def _fits(need: Units, left: Units) -> bool:
    for bucket, units in need.items():  # noqa: SIM110 - all() takes twice as long, and it adds up
        if left[bucket] < units:
            return False
    return True


def _without(need: Units, part: Units) -> Units:
    return {bucket: units - part.get(bucket, 0) for bucket, units in need.items()}


def _first(heaps: Iterable[list[Entry]]) -> _Line | None:
    """Entries name the version of the line that they were made of; older ones are dropped."""
    tops = []
    for heap in heaps:
        while heap and heap[0][1] != heap[0][2].version:
            heapq.heappop(heap)
        tops += heap[:1]
    return min(tops)[2] if tops else None
