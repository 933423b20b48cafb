"""What the sellers of footage share: a search, a pick that was not shown before, a download.

It is free and its licence allows it in videos; whose it is is kept all the same.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from config.kit.errors import ProviderError, VendorTrouble
from config.kit.money import Use
from config.kit.vendors import Account
from videos.contracts import SIZES, Format, Recovery
from videos.providers import downloads
from videos.providers.calling import Ask, Caller
from videos.providers.replies import pack, unpack
from videos.shots import Brief, Credit, Ordered, Shot, Shows

SHORTEST_S, LONGEST_S = 3, 60
LEAST_SIDE = 600  # pixels of the shorter one
LONGEST_SIDE: Mapping[Shows, int] = {"picture": 6_000, "clip": 2_000}  # else there is a smaller one
MOST_WORDS = 100
KEY = "key"  # the parameter of a search that carries the account's key, where one does


@dataclass(frozen=True)
class Hit:
    id: str
    page: str
    author: str
    author_url: str
    size: tuple[int, int]
    files: tuple[tuple[int, int, str], ...]  # width, height, link
    seconds: float = 0

    def fits(self, brief: Brief, shows: Shows) -> bool:
        is_long = shows == "picture" or SHORTEST_S <= self.seconds <= LONGEST_S
        return bool(self.files) and min(self.size) >= LEAST_SIDE and is_long

    def is_turned(self, form: Format) -> bool:
        """Upright for a wide page, or wide for an upright one."""
        page = SIZES[form]
        return (self.size[0] - self.size[1]) * (page[0] - page[1]) < 0

    def link(self, form: Format, shows: Shows) -> str:
        """The smallest file that fills the page, else the largest of those that are not huge."""
        page, most = SIZES[form], LONGEST_SIDE[shows]
        sane = [one for one in self.files if max(one[:2]) <= most] or list(self.files)
        filling = [one for one in sane if one[0] >= page[0] and one[1] >= page[1]]
        best = min(filling, key=_area) if filling else max(sane, key=_area)
        return best[2]


def _area(file: tuple[int, int, str]) -> int:
    return file[0] * file[1]


class Stock(ABC):
    """Its subclasses know how a vendor is searched and what its hits look like."""

    vendor: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]]
    licence: ClassVar[str]
    kind = "footage"
    recovery: Recovery = "idempotent"
    counts_itself = True  # a part is searched for several times, or not at all
    version = "1"

    def __init__(self, model: str, account: Account) -> None:
        self.name, self._account = self.vendor, account
        self._place = downloads.Place(self.vendor, account, self.hosts)
        self._caller = Caller(self.vendor, account, self.headers(), is_paid=False)

    def headers(self) -> Mapping[str, str]:
        return {}

    def uses(self, brief: Brief) -> Sequence[Use]:
        return ()

    def ask(self, brief: Brief, order: Ordered, *, into: Path) -> None:
        for shows, hits in self._found(brief, order, into):
            new = [hit for hit in hits if hit.fits(brief, shows)]
            new = [hit for hit in new if self._id(hit) not in brief.avoid]
            new.sort(key=lambda hit: hit.is_turned(brief.format))
            if new:
                hit = new[brief.turn % len(new)]
                body = into.with_suffix(".body")
                downloads.fetch(hit.link(brief.format, shows), body, self._place, order)
                pack({"shows": shows, "credit": asdict(self._credit(hit))}, body, into)
                return
        pack({"shows": "", "credit": {}}, None, into)

    def read(self, reply: Path, brief: Brief, *, into: Path) -> Shot:
        head = unpack(reply, into)
        if not head["shows"]:
            return Shot(None, brief.shows[0], Credit(self.vendor))
        return Shot(into, head["shows"], Credit(**head["credit"]))

    def _found(
        self, brief: Brief, order: Ordered, into: Path
    ) -> Iterator[tuple[Shows, Sequence[Hit]]]:
        for words in _narrow_to_wide(brief.words):
            for shows in brief.shows:
                yield shows, self._search(self.asking(words, brief, shows), shows, order, into)

    def _search(self, ask: Ask, shows: Shows, order: Ordered, into: Path) -> Sequence[Hit]:
        asked = self._name(ask)
        if (kept := order.searches.kept(asked)) is not None:
            return self.hits(json.loads(kept), shows)
        order.searches.count()
        answer = into.with_suffix(".told")
        try:
            self._caller.send(ask, into=answer, stopping=order.stopping, beat=order.beat)
            told = answer.read_bytes()
            hits = self.hits(json.loads(told), shows)
        except ProviderError as error:
            raise self.understood(error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise VendorTrouble(f"An answer of {self.vendor} can't be read.") from error
        order.searches.keep(asked, told)
        return hits

    def _name(self, ask: Ask) -> str:
        """Equal for equal searches; the account's key is no part of it."""
        query = {name: value for name, value in ask.query.items() if name != KEY}
        return json.dumps([self._account.base_url, ask.path, query], sort_keys=True)

    def understood(self, error: ProviderError) -> ProviderError:
        return error

    @abstractmethod
    def asking(self, words: str, brief: Brief, shows: Shows) -> Ask: ...

    @abstractmethod
    def hits(self, told: Any, shows: Shows) -> Sequence[Hit]: ...

    def _id(self, hit: Hit) -> str:
        return f"{self.vendor}:{hit.id}"

    def _credit(self, hit: Hit) -> Credit:
        return Credit(
            self.vendor,
            id=self._id(hit),
            author=hit.author,
            author_url=hit.author_url,
            licence=self.licence,
            url=hit.page,
        )


def _narrow_to_wide(words: str) -> list[str]:
    """All words, then the first two: what says more comes first."""
    listed = words[:MOST_WORDS].split()
    return [" ".join(listed), *([" ".join(listed[:2])] if len(listed) > 2 else [])]
