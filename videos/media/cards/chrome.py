"""What stands still over everything: the channel's mark and the row of progress segments."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import skia

from videos.media.cards import paint, typeset
from videos.media.cards.colours import Palette, argb
from videos.media.cards.layout import Box, Sheet
from videos.media.cards.paint import Sprite
from videos.media.cards.typeset import BOLD, LABEL, Ink, Tongue, Wish


@dataclass(frozen=True, eq=False)
class Chrome:
    sheet: Sheet
    look: Palette
    tongue: Tongue
    name: str
    logo: skia.Image | None
    index: int
    count: int

    def draw_brand(self, canvas: skia.Canvas) -> None:
        self._brand.draw(canvas)

    def draw(self, canvas: skia.Canvas, share: float) -> None:
        self._brand.draw(canvas)
        self._segments.draw(canvas)
        box = self._segment(self.index)
        box = Box(box.x, box.y, max(box.h, box.w * share), box.h)
        self._fill(canvas, box, self.index)

    def _segment(self, number: int) -> Box:
        bar = self.sheet.bar
        gap = min(10.0, bar.w / self.count * 0.22)
        wide = (bar.w - gap * (self.count - 1)) / self.count
        return Box(bar.x + number * (wide + gap), bar.y, wide, bar.h)

    @functools.cached_property
    def _segments(self) -> Sprite:
        def whole(canvas: skia.Canvas) -> None:
            for number in range(self.count):
                box = self._mirrored(self._segment(number))
                ink = paint.fill(self.look.text, 0.22)
                if number < self.index:
                    ink = paint.fill(self.look.accent)
                canvas.drawRRect(paint.rounded(box, box.h / 2), ink)

        return paint.sprite(self.sheet.bar, whole, 2)

    def _fill(self, canvas: skia.Canvas, box: Box, number: int) -> None:
        whole = self._segment(number)
        if self.tongue.rtl:
            box = Box(whole.x, box.y, box.w, box.h)
        canvas.drawRRect(
            paint.rounded(self._mirrored(box), box.h / 2), paint.fill(self.look.accent)
        )

    def _mirrored(self, box: Box) -> Box:
        return box.mirrored(self.sheet.bar) if self.tongue.rtl else box

    @functools.cached_property
    def _brand(self) -> Sprite:
        return paint.sprite(self.sheet.brand, self._draw_brand, 4)

    def _draw_brand(self, canvas: skia.Canvas) -> None:
        room = self.sheet.brand
        mark = Box(room.x, room.y, room.h, room.h)
        if self.logo is not None:
            wide = min(room.h * 4, self.logo.width() * room.h / self.logo.height())
            mark = Box(room.x, room.y, wide, room.h)
        mark = mark.mirrored(room) if self.tongue.rtl else mark
        self._draw_mark(canvas, mark)
        size = room.h * 0.62
        block = typeset.fit(
            self.name, (room.w * 0.6, room.h), Wish(size, size * 0.7, 1, LABEL), self.tongue
        )
        if not block.lines:
            return
        x = mark.x - 18 - block.width if self.tongue.rtl else mark.right + 18
        line = typeset.line_paragraph(block, 0, Ink(self.look.text, self.look.text))
        line.paint(canvas, x, room.middle + 0.36 * block.size - line.AlphabeticBaseline)

    def _draw_mark(self, canvas: skia.Canvas, box: Box) -> None:
        canvas.save()
        canvas.clipRRect(paint.rounded(box, box.h * 0.28), True)
        if self.logo is not None:
            shrink = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
            canvas.drawImageRect(self.logo, paint.rect(box), shrink, skia.Paint())
        else:
            canvas.drawRect(paint.rect(box), paint.fill(self.look.accent))
            self._initial(canvas, box)
        canvas.restore()

    def _initial(self, canvas: skia.Canvas, box: Box) -> None:
        letter = next((mark for mark in self.name if mark.isalnum()), "•").upper()
        size = box.h * 0.62
        line = typeset.paragraph([(letter, argb(self.look.on_accent))], size, BOLD, self.tongue)
        x = box.x + (box.w - line.MaxIntrinsicWidth) / 2
        line.paint(canvas, x, box.middle + 0.36 * size - line.AlphabeticBaseline)
