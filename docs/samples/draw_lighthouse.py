"""Draws lighthouse.jpg, the picture of the sample article: night, beam, tower, sea.

python docs/samples/draw_lighthouse.py
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1280, 1600)
HORIZON = 1130
LAMP = (860, 560)
Colour = tuple[int, int, int]


def blended(low: Colour, high: Colour, share: float) -> Colour:
    mixed = [round(a + (b - a) * share) for a, b in zip(low, high, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def sky() -> Image.Image:
    column = Image.new("RGB", (1, SIZE[1]))
    for y in range(SIZE[1]):
        share = min(1.0, y / HORIZON)
        column.putpixel((0, y), blended((9, 14, 38), (58, 76, 122), share**1.6))
    picture = column.resize(SIZE)
    draw = ImageDraw.Draw(picture)
    dice = random.Random(1811)  # noqa: S311 - stars, not secrets
    for _ in range(170):
        x, y = dice.randrange(SIZE[0]), dice.randrange(HORIZON - 260)
        glow = dice.randrange(90, 200)
        draw.ellipse((x, y, x + dice.choice((1, 2, 2, 3)), y + 2), fill=(glow, glow, glow + 30))
    return picture


def beam(picture: Image.Image) -> Image.Image:
    """Light is added, so that it brightens what it crosses; two cones, each with a hot core."""
    light = Image.new("RGB", SIZE)
    for spread, strength in ((230, 34), (150, 40), (80, 52), (34, 64)):
        cone = Image.new("RGB", SIZE)
        pen = ImageDraw.Draw(cone)
        colour = (strength, round(strength * 0.86), round(strength * 0.55))
        pen.polygon([LAMP, (-40, 300 - spread), (-40, 300 + spread)], fill=colour)
        pen.polygon([LAMP, (1320, 660 - spread // 3), (1320, 660 + spread // 3)], fill=colour)
        light = ImageChops.add(light, cone.filter(ImageFilter.GaussianBlur(4 + spread / 12)))
    for radius, strength in ((170, 22), (120, 30), (80, 60), (44, 110)):
        halo = Image.new("RGB", SIZE)
        box = (LAMP[0] - radius, LAMP[1] - radius, LAMP[0] + radius, LAMP[1] + radius)
        colour = (strength, round(strength * 0.9), round(strength * 0.62))
        ImageDraw.Draw(halo).ellipse(box, fill=colour)
        light = ImageChops.add(light, halo.filter(ImageFilter.GaussianBlur(radius / 3)))
    return ImageChops.add(picture, light)


def sea(picture: Image.Image) -> None:
    draw = ImageDraw.Draw(picture)
    for y in range(HORIZON, SIZE[1]):
        share = (y - HORIZON) / (SIZE[1] - HORIZON)
        draw.line((0, y, SIZE[0], y), fill=blended((38, 58, 98), (6, 10, 24), share**0.7))
    dice = random.Random(1823)  # noqa: S311
    for _ in range(420):
        y = HORIZON + int((SIZE[1] - HORIZON) * dice.random() ** 1.7)
        near = (y - HORIZON) / (SIZE[1] - HORIZON)
        x = int(dice.gauss(560, 300))
        length = int(20 + 120 * near * dice.random())
        colour = blended((208, 186, 130), (70, 92, 140), min(1.0, abs(x - 560) / 420))
        draw.line((x, y, x + length, y), fill=colour, width=1 + int(near * 3))


def tower(picture: Image.Image) -> None:
    draw = ImageDraw.Draw(picture)
    rock = [(560, 1250), (640, 1130), (730, 1085), (820, 1060), (930, 1066), (1010, 1096)]
    draw.polygon([*rock, (1110, 1140), (1180, 1210), (1216, 1262), (530, 1268)], fill=(8, 11, 22))
    draw.ellipse((500, 1240, 1250, 1310), fill=(8, 11, 22))
    x, top, foot = LAMP[0], LAMP[1] + 70, 1080
    draw.polygon(
        [(x - 58, top), (x + 58, top), (x + 104, foot), (x - 104, foot)], fill=(226, 222, 214)
    )
    for start, end in ((0.18, 0.38), (0.58, 0.78)):
        upper, lower = top + (foot - top) * start, top + (foot - top) * end
        wide_up, wide_down = 58 + 46 * start, 58 + 46 * end
        band = [
            (x - wide_up, upper),
            (x + wide_up, upper),
            (x + wide_down, lower),
            (x - wide_down, lower),
        ]
        draw.polygon(band, fill=(176, 58, 46))
    shade = Image.new("L", SIZE)
    pen = ImageDraw.Draw(shade)
    pen.polygon([(x + 4, top), (x + 58, top), (x + 104, foot), (x + 10, foot)], fill=150)
    picture.paste((12, 16, 34), (0, 0), shade.filter(ImageFilter.GaussianBlur(26)))
    draw.rectangle((x - 76, top - 12, x + 76, top + 4), fill=(20, 24, 40))
    draw.rectangle((x - 44, LAMP[1] - 46, x + 44, top - 12), fill=(255, 232, 170))
    for bar in (-44, -16, 14, 40):
        draw.rectangle((x + bar, LAMP[1] - 46, x + bar + 4, top - 12), fill=(24, 28, 44))
    draw.polygon(
        [(x - 60, LAMP[1] - 46), (x + 60, LAMP[1] - 46), (x, LAMP[1] - 108)], fill=(20, 24, 40)
    )
    draw.line((x, LAMP[1] - 140, x, LAMP[1] - 100), fill=(20, 24, 40), width=6)


def main() -> None:
    picture = beam(sky())
    sea(picture)
    tower(picture)
    dice = np.random.default_rng(1698)
    grain = dice.normal(0, 1.6, (SIZE[1], SIZE[0], 1))  # smooth skies show bands without it
    grained = np.clip(np.asarray(picture, dtype=np.float32) + grain, 0, 255).astype(np.uint8)
    finished = Image.fromarray(grained)
    finished.save(Path(__file__).with_name("lighthouse.jpg"), quality=82, optimize=True)


if __name__ == "__main__":
    main()
