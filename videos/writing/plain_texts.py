"""Plain text to a document: blank lines part paragraphs, short lone lines are headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from videos.writing.documents import (
    Block,
    Document,
    Entry,
    Listing,
    Paragraph,
    Quotation,
    Section,
    Table,
    attribution_in,
    unquoted,
)

MAX_BLOCKS = 20_000
_BULLET = re.compile(r"[ \t]{0,8}(?:[-*•‣–·]|(\d{1,3})[.)]|[a-z]\))[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"[=~_*#-]{3,}")
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*(?:def|class|import|from|return|if|for|while|const|let|var|function|public|#include"
    r"|\$|>>>|sudo|pip|npm|git)\b.*[(){}=:;/\\-]|^\s*[\w.\[\]]+\s*=[^=]|^\s*</?\w+[^>]*>\s*$|=>|::|^\s*//"
)
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]")
_OPEN_END = tuple(".!?…:;,。！？：；、，।؟")
_LONG_LINE = 140  # nobody wraps by hand at such a width: the line is a paragraph


def read_text(source: str) -> Document:
    document = Document(title="", sections=[Section("", 0)])
    chunks = [chunk for chunk in _chunks(source) if not _dropped_as_code(chunk, document)]
    for place, chunk in enumerate(chunks[:MAX_BLOCKS]):
        heading = _heading(chunk) if place + 1 < len(chunks) else ""
        if heading and place == 0:
            document.title = heading
        elif heading:
            document.sections.append(Section(heading, 2))
        else:
            document.sections[-1].blocks.extend(_blocks(chunk))
    document.sections = [one for one in document.sections if one.heading or one.blocks]
    return document


def _chunks(source: str) -> Iterator[list[str]]:
    """Lines that stand together, without underlines; a long line stands alone."""
    chunk: list[str] = []
    for line in [*source.splitlines(), ""]:
        alone = len(line) > _LONG_LINE and not _BULLET.match(line)
        if chunk and (not line.strip() or alone):
            yield chunk
            chunk = []
        if alone:
            yield [line]
        elif _UNDERLINE.fullmatch(line.strip()):
            if chunk:
                yield chunk
            chunk = []
        elif line.strip():
            chunk.append(line)


def _dropped_as_code(chunk: list[str], document: Document) -> bool:
    hits = sum(bool(_CODE_LINE.search(line)) for line in chunk)
    if hits * 2 <= len(chunk) or (len(chunk) == 1 and len(chunk[0].split()) > 12):
        return False
    document.dropped["pre"] = document.dropped.get("pre", 0) + 1
    return True


def _heading(chunk: list[str]) -> str:
    line = chunk[0].strip()
    short = len(line) <= (30 if _WIDE.search(line) else 80) and len(line.split()) <= 12
    plain = len(chunk) == 1 and short and any(mark.isalpha() for mark in line)
    if not plain or _BULLET.match(line) or line.endswith(_OPEN_END) or "\t" in line:
        return line if plain and line.endswith(("?", "？", "؟")) and len(line) < 70 else ""
    return line


def _blocks(chunk: list[str]) -> Iterator[Block]:
    if table := _table(chunk):
        yield table
        return
    first = next((at for at, line in enumerate(chunk) if _BULLET.match(line)), len(chunk))
    items = list(_items(chunk[first:]))
    if len(items) < 2:
        first, items = len(chunk), []
    if first:
        yield _prose(_joined(chunk[:first]))
    if items:
        ordered = bool((mark := _BULLET.match(chunk[first])) and mark[1])
        yield Listing(tuple(Entry("", item) for item in items), ordered)


def _items(lines: list[str]) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        if (mark := _BULLET.match(line)) and item:
            yield _joined(item)
            item = []
        item.append(line[mark.end() :] if mark else line)
    if item:
        yield _joined(item)


def _prose(text: str) -> Paragraph | Quotation:
    words, name = attribution_in(text)
    if name and words and unquoted(words) != words:
        return Quotation(unquoted(words), name)
    return Paragraph(text)


def _table(chunk: list[str]) -> Table | None:
    """Lines parted by tabs, as a table is when copied from a page."""
    rows = [tuple(cell.strip() for cell in line.strip().split("\t")) for line in chunk]
    if len(rows) < 3 or len(rows[0]) < 2 or len({len(row) for row in rows}) > 1:
        return None
    return Table(rows[0], tuple(rows[1:400]))


def _joined(lines: list[str]) -> str:
    """One line; no blank between characters of a script that writes none."""
    text = ""
    for line in (" ".join(line.split()) for line in lines):
        wide = text and _WIDE.match(text[-1]) and _WIDE.match(line[:1] or " ")
        text += line if not text or wide else f" {line}"
    return text
