"""Real pictures and clips, the same for the same name: colours and forms come from its hash."""

import colorsys
import io
import subprocess
import tempfile
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.doubles.ai import dice

Colour = tuple[int, int, int]
Size = tuple[int, int]
FPS = 25
_locks: dict[tuple[object, ...], threading.Lock] = {}


def colours(name: str) -> list[Colour]:
    """Three that go together."""
    hue = dice.fraction("hue", name)
    told = [(hue, 0.55, 0.35), (hue + 0.08, 0.5, 0.75), (hue + 0.5, 0.6, 0.9)]
    return [_rgb(colorsys.hsv_to_rgb(h % 1, s, v)) for h, s, v in told]


def _rgb(told: tuple[float, float, float]) -> Colour:
    red, green, blue = (round(255 * one) for one in told)
    return red, green, blue


def average(name: str) -> str:
    red, green, blue = colours(name)[1]
    return f"#{red:02X}{green:02X}{blue:02X}"


def drawn(name: str, size: Size) -> Image.Image:
    """Hills before a sky: something with a foreground, light and dark, and soft edges."""
    width, height = size
    dark, sky, light = colours(name)
    down = np.linspace(0, 1, height)[:, None, None]
    ground = np.array(light) * (1 - down) + np.array(sky) * down
    picture = Image.fromarray(np.broadcast_to(ground, (height, width, 3)).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    radius = min(size) * (0.06 + 0.1 * dice.fraction("sun", name))
    x, y = width * dice.fraction("x", name), height * 0.4 * dice.fraction("y", name)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 246, 224))
    across = np.linspace(0, 1, 60)
    for layer in range(4):
        about = (name, layer)
        level = 0.45 + 0.13 * layer
        waves = 1 + 3 * dice.fraction("waves", *about)
        swell = 0.05 + 0.06 * dice.fraction("swell", *about)
        edge = level + swell * np.sin(6.28 * (waves * across + dice.fraction("phase", *about)))
        shade = tuple(
            round(d * (layer + 1) / 4 + s * (3 - layer) / 4) for d, s in zip(dark, sky, strict=True)
        )
        points = [(float(a) * width, float(b) * height) for a, b in zip(across, edge, strict=True)]
        draw.polygon([(0, height), *points, (width, height)], fill=shade)
    return picture.filter(ImageFilter.GaussianBlur(max(1, min(size) / 400)))


def once(make: Callable[..., bytes]) -> Callable[..., bytes]:
    """Of many who ask for the same at once, one makes it. The last 64 are kept."""
    kept = lru_cache(maxsize=64)(make)

    def asked(*about: object) -> bytes:
        with _locks.setdefault((make.__name__, *about), threading.Lock()):
            return kept(*about)

    return asked


@once
def picture(name: str, size: Size, form: str) -> bytes:
    """form: png, jpeg or webp."""
    out = io.BytesIO()
    drawn(name, size).save(
        out, form, **({"quality": 88} if form != "png" else {"compress_level": 1})
    )
    return out.getvalue()


@once
def clip(name: str, size: Size, seconds: int) -> bytes:
    """An MP4 without sound: the picture, moving slowly."""
    width, height = size
    wide, high = round(width * 1.1), round(height * 1.1)
    moves = f"crop={width}:{height}:(iw-ow)*t/{seconds}:(ih-oh)/2"
    words = ["ffmpeg", "-v", "error", "-loop", "1", "-framerate", str(FPS), "-f", "jpeg_pipe"]
    words += ["-i", "pipe:", "-t", str(seconds), "-vf", f"{moves},format=yuv420p"]
    words += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-threads", "1"]
    words += ["-fflags", "+bitexact", "-movflags", "+faststart", "-y"]
    with tempfile.NamedTemporaryFile(
        suffix=".mp4"
    ) as out:  # faststart needs a file to turn back in
        moving = picture(name, (wide, high), "jpeg")
        subprocess.run([*words, out.name], input=moving, capture_output=True, check=True)
        return Path(out.name).read_bytes()
