"""Karaoke captions in the frame: a phrase, outlined, and the word at hand on a pill."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import skia

from videos.media import captions, fonts
from videos.media.captions import Cue
from videos.media.cards import breaks, paint, typeset
from videos.media.cards.colours import Palette
from videos.media.cards.layout import Box, Sheet
from videos.media.cards.motion import ease_out, overshoot
from videos.media.cards.paint import Sprite
from videos.media.cards.typeset import RLE, Face, Tongue

FACE = Face(weight=800, tracking=-0.012, leading=1.24)


@dataclass(frozen=True)
class Spot:
    """Where a word stands: its box is as tall as its line."""

    text: str
    box: Box


@dataclass(frozen=True)
class Placed:
    spots: tuple[Spot, ...]
    size: float


class Subtitles:
    """Draws the cue of a moment. One cue's images are kept at a time."""

    def __init__(self, cues: Sequence[Cue], sheet: Sheet, look: Palette, tongue: Tongue) -> None:
        self.cues = cues
        self.sheet, self.look, self.tongue = sheet, look, tongue
        self._drawn: tuple[int, Phrase] | None = None

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        for number, cue in enumerate(self.cues):
            if cue.start_s <= seconds < cue.end_s:
                self._phrase(number).draw(canvas, seconds)
                return

    def _phrase(self, number: int) -> Phrase:
        if self._drawn is None or self._drawn[0] != number:
            cue = self.cues[number]
            self._drawn = (
                number,
                Phrase(cue, place(cue, self.sheet, self.tongue), self.look, self.tongue),
            )
        return self._drawn[1]


@dataclass(frozen=True, eq=False)
class Phrase:
    cue: Cue
    placed: Placed
    look: Palette
    tongue: Tongue

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        come = ease_out((seconds - self.cue.start_s + 1 / 30) / 0.13)
        self._base.zoomed(canvas, 0.94 + 0.06 * come, alpha=come)
        active = self._active(seconds)
        if active >= 0:
            since = seconds - self.cue.words[active].start_s
            zoom = 0.9 + 0.1 * overshoot((since + 1 / 30) / 0.16)
            self._lit(active).zoomed(canvas, zoom, alpha=come)

    def _active(self, seconds: float) -> int:
        """The word that is being said, or was said last."""
        started = [n for n, word in enumerate(self.cue.words) if word.start_s <= seconds + 1e-6]
        return started[-1] if started else -1

    @functools.cached_property
    def _base(self) -> Sprite:
        spots = self.placed.spots
        left, top = min(s.box.x for s in spots), min(s.box.y for s in spots)
        box = Box(
            left,
            top,
            max(s.box.right for s in spots) - left,
            max(s.box.bottom for s in spots) - top,
        )
        return paint.sprite(box, self._outlined, self.placed.size * 0.5)

    def _outlined(self, canvas: skia.Canvas) -> None:
        """A soft shadow, a firm outline, then the letters."""
        size, ground = self.placed.size, self.look.ground
        blur = skia.Paint()
        blur.setImageFilter(skia.ImageFilters.Blur(size * 0.11, size * 0.11))
        canvas.saveLayer(None, blur)
        canvas.translate(0, size * 0.05)
        for spot in self.placed.spots:
            self._letters(canvas, spot, paint.stroke(ground, size * 0.2, 0.75))
        canvas.restore()
        for spot in self.placed.spots:
            self._letters(canvas, spot, paint.stroke(ground, size * 0.14))
        for spot in self.placed.spots:
            self._letters(canvas, spot, paint.fill(self.look.text))

    def _letters(self, canvas: skia.Canvas, spot: Spot, ink: skia.Paint) -> None:
        line = lettered(spot.text, self.placed.size, self.tongue, ink)
        base = spot.box.middle + 0.36 * self.placed.size
        line.paint(canvas, spot.box.x, base - line.AlphabeticBaseline)

    @functools.lru_cache(maxsize=8)  # noqa: B019 - at most eight small images outlive their phrase
    def _lit(self, number: int) -> Sprite:
        spot, size = self.placed.spots[number], self.placed.size
        pill = Box(
            spot.box.x - size * 0.13,
            spot.box.middle - size * 0.58,
            spot.box.w + size * 0.26,
            size * 1.16,
        )

        def whole(canvas: skia.Canvas) -> None:
            paint.shadow(canvas, pill.moved(0, 4), size * 0.24, 8, 0.3)
            canvas.drawRRect(paint.rounded(pill, size * 0.24), paint.fill(self.look.accent))
            self._letters(canvas, spot, paint.fill(self.look.on_accent))

        return paint.sprite(pill, whole, 24)


