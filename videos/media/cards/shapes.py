"""Shapes that decorate: the quotation mark, widening rings, slow arcs."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import skia

from videos.media.cards import paint
from videos.media.cards.colours import Palette
from videos.media.cards.layout import Box, Sheet
from videos.media.cards.motion import Clock, ease_in_out, overshoot
from videos.media.cards.paint import Sprite
from videos.media.cards.typeset import Tongue


@dataclass(frozen=True, eq=False)
class Mark:
    """Drawn rather than set, so that it looks the same in every language and font."""

    box: Box
    look: Palette
    tongue: Tongue
    start_s: float = 0.05
    name: str = "mark"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.since(self.start_s, 0.55)
        if come > 0:
            self._sprite.zoomed(canvas, 0.5 + 0.5 * overshoot(come), alpha=min(1.0, come * 3))

    @functools.cached_property
    def _sprite(self) -> Sprite:
        return paint.sprite(self.box, self._draw, 4)

    def _draw(self, canvas: skia.Canvas) -> None:
        box, half = self.box, self.box.w * 0.46
        if self.tongue.rtl:  # opening marks look the other way
            canvas.translate(2 * box.x + box.w, 0)
            canvas.scale(-1, 1)
        for x in (box.x, box.x + box.w * 0.54):
            canvas.drawPath(_comma(Box(x, box.y, half, box.h)), paint.fill(self.look.accent))


def _comma(box: Box) -> skia.Path:
    """A block with a tail that bends up and to the right."""
    x, y, w, h = box.x, box.y, box.w, box.h
    path = skia.PathBuilder()
    path.moveTo(x + w, y)
    path.cubicTo(x + w * 0.3, y + h * 0.06, x, y + h * 0.34, x, y + h * 0.62)
    path.lineTo(x, y + h * 0.9)
    path.quadTo(x, y + h, x + w * 0.12, y + h)
    path.lineTo(x + w * 0.86, y + h)
    path.quadTo(x + w, y + h, x + w, y + h * 0.88)
    path.lineTo(x + w, y + h * 0.6)
    path.quadTo(x + w, y + h * 0.5, x + w * 0.86, y + h * 0.5)
    path.lineTo(x + w * 0.5, y + h * 0.5)
    path.cubicTo(x + w * 0.5, y + h * 0.36, x + w * 0.68, y + h * 0.22, x + w, y + h * 0.2)
    path.close()
    return path.detach()


@dataclass(frozen=True, eq=False)
class Rings:
    """Hairline circles that widen slowly behind the figure."""

    box: Box
    look: Palette
    rtl: bool
    name: str = "rings"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        page = self.box
        x = page.x + page.w * (0.14 if self.rtl else 0.86)
        y, reach = page.y + page.h * 0.46, math.hypot(page.w, page.h) * 0.46
        come = ease_in_out(clock.since(0.0, 1.2))
        for ring in range(5):
            place = (ring + (clock.seconds * 0.11) % 1) / 5
            alpha = 0.2 * come * math.sin(math.pi * place)
            canvas.drawCircle(x, y, reach * place, paint.stroke(self.look.second, 3, alpha))


@dataclass(frozen=True, eq=False)
class Arcs:
    """Parts of circles that draw themselves, then turn slowly, where no words stand."""

    sheet: Sheet
    look: Palette
    rtl: bool
    name: str = "arcs"

    @property
    def box(self) -> Box:
        return self.sheet.whole

    @property
    def _centre(self) -> tuple[tuple[float, float], float]:
        """Below the captions of a tall page, beside the words of a wide one."""
        sheet = self.sheet
        across, down, reach = 0.9, 1.0, 360.0
        if sheet.is_wide:
            across, down, reach = 0.82, 0.45, 330.0
        elif not sheet.is_tall:
            across, down, reach = 1.0, 0.42, 300.0
        x = 1 - across if self.rtl else across
        return (sheet.width * x, sheet.height * down), reach

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        (x, y), reach = self._centre
        inks = (self.look.glow, self.look.text, self.look.second, self.look.accent)
        for number, ink in enumerate(inks):
            radius = reach * (1 - 0.22 * number)
            drawn = ease_in_out(clock.since(0.1 * number, 1.1))
            start = 188 + 31 * number + clock.seconds * (5 - 2.4 * number)
            oval = skia.Rect.MakeLTRB(x - radius, y - radius, x + radius, y + radius)
            faint = paint.stroke(self.look.text, 2, 0.08 * drawn)
            canvas.drawOval(oval, faint)
            canvas.drawArc(
                oval, start, (46 + 15 * number) * drawn, False, paint.stroke(ink, 6 + number, 0.62)
            )
