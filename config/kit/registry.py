"""Where parts plug in: named registries, and the ports that low floors ask and high floors fill."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to things, filled at import time. Adding a name twice is a mistake and raises."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        if name in self._things:
            raise ValueError(f"{self.what} {name!r} is registered twice")
        self._things[name] = thing
        return thing

    def get(self, name: str) -> T:
        """Raises LookupError naming what there is."""
        try:
            return self._things[name]
        except KeyError:
            known = ", ".join(sorted(self._things)) or "none"
            raise LookupError(f"No {self.what} is called {name!r}; there is: {known}.") from None

    def names(self) -> list[str]:
        return sorted(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter([self._things[name] for name in self.names()])

    def __contains__(self, name: str) -> bool:
        return name in self._things


class Ports(Generic[T]):
    """A question that a low floor asks and any number of higher floors answer."""

    def __init__(self) -> None:
        self._answers: list[T] = []

    def fill(self, answer: T) -> T:
        if answer not in self._answers:
            self._answers.append(answer)
        return answer

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._answers))


@dataclass(frozen=True)
class LongWork:
    """A kind of work that keeps a worker for minutes, as the app that does it knows it."""

    name: str
    held: Callable[[str], int]  # how many a worker's cluster does now
    is_due: Callable[[str], bool]  # whether any waits that this cluster serves
    wake: Callable[[str], None]
    cluster: str = ""  # the only one that does it; "": any


@dataclass(frozen=True)
class Daily:
    """A task that a cluster runs once a day, at this time of UTC unless an operator moves it."""

    name: str
    task: str
    to: str
    hour: int
    minute: int


@dataclass(frozen=True)
class Topic:
    """A kind of thing that one follows live, as the app that owns it knows it."""

    kind: str
    scope: str  # that a token needs; empty: any
    field: str  # of an event's payload, which says whom it is about; empty: each of the team
    sees: Callable[[Any, int], bool]  # may this teams.access.Actor follow this one?
    snapshot: Callable[[Any, int], Mapping[str, Any]]  # how it stands, JSON-plain
    is_of_costs: bool = False  # only for those who may see costs


@dataclass(frozen=True)
class Tick:
    """How far something is that moves without news, such as a video that is being made."""

    team_id: int
    kind: str  # the topic's
    id: int
    state: Mapping[str, Any]  # JSON-plain


class Verdict(StrEnum):
    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """What `manage.py doctor` says of one thing: a sentence, with what to do where it is not OK."""

    about: str
    verdict: Verdict
    told: str


@dataclass(frozen=True)
class Label:
    """What a person calls a thing, and the page where it is seen."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Labels:
    """What things of one kind are called, as the app that owns them knows them."""

    kind: str
    of: Callable[[int, Collection[int]], Mapping[int, Label]]  # a team's; what is gone is left out
    choices: Callable[[int], Sequence[tuple[int, str]]]  # of a team, for menus: not always all


class ScriptWriter(Protocol):
    """Where people write the script of a video together: what it says is theirs to say. Both are
    called with the video's row locked, in a verb."""

    def settle(self, video: Any, *, strictly: bool) -> None:
        """Brings what was written so far into the video's rows. Strictly: raises Refused where that
        is no script; else the last good one stands."""
        ...

    def write(
        self, video: Any, was: Sequence[Any], scenes: Sequence[Any], by_id: int | None
    ) -> None:
        """Takes in what another door changes: the scenes as they were, and as they are to be."""
        ...


# May this team have n more of key? False means no; n below 0 gives back. Unfilled means allowed.
gate: Ports[Callable[[int, str, int], bool]] = Ports()
# Each qscale loop, every 30 s: reap leases, wake what is due.
sweep: Ports[Callable[[], object]] = Ports()
# (how much waits for a cluster, how old the oldest is in seconds), from our tables.
backlog: Ports[Callable[[str], tuple[int, float]]] = Ports()
# What /metrics shows: prometheus_client's metric families, read from our tables.
measures: Ports[Callable[[], Iterable[Any]]] = Ports()
# Opens a span of this name with these attributes around a piece of a worker's work.
span: Ports[Callable[[str, Mapping[str, Any]], AbstractContextManager[Any]]] = Ports()
# What `manage.py doctor` asks; a check that raises is told as a FAIL.
check: Ports[Callable[[], Iterable[Finding]]] = Ports()
# What shares the workers of a cluster; what is filled first goes first.
long_work: Ports[LongWork] = Ports()
# What `config.kit.schedules` installs.
daily: Ports[Daily] = Ports()
# May this video go out as it was handed over? Unfilled means yes.
goes_out: Ports[Callable[[int], bool]] = Ports()
# The text has one writer at a time. Unfilled: its rows are all there is.
script_writer: Ports[ScriptWriter] = Ports()
# What stands beside the player of a video (an HttpRequest, a Video), as safe HTML for who asks.
beside_player: Ports[Callable[[Any, Any], str]] = Ports()
# Can texts be set in this font family? Unfilled means yes.
has_font: Ports[Callable[[str], bool]] = Ports()
# What moves in these teams just now.
moving: Ports[Callable[[Collection[int]], Iterable[Tick]]] = Ports()
# The font families that texts can be set in.
fonts: Ports[Callable[[], list[str]]] = Ports()
# The voices that a team may use, as (full name, what it is).
voices: Ports[Callable[[int], list[tuple[str, str]]]] = Ports()
# How many videos each of these channels of a team has; those without any may be left out.
videos_of: Ports[Callable[[int, Collection[int]], Mapping[int, int]]] = Ports()
# How many videos each of these teams has; those without any may be left out.
videos_of_teams: Ports[Callable[[Collection[int]], Mapping[int, int]]] = Ports()
# Writes a harmless copy of somebody's picture, as a logo. Raises Refused with what is wrong.
clean_logo: Ports[Callable[[Path, Path], None]] = Ports()
# What things that costs are counted for are called: channels, videos, batches.
label: Registry[Labels] = Registry("label")
# Where money of a team's video counts, by the parts that the ledger knows: the part of the scene
# that one is for, and what the scene is called.
scenes: Ports[Callable[[int, int], Mapping[str, tuple[str, Label]]]] = Ports()
# How people write what the ledger has a short name for, by what it is: "stage", "provider".
written: Registry[Callable[[str], str]] = Registry("way of writing")
# What can be followed live.
topic: Registry[Topic] = Registry("topic")