def lettered(text: str, size: float, tongue: Tongue, ink: skia.Paint) -> skia.textlayout.Paragraph:
    """A word with a paint of its own, such as an outline."""
    families = fonts.families(
        text, FACE.weight, display=True, language=tongue.language, font=tongue.font
    )
    style = skia.textlayout.TextStyle()
    style.setFontSize(size)
    style.setFontFamilies(families)
    style.setLetterSpacing(typeset.tracking_of(text, FACE) * size)
    style.setLocale(tongue.language)
    style.setForegroundPaint(ink)
    builder = fonts.builder()
    builder.pushStyle(style)
    builder.addText((RLE if breaks.is_rtl(text) else "") + text)
    made = builder.Build()
    made.layout(1e6)
    return made


def place(cue: Cue, sheet: Sheet, tongue: Tongue) -> Placed:
    """At most two lines at the largest size that fits, in the middle of the caption box."""
    texts = [
        fonts.drawable(word.text, language=tongue.language, font=tongue.font) for word in cue.words
    ]
    box = sheet.captions
    largest = 92.0 if sheet.is_tall else 68.0 if sheet.is_wide else 72.0
    size, rows = largest, [list(range(len(texts)))]
    while True:
        rows = _rows(texts, size, box.w - size * 0.4, tongue)
        wide = max(_extent([texts[n] for n in row], size, tongue) for row in rows)
        pitch = size * FACE.leading * breaks.stretch("".join(texts))
        if (len(rows) <= 2 and wide <= box.w and len(rows) * pitch <= box.h) or size < 20:
            break
        size *= 0.96
    return Placed(tuple(_spots(texts, rows, size, pitch, box, tongue)), size)


def _rows(texts: Sequence[str], size: float, width: float, tongue: Tongue) -> list[list[int]]:
    """Word numbers by line: one if it almost fits, else two as even as can be."""
    every = list(range(len(texts)))
    if _extent(texts, size * 0.86, tongue) <= width or len(texts) == 1:
        return [every]

    def longer(cut: int) -> float:
        return max(_extent(texts[:cut], size, tongue), _extent(texts[cut:], size, tongue))

    cut = min(range(1, len(texts)), key=longer)
    return [every[:cut], every[cut:]]


def _gap(before: str, after: str, size: float, tongue: Tongue) -> float:
    blank = captions.separator(before, after)
    return size * 0.3 if blank else 0.0


def _extent(texts: Sequence[str], size: float, tongue: Tongue) -> float:
    words = sum(typeset.measure(text, size, FACE, _plain(tongue)) for text in texts)
    return words + sum(_gap(a, b, size, tongue) for a, b in itertools.pairwise(texts))


def _plain(tongue: Tongue) -> Tongue:
    return Tongue(tongue.language, False, tongue.font)


def _spots(
    texts: Sequence[str], rows: list[list[int]], size: float, pitch: float, box: Box, tongue: Tongue
) -> list[Spot]:
    spots: dict[int, Spot] = {}
    top = box.y + (box.h - pitch * len(rows)) / 2
    for line, row in enumerate(rows):
        shown = visual_order([texts[n] for n in row], tongue.rtl)
        ordered = [row[n] for n in shown]
        x = box.x + (box.w - _extent([texts[n] for n in ordered], size, tongue)) / 2
        for place, number in enumerate(ordered):
            text = texts[number]
            wide = typeset.measure(text, size, FACE, _plain(tongue))
            spots[number] = Spot(text, Box(x, top + line * pitch, wide, pitch))
            after = texts[ordered[place + 1]] if place + 1 < len(ordered) else ""
            x += wide + _gap(text, after, size, tongue)
    return [spots[number] for number in sorted(spots)]


def visual_order(texts: Sequence[str], rtl: bool) -> list[int]:
    """Numbers of the words from left to right. Runs of foreign words keep their own order."""
    order: list[int] = []
    run: list[int] = []
    for number, text in enumerate(texts):
        foreign = _is_foreign(text, rtl)
        if foreign:
            run.append(number)
        if not foreign or number == len(texts) - 1:
            order += run[::-1]
            run = []
        if not foreign:
            order.append(number)
    return order[::-1] if rtl else order


def _is_foreign(text: str, rtl: bool) -> bool:
    """Latin words and figures inside a right-to-left line, and the other way round."""
    if rtl:
        return not breaks.is_rtl(text) and any(letter.isalnum() for letter in text)
    return breaks.is_rtl(text)
