"""One scene's page while it is being laid out: who stands where, mirrored for RTL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import skia

from videos.media.cards import typeset
from videos.media.cards.colours import Palette
from videos.media.cards.elements import Chip, Element, Text
from videos.media.cards.layout import Box, Sheet
from videos.media.cards.typeset import KICKER, Block, Ink, Tongue, Wish


@dataclass(frozen=True)
class Page:
    sheet: Sheet
    look: Palette
    tongue: Tongue
    headline: str = ""
    kicker: str = ""
    accent: str = ""
    pictures: Mapping[str, skia.Image] = field(default_factory=dict)

    @property
    def room(self) -> Box:
        return self.sheet.content

    @property
    def ink(self) -> Ink:
        return Ink(self.look.text, self.look.accent_text)

    @property
    def quiet(self) -> Ink:
        return Ink(self.look.muted, self.look.muted)

    def pick(self, tall: float, square: float, wide: float) -> float:
        """A measure for the format at hand."""
        return tall if self.sheet.is_tall else wide if self.sheet.is_wide else square

    def pick_lines(self, tall: int, square: int, wide: int) -> int:
        return int(self.pick(tall, square, wide))

    def fit(self, text: str, room: tuple[float, float], wish: Wish) -> Block:
        return typeset.fit(text, room, wish, self.tongue, self.accent)

    def side(self, box: Box, within: Box | None = None) -> Box:
        """`box` where lines begin: on the left, or mirrored."""
        return box.mirrored(within or self.room) if self.tongue.rtl else box

    def in_room(self, box: Box) -> Page:
        """The same page with less space."""
        return replace(self, sheet=replace(self.sheet, content=box))

    def label(self) -> str:
        """The chip's text: the kicker, in capitals where that is safe."""
        plain = self.kicker
        return plain if self.tongue.language in {"tr", "az"} else plain.upper()


@dataclass(frozen=True)
class Piece:
    """Something with a height that a column gives a place to."""

    height: float
    gap: float  # above it, unless it is the first

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        raise NotImplementedError


@dataclass(frozen=True)
class Words(Piece):
    block: Block
    ink: Ink
    start_s: float = 0.15
    name: str = "text"
    align: str = "start"

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        place = Box(box.x, box.y, box.w, self.block.height)
        return [Text(self.block, place, self.ink, self.start_s, align=self.align, name=self.name)]


@dataclass(frozen=True)
class Label(Piece):
    block: Block
    start_s: float = 0.0

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        width = min(box.w, self.block.width + self.height * 0.9)
        place = page.side(Box(box.x, box.y, width, self.height), box)
        return [Chip(self.block, place, page.look.accent, page.look.on_accent, self.start_s)]


def words(
    block: Block, ink: Ink, gap: float, *, start_s: float = 0.15, name: str = "text"
) -> list[Piece]:
    return [Words(block.height, gap, block, ink, start_s, name)] if block.lines else []


def label(page: Page, width: float) -> list[Piece]:
    if not page.label():
        return []
    size = page.pick(30, 26, 28)
    block = typeset.fit(
        page.label(), (width - size * 2, size * 1.6), Wish(size, size, 1, KICKER), page.tongue
    )
    return [Label(size * 1.95, 0, block)]


def height_of(pieces: Sequence[Piece]) -> float:
    return sum(piece.height for piece in pieces) + sum(piece.gap for piece in pieces[1:])


def column(page: Page, pieces: Sequence[Piece], box: Box, *, lean: float = 0.5) -> list[Element]:
    """Pieces below each other; `lean` 0 is the top of the box, 0.5 its middle."""
    y = box.y + max(0.0, box.h - height_of(pieces)) * lean
    made: list[Element] = []
    for order, piece in enumerate(pieces):
        y += piece.gap if order else 0
        made += piece.at(page, Box(box.x, y, box.w, piece.height), order)
        y += piece.height
    return made
