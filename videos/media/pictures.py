"""Pictures from people, made harmless: decoded in a confined child, written anew, never passed on.

`python -m videos.media.pictures IN OUT --form short --name NAME` writes OUT as a clean JPEG, or
as a PNG that keeps its transparency with `--logo`. A refusal is one sentence on stdout.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from config.kit.errors import Rejected
from videos.contracts import SIZES, Format, Stop
from videos.media import process

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000
MIN_SIDE = 48
MAX_BYTES = 40 * 1024 * 1024
SPARE = 1.3  # so that a slow zoom never shows more than the picture has
LONGEST = 4096
LOGO_SIDE = 512
MASTER_QUALITY = 95  # it is encoded once more for each video
REJECTED = 4  # the child's exit code when the sentence on stdout is meant for the person
KINDS = "Save it as PNG, JPEG, WebP or GIF and add it again."


def prepare(
    source: Path, target: Path, *, form: Format | None, name: str, stop: Stop, logo: bool = False
) -> None:
    """Write a clean copy of `source`, for a format or, without one, whole and up to 4096 pixels.

    Raises Rejected with what is wrong with the picture.
    """
    if source.stat().st_size > MAX_BYTES:
        raise Rejected(f"The picture {name} has more than 40 MB. Save it smaller and add it again.")
    asked = [str(source), str(target), "--name", name]
    asked += (["--form", form] if form else []) + (["--logo"] if logo else [])
    finished = process.run(
        process.python("videos.media.pictures", *asked),
        room=target.parent,
        stop=stop,
        timeout_s=60,
        memory_mb=1500,
    )
    if finished.returncode == REJECTED:
        raise Rejected(finished.stdout.decode("utf-8"))
    process.require(finished, f"reading the picture {name}")


def size_of(path: Path) -> tuple[int, int]:
    """Of a picture that is clean already."""
    with Image.open(path, formats=FORMATS) as opened:
        return opened.size


def clean(
    source: Path, target: Path, *, form: Format | None, name: str, logo: bool = False
) -> None:
    """What the child does. Nothing but pixels goes from one file to the other."""
    with source.open("rb") as file:
        kind = _kind(file.read(32))
    if kind not in FORMATS:
        raise Rejected(f"{_about(name)} is not a picture that can be used{_hint(kind)}. {KINDS}")
    try:
        with Image.open(source, formats=FORMATS) as opened:
            _check_size(opened.size, name)
            opened.draft("RGB", _wanted(opened.size, form))
            image = _upright(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Rejected(
            f"{_about(name)} is damaged or cut off. Save it again and add it anew."
        ) from error
    if logo:
        _write_logo(image, target)
    else:
        _write_picture(image, target, form)


def _kind(head: bytes) -> str:
    """By the first bytes: names and declared types say nothing."""
    starts = {
        b"\x89PNG\r\n\x1a\n": "PNG",
        b"\xff\xd8\xff": "JPEG",
        b"GIF87a": "GIF",
        b"GIF89a": "GIF",
        b"%PDF": "PDF",
        b"<svg": "SVG",
        b"<?xml": "SVG",
        b"BM": "BMP",
        b"II*\0": "TIFF",
        b"MM\0*": "TIFF",
    }
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"avif"}:
        return "AVIF" if head[8:12] == b"avif" else "HEIC"
    return next((kind for start, kind in starts.items() if head.lstrip().startswith(start)), "")


def _hint(kind: str) -> str:
    return f": it is {'an' if kind[:1] in 'AH' else 'a'} {kind} file" if kind else ""


def _about(name: str) -> str:
    return f"The picture {name}" if name else "The picture"


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise Rejected(
            f"{_about(name)} is {width:,} x {height:,} pixels, which is more than can be used "
            f"({MAX_PIXELS // 1_000_000} million pixels, {MAX_SIDE:,} on a side). "
            "Save it smaller, for example 4000 pixels wide, and add it again."
        )
    if min(size) < MIN_SIDE:
        raise Rejected(
            f"{_about(name)} is only {width} x {height} pixels. "
            "Use one that is at least 600 pixels wide."
        )


def _wanted(size: tuple[int, int], form: Format | None) -> tuple[int, int]:
    """Enough to cover the page and a slow zoom, in the picture's own proportions."""
    if form is None:
        scale = min(1.0, LONGEST / max(size))
        return (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    page = SIZES[form]
    scale = max(side * SPARE / own for side, own in zip(page, size, strict=True))
    scale = min(1.0, scale, LONGEST / max(size))
    return (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


def _upright(opened: Image.Image) -> Image.Image:
    """The first frame, turned as the camera says, in sRGB, with alpha where it has some."""
    opened.seek(0)
    profile = opened.info.get("icc_profile")
    image = ImageOps.exif_transpose(opened)
    if image.mode.startswith("I") or image.mode == "F":
        image = image.point(lambda tone: tone / 256).convert("L")
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        image = _in_srgb(image, profile)
    return image.convert("RGBA" if has_alpha else "RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A profile that can't be read is ignored, as browsers do."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, own, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image


def _write_picture(image: Image.Image, target: Path, form: Format | None) -> None:
    if image.mode == "RGBA":  # drawings with clear grounds are made for white paper
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    wanted = _wanted(image.size, form)
    if wanted != image.size:
        image = image.resize(wanted, Image.Resampling.LANCZOS)
    image.info = {}
    quality = 91 if form else MASTER_QUALITY
    image.save(target, "JPEG", quality=quality, subsampling=0, optimize=False)


def _write_logo(image: Image.Image, target: Path) -> None:
    image.thumbnail((LOGO_SIDE, LOGO_SIDE), Image.Resampling.LANCZOS)
    image.info = {}
    image.save(target, "PNG")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="pictures", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--form", choices=sorted(SIZES))
    parser.add_argument("--name", default="")
    parser.add_argument("--logo", action="store_true")
    given = parser.parse_args(arguments)
    Image.MAX_IMAGE_PIXELS = None  # ours is checked before a pixel is read, and says the size
    try:
        clean(given.source, given.target, form=given.form, name=given.name, logo=given.logo)
    except Rejected as error:
        sys.stdout.buffer.write(error.message.encode("utf-8"))
        return REJECTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
