"""What stages and who makes or finds pictures and clips say to each other. Knows no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from config.kit.errors import Spend
from config.kit.money import Use
from videos.contracts import Beat, Format, Recovery, Replies, Stop

Shows = Literal["picture", "clip"]


@dataclass(frozen=True)
class Brief:
    """What a picture or clip is to show, and the page that it is for."""

    words: str  # described for who makes one, to be searched by for who finds one
    format: Format
    shows: tuple[Shows, ...]  # the first is liked best
    language: str = "en"
    turn: int = 0  # another one each time
    avoid: frozenset[str] = frozenset()  # footage that was shown before, as `Credit.id` names it


@dataclass(frozen=True)
class Credit:
    """Whose work a picture or clip is."""

    provider: str
    id: str = ""  # `pexels:1234`
    model: str = ""  # of what was made and not found
    author: str = ""
    author_url: str = ""
    licence: str = ""
    url: str = ""


@dataclass(frozen=True)
class Shot:
    """A picture or clip as it came: nothing has looked at it. No path: nothing fits."""

    path: Path | None
    shows: Shows
    credit: Credit
    spent: Sequence[Spend] = ()


class BoughtPicture(Protocol):
    """Makes pictures or clips, or finds them. What it answers is kept between asking and
    reading."""

    name: str
    version: str
    licence: str
    recovery: Recovery

    def uses(self, brief: Brief) -> Sequence[Use]: ...

    def ask(self, brief: Brief, order: Ordered, *, into: Path) -> None:
        """As a bought voice's; it may keep notes on the request and come back to them."""

    def read(self, reply: Path, brief: Brief, *, into: Path) -> Shot: ...


class Searches(Protocol):
    """At a vendor who finds: what was found before, and how often it may be asked."""

    def kept(self, asked: str) -> bytes | None: ...  # an answer of the last 24 hours

    def keep(self, asked: str, answer: bytes) -> None: ...

    def count(self) -> None: ...  # before each that goes out; raises Busy where no more may


@dataclass(frozen=True)
class Ordered:
    """What a vendor is asked under: the request's key, its notes, the signs of life, and what it
    was asked before."""

    request: str
    replies: Replies
    stopping: Stop
    beat: Beat
    searches: Searches
