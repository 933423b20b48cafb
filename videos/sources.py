"""Reads what a command is given: a text file with the pictures that it refers to."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from config.kit.errors import Refused
from videos.writing.sources import MAX_CHARACTERS

MAX_BYTES = 4 * MAX_CHARACTERS  # a character takes four at most
MAX_PICTURE_BYTES = 50_000_000
_KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "script",
}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_MARKDOWN_PICTURE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)")
_HTML_PICTURE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


class BadSource(Refused):
    code = "bad_source"


@dataclass(frozen=True)
class Source:
    text: str
    kind: str
    pictures: dict[str, Path] = field(default_factory=dict)  # reference in the text -> file


def read(path: Path) -> Source:
    """Raises BadSource with what to change."""
    if not path.is_file():
        raise BadSource(f"There is no file {path}.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadSource(
            f"{path.name} has {size / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} MB is the most. "
            "Choose the part that the video is about."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSource(f"{path.name} is not UTF-8 text: save it as UTF-8 and try again.") from None
    kind = _KINDS.get(path.suffix.lower(), "auto")
    return Source(text, kind, dict(_pictures(text, path.parent.resolve())))


def _beside(folder: Path, reference: str) -> Path | None:
    """The picture of that name in the folder; None for anything else, however odd the name."""
    try:
        path = (folder / reference).resolve()
        is_ours = path.is_relative_to(folder) and path.is_file()
    except (OSError, ValueError):  # too long a name, a NUL in it
        return None
    return path if is_ours and path.suffix.lower() in _PICTURES else None


def _pictures(text: str, folder: Path) -> list[tuple[str, Path]]:
    """Pictures beside the text; what lies outside its folder is not ours to read."""
    found = []
    for reference in {*_MARKDOWN_PICTURE.findall(text), *_HTML_PICTURE.findall(text)}:
        if "://" in reference or reference.startswith(("/", "data:")):
            continue
        path = _beside(folder, reference)
        if path is None:
            continue
        if path.stat().st_size > MAX_PICTURE_BYTES:
            raise BadSource(f"The picture {reference} is above {MAX_PICTURE_BYTES // 10**6} MB.")
        found.append((reference, path))
    return sorted(found)
