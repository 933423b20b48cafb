"""Skia in small words: images drawn once and laid down often, rounded shapes, soft light."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import skia

from videos.media.cards.colours import Rgb, argb
from videos.media.cards.layout import Box

SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)
SHARP = skia.SamplingOptions()
FINE = skia.SamplingOptions(skia.CubicResampler.Mitchell())
OPAQUE_COPY = skia.Paint(BlendMode=skia.BlendMode.kSrc)


def rect(box: Box) -> skia.Rect:
    return skia.Rect.MakeXYWH(box.x, box.y, box.w, box.h)


def rounded(box: Box, radius: float) -> skia.RRect:
    return skia.RRect.MakeRectXY(rect(box), radius, radius)


def fill(colour: Rgb, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=argb(colour, alpha))


def stroke(colour: Rgb, width: float, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(
        AntiAlias=True,
        Color=argb(colour, alpha),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


def raster(
    width: float, height: float, paint: Callable[[skia.Canvas], None], *, opaque: bool = False
) -> skia.Image:
    kind = skia.kOpaque_AlphaType if opaque else skia.kPremul_AlphaType
    info = skia.ImageInfo.MakeN32(max(1, round(width)), max(1, round(height)), kind)
    surface = skia.Surface.MakeRaster(info)
    canvas = surface.getCanvas()
    canvas.clear(0)
    paint(canvas)
    return surface.makeImageSnapshot()


@dataclass(frozen=True)
class Sprite:
    """An image that was drawn once; `x`, `y` say where its corner belongs."""

    image: skia.Image
    x: float
    y: float

    def draw(
        self, canvas: skia.Canvas, *, dx: float = 0.0, dy: float = 0.0, alpha: float = 1.0
    ) -> None:
        if alpha <= 0.004:
            return
        x, y = self.x + dx, self.y + dy
        resting = abs(x - round(x)) < 0.02 and abs(y - round(y)) < 0.02
        paint = skia.Paint(Alpha=round(255 * min(1.0, alpha)))
        if resting:
            canvas.drawImage(self.image, round(x), round(y), SHARP, paint)
        else:
            canvas.drawImage(self.image, x, y, SMOOTH, paint)

    def zoomed(self, canvas: skia.Canvas, zoom: float, alpha: float = 1.0) -> None:
        """Drawn larger or smaller about its own middle."""
        if abs(zoom - 1) < 0.002:
            self.draw(canvas, alpha=alpha)
            return
        width, height = self.image.width(), self.image.height()
        box = skia.Rect.MakeXYWH(
            self.x + width * (1 - zoom) / 2,
            self.y + height * (1 - zoom) / 2,
            width * zoom,
            height * zoom,
        )
        canvas.drawImageRect(self.image, box, SMOOTH, skia.Paint(Alpha=round(255 * alpha)))


def sprite(box: Box, paint: Callable[[skia.Canvas], None], pad: float = 0.0) -> Sprite:
    """Draws in page coordinates into an image that covers `box` and `pad` around it."""
    x, y = int(box.x - pad), int(box.y - pad)

    def moved(canvas: skia.Canvas) -> None:
        canvas.translate(-x, -y)
        paint(canvas)

    return Sprite(raster(box.right + pad - x + 1, box.bottom + pad - y + 1, moved), x, y)


def radial(
    canvas: skia.Canvas,
    box: Box,
    centre: tuple[float, float],
    radius: float,
    light: tuple[Rgb, float],
) -> None:
    """Light that fades smoothly; several stops keep the edge from showing."""
    colour, alpha = light
    falloff = ((0.0, 1.0), (0.25, 0.78), (0.5, 0.4), (0.75, 0.11), (1.0, 0.0))
    shader = skia.GradientShader.MakeRadial(
        centre, radius, [argb(colour, alpha * a) for _, a in falloff], [p for p, _ in falloff]
    )
    canvas.drawRect(rect(box), skia.Paint(Shader=shader, Dither=True))


def vertical(canvas: skia.Canvas, box: Box, colour: Rgb, stops: list[tuple[float, float]]) -> None:
    """`stops` are (place, opacity) from the top of the box to its end."""
    shader = skia.GradientShader.MakeLinear(
        [(0, box.y), (0, box.bottom)], [argb(colour, a) for _, a in stops], [p for p, _ in stops]
    )
    canvas.drawRect(rect(box), skia.Paint(Shader=shader, Dither=True))


def grain(canvas: skia.Canvas, width: int, height: int, strength: int = 7) -> None:
    """A little fixed noise, so that encoders do not turn soft light into bands."""
    side = 128
    source = random.Random(3)  # noqa: S311 - a texture, not a secret
    pixels = bytearray()
    for _ in range(side * side):
        alpha = source.randrange(strength + 1)
        pixels += bytes([source.choice((0, alpha))] * 3 + [alpha])
    loose = skia.Image.frombytes(
        bytes(pixels), (side, side), skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
    )
    tile = raster(side, side, lambda own: own.drawImage(loose, 0, 0))
    shader = tile.makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat, SHARP)
    canvas.drawRect(skia.Rect.MakeWH(width, height), skia.Paint(Shader=shader))


def shadow(canvas: skia.Canvas, box: Box, radius: float, blur: float, alpha: float) -> None:
    paint = skia.Paint(AntiAlias=True, Color=argb((0, 0, 0), alpha))
    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    canvas.drawRRect(rounded(box, radius), paint)
