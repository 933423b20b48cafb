"""A line chart: grid, axis labels, a line that draws itself and the value at its end."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import skia

from videos.media.cards import axes, paint, typeset
from videos.media.cards.colours import Palette, argb
from videos.media.cards.elements import Element, Text
from videos.media.cards.layout import Box
from videos.media.cards.motion import Clock, ease_in_out
from videos.media.cards.page import Page
from videos.media.cards.typeset import BOLD, LABEL, Block, Ink, Wish
from videos.writing import visuals

Point = tuple[float, float]


def curve(card: visuals.Chart, page: Page, box: Box) -> list[Element]:
    size = page.pick(30, 26, 28)
    marks = axes.ticks(card.values)
    step = marks[1] - marks[0]
    named = [
        axes.written(mark, step, page.tongue.language, card.prefix, card.suffix) for mark in marks
    ]
    widest = max(typeset.measure(text, size, LABEL, page.tongue) for text in named)
    beside = min(widest, box.w * 0.3) + 22
    left = 0 if page.tongue.rtl else beside
    plot = Box(box.x + left, box.y + size * 2.4, box.w - beside, box.h - size * 4.6)
    points = _points(card, plot, marks, page)
    lit = card.highlight if card.highlight >= 0 else len(points) - 1
    return [
        *_grid(page, plot, box, named, size),
        *_names(card, page, plot, points, size),
        Curve(plot, tuple(points), page.look, page.tongue.rtl, lit),
        _flag(card, page, box, plot, points[lit], lit),
    ]


def _points(card: visuals.Chart, plot: Box, marks: list[float], page: Page) -> list[Point]:
    low, high = marks[0], marks[-1]
    last = max(1, len(card.values) - 1)
    side = 14.0  # so that the dot at the end stays inside
    found = []
    for number, value in enumerate(card.values):
        along = side + (plot.w - 2 * side) * number / last
        x = plot.right - along if page.tongue.rtl else plot.x + along
        found.append((x, plot.bottom - (value - low) / (high - low) * plot.h))
    return found


def _grid(page: Page, plot: Box, box: Box, named: list[str], size: float) -> list[Element]:
    made: list[Element] = []
    for number, text in enumerate(named):
        y = plot.bottom - plot.h * number / (len(named) - 1)
        made.append(GridLine(Box(plot.x, y - 1, plot.w, 2), page.look, is_base=number == 0))
        block = _small(text, page, box.w * 0.3, size)
        x = box.right - block.width if page.tongue.rtl else plot.x - 22 - block.width
        place = Box(x, y - block.height / 2, block.width, block.height)
        made.append(Text(block, place, page.quiet, 0.3, name="axis label"))
    return made


def _names(
    card: visuals.Chart, page: Page, plot: Box, points: list[Point], size: float
) -> list[Element]:
    """As many labels below the axis as stand apart, evenly chosen."""
    top = plot.bottom + size * 0.5
    for every in _strides(len(points)):
        placed = []
        for number in range(0, len(points), every):
            block = _small(card.labels[number], page, plot.w * 0.46, size)
            x = min(max(points[number][0] - block.width / 2, plot.x), plot.right - block.width)
            placed.append((block, Box(x, top, block.width, block.height)))
        if not _crowded([box for _, box in placed]):
            break
    return [Text(block, box, page.quiet, 0.4, name="axis label") for block, box in placed]


def _strides(count: int) -> list[int]:
    """1, 2, 3 ..; where it costs little, one that ends on the last point comes first."""
    last = count - 1
    whole = [every for every in range(1, count) if last % every == 0]
    rest = [
        every for every in range(1, count) if not any(w <= every * 1.7 for w in whole if w >= every)
    ]
    return [*sorted(whole + rest), count]


def _crowded(boxes: list[Box]) -> bool:
    ordered = sorted(boxes, key=lambda box: box.x)
    return any(b.x - a.right < 22 for a, b in itertools.pairwise(ordered))


def _small(text: str, page: Page, width: float, size: float) -> Block:
    return typeset.fit(text, (width, size * 1.5), Wish(size, size * 0.7, 1, LABEL), page.tongue)


def _flag(card: visuals.Chart, page: Page, box: Box, plot: Box, point: Point, lit: int) -> Element:
    """The lit value stands above its point and stays inside the card."""
    size = page.pick(52, 42, 46)
    block = typeset.fit(
        card.shown[lit], (box.w * 0.5, size * 1.4), Wish(size, size * 0.6, 1, BOLD), page.tongue
    )
    x = min(max(point[0] - block.width / 2, plot.x), box.right - block.width)
    y = max(box.y - size * 0.2, point[1] - block.height - size * 0.45)
    ink = Ink(page.look.second_text, page.look.second_text)
    return Text(block, Box(x, y, block.width, block.height), ink, 1.55, name="value")


@dataclass(frozen=True, eq=False)
class GridLine:
    box: Box
    look: Palette
    is_base: bool
    name: str = "grid"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(0.25, 0.5)
        alpha = (0.34 if self.is_base else 0.11) * come
        grown = Box(self.box.x, self.box.y, self.box.w * come, self.box.h)
        canvas.drawRect(paint.rect(grown), paint.fill(self.look.text, alpha))


@dataclass(frozen=True, eq=False)
class Curve:
    box: Box
    points: tuple[Point, ...]
    look: Palette
    rtl: bool
    lit: int
    start_s: float = 0.5
    name: str = "curve"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        grown = ease_in_out(clock.since(self.start_s, 1.5))
        if grown <= 0:
            return
        canvas.save()
        canvas.clipRect(self._window(grown))
        if grown >= 1:
            self._done.draw(canvas)
        else:
            self._whole(canvas)
        canvas.restore()
        self._dot(canvas, clock, grown)

    def _window(self, grown: float) -> skia.Rect:
        box, wide = self.box, (self.box.w + 60) * grown
        x = box.right + 30 - wide if self.rtl else box.x - 30
        return skia.Rect.MakeXYWH(x, box.y - 60, wide, box.h + 120)

    @functools.cached_property
    def _done(self) -> paint.Sprite:
        return paint.sprite(self.box, self._whole, 30)

    def _whole(self, canvas: skia.Canvas) -> None:
        canvas.drawPath(self._path(closed=True), self._shade)
        canvas.drawPath(self._path(closed=False), paint.stroke(self.look.second, 9))

    @functools.cached_property
    def _shade(self) -> skia.Paint:
        ends = [(0, self.box.y), (0, self.box.bottom)]
        colours = [argb(self.look.second, 0.36), argb(self.look.second, 0.0)]
        return skia.Paint(AntiAlias=True, Shader=skia.GradientShader.MakeLinear(ends, colours))

    def _path(self, *, closed: bool) -> skia.Path:
        """Straight pieces: a smooth curve would show values that nobody measured."""
        path = skia.PathBuilder()
        path.moveTo(*self.points[0])
        for point in self.points[1:]:
            path.lineTo(*point)
        if closed:
            path.lineTo(self.points[-1][0], self.box.bottom)
            path.lineTo(self.points[0][0], self.box.bottom)
            path.close()
        return path.detach()

    def _dot(self, canvas: skia.Canvas, clock: Clock, grown: float) -> None:
        """Rides on the line's end, then rests on the lit value and breathes."""
        x, y = self._end(grown)
        breath = 0.5 + 0.5 * math.sin(clock.seconds * 4.2)
        canvas.drawCircle(x, y, 22 + 9 * breath, paint.fill(self.look.second, 0.26))
        canvas.drawCircle(x, y, 13, paint.fill(self.look.text))
        canvas.drawCircle(x, y, 8, paint.fill(self.look.second))

    def _end(self, grown: float) -> Point:
        if grown >= 1:
            return self.points[self.lit]
        place = grown * (len(self.points) - 1)
        before = min(int(place), len(self.points) - 2)
        (x0, y0), (x1, y1) = self.points[before], self.points[before + 1]
        part = place - before
        return (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part)
