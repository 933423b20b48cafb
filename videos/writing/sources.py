"""From the creator's text in any form to a document, or a sentence on what to change."""

from __future__ import annotations

import re
import unicodedata

from markdown_it import MarkdownIt

from config.kit.errors import Rejected
from videos.writing import scripts, visuals
from videos.writing.addresses import is_address
from videos.writing.checks import Wrong
from videos.writing.documents import Document
from videos.writing.html_pages import read_html
from videos.writing.plain_texts import read_text

MAX_CHARACTERS = 4_000_000
MAX_LINES = 500  # without a blank one between

_HTML = re.compile(r"</(?:p|div|h[1-6]|ul|ol|table|article|section)>", re.I)
_PAGE = re.compile(r"<(?:!doctype html|html|head|body)", re.I)
_MARKDOWN = re.compile(
    r"^(?:#{1,6} \S|```|~~~|> |\|.*\|[ \t]*$|[*+-] +\S.*\n[*+-] |[=-]{3,}[ \t]*$|\[[^\]\n]+\]: )"
    r"|!?\[[^\]\n]{1,200}\]\([^)\n]{1,500}\)|\*\*[^*\n]{1,200}\*\*",
    re.M,
)
_FRONT = re.compile(r"---[ \t]*\n((?:.*\n){0,60}?)---[ \t]*(?:\n|$)")
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.M | re.I)
_PRIVATE = re.compile("[\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff]")


def read_source(source: str, kind: str = "auto") -> Document:
    text = _checked(source)
    kind = find_kind(text) if kind == "auto" else kind
    if kind == "html":
        return read_html(text)
    if kind == "markdown":
        return _read_markdown(text)
    return read_text(text)


def picture_references(source: str, kind: str = "auto") -> list[str]:
    """How a text or a script.json names the pictures that it shows, in order; [] if unreadable."""
    kind = find_kind(source) if kind == "auto" else kind
    try:
        if kind == "script":
            script = scripts.from_json(source, title="-")
            found = [visuals.picture_of(scene.visual) for scene in script.scenes]
        else:
            found = [image.reference for image in read_source(source, kind).images()]
    except (Rejected, Wrong):
        return []
    return list(dict.fromkeys(filter(None, found)))


def find_kind(source: str) -> str:
    """`url`, `script`, `html`, `markdown` or `text`, by what its first 200,000 characters are."""
    if is_address(source):
        return "url"
    start = source[:200_000].lstrip("\ufeff \t\r\n")
    if start.startswith("{") and '"scenes"' in start:
        return "script"
    marks = len(_MARKDOWN.findall(start))
    tags = len(_HTML.findall(start))
    if _PAGE.match(start) or tags > marks * 2:
        return "html"
    return "markdown" if marks or _FRONT.match(start) else "text"


def is_page(source: str, kind: str) -> bool:
    """Is it the address of a page, whose text is still to be fetched?"""
    return kind == "url" or (kind == "auto" and is_address(source))


def _checked(source: str) -> str:
    if len(source) > MAX_CHARACTERS:
        raise Rejected(
            f"The text has {len(source):,} characters; {MAX_CHARACTERS:,} is the most. "
            "Take the part that the video is about."
        )
    if not source.strip("\ufeff \t\r\n\u200b"):
        raise Rejected("There is no text. Paste an article or choose a file with one.")
    if _is_junk(source[:20_000]):
        raise Rejected(
            "This is not a text file. Open the document and copy its text, or save it as plain"
            " text, markdown or HTML."
        )
    kept = source.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _PRIVATE.sub("", kept))


def _is_junk(start: str) -> bool:
    """Bytes of a picture, an archive or a PDF, read as if they were text."""
    strange = sum(
        mark == "\ufffd"
        or (unicodedata.category(mark) in {"Cc", "Cs", "Cn"} and mark not in "\n\r\t\f")
        for mark in start
    )
    return (
        "\x00" in start
        or start.startswith(("%PDF-", "{\\rtf"))
        or strange > max(2, len(start) * 0.02)
    )


def _calm(text: str) -> str:
    """Without the rest of lists, tables and paragraphs of more than 500 lines: nobody tells them,
    and the parser takes half a minute over some. Marks of code blocks stay, so that all close."""
    kept: list[str] = []
    run = 0
    for line in text.split("\n"):
        run = run + 1 if line.strip() else 0
        if run <= MAX_LINES or line.lstrip().startswith(("```", "~~~")):
            kept.append(line)
    return "\n".join(kept)


def _read_markdown(text: str) -> Document:
    text = text.lstrip()
    front = _FRONT.match(text)
    named = _FRONT_TITLE.search(front[1]) if front else None
    body = text[front.end() :] if front and (named or ":" in front[1]) else text
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    document = read_html(reader.render(_calm(body)))
    if named:
        document.title = named[1].strip("\"'")
    return document
