"""The big quotation mark, drawn as a shape so that it looks the same in every language."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import skia

from videos.media.cards import paint
from videos.media.cards.colours import Palette
from videos.media.cards.layout import Box
from videos.media.cards.motion import Clock, overshoot
from videos.media.cards.paint import Sprite
from videos.media.cards.typeset import Tongue


@dataclass(frozen=True, eq=False)
class Mark:
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
