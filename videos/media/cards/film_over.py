"""What stands over a clip, as strips: the veil and the push as whole pages, then only the bands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import skia

from videos.media.cards.backdrops import Filmed
from videos.media.cards.film import Film
from videos.media.cards.layout import Band


def strips(film: Film, over: Mapping[str, Any]) -> Iterator[tuple[int, memoryview]]:
    """(frames finished, pixels to be written), in the order that videos.media.clips reads."""
    bands = [Band(*band) for band in over["bands"]]
    width, high = film.sheet.width, sum(band.h for band in bands)
    page = _Pixels(width, high * over["strips"])
    if not isinstance(film.scene.backdrop, Filmed):
        raise LookupError("a clip comes with its first picture")
    page.canvas.drawImage(film.scene.backdrop.veil, 0, 0)
    yield 0, page.straight()
    for frame in range(over["push"]):
        film.draw(page.canvas, frame)
        yield frame + 1, page.straight()
    strip = _Pixels(width, high)
    for frame in range(over["push"], film.frames):
        _strip(film, strip.canvas, frame, bands)
        yield frame + 1, strip.straight()


def _strip(film: Film, canvas: skia.Canvas, frame: int, bands: list[Band]) -> None:
    canvas.clear(0)
    top = 0
    for band in bands:
        canvas.save()
        canvas.clipRect(skia.Rect.MakeXYWH(0, top, film.sheet.width, band.h))
        canvas.translate(0, top - band.y)
        film.draw_over(canvas, frame)
        canvas.restore()
        top += band.h


class _Pixels:
    """A surface and its pixels with straight alpha: the encoder can't blend premultiplied YUV."""

    def __init__(self, width: int, height: int) -> None:
        self._surface = skia.Surface.MakeRasterN32Premul(width, height)
        self.canvas = self._surface.getCanvas()
        self.canvas.clear(0)
        self._told = skia.ImageInfo.Make(
            width, height, skia.kBGRA_8888_ColorType, skia.kUnpremul_AlphaType
        )
        self._bytes = bytearray(width * height * 4)

    def straight(self) -> memoryview:
        self._surface.readPixels(self._told, self._bytes, self._told.minRowBytes(), 0, 0)
        return memoryview(self._bytes)
