"""The comparison: two or three sheets of glass whose points answer each other row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videos.media.cards.colours import Rgb
from videos.media.cards.elements import Badge, Element, Group, Panel, Plate, Rule, Text
from videos.media.cards.layout import Box
from videos.media.cards.page import Page, Piece, column, height_of, label, words
from videos.media.cards.typeset import BODY, BOLD, LABEL, Block, Ink, Wish
from videos.writing import visuals

SCALES = tuple(1.4 * 0.95**step for step in range(29))
HEADROOM = 0.3  # of the page's room, for the headline


@dataclass(frozen=True)
class Cell:
    note: Block  # what the point is about; empty where the card names no places
    point: Block

    @property
    def height(self) -> float:
        return self.note.height + self.point.height


@dataclass(frozen=True)
class Grid:
    """All texts at one size, in rows that are as high as their highest cell."""

    titles: tuple[Block, ...]
    rows: tuple[tuple[Cell, ...], ...]
    pad: float
    gap: float

    @property
    def head(self) -> float:
        return max(title.height for title in self.titles) + self.pad * 1.1

    def row(self, number: int) -> float:
        return max(cell.height for cell in self.rows[number])

    @property
    def height(self) -> float:
        rows = sum(self.row(number) for number in range(len(self.rows)))
        return self.head + rows + self.gap * (len(self.rows) - 1) + 2 * self.pad

    @property
    def is_whole(self) -> bool:
        cells = [block for row in self.rows for cell in row for block in (cell.note, cell.point)]
        return all(block.is_whole or not block.lines for block in (*self.titles, *cells))


def comparison(card: visuals.Comparison, page: Page) -> list[Element]:
    room = page.room
    if page.sheet.is_wide and page.headline:  # beside its columns, as in a list
        first = Box(room.x, room.y, room.w * 0.29, room.h)
        head = _head(page, first, room.h)
        second = Box(room.x + room.w * 0.33, room.y, room.w * 0.67, room.h)
        return [*column(page, head, page.side(first, room)), *_columns(card, page, second)]
    head = _head(page, room, room.h * HEADROOM)
    used = height_of(head) + (page.pick(52, 34, 36) if head else 0)
    left = Box(room.x, room.y + used, room.w, room.h - used)
    made = _columns(card, page, left)
    top = min(one.box.y for one in made if one.name == "side") - used
    return [*column(page, head, Box(room.x, top, room.w, height_of(head)), lean=0), *made]


def _columns(card: visuals.Comparison, page: Page, left: Box) -> list[Element]:
    between, count = page.pick(28, 24, 36), len(card.sides)
    wide = (left.w - between * (count - 1)) / count
    grid = _fitted(card, page, (wide, left.h))
    y = left.y + max(0.0, left.h - grid.height) / 2
    boxes = [
        page.side(Box(left.x + n * (wide + between), y, wide, grid.height), page.room)
        for n in range(count)
    ]
    made: list[Element] = [_side(card, page, grid, (box, n)) for n, box in enumerate(boxes)]
    return [*made, *([_versus(page, grid, boxes)] if count == 2 else [])]


def _head(page: Page, room: Box, height: float) -> list[Piece]:
    chip = label(page, room.w)
    wish = Wish(page.pick(100, 74, 84), page.pick(60, 48, 46), page.pick_lines(3, 2, 6))
    block = page.fit(page.headline, (room.w, height - height_of(chip) - 30), wish)
    return [*chip, *words(block, page.ink, page.pick(32, 22, 26), name="headline")]


def _fitted(card: visuals.Comparison, page: Page, room: tuple[float, float]) -> Grid:
    """The largest common size at which every text is whole and all rows have room."""
    plain = Page(page.sheet, page.look, page.tongue)
    grid = _grid(card, plain, room[0], 1.0)
    for scale in SCALES:
        grid = _grid(card, plain, room[0], scale)
        if grid.height <= room[1] and grid.is_whole:
            break
    spare = max(0.0, room[1] - grid.height)
    more = min(spare / (len(grid.rows) + 1), page.pick(40, 18, 22))
    return Grid(grid.titles, grid.rows, grid.pad + more / 3, grid.gap + more)


def _grid(card: visuals.Comparison, page: Page, wide: float, scale: float) -> Grid:
    many = len(card.sides) == 3 and not page.sheet.is_wide
    scale *= 0.82 if many else 1.0
    pad = page.pick(36, 28, 40) * max(scale, 0.6)
    width, size = wide - 2 * pad, page.pick(52, 44, 52) * scale
    small, note = page.pick(41, 34, 38) * scale, page.pick(27, 24, 26) * scale
    titles = tuple(
        page.fit(side.title, (width, size * 3.4), Wish(size, size * 0.7, 2, BOLD))
        for side in card.sides
    )
    face = BOLD if card.labels else BODY  # a labelled point is a value
    rows = tuple(
        tuple(
            Cell(
                page.fit(
                    _at(card.labels, row), (width, note * 3), Wish(note, note * 0.8, 1, LABEL)
                ),
                page.fit(
                    _at(side.points, row), (width, small * 7), Wish(small, small * 0.9, 4, face)
                ),
            )
            for side in card.sides
        )
        for row in range(max(len(side.points) for side in card.sides))
    )
    return Grid(titles, rows, pad, page.pick(30, 20, 24) * max(scale, 0.6))


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


def _side(card: visuals.Comparison, page: Page, grid: Grid, placed: tuple[Box, int]) -> Group:
    box, number = placed
    start = 0.35 + 0.22 * number
    plate, ink = _colours(card, page, number)
    radius = page.pick(36, 28, 32)
    head = Box(box.x, box.y, box.w, grid.head)
    title = grid.titles[number]
    wide, x = box.w - 2 * grid.pad, box.x + grid.pad
    place = Box(x, head.middle - title.height / 2, wide, title.height)
    parts: list[Element] = [
        Panel(box, page.look, radius, start, slide=0),
        Plate(head, plate, radius, start),
        Text(title, place, Ink(ink, ink), start + 0.1, name="side"),
    ]
    y = head.bottom + grid.pad * 0.9
    for row in range(len(grid.rows)):
        cell, high = grid.rows[row][number], grid.row(row)
        late = start + 0.25 + 0.16 * row
        parts += _cell(cell, page, Box(x, y, wide, high), late)
        y += high + grid.gap
        if row + 1 < len(grid.rows):
            line = Box(x, y - grid.gap / 2 - 1, wide, 2)
            parts.append(Rule(line, page.look.hairline, late, rtl=page.tongue.rtl))
    away = 70 if number else -70
    return Group(tuple(parts), box, start, shift=-away if page.tongue.rtl else away, name="side")


def _cell(cell: Cell, page: Page, box: Box, start: float) -> list[Element]:
    made: list[Element] = []
    if cell.note.lines:
        note = Box(box.x, box.y, box.w, cell.note.height)
        made.append(Text(cell.note, note, page.quiet, start, name="note"))
    if cell.point.lines:
        below = Box(box.x, box.y + cell.note.height, box.w, cell.point.height)
        made.append(Text(cell.point, below, Ink(page.look.text, page.look.text), start + 0.06))
    return made


def _colours(card: visuals.Comparison, page: Page, number: int) -> tuple[Rgb, Rgb]:
    """The plate of a side and its words: the winner's in the accent; without one, both coloured."""
    look = page.look
    if card.highlight == number or (card.highlight < 0 and number == 0):
        return look.accent, look.on_accent
    if card.highlight < 0 and number == 1:
        return look.second, look.on_second
    return look.raised, look.on_raised


def _versus(page: Page, grid: Grid, boxes: Sequence[Box]) -> Badge:
    size = page.pick(84, 70, 84)
    left, right = sorted(boxes, key=lambda box: box.x)
    x, y = (left.right + right.x) / 2, left.y + grid.head / 2
    disc = Box(x - size / 2, y - size / 2, size, size)
    return Badge(disc, "VS", page.look, page.tongue, 0.95, name="versus", is_quiet=True)
