"""What lies behind the words: drifting light, or a picture that moves slowly under a veil."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Protocol

import skia

from videos.media.cards import paint
from videos.media.cards.colours import ENOUGH, WHITE, Palette, Rgb, argb, contrast, luminance, mix
from videos.media.cards.layout import Box, Sheet
from videos.media.cards.motion import Clock, ease_in_out

DRIFT = 0.22  # of the page: how much larger the light is drawn than the page
PLACES = (  # of the three lights, as shares of the page; scenes take turns
    ((0.10, 0.06), (0.96, 0.92), (0.90, 0.04)),
    ((0.94, 0.10), (0.04, 0.94), (0.10, 0.08)),
    ((0.08, 0.90), (0.95, 0.10), (0.92, 0.94)),
    ((0.92, 0.86), (0.06, 0.08), (0.08, 0.94)),
)


class Backdrop(Protocol):
    def draw(self, canvas: skia.Canvas, clock: Clock) -> None: ...


@dataclass(frozen=True, eq=False)
class Light:
    """Three soft lights on the ground colour, drawn once and moved by whole pixels."""

    sheet: Sheet
    look: Palette
    turn: int = 0

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        room_x, room_y = self.sheet.width * DRIFT, self.sheet.height * DRIFT
        phase = clock.seconds * 0.32 + self.turn * 1.7
        x = -round(room_x * (0.5 + 0.5 * math.sin(phase)))
        y = -round(room_y * (0.5 + 0.5 * math.cos(phase * 0.83)))
        canvas.drawImage(self._image, x, y, paint.SHARP, paint.OPAQUE_COPY)

    @functools.cached_property
    def _image(self) -> skia.Image:
        width, height = (
            round(side * (1 + DRIFT)) + 1 for side in (self.sheet.width, self.sheet.height)
        )

        def whole(canvas: skia.Canvas) -> None:
            canvas.clear(argb(self.look.ground))
            box, reach = Box(0, 0, width, height), math.hypot(width, height)
            places = PLACES[self.turn % len(PLACES)]
            for (x, y), light, size in zip(
                places, self.look.glows, (0.62, 0.55, 0.38), strict=True
            ):
                paint.radial(canvas, box, (x * width, y * height), reach * size, light)
            self._dots(canvas, width, height)
            paint.grain(canvas, width, height)

        return paint.raster(width, height, whole, opaque=True)

    def _dots(self, canvas: skia.Canvas, width: int, height: int) -> None:
        """A fine raster that fades towards the middle, for depth."""
        gap, reach = 46, math.hypot(width, height)
        places = PLACES[self.turn % len(PLACES)][1]
        x0, y0 = places[0] * width, places[1] * height
        for row in range(height // gap + 1):
            for column in range(width // gap + 1):
                x, y = column * gap + 23, row * gap + 23
                near = 1 - math.hypot(x - x0, y - y0) / (reach * 0.5)
                if near > 0:
                    canvas.drawCircle(x, y, 2.1, paint.fill(self.look.text, 0.17 * near))


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture that fills the page and moves smoothly; a veil keeps the words readable."""

    sheet: Sheet
    look: Palette  # as made by colours.over_picture
    image: skia.Image
    turn: int = 0
    words_from: float = 0.0  # share of the page's height at which the text begins

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        image, share = self._cover, clock.share
        if self.turn % 2:
            share = 1 - share
        zoom = 1.0 + 0.085 * share
        width, height = self.sheet.width, self.sheet.height
        w, h = image.width() / ZOOM * zoom, image.height() / ZOOM * zoom
        aim = 0.5 + 0.16 * (share - 0.5)
        x, y = (width - w) * aim, (height - h) * (0.5 + 0.1 * (0.5 - share))
        box = skia.Rect.MakeXYWH(x, y, w, h)
        canvas.drawImageRect(image, box, paint.SMOOTH, self._plain)
        canvas.drawImage(self._veil, 0, 0)

    @functools.cached_property
    def _cover(self) -> skia.Image:
        """The picture at the largest size that is shown, cropped to what can be seen."""
        width, height = self.sheet.width * ZOOM, self.sheet.height * ZOOM
        return covering(self.image, width, height)

    @functools.cached_property
    def _plain(self) -> skia.Paint:
        """Not a copying paint: with smooth sampling that one takes ten times as long."""
        return skia.Paint()

    @functools.cached_property
    def _veil(self) -> skia.Image:
        page = self.sheet.whole
        stops = [(step / 32, self._shade(step / 32)) for step in range(33)]
        return paint.raster(
            page.w, page.h, lambda canvas: paint.vertical(canvas, page, self.look.ground, stops)
        )

    def _shade(self, down: float) -> float:
        """The veil's opacity at a share of the height: for the mark, for the words, else thin."""
        top, full = self._needed
        low = self.sheet.brand.bottom / self.sheet.height
        mark = top * (1 - ease_in_out((down - low) / 0.26))
        words = full * ease_in_out((down - self.words_from + 0.2) / 0.2)
        captions = 0.42 * ease_in_out(
            (down - self.sheet.captions.y / self.sheet.height + 0.1) / 0.2
        )
        return max(mark, words, captions, 0.1)

    @functools.cached_property
    def _needed(self) -> tuple[float, float]:
        low = self.sheet.brand.bottom / self.sheet.height
        weakest = min(self.look.texts, key=luminance)
        top = needed_veil(self._cover, self.look.ground, self.look.text, 0.0, low + 0.02)
        start = min(self.words_from, 0.9)
        return top, needed_veil(self._cover, self.look.ground, weakest, start)


