"""Reads what a command is given: a text file with the pictures that it refers to."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from config.kit.errors import Refused
from videos.writing.sources import MAX_CHARACTERS, picture_references

MAX_BYTES = 4 * MAX_CHARACTERS  # a character takes four at most
_KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "script",
}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}


class BadSource(Refused):
    code = "bad_source"


@dataclass(frozen=True)
class Source:
    text: str
    kind: str
    pictures: dict[str, Path] = field(default_factory=dict)  # reference in the text -> file


def read(path: Path) -> Source:
    """Raises BadSource with what to change."""
    try:
        text, kind = decode(path.name, _content(path))
        return Source(text, kind, _pictures(text, kind, path.parent.resolve()))
    except OSError as error:  # too long a name, no permission, a disk that fails
        raise BadSource(f"{path.name[:80]} can't be read: {error.strerror}.") from None


def decode(name: str, content: bytes) -> tuple[str, str]:
    """The text of a file and, by its name, the kind. Raises BadSource."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSource(f"{name} is not UTF-8 text: save it as UTF-8 and try again.") from None
    return text, _KINDS.get(Path(name).suffix.lower(), "auto")


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise BadSource(f"There is no file {path}.")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadSource(
            f"{path.name} has {path.stat().st_size / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} MB is the "
            "most. Choose the part that the video is about."
        )
    return content


def _pictures(text: str, kind: str, folder: Path) -> dict[str, Path]:
    """Pictures beside the text; what lies outside its folder is not ours to read."""
    found = {}
    for reference in picture_references(text, kind):
        if "://" in reference or reference.startswith(("/", "data:")):
            continue
        path = _beside(folder, reference) or _beside(folder, unquote(reference))
        if path is not None:
            found[reference] = path
    return found


def _beside(folder: Path, reference: str) -> Path | None:
    """The picture of that name in the folder; None for anything else, however odd the name."""
    try:
        path = (folder / reference).resolve()
        is_ours = path.is_relative_to(folder) and path.is_file()
    except (OSError, ValueError):  # too long a name, a NUL in it
        return None
    return path if is_ours and path.suffix.lower() in _PICTURES else None
