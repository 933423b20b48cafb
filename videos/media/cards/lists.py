"""The list: a headline and rows of glass, sized together until all of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videos.media.cards.elements import Badge, Element, Group, Panel, Text
from videos.media.cards.layout import Box
from videos.media.cards.page import Page, Piece, column, height_of, label, words
from videos.media.cards.typeset import BODY, BOLD, Block, Wish
from videos.writing import visuals

SCALES = tuple(0.96**step for step in range(20))


@dataclass(frozen=True)
class Row:
    title: Block
    detail: Block
    pad: float

    @property
    def height(self) -> float:
        between = 4 if self.detail.lines else 0
        return self.title.height + self.detail.height + between + 2 * self.pad

    @property
    def is_whole(self) -> bool:
        return self.title.is_whole and (not self.detail.lines or self.detail.is_whole)


def rows_of(card: visuals.ListOf, page: Page) -> list[Element]:
    if page.sheet.is_wide and page.headline:
        return _beside(card, page)
    room = page.room
    head = _head(page, room, room.h * (0.32 if len(card.items) < 5 else 0.24))
    gap = page.pick(56, 36, 40) if head else 0
    left = Box(room.x, room.y, room.w, room.h - height_of(head) - gap)
    rows = _fitted(card.items, page, left)
    block = sum(row.height for row in rows) + _gap(page, len(rows)) * (len(rows) - 1)
    slack = max(0.0, left.h - block)
    top = room.y + slack / 2
    made = column(page, head, Box(room.x, top, room.w, height_of(head)), lean=0)
    below = Box(room.x, top + height_of(head) + gap, room.w, block)
    return made + _placed(card, page, rows, below)


def _beside(card: visuals.ListOf, page: Page) -> list[Element]:
    """On a wide page the headline stands beside its rows."""
    room = page.room
    first = Box(room.x, room.y, room.w * 0.38, room.h)
    second = Box(room.x + room.w * 0.43, room.y, room.w * 0.57, room.h)
    rows = _fitted(card.items, page, second)
    block = sum(row.height for row in rows) + _gap(page, len(rows)) * (len(rows) - 1)
    place = Box(second.x, second.y + max(0.0, second.h - block) / 2, second.w, block)
    head = _head(page, first, room.h)
    return column(page, head, page.side(first, room)) + _placed(
        card, page, rows, page.side(place, room)
    )


def _head(page: Page, room: Box, height: float) -> list[Piece]:
    chip = label(page, room.w)
    wish = Wish(page.pick(108, 84, 112), page.pick(64, 54, 56), page.pick_lines(4, 3, 5))
    block = page.fit(page.headline, (room.w, height - height_of(chip) - 40), wish)
    return [*chip, *words(block, page.ink, page.pick(34, 26, 30), name="headline")]


def _gap(page: Page, count: int) -> float:
    return page.pick(24, 16, 18) if count < 5 else page.pick(14, 10, 12)


def _fitted(items: Sequence[visuals.Item], page: Page, room: Box) -> list[Row]:
    """The largest common size at which every row is whole and all of them have room."""
    rows: list[Row] = []
    for scale in SCALES:
        rows = [_row(item, page, room, scale) for item in items]
        needed = sum(row.height for row in rows) + _gap(page, len(rows)) * (len(rows) - 1)
        if needed <= room.h and all(row.is_whole for row in rows):
            return _airy(rows, room.h - needed, page)
    return rows


def _airy(rows: list[Row], spare: float, page: Page) -> list[Row]:
    """Some of the room that is left goes into the rows."""
    more = min(spare / len(rows) / 2, page.pick(26, 16, 22))
    return [Row(row.title, row.detail, row.pad + more) for row in rows]


def _row(item: visuals.Item, page: Page, room: Box, scale: float) -> Row:
    size, small = page.pick(58, 48, 50) * scale, page.pick(38, 32, 34) * max(scale, 0.68)
    pad, badge = page.pick(34, 24, 26) * scale**2, _badge(page) * max(scale, 0.6)
    width = room.w - badge - 3 * page.pick(36, 30, 34)
    plain = Page(page.sheet, page.look, page.tongue)
    title = plain.fit(item.title, (width, size * 2.6), Wish(size, size * 0.9, 2, BOLD))
    detail = plain.fit(item.detail, (width, small * 3), Wish(small, small * 0.9, 2, BODY))
    return Row(title, detail, pad)


def _badge(page: Page) -> float:
    return page.pick(92, 72, 80)


def _placed(card: visuals.ListOf, page: Page, rows: list[Row], room: Box) -> list[Element]:
    made: list[Element] = []
    y = room.y
    badge = min(_badge(page), *(row.height * 0.8 for row in rows))
    for number, row in enumerate(rows):
        box = Box(room.x, y, room.w, row.height)
        label = str(card.start + number) if card.ordered else ""
        made.append(_drawn(label, page, (row, box, badge), number))
        y += row.height + _gap(page, len(rows))
    return made


def _drawn(label: str, page: Page, placed: tuple[Row, Box, float], number: int) -> Group:
    row, box, badge = placed
    start = 0.45 + number * 0.24
    side = page.pick(36, 30, 34)
    disc = page.side(Box(box.x + side, box.middle - badge / 2, badge, badge), box)
    width = box.w - badge - 3 * side
    text = page.side(Box(box.x + badge + 2 * side, box.y + row.pad, width, row.title.height), box)
    below = page.side(
        Box(text.x, text.bottom + 4, width, row.detail.height), Box(text.x, 0, width, 0)
    )
    parts: list[Element] = [
        Panel(box, page.look, min(36, box.h * 0.28), start, slide=0),
        Badge(disc, label, page.look, page.tongue, start + 0.15),
        Text(row.title, text, page.ink, start + 0.1, name="item"),
    ]
    if row.detail.lines:
        parts.append(Text(row.detail, below, page.quiet, start + 0.2, name="detail"))
    return Group(tuple(parts), box, start, shift=-70 if page.tongue.rtl else 70, name="row")
