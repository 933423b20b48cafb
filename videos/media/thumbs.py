"""Small pictures for lists: `python -m videos.media.thumbs IN OUT` writes OUT as a JPEG."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps

from config.kit.errors import Unavailable
from videos.media import process

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
SIDE = 480
QUALITY = 80


def make(source: Path, target: Path) -> None:
    """In a confined child, since `source` is somebody's file. Raises Unavailable if it can't."""
    if not source.exists():
        raise Unavailable("This picture is no longer in the store.")
    finished = process.run(
        process.python("videos.media.thumbs", str(source), str(target)),
        room=target.parent,
        stop=lambda: False,
        timeout_s=20,
        memory_mb=1500,
    )
    process.require(finished, "making a small picture")


def _write(source: Path, target: Path) -> None:
    with Image.open(source, formats=FORMATS) as opened:
        opened.draft("RGB", (SIDE, SIDE))
        image = ImageOps.exif_transpose(opened).convert("RGBA")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    paper.save(target, "JPEG", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    _write(Path(sys.argv[1]), Path(sys.argv[2]))
