"""The picture card: the page filled with it, or the whole picture in a frame where a crop hurts."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import skia

from videos.media.cards import backdrops, paint
from videos.media.cards.colours import Palette
from videos.media.cards.elements import Element, Panel
from videos.media.cards.layout import Box, lower_third
from videos.media.cards.motion import Clock
from videos.media.cards.page import Label, Page, Piece, Words, column, height_of, label, words
from videos.media.cards.typeset import BODY, Wish
from videos.writing import visuals


def picture(card: visuals.Picture, page: Page) -> list[Element]:
    image = page.pictures.get("main")
    if image is not None and not backdrops.covers(image, page.sheet):
        return _framed(card, page, image)
    return _lower_third(card, page)


def clip(card: visuals.Clip, page: Page) -> list[Element]:
    """What stands over a clip keeps to the lower third: only there is anything drawn over it."""
    return _lower_third(card, page.in_room(lower_third(page.sheet).inset(0, 8)), 1.0)


def _lower_third(
    card: visuals.Picture | visuals.Clip, page: Page, share: float = 0.5
) -> list[Element]:
    """The words stand on glass, so that the picture itself needs hardly any veil."""
    room, pad = page.room, page.pick(44, 36, 44)
    most = room.w * page.pick(1, 1, 0.66) - 2 * pad
    high = room.h * share - (2 * pad if share == 1 else 0)
    texts = _texts(card, page, most, high)
    if not texts:
        return []
    wide = min(most, max(map(_width, texts)) + 1)
    high = height_of(texts)
    panel = Box(room.x, room.bottom - high - 2 * pad, wide + 2 * pad, high + 2 * pad)
    panel = page.side(panel, room)
    inner = panel.inset(pad)
    return [Panel(panel, page.look, 40, 0.1, veil=0.84), *column(page, texts, inner, lean=0)]


def _width(piece: Piece) -> float:
    return piece.block.width if isinstance(piece, Words | Label) else 0.0


def _texts(
    card: visuals.Picture | visuals.Clip, page: Page, width: float, height: float
) -> list[Piece]:
    chip = label(page, width)
    head = page.fit(
        page.headline,
        (width, height * 0.66),
        Wish(page.pick(108, 84, 96), page.pick(60, 50, 54), page.pick_lines(4, 3, 3)),
    )
    below = page.fit(
        card.caption,
        (width, height * 0.3),
        Wish(page.pick(44, 36, 40), page.pick(34, 28, 30), 3, BODY),
    )
    return [
        *chip,
        *words(head, page.ink, page.pick(30, 24, 26), name="headline"),
        *words(below, page.quiet, page.pick(20, 14, 16), start_s=0.5, name="caption"),
    ]


def _framed(card: visuals.Picture, page: Page, image: skia.Image) -> list[Element]:
    room = page.room
    if page.sheet.is_wide:
        return _framed_beside(card, page, image)
    texts = _texts(card, page, room.w, room.h * 0.46)
    gap = page.pick(44, 30, 30) if texts else 0
    left = Box(room.x, room.y, room.w, room.h - height_of(texts) - gap)
    frame = _frame(image, left)
    top = room.y + (room.h - frame.h - gap - height_of(texts)) / 2
    frame = Box(frame.x, top, frame.w, frame.h)
    below = Box(room.x, frame.bottom + gap, room.w, height_of(texts))
    return [Framed(frame, image, page.look), *column(page, texts, below, lean=0)]


def _framed_beside(card: visuals.Picture, page: Page, image: skia.Image) -> list[Element]:
    room = page.room
    frame = _frame(image, Box(room.x, room.y, room.w * 0.52, room.h))
    frame = Box(room.right - frame.w, frame.y, frame.w, frame.h)
    left = Box(room.x, room.y, room.w - frame.w - 72, room.h)
    texts = column(page, _texts(card, page, left.w, left.h), page.side(left, room))
    return [Framed(page.side(frame, room), image, page.look), *texts]


def _frame(image: skia.Image, room: Box) -> Box:
    scale = min(room.w / image.width(), room.h / image.height())
    w, h = image.width() * scale, image.height() * scale
    return Box(room.x + (room.w - w) / 2, room.y + (room.h - h) / 2, w, h)


@dataclass(frozen=True, eq=False)
class Framed:
    """The picture, whole at first, moving slowly inside rounded corners."""

    box: Box
    image: skia.Image
    look: Palette
    start_s: float = 0.1
    radius: float = 32
    name: str = "frame"

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        come = clock.enter(self.start_s, 0.7)
        if come <= 0.004:
            return
        canvas.save()
        canvas.translate(0, (1 - come) * 60)
        self._shadow.draw(canvas, alpha=come)
        canvas.clipRRect(paint.rounded(self.box, self.radius), True)
        zoom = 1 + 0.05 * clock.share
        w, h = self.box.w * zoom, self.box.h * zoom
        place = skia.Rect.MakeXYWH(
            self.box.x - (w - self.box.w) / 2, self.box.y - (h - self.box.h) / 2, w, h
        )
        canvas.drawImageRect(self._scaled, place, paint.SMOOTH, skia.Paint(Alpha=round(255 * come)))
        canvas.drawRRect(
            paint.rounded(self.box.inset(1), self.radius - 1),
            paint.stroke((255, 255, 255), 2, 0.2 * come),
        )
        canvas.restore()

    @functools.cached_property
    def _scaled(self) -> skia.Image:
        return backdrops.covering(self.image, self.box.w * 1.05, self.box.h * 1.05)

    @functools.cached_property
    def _shadow(self) -> paint.Sprite:
        return paint.sprite(
            self.box, lambda c: paint.shadow(c, self.box.moved(0, 18), self.radius, 26, 0.45), 80
        )
