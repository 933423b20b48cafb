"""The text of a PDF as markdown: headings by their size, paragraphs joined over lines and pages.
Runs as a program, in a confined child: the file is a stranger's, and may be made to take for ever.

    python -m videos.writing.pdf_texts FILE  ->  {"text": "..."} or {"fault": "..."}
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

MOST_PAGES = 1_000
MOST_CHARACTERS = 4_000_000
LEAST_LETTERS = 20  # in all: a page of pictures may bear a stamp
LOCKED, SCANNED, BROKEN, LONG = "locked", "scanned", "broken", "long"
LARGER = 1.15  # than most of the text: a heading
LONGEST_HEADING = 120
APART = 1.6  # line heights between paragraphs
_NUMBER = re.compile(r"(?:page\s*)?[-–—\s]*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[-–—\s]*", re.I)
_BULLET = re.compile(r"[•▪◦‣●○■·]\s*")
_BROKEN_WORD = re.compile(r"[^\W\d_]{2}[-\u2010\u00ad]$")
_MARKS = re.compile(r"([\\`*<\[])")
_FIRST_MARKS = re.compile(r"^(\d*)([#>+=~|.)-])")
_ENDS = tuple('.!?…:”"»。！？')


@dataclass
class Line:
    text: str
    size: float  # of its letters, in points
    y: float
    is_first: bool = False  # of its page


def read(path: Path) -> dict[str, str]:
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return {"fault": LOCKED}
        if len(reader.pages) > MOST_PAGES:
            return {"fault": LONG}
        pages = list(_pages(reader))
    except (
        PyPdfError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
    ):
        return {"fault": BROKEN}  # what pypdf raises for a file that breaks the rules
    text = as_markdown(pages)
    return {"text": text} if sum(map(str.isalpha, text)) >= LEAST_LETTERS else {"fault": SCANNED}


def _pages(reader: PdfReader) -> Iterator[list[Line]]:
    came = 0
    for page in reader.pages:
        lines = _lines(page)
        came += sum(len(line.text) for line in lines)
        if came > MOST_CHARACTERS:
            return
        yield lines


def _lines(page: Any) -> list[Line]:
    found = [Line("", 0, 0, is_first=True)]

    def piece(
        text: str, moved: Sequence[float], set_at: Sequence[float], _: Any, size: Any
    ) -> None:
        across = abs(float(size) * (set_at[3] or set_at[1]) * (moved[3] or moved[1]))
        y = set_at[4] * moved[1] + set_at[5] * moved[3] + moved[5]
        for n, part in enumerate(text.split("\n")):
            if n:
                found.append(Line("", 0, 0))
            if part.strip():
                last = found[-1]
                last.size, last.y = max(last.size, round(across, 1)), last.y or y
            found[-1].text += part

    page.extract_text(visitor_text=piece)
    lines = [Line(" ".join(line.text.split()), line.size, line.y) for line in found]
    lines = [line for line in lines if line.text]
    if lines:
        lines[0].is_first = True
    return lines


def as_markdown(pages: Sequence[Sequence[Line]]) -> str:
    lines = [line for page in _without_margins(pages) for line in page]
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    heads = sorted({line.size for line in lines if _is_heading(line, usual)}, reverse=True)
    blocks: list[str] = []
    for block in _blocks(lines, usual):
        text = _joined(block)
        if _is_heading(block[0], usual):
            level = min(heads.index(block[0].size) + 1, 4)
            blocks.append(f"{'#' * level} {_escaped(text)}")
        elif bullet := _BULLET.match(text):
            blocks.append(f"- {_escaped(text[bullet.end() :])}")
        else:
            blocks.append(_escaped(text))
    return "\n\n".join(blocks)


def _is_heading(line: Line, usual: float) -> bool:
    return line.size >= usual * LARGER and len(line.text) <= LONGEST_HEADING


def _without_margins(pages: Sequence[Sequence[Line]]) -> Iterator[Sequence[Line]]:
    """Numbers of pages, and what stands at the top or the foot of most of them."""
    seen = Counter(_unnumbered(line) for page in pages for line in _edges(page))
    often = {text for text, times in seen.items() if times >= 3 and times > len(pages) / 2}
    for page in pages:
        edges = _edges(page)
        yield [line for line in page if line not in edges or not _is_margin(line, often)]


def _edges(page: Sequence[Line]) -> list[Line]:
    """The highest and the lowest line, wherever the file names them."""
    by_place = sorted(page, key=lambda line: line.y)
    return [*by_place[:1], *by_place[1:][-1:]]


def _is_margin(line: Line, often: Collection[str]) -> bool:
    return _unnumbered(line) in often or _NUMBER.fullmatch(line.text) is not None


def _unnumbered(line: Line) -> str:
    return re.sub(r"\d+", "0", line.text)


def _blocks(lines: Sequence[Line], usual: float) -> Iterator[list[Line]]:
    """Lines that belong together: a heading, an item of a list, a paragraph."""
    longest = sorted(len(line.text) for line in lines)[int(len(lines) * 0.9)] if lines else 0
    block: list[Line] = []
    for line in lines:
        if block and _begins(line, block[-1], usual, longest):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _begins(line: Line, before: Line, usual: float, longest: int) -> bool:
    """A new block, by what was before it."""
    both = (_is_heading(line, usual), _is_heading(before, usual))
    if any(both):
        return not all(both) or abs(line.size - before.size) > 0.2
    if _BULLET.match(line.text):
        return True
    has_ended = before.text.endswith(_ENDS)
    if line.is_first or before.y <= line.y:  # another page, or another column
        return has_ended and len(before.text) < longest * 0.75
    is_apart = before.y - line.y > max(line.size, before.size, 1) * APART
    return is_apart or (has_ended and len(before.text) < longest * 0.75)


def _joined(block: Sequence[Line]) -> str:
    """One line; words that were broken at its end are whole again."""
    text = ""
    for line in block:
        if _BROKEN_WORD.search(text) and line.text[:1].islower():
            text = text[:-1] + line.text
        else:
            text = f"{text} {line.text}" if text else line.text
    return text.replace("\u00ad", "")


def _escaped(text: str) -> str:
    return _FIRST_MARKS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(Path(sys.argv[1]))))
