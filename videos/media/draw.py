"""Draws a scene: `python -m videos.media.draw SPEC.json` writes raw BGRA frames to stdout.

With `"over": {"bands", "strips", "push"}` it writes what stands over a clip (videos.media.clips).
`{"frame": n}` goes to stderr at most five times a second. `--still FRAME --out FILE` draws one
frame as PNG or JPEG, smaller by `--scale`; `"poster"` draws a thumbnail to `--out FILE.jpg`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import skia

from videos.media.cards import film_over, poster
from videos.media.cards.film import Film

PIPE_CLOSED = 3  # exit code: whoever reads the frames went away
NEWS_S = 0.2
STILL_QUALITY = 88  # of 100, where it is a JPEG


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    spec: dict[str, Any] = json.loads(Path(options.spec).read_text("utf-8"))
    if "poster" in spec:
        poster.save(spec["poster"], Path(options.out))
        return 0
    film = Film(spec)
    if options.still is not None:
        _still(film, options.still, options.scale, Path(options.out))
        return 0
    frames = film_over.strips(film, spec["over"]) if "over" in spec else _frames(film, spec["size"])
    try:
        _stream(frames, film.frames)
    except BrokenPipeError:
        return PIPE_CLOSED
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="draw", description=__doc__)
    parser.add_argument("spec")
    parser.add_argument("--still", type=int, metavar="FRAME")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--out", default="still.png")
    return parser.parse_args(arguments)


def _still(film: Film, frame: int, scale: float, out: Path) -> None:
    size = (round(film.sheet.width * scale), round(film.sheet.height * scale))
    surface = skia.Surface.MakeRasterN32Premul(*size)
    canvas = surface.getCanvas()
    canvas.scale(scale, scale)
    film.draw(canvas, min(frame, film.frames - 1))
    kind = skia.kJPEG if out.suffix == ".jpg" else skia.kPNG
    surface.makeImageSnapshot().save(str(out), kind, STILL_QUALITY)


def _frames(film: Film, size: Sequence[int]) -> Iterator[tuple[int, memoryview]]:
    surface, pixels = skia.Surface.MakeRasterN32Premul(*size), skia.Pixmap()
    if not surface.peekPixels(pixels):
        raise RuntimeError("the surface has no pixels to read")
    canvas, shown = surface.getCanvas(), memoryview(pixels).cast("B")
    for frame in range(film.frames):
        film.draw(canvas, frame)
        yield frame + 1, shown


def _stream(drawn: Iterator[tuple[int, memoryview]], frames: int) -> None:
    told = 0.0
    gc.freeze()
    for done, pixels in drawn:
        _write(pixels)
        now = time.monotonic()
        if now - told >= NEWS_S or done == frames:
            told = now
            sys.stderr.write(json.dumps({"frame": done}) + "\n")
            sys.stderr.flush()


def _write(data: memoryview) -> None:
    """A pipe takes what it has room for; the rest comes after it."""
    done = 0
    while done < len(data):
        done += os.write(1, data[done:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
