"""Cards that are all words: title, statement, quote."""

from __future__ import annotations

from dataclasses import dataclass

from videos.media.cards.elements import Element, Highlighted, Rule, Text
from videos.media.cards.layout import Box
from videos.media.cards.page import Page, Piece, column, height_of, label, words
from videos.media.cards.shapes import Arcs, Mark
from videos.media.cards.typeset import BODY, BOLD, LABEL, Block, Face, Ink, Wish
from videos.writing import visuals

SPOKEN = Face(leading=1.15)  # room for a marker between the lines


@dataclass(frozen=True)
class Dash(Piece):
    """The short thick line under a title."""

    width: float = 220
    start_s: float = 0.7

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        place = page.side(Box(box.x, box.y, self.width, self.height), box)
        return [Rule(place, page.look.accent, self.start_s, rtl=page.tongue.rtl)]


def title(card: visuals.Title, page: Page) -> list[Element]:
    room = page.room
    width = room.w * page.pick(1, 1, 0.84)
    chip = label(page, width)
    below = page.fit(
        card.subtitle,
        (width * page.pick(0.96, 0.9, 0.72), room.h * 0.26),
        Wish(page.pick(46, 40, 44), page.pick(36, 30, 34), 4, BODY),
    )
    left = room.h - height_of(chip) - below.height - page.pick(190, 130, 140)
    wish = Wish(page.pick(208, 150, 196), page.pick(96, 78, 92), page.pick_lines(6, 4, 3))
    head = page.fit(card.title, (width, left), wish)
    pieces = [
        *chip,
        *words(head, page.ink, page.pick(40, 30, 34), name="title"),
        Dash(page.pick(12, 10, 12), page.pick(44, 30, 36)),
        *words(below, page.quiet, page.pick(40, 28, 32), start_s=0.75, name="subtitle"),
    ]
    lean = page.pick(0.62, 0.6, 0.62) if card.picture else 0.5
    made = column(page, pieces, page.side(Box(room.x, room.y, width, room.h), room), lean=lean)
    return made if card.picture else [Arcs(page.sheet, page.look, page.tongue.rtl), *made]


def statement(card: visuals.Statement, page: Page) -> list[Element]:
    """A bar stands beside the words as tall as they are."""
    room, beside = page.room, page.pick(52, 44, 56)
    inner = Box(room.x + beside, room.y, room.w - beside, room.h)
    inner = page.side(inner, room)
    chip = label(page, inner.w)
    wish = Wish(page.pick(146, 108, 132), page.pick(66, 56, 62), page.pick_lines(9, 6, 4), SPOKEN)
    block = page.fit(card.text, (inner.w, room.h - height_of(chip) - 70), wish)
    made = column(page, [*chip, *words(block, page.ink, page.pick(44, 34, 38), name="text")], inner)
    top, end = made[0].box.y, made[-1].box.bottom
    bar = page.side(Box(room.x, top, page.pick(12, 10, 12), end - top), room)
    marked = [_marked(one, page) if isinstance(one, Text) else one for one in made]
    return [Rule(bar, page.look.accent, 0.0, upright=True), *marked]


def _marked(text: Text, page: Page) -> Element:
    if not any(line.marks for line in text.block.lines):
        return text
    return Highlighted(text, page.look.accent, page.look.on_accent)


def quote(card: visuals.Quote, page: Page) -> list[Element]:
    room = page.room
    chip = label(page, room.w)
    mark = page.pick(150, 110, 128) * (0.66 if len(card.text) > 140 else 1)
    who = _signature(card.attribution, page, room.w - 90)
    width = room.w * page.pick(1, 1, 0.88)
    left = room.h - height_of(chip) - mark - sum(one.height for one in who) - page.pick(112, 84, 92)
    wish = Wish(page.pick(112, 84, 112), page.pick(56, 46, 50), page.pick_lines(12, 8, 6), BOLD)
    said = page.fit(card.text, (width, left), wish)
    pieces: list[Piece] = [
        *chip,
        MarkPiece(mark, page.pick(44, 26, 30)),
        *words(said, page.ink, page.pick(26, 18, 20), start_s=0.3, name="quote"),
        *_signed(who, page),
    ]
    return column(page, pieces, page.side(Box(room.x, room.y, width, room.h), room))


@dataclass(frozen=True)
class MarkPiece(Piece):
    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        place = page.side(Box(box.x, box.y, self.height * 1.2, self.height), box)
        return [Mark(place, page.look, page.tongue)]


@dataclass(frozen=True)
class Signed(Piece):
    """A dash, then who said it; below, in a quieter colour, who that is."""

    lines: tuple[Block, ...]

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        name, *rest = self.lines
        dash = page.side(Box(box.x, box.y + name.pitch / 2 - 3, 56, 6), box)
        beside = page.side(Box(box.x + 84, box.y, box.w - 84, name.height), box)
        made: list[Element] = [
            Rule(dash, page.look.accent, 0.9, rtl=page.tongue.rtl),
            Text(name, beside, Ink(page.look.text, page.look.text), 0.95, name="attribution"),
        ]
        for role in rest:
            below = Box(beside.x, beside.bottom, beside.w, role.height)
            made.append(Text(role, below, page.quiet, 1.1, name="role"))
        return made


def _signature(attribution: str, page: Page, width: float) -> tuple[Block, ...]:
    """ "Ida Lewis, keeper of Lime Rock Light" in two lines; a name alone in one."""
    name, _, role = attribution.partition(", ")
    size = page.pick(44, 38, 42)
    if not role or len(name) < 3 or len(role) < 8:
        whole = page.fit(attribution, (width, 110), Wish(size, 30, 2, LABEL))
        return (whole,) if whole.lines else ()
    return (
        page.fit(name, (width, 60), Wish(size, 30, 1, BOLD)),
        page.fit(role, (width, 90), Wish(size * 0.86, 26, 2, BODY)),
    )


def _signed(lines: tuple[Block, ...], page: Page) -> list[Piece]:
    high = sum(line.height for line in lines)
    return [Signed(high, page.pick(56, 40, 44), lines)] if lines else []
