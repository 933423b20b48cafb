"""Bars: lying where labels need room, standing on wide pages with short labels."""

from __future__ import annotations

from dataclasses import dataclass

import skia

from videos.media.cards import paint, typeset
from videos.media.cards.colours import Rgb
from videos.media.cards.elements import Element, Text
from videos.media.cards.layout import Box
from videos.media.cards.motion import Clock, ease_in_out
from videos.media.cards.page import Page
from videos.media.cards.typeset import BOLD, LABEL, Block, Ink, Wish
from videos.writing import visuals


@dataclass(frozen=True, eq=False)
class Bar:
    """Grows inside its track; small amounts stay small, however round the track's end is."""

    box: Box
    colour: Rgb
    track: Box
    track_ink: skia.Paint
    upright: bool
    from_end: bool  # grows towards lower coordinates
    start_s: float
    name: str = "bar"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(self.start_s - 0.2, 0.4)
        if come <= 0.004:
            return
        radius = self.box.w * 0.16 if self.upright else self.track.h * 0.5
        canvas.save()
        canvas.clipRRect(paint.rounded(self.track, radius), True)
        if not self.upright:
            self.track_ink.setAlphaf(0.1 * come)
            canvas.drawRect(paint.rect(self.track), self.track_ink)
        part = self._grown(ease_in_out(clock.since(self.start_s, 0.9)))
        if part.w > 0.5 and part.h > 0.5:
            canvas.drawRRect(
                paint.rounded(part, min(radius, part.w / 2, part.h / 2)), paint.fill(self.colour)
            )
        canvas.restore()

    def _grown(self, share: float) -> Box:
        box = self.box
        if self.upright:
            part = Box(box.x, box.y, box.w, box.h * share)
            return part.moved(0, box.h - part.h) if self.from_end else part
        part = Box(box.x, box.y, box.w * share, box.h)
        return part.moved(box.w - part.w) if self.from_end else part


@dataclass(frozen=True)
class Scale:
    """From amounts to shares of the axis; zero is always on it."""

    low: float
    high: float

    @classmethod
    def of(cls, values: tuple[float, ...]) -> Scale:
        low, high = min(0.0, *values), max(0.0, *values)
        return cls(low, high if high > low else low + 1.0)

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)


def bars(card: visuals.Chart, page: Page, box: Box) -> list[Element]:
    if page.sheet.is_wide and _fits_upright(card, page, box):
        return _standing(card, page, box)
    return _lying(card, page, box)


def _fits_upright(card: visuals.Chart, page: Page, box: Box) -> bool:
    slot = box.w / len(card.labels) * 0.92
    sizes = [typeset.measure(text, 30, LABEL, page.tongue) for text in (*card.labels, *card.shown)]
    return max(sizes) <= slot


def _colour(card: visuals.Chart, page: Page, number: int) -> Rgb:
    lit = card.highlight if card.highlight >= 0 else -1
    return page.look.accent if number == lit else page.look.second


def _lying(card: visuals.Chart, page: Page, box: Box) -> list[Element]:
    """A row each: the label above its bar, the value at the end of the row."""
    count = len(card.values)
    pitch = box.h / count
    thick = min(page.pick(44, 34, 36), pitch * 0.34)
    size = min(page.pick(40, 34, 34), pitch * 0.34)
    scale, made = Scale.of(card.values), []
    for number, value in enumerate(card.values):
        row = Box(box.x, box.y + number * pitch, box.w, pitch)
        text_h = size * 1.3
        top = row.middle - (text_h + thick + 8) / 2
        start = 0.5 + 0.12 * number
        made += _row_texts(card, page, number, Box(box.x, top, box.w, text_h))
        track = Box(box.x, top + text_h + 8, box.w, thick)
        made.append(_lying_bar(page, track, scale, value, _colour(card, page, number), start))
    return made


def _row_texts(card: visuals.Chart, page: Page, number: int, box: Box) -> list[Element]:
    size, start = box.h / 1.3, 0.35 + 0.12 * number
    lit = number == card.highlight
    ink = Ink(*[page.look.accent_text if lit else page.look.text] * 2)
    value = _one_line(card.shown[number], page, box.w * 0.45, size, BOLD)
    name = _one_line(card.labels[number], page, box.w - value.width - 24, size, LABEL)
    at = page.side(Box(box.right - value.width, box.y, value.width, value.height), box)
    first = page.side(Box(box.x, box.y, name.width, name.height), box)
    return [
        Text(name, first, page.quiet if not lit else ink, start, name="axis label"),
        Text(value, at, ink, start + 0.3, name="value"),
    ]


def _one_line(text: str, page: Page, width: float, size: float, face: typeset.Face) -> Block:
    size = max(12.0, size)
    return typeset.fit(text, (width, size * 1.5), Wish(size, size * 0.66, 1, face), page.tongue)


def _lying_bar(
    page: Page, track: Box, scale: Scale, value: float, colour: Rgb, start: float
) -> Bar:
    zero, end = scale.share(0.0), scale.share(value)
    left, right = sorted((zero, end))
    long = max(6.0, (right - left) * track.w)
    x = min(track.x + left * track.w, track.right - long)
    box = page.side(Box(x, track.y, long, track.h), track)
    from_end = (value < 0) != page.tongue.rtl
    return Bar(box, colour, track, paint.fill(page.look.text), False, from_end, start)


def _standing(card: visuals.Chart, page: Page, box: Box) -> list[Element]:
    """Columns, each with its value above and its label below."""
    count, size = len(card.values), 32.0
    slot = box.w / count
    wide = min(150.0, slot * 0.62)
    plot = Box(box.x, box.y + size * 1.7, box.w, box.h - size * 3.7)
    scale, made = Scale.of(card.values), []
    for number, value in enumerate(card.values):
        place = page.side(Box(box.x + number * slot, plot.y, slot, plot.h), box)
        bar = _standing_bar(card, page, number, _column(plot, place, wide, scale, value))
        made += [bar, *_column_texts(card, page, number, place, bar.box)]
    return made


def _column(plot: Box, place: Box, wide: float, scale: Scale, value: float) -> Box:
    zero, end = (plot.bottom - scale.share(at) * plot.h for at in (0.0, value))
    top, low = sorted((zero, end))
    return Box(place.x + (place.w - wide) / 2, min(top, low - 6), wide, max(6.0, low - top))


def _standing_bar(card: visuals.Chart, page: Page, number: int, box: Box) -> Bar:
    up = card.values[number] >= 0
    start = 0.5 + 0.12 * number
    colour = _colour(card, page, number)
    return Bar(box, colour, box, paint.fill(page.look.text), True, up, start)


def _column_texts(
    card: visuals.Chart, page: Page, number: int, place: Box, bar: Box
) -> list[Element]:
    lit, start, size = number == card.highlight, 0.4 + 0.12 * number, 32.0
    ink = Ink(*[page.look.accent_text if lit else page.look.text] * 2)
    value = _one_line(card.shown[number], page, place.w * 0.96, size * 1.1, BOLD)
    name = _one_line(card.labels[number], page, place.w * 0.96, size, LABEL)
    above = Box(place.x, bar.y - value.height - 6, place.w, value.height)
    below = Box(place.x, place.bottom + 14, place.w, name.height)
    return [
        Text(value, above, ink, start + 0.5, align="centre", name="value"),
        Text(name, below, page.quiet, start, align="centre", name="axis label"),
    ]
