"""What a source says, free of its markup: sections of paragraphs, lists, tables and quotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Paragraph:
    text: str
    lead: str = ""  # words set in bold at its start, part of `text`


@dataclass(frozen=True)
class Entry:
    title: str  # words set in bold at its start, or ""
    text: str  # all of it, the title included


@dataclass(frozen=True)
class Listing:
    items: tuple[Entry, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Quotation:
    text: str
    attribution: str = ""


@dataclass(frozen=True)
class Image:
    reference: str
    alt: str = ""
    caption: str = ""


Block = Paragraph | Listing | Table | Quotation | Image


@dataclass
class Section:
    heading: str
    level: int
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Document:
    """`dropped` counts what can't be spoken: code, forms, formulas."""

    title: str
    sections: list[Section] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def texts(self) -> Iterator[str]:
        """All prose, in order; for finding out the language."""
        for section in self.sections:
            yield section.heading
            for block in section.blocks:
                if isinstance(block, Paragraph | Quotation):
                    yield block.text
                elif isinstance(block, Listing):
                    yield from (item.text for item in block.items)

    def images(self) -> Iterator[Image]:
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Image))


def attribution_in(text: str) -> tuple[str, str]:
    """A quotation's words and the name after its last dash, if one stands there."""
    words, dash, name = "", "", ""
    for mark in ("—", "―", "–", " -- ", " - "):
        words, dash, name = text.rpartition(mark)
        if dash:
            break
    looks_named = 0 < len(name.strip()) <= 70 and len(name.split()) <= 10
    ended = words.rstrip()[-1:] in tuple('.!?…”"»’。！？」』')
    if dash and looks_named and (ended or not words.strip()):
        return words.strip(), name.strip(" .,")
    return text, ""


QUOTE_MARKS = "\"“”„‟«»‹›‘’'「」『』"


def unquoted(text: str) -> str:
    """Without the pair of quotation marks around the whole, if there is one."""
    inner = text.strip()
    if len(inner) > 2 and inner[0] in QUOTE_MARKS and inner[-1] in QUOTE_MARKS:
        return inner[1:-1].strip()
    return inner
