"""From the nodes of a parsed page to blocks, in one pass and without recursion."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from videos.writing.documents import (
    Document,
    Entry,
    Image,
    Listing,
    Paragraph,
    Quotation,
    Section,
    Table,
    attribution_in,
    unquoted,
)
from videos.writing.wordsets import wordset

MAX_ROWS, MAX_COLUMNS = 400, 16
MAX_BLOCKS = 20_000
UNSPEAKABLE = "\ufffc"  # stands where something was that nobody can read aloud
# Around bold words and links, while a block is gathered.
_BOLD, _PLAIN, _LINK, _NO_LINK = "\ue000", "\ue001", "\ue002", "\ue003"
_NO_MARKS = str.maketrans("", "", _BOLD + _PLAIN + _LINK + _NO_LINK)

_GONE = wordset(
    "script style noscript nav form button input label aside footer dialog object embed video"
    " audio canvas head map area datalist progress meter menu x-gone rp rt"
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = wordset(
    "p div section article main header ul ol li dl dt dd table caption thead tbody tfoot tr td th"
    " blockquote figure figcaption pre hr h1 h2 h3 h4 h5 h6 details summary address center body"
    " cite"
)
_NOTE_MARK = re.compile(r"\W*(\d{1,3}|[a-z]|[*†‡§]+)\W*", re.I)
_SUPERSCRIPTS = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_PLAIN_CODE = re.compile(r"[^\W_][\w' -]{0,30}")


@dataclass
class _Open:
    """A container that is being filled."""

    tag: str
    items: list[list[str]] = field(default_factory=list)  # a list's items, a quote's paragraphs
    rows: list[list[str]] = field(default_factory=list)
    header_rows: int = 0
    caption: str = ""
    cells_are_headers: bool = True
    attribution: str = ""
    images: list[Image] = field(default_factory=list)


class Gatherer:
    """Gathers text until an element breaks it, then hands it to the innermost container."""

    def __init__(self) -> None:
        self.document = Document(title="", sections=[Section("", 0)])
        self._open: list[_Open] = []
        self._words: list[str] = []
        self._blocks = 0
        self._first_heading = ""

    def finish(self, named: str) -> Document:
        self._flush()
        while self._open:
            self._close(self._open[-1].tag)
        document = self.document
        document.title = self._first_heading or _page_name(named)
        document.sections = [one for one in document.sections if one.heading or one.blocks]
        return document

    def enter(self, node: LexborNode) -> bool:
        tag = node.tag or ""
        if tag == "-text":
            self._words.append(node.text_content or "")
            return False
        if tag in _GONE or tag.startswith(("-", "!")) or _hidden(node):
            self._count(tag)
            return False
        if tag in _BREAKS:
            self._flush()
        special = _ENTER.get(tag)
        return special(self, node) if special else True

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in {"b", "strong"}:
            self._words.append(_PLAIN)
        elif tag == "a":
            self._words.append(_NO_LINK)
        if tag in _BREAKS:
            self._flush(tag)
        if self._open and tag == self._open[-1].tag:
            self._close(tag)

    def _count(self, tag: str) -> None:
        if tag in {"pre", "form", "nested list", "link list"}:
            self.document.dropped[tag] = self.document.dropped.get(tag, 0) + 1

    # What a tag opens; False keeps the walk out of it.

    def _image(self, node: LexborNode) -> bool:
        reference = (node.attributes.get("src") or "").strip()
        if reference and not reference.startswith("data:"):
            caption = node.attributes.get("title") or ""
            image = Image(reference, _squeeze(node.attributes.get("alt") or ""), _squeeze(caption))
            figure = next((one for one in self._open if one.tag == "figure"), None)
            if figure:
                figure.images.append(image)
            else:
                self._flush()
                self._add(image)
        return False

    def _code(self, node: LexborNode) -> bool:
        inner = node.text().strip()
        self._words.append(inner if _PLAIN_CODE.fullmatch(inner) else UNSPEAKABLE)
        return False

    def _block_of_code(self, node: LexborNode) -> bool:
        self._count("pre")
        return False

    def _raised(self, node: LexborNode) -> bool:
        """Footnote marks go, exponents stay exponents: "10⁶" must not become "106"."""
        raised = node.text().strip()
        if _NOTE_MARK.fullmatch(raised) and node.css_first("a") is not None:
            return False
        if set(raised) <= set("0123456789+-−"):
            self._words.append(raised.translate(_SUPERSCRIPTS))
            return False
        return True

    def _line_break(self, node: LexborNode) -> bool:
        self._words.append(" ")
        return False

    def _begin_bold(self, node: LexborNode) -> bool:
        self._words.append(_BOLD)
        return True

    def _begin_link(self, node: LexborNode) -> bool:
        self._words.append(_LINK)
        return True

    def _container(self, node: LexborNode) -> bool:
        self._open.append(_Open(node.tag or ""))
        return True

    def _item(self, node: LexborNode) -> bool:
        if self._open and self._open[-1].tag in {"ul", "ol", "dl"}:
            self._open[-1].items.append([])
        return True

    def _row(self, node: LexborNode) -> bool:
        table = self._table()
        if table and len(table.rows) <= MAX_ROWS:
            table.rows.append([])
        return table is None or len(table.rows) <= MAX_ROWS

    def _cell(self, node: LexborNode) -> bool:
        table = self._table()
        if table and table.rows:
            first = len(table.rows) == 1
            if first and node.tag != "th" and table.rows[0]:
                table.cells_are_headers = False
            if first and node.tag == "th" and table.cells_are_headers:
                table.header_rows = 1
            table.rows[-1].append("")
        return True

    def _table(self) -> _Open | None:
        top = self._open[-1] if self._open else None
        return top if top and top.tag == "table" else None

    # Where gathered text goes.

    def _flush(self, tag: str = "") -> None:
        raw, self._words = "".join(self._words), []
        text = _bare(raw)
        if not text:
            return
        top = self._open[-1] if self._open else None
        if tag in _HEADINGS and top is None:
            self._heading(text, _HEADINGS[tag])
        elif top is None:
            self._add(Paragraph(text, _lead(raw)))
        else:
            self._into(top, tag, raw, text)

    def _into(self, top: _Open, tag: str, raw: str, text: str) -> None:
        if top.tag in {"ul", "ol", "dl"}:
            if not top.items:
                top.items.append([])
            top.items[-1].append(f"{_BOLD}{text}{_PLAIN}:" if tag == "dt" else raw)
        elif top.tag == "table":
            if tag == "caption":
                top.caption = text
            elif top.rows and top.rows[-1]:
                top.rows[-1][-1] = f"{top.rows[-1][-1]} {text}".strip()
        elif top.tag == "figure":
            top.caption = text if tag == "figcaption" else top.caption
        elif tag == "cite":
            top.attribution = text
        else:
            top.items.append([text])

    def _heading(self, text: str, level: int) -> None:
        if level == 1 and not self._first_heading:
            self._first_heading = text
            if len(self.document.sections) == 1 and not self.document.sections[0].heading:
                return  # the page's own title: what came before and follows is its opening
        self._blocks += 1
        if self._blocks <= MAX_BLOCKS:
            self.document.sections.append(Section(text, level))

    def _add(self, block: Paragraph | Listing | Table | Quotation | Image) -> None:
        self._blocks += 1
        if self._blocks <= MAX_BLOCKS:
            self.document.sections[-1].blocks.append(block)

    def _close(self, tag: str) -> None:
        done = self._open.pop()
        if done.tag in {"ul", "ol", "dl"}:
            self._close_list(done)
        elif done.tag == "table":
            self._close_table(done)
        elif done.tag == "blockquote":
            self._close_quote(done)
        elif done.tag == "figure":
            for image in done.images:
                self._add(Image(image.reference, image.alt, done.caption or image.caption))

    def _close_list(self, done: _Open) -> None:
        entries = tuple(entry for parts in done.items if (entry := _entry(parts)).text)
        outer = self._open[-1] if self._open else None
        if outer and outer.tag in {"ul", "ol", "dl"}:
            self._count("nested list")  # its outer item stands for it
            return
        if entries and all(_is_link(parts) for parts in done.items if parts):
            self._count("link list")
        elif entries:
            self._add(Listing(entries, done.tag == "ol"))

    def _close_table(self, done: _Open) -> None:
        rows = [tuple(row[:MAX_COLUMNS]) for row in done.rows if any(row)]
        if (
            any(len(cell) > 300 for row in rows for cell in row)
            or max(map(len, rows), default=0) < 2
        ):
            for row in rows:  # a table used for layout
                for cell in filter(None, row):
                    self._add(Paragraph(cell))
            return
        headed = done.header_rows and rows
        header = rows[0] if headed else ()
        self._add(Table(header, tuple(rows[1:] if headed else rows), done.caption))

    def _close_quote(self, done: _Open) -> None:
        text, named = attribution_in(" ".join(part for one in done.items for part in one))
        name = done.attribution or named
        if text:
            self._add(Quotation(unquoted(text), name.lstrip("—–-― ")))


_Enter = Callable[[Gatherer, LexborNode], bool]
_ENTER: dict[str, _Enter] = {
    "img": Gatherer._image,
    "code": Gatherer._code,
    "kbd": Gatherer._code,
    "samp": Gatherer._code,
    "pre": Gatherer._block_of_code,
    "sup": Gatherer._raised,
    "br": Gatherer._line_break,
    "b": Gatherer._begin_bold,
    "strong": Gatherer._begin_bold,
    "a": Gatherer._begin_link,
    "ul": Gatherer._container,
    "ol": Gatherer._container,
    "dl": Gatherer._container,
    "table": Gatherer._container,
    "blockquote": Gatherer._container,
    "figure": Gatherer._container,
    "li": Gatherer._item,
    "dt": Gatherer._item,
    "tr": Gatherer._row,
    "td": Gatherer._cell,
    "th": Gatherer._cell,
}


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if attributes.get("role") in {"navigation", "banner", "search", "complementary", "contentinfo"}:
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _bare(raw: str) -> str:
    return _squeeze(raw.translate(_NO_MARKS))


def _is_link(parts: list[str]) -> bool:
    """An item that is a link and nothing else: menus and reading lists are made of those."""
    text = "".join(parts).strip()
    return text.startswith(_LINK) and text.endswith(_NO_LINK) and text.count(_LINK) == 1


def _lead(raw: str) -> str:
    started = raw.lstrip(f" \n\t{_LINK}")
    if not started.startswith(_BOLD):
        return ""
    return _bare(started[1:].partition(_PLAIN)[0])


def _entry(parts: list[str]) -> Entry:
    plain = (_bare(part) for part in parts)
    return Entry(_lead(parts[0]) if parts else "", " ".join(filter(None, plain)))


def _page_name(named: str) -> str:
    """Browsers' titles carry the site after a bar or dash; the longest piece is the article's."""
    pieces = re.split(r"\s+[|–—·»-]\s+", named)
    return max(pieces, key=len, default="")
