"""Bars and lines: a headline, a glass card, axes, and values that grow into place."""

from __future__ import annotations

from videos.media.cards.bars import bars
from videos.media.cards.curves import curve
from videos.media.cards.elements import Element, Panel
from videos.media.cards.layout import Box
from videos.media.cards.page import Page, Piece, column, height_of, label, words
from videos.media.cards.typeset import LABEL, Wish
from videos.writing import visuals


def chart(card: visuals.Chart, page: Page) -> list[Element]:
    if page.sheet.is_wide:
        return _beside(card, page)
    room = page.room
    head = _head(card, page, room.w, room.h * 0.36)
    gap = page.pick(44, 28, 40)
    left = room.h - height_of(head) - gap
    tall = min(left, page.pick(690, 520, 640))
    top = room.y + (left - tall) / 2
    made = column(page, head, Box(room.x, top, room.w, height_of(head)), lean=0)
    return made + _plotted(card, page, Box(room.x, top + height_of(head) + gap, room.w, tall))


def _beside(card: visuals.Chart, page: Page) -> list[Element]:
    room = page.room
    first = Box(room.x, room.y, room.w * 0.33, room.h)
    second = Box(room.x + room.w * 0.37, room.y, room.w * 0.63, room.h)
    head = column(page, _head(card, page, first.w, first.h), page.side(first, room))
    return head + _plotted(card, page, page.side(second, room))


def _head(card: visuals.Chart, page: Page, width: float, height: float) -> list[Piece]:
    chip = label(page, width)
    wish = Wish(page.pick(92, 70, 100), page.pick(58, 48, 50), page.pick_lines(3, 2, 5))
    block = page.fit(card.title or page.headline, (width, height * 0.72), wish)
    unit = page.fit(card.unit, (width, 90), Wish(page.pick(38, 32, 34), 28, 2, LABEL))
    return [
        *chip,
        *words(block, page.ink, page.pick(32, 24, 28), name="headline"),
        *words(unit, page.quiet, page.pick(16, 10, 16), start_s=0.4, name="unit"),
    ]


def _plotted(card: visuals.Chart, page: Page, box: Box) -> list[Element]:
    inner = box.inset(page.pick(40, 32, 40), page.pick(40, 30, 38))
    plot = bars(card, page, inner) if card.kind == "bar" else curve(card, page, inner)
    return [Panel(box, page.look, 40, 0.2), *plot]
