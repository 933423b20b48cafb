"""Reads files that people give as texts: a text file with the pictures that it refers to, or a PDF,
which a confined child reads."""

import json
import logging
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from config.kit import jobs
from config.kit.errors import Refused, Unavailable
from videos.media import process
from videos.writing.sources import MAX_CHARACTERS, picture_references

MAX_BYTES = 4 * MAX_CHARACTERS  # a character takes four at most
PDF_S, PDF_MB = 60.0, 1_000
log = logging.getLogger("showrunner.sources")
_KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "script",
}
_INSTEAD = "open it, copy its text and paste that instead."
_FAULTS = {
    "locked": "asks for a password: save it without one and try again.",
    "scanned": "holds pictures of pages and no text: have its text recognised first, or paste it.",
    "broken": f"is damaged or no PDF: {_INSTEAD}",
    "long": "has more than 1,000 pages: choose the part that the video is about.",
}
_DOCUMENTS = {
    **dict.fromkeys((".docx", ".doc", ".dotx", ".docm"), "a Word document"),
    **dict.fromkeys((".odt", ".ott"), "an OpenDocument text"),
    **dict.fromkeys((".pptx", ".ppt", ".odp", ".key"), "a presentation"),
    **dict.fromkeys((".xlsx", ".xls", ".ods", ".numbers"), "a spreadsheet"),
    ".rtf": "a rich text document",
    ".pages": "a Pages document",
    ".epub": "an e-book",
}
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")  # how documents of offices begin
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
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
    """The text of a file and, by its name, the kind. Takes up to a minute for a PDF. Raises
    BadSource."""
    if content.startswith(b"%PDF-") or name.lower().endswith(".pdf"):
        return _of_pdf(name, content), "markdown"
    _refuse_binary(name, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSource(
            f"{name[:80]} is not UTF-8 text: save it as UTF-8 and try again, or {_INSTEAD}"
        ) from None
    return text, _KINDS.get(Path(name).suffix.lower(), "auto")


def _refuse_binary(name: str, content: bytes) -> None:
    """What holds bytes that no text has. Raises BadSource."""
    is_packed = content.startswith(_PACKED)
    if not is_packed and (b"\0" not in content or content.startswith(_UTF16)):
        return
    known = _DOCUMENTS.get(Path(name).suffix.lower(), "")
    if known or is_packed:
        told = (
            f"is {known or 'a document of an office program'}: save it as PDF and choose that, or"
        )
    else:
        told = "is no text: choose a text file or a PDF, or"
    raise BadSource(f"{name[:80]} {told} {_INSTEAD}")


def _of_pdf(name: str, content: bytes) -> str:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "source.pdf"  # a name of ours: theirs never reaches a program
        path.write_bytes(content)
        try:
            finished = process.run(
                process.python("videos.writing.pdf_texts", str(path)),
                room=Path(room),
                stop=jobs.stopping,
                timeout_s=PDF_S,
                memory_mb=PDF_MB,
            )
        except Unavailable:  # it took too long
            raise BadSource(f"{name[:80]} can't be read in a minute: {_INSTEAD}") from None
    if finished.returncode:
        log.warning("a PDF could not be read: %s", finished.stderr.strip()[-300:])
        raise BadSource(f"{name[:80]} can't be read: {_INSTEAD}")
    found: dict[str, str] = json.loads(finished.stdout)
    if fault := found.get("fault"):
        raise BadSource(f"{name[:80]} {_FAULTS[fault]}")
    return found["text"]


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
