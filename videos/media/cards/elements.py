"""What cards are made of: each knows its box and draws itself at a moment of the scene."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Protocol

import skia

from videos.media.cards import paint, typeset
from videos.media.cards.colours import Palette, Rgb, argb
from videos.media.cards.layout import Box
from videos.media.cards.motion import Clock, ease_in_out, overshoot
from videos.media.cards.paint import Sprite
from videos.media.cards.typeset import Block, Ink


class Element(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def box(self) -> Box: ...

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None: ...


@dataclass(frozen=True, eq=False)
class Text:
    """Lines that rise out of their own baselines, one after another."""

    block: Block
    box: Box
    ink: Ink
    start_s: float = 0.15
    stagger_s: float = 0.11
    align: str = "start"  # start, centre
    name: str = "text"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        rise = self.block.size * 0.62
        for number, line in enumerate(self._sprites):
            come = clock.enter(self.start_s + number * self.stagger_s, 0.7)
            if come <= 0.004:
                continue
            if come >= 0.999:
                line.draw(canvas)
                continue
            canvas.save()
            canvas.clipRect(self._window(number))
            line.draw(canvas, dy=(1 - come) * rise, alpha=come)
            canvas.restore()

    def _window(self, number: int) -> skia.Rect:
        size, base = self.block.size, self.box.y + self.block.baseline(number)
        return skia.Rect.MakeLTRB(
            self.box.x - size, base - size * 1.3, self.box.right + size, base + size * 0.42
        )

    def left(self, number: int) -> float:
        slack = self.box.w - self.block.lines[number].width
        if self.align == "centre":
            return self.box.x + slack / 2
        return self.box.x + (slack if self.block.tongue.rtl else 0)

    @functools.cached_property
    def _sprites(self) -> list[Sprite]:
        return [self.sprite(number, self.ink) for number in range(len(self.block.lines))]

    def sprite(self, number: int, ink: Ink) -> Sprite:
        block = self.block
        line = typeset.line_paragraph(block, number, ink)
        x, base = round(self.left(number)), round(self.box.y + block.baseline(number))
        box = Box(x, base - block.size, block.lines[number].width, block.size * 1.3)
        return paint.sprite(
            box, lambda c: line.paint(c, x, base - line.AlphabeticBaseline), block.size * 0.4
        )


@dataclass(frozen=True, eq=False)
class Highlighted:
    """A text whose accent is swept by a marker; the letters turn as the marker passes them."""

    text: Text
    marker: Rgb
    on_marker: Rgb
    start_s: float = 0.9
    name: str = "text"

    @property
    def box(self) -> Box:
        return self.text.box

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        self.text.draw(canvas, clock)
        swept = [
            (number, self._swept(number, span, clock, order))
            for order, (number, span) in enumerate(self._spans)
        ]
        radius = self.text.block.size * 0.12
        for _, box in swept:
            if box.w > 0:
                canvas.drawRRect(paint.rounded(box, radius), paint.fill(self.marker))
        for number, box in swept:
            canvas.save()
            canvas.clipRect(paint.rect(box.inset(0, -self.text.block.size * 0.2)))
            self._turned[number].draw(canvas)
            canvas.restore()

    @functools.cached_property
    def _spans(self) -> list[tuple[int, tuple[float, float]]]:
        lines = self.text.block.lines
        return [(number, span) for number, line in enumerate(lines) for span in line.marks]

    def _swept(self, number: int, span: tuple[float, float], clock: Clock, order: int) -> Box:
        box = self._marker_box(number, span)
        wide = box.w * ease_in_out(clock.since(self.start_s + 0.3 * order, 0.45))
        x = box.right - wide if self.text.block.tongue.rtl else box.x
        return Box(x, box.y, wide, box.h)

    def _marker_box(self, number: int, span: tuple[float, float]) -> Box:
        block = self.text.block
        size = block.size
        pad = size * (0.1 if " " in block.lines[number].text else 0.03)
        base = self.text.box.y + block.baseline(number)
        return Box(
            self.text.left(number) + span[0] - pad,
            base - size * 0.86,
            span[1] + 2 * pad,
            size * 1.1,
        )

    @functools.cached_property
    def _turned(self) -> list[Sprite]:
        ink = Ink(self.on_marker, self.on_marker)
        return [self.text.sprite(number, ink) for number in range(len(self.text.block.lines))]


@dataclass(frozen=True, eq=False)
class Chip:
    """The small label in a pill above a headline."""

    block: Block
    box: Box
    ground: Rgb
    ink: Rgb
    start_s: float = 0.0
    name: str = "chip"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(self.start_s, 0.5)
        away = -1 if not self.block.tongue.rtl else 1
        self._sprite.draw(canvas, dx=away * (1 - come) * 48, alpha=come)

    @functools.cached_property
    def _sprite(self) -> Sprite:
        line = typeset.line_paragraph(self.block, 0, Ink(self.ink, self.ink))
        base = self.box.y + self.box.h / 2 + self.block.size * 0.36
        x = self.box.x + (self.box.w - self.block.width) / 2

        def whole(canvas: skia.Canvas) -> None:
            canvas.drawRRect(paint.rounded(self.box, self.box.h / 2), paint.fill(self.ground))
            line.paint(canvas, x, base - line.AlphabeticBaseline)

        return paint.sprite(self.box, whole, 2)


@dataclass(frozen=True, eq=False)
class Panel:
    """A sheet of glass: a veil, a hairline, a light along its upper edge, a soft shadow."""

    box: Box
    look: Palette
    radius: float = 36
    start_s: float = 0.3
    slide: float = 46
    veil: float = 0.78
    name: str = "panel"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(self.start_s, 0.6)
        self._sprite.draw(canvas, dy=(1 - come) * self.slide, alpha=come)

    @functools.cached_property
    def _sprite(self) -> Sprite:
        return paint.sprite(
            self.box, lambda canvas: glass(canvas, self.box, self.radius, self.look, self.veil), 40
        )


@dataclass(frozen=True, eq=False)
class Plate:
    """The coloured head of a panel."""

    box: Box
    colour: Rgb
    radius: float
    start_s: float = 0.3
    name: str = "plate"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        self._sprite.draw(canvas, alpha=clock.enter(self.start_s, 0.6))

    @functools.cached_property
    def _sprite(self) -> Sprite:
        return paint.sprite(self.box, self._draw, 2)

    def _draw(self, canvas: skia.Canvas) -> None:
        canvas.clipRect(paint.rect(self.box))
        tall = Box(self.box.x, self.box.y, self.box.w, self.box.h + self.radius)
        canvas.drawRRect(paint.rounded(tall, self.radius), paint.fill(self.colour))


def glass(canvas: skia.Canvas, box: Box, radius: float, look: Palette, veil: float = 0.78) -> None:
    paint.shadow(canvas, box.moved(0, 10), radius, 16, 0.24 if look.is_dark else 0.10)
    canvas.save()
    canvas.clipRRect(paint.rounded(box, radius), True)
    canvas.drawRect(paint.rect(box), paint.fill(look.glass, veil))
    sheen = (255, 255, 255)
    paint.vertical(canvas, box, sheen, [(0, 0.07 if look.is_dark else 0.4), (0.5, 0.0), (1, 0.0)])
    canvas.restore()
    canvas.drawRRect(paint.rounded(box.inset(1), radius - 1), paint.stroke(look.text, 2, 0.13))


@dataclass(frozen=True, eq=False)
class Rule:
    """A short thick line that draws itself; lying, or standing where `upright`."""

    box: Box
    colour: Rgb
    start_s: float = 0.8
    upright: bool = False
    rtl: bool = False
    name: str = "rule"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        grown = ease_in_out(clock.since(self.start_s, 0.6))
        if grown <= 0:
            return
        box = Box(self.box.x, self.box.y, self.box.w * grown, self.box.h)
        if self.upright:
            box = Box(self.box.x, self.box.y, self.box.w, self.box.h * grown)
        elif self.rtl:
            box = Box(self.box.right - box.w, box.y, box.w, box.h)
        canvas.drawRRect(
            paint.rounded(box, min(self.box.w, self.box.h) / 2), paint.fill(self.colour)
        )


@dataclass(frozen=True, eq=False)
class Badge:
    """A number, a few letters, or a tick, in a disc."""

    box: Box
    text: str
    look: Palette
    tongue: typeset.Tongue
    start_s: float = 0.5
    name: str = "badge"
    is_quiet: bool = False  # in the colours of the page rather than of the brand

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.since(self.start_s, 0.5)
        if come > 0:
            self._sprite.zoomed(canvas, 0.4 + 0.6 * overshoot(come), alpha=min(1.0, come * 3))

    @functools.cached_property
    def _sprite(self) -> Sprite:
        return paint.sprite(self.box, self._disc, 4)

    def _disc(self, canvas: skia.Canvas) -> None:
        box, radius, look = self.box, self.box.w / 2, self.look
        disc, ink = (look.ground, look.text) if self.is_quiet else (look.accent, look.on_accent)
        canvas.drawCircle(box.x + radius, box.middle, radius, paint.fill(disc))
        if not self.text:
            self._tick(canvas)
            return
        size = box.h * (0.5 if len(self.text) == 1 else 0.38)
        line = typeset.paragraph([(self.text, argb(ink))], size, typeset.BOLD, self.tongue)
        x = box.x + (box.w - line.MaxIntrinsicWidth) / 2
        line.paint(canvas, x, box.middle + size * 0.36 - line.AlphabeticBaseline)

    def _tick(self, canvas: skia.Canvas) -> None:
        box, unit = self.box, self.box.w
        path = skia.PathBuilder()
        path.moveTo(box.x + unit * 0.29, box.y + unit * 0.52)
        path.lineTo(box.x + unit * 0.44, box.y + unit * 0.66)
        path.lineTo(box.x + unit * 0.71, box.y + unit * 0.36)
        canvas.drawPath(path.detach(), paint.stroke(self.look.on_accent, unit * 0.095))


@dataclass(frozen=True, eq=False)
class Group:
    """Elements that slide in together, such as a row of a list."""

    parts: tuple[Element, ...]
    box: Box
    start_s: float
    shift: float = 70
    name: str = "group"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(self.start_s, 0.6)
        if come <= 0.004:
            return
        canvas.save()
        canvas.translate((1 - come) * self.shift, 0)
        for part in self.parts:
            part.draw(canvas, clock)
        canvas.restore()
