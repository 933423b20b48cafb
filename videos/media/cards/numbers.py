"""The number: one figure, counted up, as large as the page allows."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import skia

from videos.media.cards import paint, typeset
from videos.media.cards.colours import Palette, argb
from videos.media.cards.elements import Element
from videos.media.cards.layout import Box
from videos.media.cards.motion import Clock, ease_out
from videos.media.cards.page import Page, Piece, column, height_of, label, words
from videos.media.cards.shapes import Rings
from videos.media.cards.typeset import BODY, HEAVY, Face, Tongue, Wish
from videos.writing import visuals

FIGURE = Face(weight=800, tracking=-0.035, leading=1.0)


def number(card: visuals.Number, page: Page) -> list[Element]:
    room = page.room
    chip = label(page, room.w)
    head = page.fit(
        page.headline,
        (room.w, room.h * 0.3),
        Wish(page.pick(88, 66, 76), page.pick(52, 44, 48), page.pick_lines(3, 2, 2), HEAVY),
    )
    below = page.fit(
        card.label,
        (room.w * page.pick(1, 1, 0.7), room.h * 0.24),
        Wish(page.pick(60, 46, 50), page.pick(40, 34, 36), page.pick_lines(4, 3, 3), BODY),
    )
    share = _share(card)
    spent = height_of(chip) + head.height + below.height + page.pick(190, 140, 150)
    figure = Figure.fitted(card, page, room.w, room.h - spent)
    pieces: list[Piece] = [
        *chip,
        *words(head, page.ink, page.pick(34, 26, 28), name="headline"),
        figure,
        *([Gauge(page.pick(30, 24, 28), page.pick(40, 26, 30), share)] if share >= 0 else []),
        *words(below, page.quiet, page.pick(34, 22, 24), start_s=0.6, name="label"),
    ]
    return [Rings(page.sheet.whole, page.look, page.tongue.rtl), *column(page, pieces, room)]


def _share(card: visuals.Number) -> float:
    """Of a percentage between 0 and 100; -1 for any other figure."""
    is_percent = card.suffix.strip() in {"%", "٪", "percent", "Prozent", "per cent"}
    return card.amount / 100 if is_percent and 0 <= card.amount <= 100 else -1.0


@dataclass(frozen=True)
class Figure(Piece):
    card: visuals.Number
    size: float

    @classmethod
    def fitted(cls, card: visuals.Number, page: Page, width: float, height: float) -> Figure:
        text = card.prefix + card.value + card.suffix
        one = typeset.measure(text, 1.0, FIGURE, page.tongue)
        most = min(page.pick(350, 250, 380), max(60.0, height), width / max(one, 0.01) * 0.985)
        return cls(most * 1.02, page.pick(26, 16, 18), card, most)

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        return [Counter(self.card, box, self.size, page.look, page.tongue)]


@dataclass(frozen=True, eq=False)
class Counter:
    """Counts in steps of a frame, so only the frames in which it counts set new type."""

    card: visuals.Number
    box: Box
    size: float
    look: Palette
    tongue: Tongue
    start_s: float = 0.3
    name: str = "figure"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.since(self.start_s, 1.5)
        if come <= 0:
            return
        line, width = self._last if come >= 1 else self._set(self.card.shown_at(ease_out(come)))
        x = self.box.right - width if self.tongue.rtl else self.box.x
        base = self.box.middle + 0.36 * self.size
        alpha = min(1.0, come * 5)
        if alpha < 1:
            canvas.saveLayerAlpha(paint.rect(self.box.inset(-self.size * 0.3)), round(255 * alpha))
        line.paint(canvas, x, base - line.AlphabeticBaseline)
        if alpha < 1:
            canvas.restore()

    @functools.cached_property
    def _last(self) -> tuple[skia.textlayout.Paragraph, float]:
        return self._set(self.card.shown_at(1.0))

    def _set(self, value: str) -> tuple[skia.textlayout.Paragraph, float]:
        colour = argb(self.look.second_text)
        quiet = argb(self.look.text)
        card = self.card
        runs = [
            (t, c) for t, c in ((card.prefix, quiet), (value, colour), (card.suffix, quiet)) if t
        ]
        size = self.size
        line = typeset.paragraph(runs, size, FIGURE, self.tongue)
        wide = float(line.MaxIntrinsicWidth)
        if wide > self.box.w:  # a value on the way may be wider than the last one
            line = typeset.paragraph(runs, size * self.box.w / wide, FIGURE, self.tongue)
            wide = self.box.w
        return line, wide


@dataclass(frozen=True)
class Gauge(Piece):
    share: float

    def at(self, page: Page, box: Box, order: int) -> list[Element]:
        return [GaugeBar(box, self.share, page.look, page.tongue.rtl)]


@dataclass(frozen=True, eq=False)
class GaugeBar:
    """How much of the whole a percentage is."""

    box: Box
    share: float
    look: Palette
    rtl: bool
    start_s: float = 0.3
    name: str = "gauge"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(self.start_s, 0.4)
        radius = self.box.h / 2
        canvas.drawRRect(paint.rounded(self.box, radius), paint.fill(self.look.text, 0.13 * come))
        grown = self.box.w * self.share * ease_out(clock.since(self.start_s, 1.5))
        if grown > 1:
            x = self.box.right - grown if self.rtl else self.box.x
            canvas.save()
            canvas.clipRRect(paint.rounded(self.box, radius), True)
            part = Box(x, self.box.y, grown, self.box.h)
            canvas.drawRRect(paint.rounded(part, radius), paint.fill(self.look.second))
            canvas.restore()