@dataclass(frozen=True, eq=False)
class Haze:
    """A blurred, darkened copy of a picture that stands framed in front of it."""

    sheet: Sheet
    look: Palette
    image: skia.Image

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        spare = (ZOOM - 1) * 0.9
        x = -round(self.sheet.width * spare * clock.share)
        y = -round(self.sheet.height * spare * (1 - clock.share))
        canvas.drawImage(self._veiled, x, y, paint.SHARP, paint.OPAQUE_COPY)

    @functools.cached_property
    def _veiled(self) -> skia.Image:
        width, height = self.sheet.width * ZOOM, self.sheet.height * ZOOM
        cover = covering(self.image, width, height, blur=26)
        weakest = min(self.look.texts, key=luminance)
        veil = max(0.5, needed_veil(cover, self.look.ground, weakest))

        def whole(canvas: skia.Canvas) -> None:
            canvas.drawImage(cover, 0, 0)
            canvas.drawRect(skia.Rect.MakeWH(width, height), paint.fill(self.look.ground, veil))
            paint.grain(canvas, round(width), round(height))

        return paint.raster(width, height, whole, opaque=True)


@dataclass(frozen=True, eq=False)
class Filmed:
    """A frame of a clip as it fills the page. Its veil is fit for whatever the clip may show."""

    sheet: Sheet
    look: Palette  # as made by colours.over_picture
    image: skia.Image

    def draw(self, canvas: skia.Canvas, clock: Clock) -> None:
        page = self.sheet
        if (self.image.width(), self.image.height()) != (page.width, page.height):
            canvas.drawImage(covering(self.image, page.width, page.height), 0, 0)
        else:
            canvas.drawImage(self.image, 0, 0)
        canvas.drawImage(self.veil, 0, 0)

    @functools.cached_property
    def veil(self) -> skia.Image:
        page = self.sheet.whole
        stops = [(step / 32, self._shade(step / 32)) for step in range(33)]
        return paint.raster(
            page.w, page.h, lambda canvas: paint.vertical(canvas, page, self.look.ground, stops)
        )

    def _shade(self, down: float) -> float:
        low = self.sheet.brand.bottom / self.sheet.height
        mark = veil_over(WHITE, self.look.ground, self.look.text)
        captions = 0.46 * ease_in_out(
            (down - self.sheet.captions.y / self.sheet.height + 0.1) / 0.2
        )
        return max(mark * (1 - ease_in_out((down - low) / 0.2)), captions)


ZOOM = 1.1


def covering(image: skia.Image, width: float, height: float, blur: float = 0) -> skia.Image:
    """`image` scaled to cover the size, its middle (a little above it) kept."""
    scale = max(width / image.width(), height / image.height())
    w, h = image.width() * scale, image.height() * scale
    box = skia.Rect.MakeXYWH((width - w) / 2, (height - h) * 0.42, w, h)

    def whole(canvas: skia.Canvas) -> None:
        paper = skia.Paint()
        if blur:
            paper.setImageFilter(skia.ImageFilters.Blur(blur, blur, skia.TileMode.kClamp))
        sampling = (
            paint.FINE
            if scale >= 1
            else skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        )
        canvas.drawImageRect(image, box, sampling, paper)

    return paint.raster(width, height, whole, opaque=True)


def needed_veil(
    image: skia.Image, shade: Rgb, ink: Rgb, start: float = 0.0, end: float = 1.0
) -> float:
    """The opacity of `shade` at which `ink` stands on the brighter parts of the picture between
    two shares of its height."""
    return veil_over(_bright(image, start, end), shade, ink)


def veil_over(bright: Rgb, shade: Rgb, ink: Rgb) -> float:
    for step in range(40, 93):
        if contrast(ink, mix(bright, shade, step / 100)) >= ENOUGH:
            return step / 100
    return 0.93


def _bright(image: skia.Image, start: float, end: float) -> Rgb:
    """The colour at the 95th percentile of luminance."""
    side = 24

    def small(canvas: skia.Canvas) -> None:
        canvas.drawImageRect(
            image,
            skia.Rect.MakeWH(side, side),
            skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear),
            skia.Paint(),
        )

    pixels = paint.raster(side, side, small, opaque=True).tobytes()
    row = side * 4
    seen = pixels[int(start * side) * row : math.ceil(end * side) * row]
    tones: list[Rgb] = [(seen[at + 2], seen[at + 1], seen[at]) for at in range(0, len(seen), 4)]
    return sorted(tones, key=luminance)[int(len(tones) * 0.95)]


def covers(image: skia.Image, sheet: Sheet) -> bool:
    """False where filling the page would cut away almost half of the picture."""
    page, own = sheet.width / sheet.height, image.width() / image.height()
    return bool(min(page / own, own / page) >= 0.54)
