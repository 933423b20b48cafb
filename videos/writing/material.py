"""A document as pieces that can be chosen and spoken: sentences, lists, quotations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from videos.writing.cleaning import cleaned, fault, has_end
from videos.writing.commands import TO_A_PROGRAM, orders
from videos.writing.documents import (
    Block,
    Document,
    Entry,
    Image,
    Listing,
    Paragraph,
    Quotation,
    Section,
    Table,
)
from videos.writing.languages import count_words, glue, is_unspaced, seconds_of, terms
from videos.writing.openers import contrasts, opening
from videos.writing.sentences import split
from videos.writing.thinning import thinned

MOST_PIECES = 12_000
CHUNK_S = 17.0  # the spoken length at which a list goes on in another scene
CHUNK_ITEMS = 5
STUBS = 12  # items that are no sentences; more is a catalogue
LONGEST_QUOTE_S = 20.0

_FURNITURE = re.compile(
    r"(?:\d+[.)]? )?(?:references|bibliography|see also|further reading|external links|footnotes"
    r"|notes|sources|licen[cs]e|contribut\w+|(?:references / )?thanks|(?:table of )?contents"
    r"|comments?|credits|about the author|related (?:articles|posts|links|reading)"
    r"|acknowledge?ments|changelog|tags"
    r"|share(?: this.*)?|navigation|badges|quellen|einzelnachweise|literatur|weblinks|siehe auch"
    r"|referencias|bibliografía|véase también|enlaces externos|références|bibliographie|voir aussi"
    r"|脚注|参考文献|関連項目|外部リンク|参考资料|المراجع|مراجع|انظر أيضا)\W*",
    re.I,
)


@dataclass(frozen=True)
class Piece:
    """`leans`: needs the piece before. `alone`: its text when it opens a scene."""

    place: int
    section: int
    block: int
    text: str
    alone: str
    seconds: float
    kind: Literal["sentence", "list", "quote"] = "sentence"
    leans: bool = False
    linked: bool = False  # opens with "And", "However": better after the piece before
    contrasts: bool = False  # takes something back from the piece before
    first: bool = False  # of its block
    fault: str = ""  # why it can't be used; it stays, so that nothing leans over the gap
    lead: str = ""  # bold words that open its block
    items: tuple[Entry, ...] = ()
    ordered: bool = False
    start: int = 1  # number of the first item
    attribution: str = ""


@dataclass
class Material:
    language: str
    title: str
    sections: list[Section]
    pieces: list[Piece] = field(default_factory=list)
    # Each with its section and the place of the piece after it.
    images: list[tuple[int, int, Image]] = field(default_factory=list)
    tables: list[tuple[int, int, Table]] = field(default_factory=list)
    read: float = 1.0  # share of the text that was looked at; less for a book
    dropped: Counter[str] = field(default_factory=Counter)

    def usable(self) -> list[Piece]:
        return [piece for piece in self.pieces if not piece.fault]

    def terms_of(self, piece: Piece) -> list[str]:
        return terms(piece.text, self.language)


def gather(document: Document, language: str, *, list_s: float = 30.0) -> Material:
    """Lists of sentences that take longer than `list_s` come as single sentences."""
    document, share = thinned(document)
    title = _for_people(cleaned(document.title[:500]))
    material = Material(language, title, _worth_reading(document.sections), read=share)
    for inner, named in (("pre", "code blocks"), ("link list", "lists of links")):
        material.dropped[named] += document.dropped.get(inner, 0)
    for number, section in enumerate(material.sections):
        _Gathering(material, number, list_s).take(section)
    material.pieces = list(_without_orders(material.pieces))
    for piece in material.pieces:
        if piece.fault:
            material.dropped[piece.fault] += 1
    return material


def _worth_reading(sections: list[Section]) -> list[Section]:
    """Without reference lists, licences and the like, their subsections included."""
    kept: list[Section] = []
    skipped_level = 0
    for section in sections:
        if skipped_level and section.level > skipped_level:
            continue
        skipped_level = section.level if _FURNITURE.fullmatch(section.heading.strip()) else 0
        if not skipped_level:
            heading = _for_people(cleaned(section.heading[:300]).rstrip(":："))
            kept.append(Section(heading, section.level, section.blocks))
    return kept


def _for_people(heading: str) -> str:
    return "" if orders(heading) else heading


def _without_orders(pieces: list[Piece]) -> Iterator[Piece]:
    """What orders a program about can't be used, nor what follows it in the same block."""
    barred: tuple[int, int] | None = None
    for piece in pieces:
        if orders(piece.text):
            barred = (piece.section, piece.block)
        is_barred = (piece.section, piece.block) == barred
        yield replace(piece, fault=piece.fault or TO_A_PROGRAM) if is_barred else piece


class _Gathering:
    """Goes through one section's blocks."""

    def __init__(self, material: Material, section: int, list_s: float) -> None:
        self.answers = False  # the heading asks, so nothing stands without it
        self.list_s = list_s
        self.material = material
        self.section = section
        self.block = len(material.pieces)  # any number that grows
        self.intro = ""  # "You need three things:", waiting for its list

    def take(self, section: Section) -> None:
        self.answers = is_question(section.heading) and len(section.heading) <= 90
        if self.answers:
            self._sentence(section.heading, first=True)  # an interview's question is spoken
        for block in section.blocks:
            if len(self.material.pieces) > MOST_PIECES:
                return
            self.block += 1
            self._block(block, section.heading)

    def _block(self, block: Block, heading: str) -> None:
        if isinstance(block, Paragraph):
            self._paragraph(block.text, block.lead)
        elif isinstance(block, Listing):
            self._listing(block, heading)
        elif isinstance(block, Quotation) and block.attribution:
            self._quotation(block)
        elif isinstance(block, Quotation):
            self._paragraph(block.text, "")
        elif isinstance(block, Image):
            self.material.images.append((self.section, len(self.material.pieces), block))
        else:
            self.material.tables.append((self.section, len(self.material.pieces), block))

    def _paragraph(self, text: str, lead: str) -> None:
        self.intro = ""
        sentences = split(cleaned(text), self.material.language)
        if sentences and sentences[-1].endswith((":", "：")):
            self.intro = sentences.pop()
        for number, sentence in enumerate(sentences):
            self._sentence(sentence, first=number == 0, lead=lead if number == 0 else "")

    def _sentence(self, text: str, *, first: bool, lead: str = "") -> None:
        opened = opening(text, self.material.language)
        piece = self._piece(text, alone=opened.alone)
        reason = fault(text, self.material.language)
        named = cleaned(lead) if len(lead) < 60 else ""
        linked = opened.alone != text
        before = self.material.pieces[-1] if self.material.pieces else None
        here = before is not None and before.section == self.section
        asked = before is not None and before.block == self.block and is_question(before.text)
        leans = asked or (self.answers and here) or (opened.leans and before is not None)
        piece = replace(piece, leans=leans, linked=linked, first=first)
        piece = replace(piece, contrasts=contrasts(text, self.material.language))
        self._add(replace(piece, fault=reason, lead=named))

    def _quotation(self, block: Quotation) -> None:
        words, name = cleaned(block.text), cleaned(block.attribution)
        ended = words if has_end(words) else f"{words}."
        intro, self.intro = self.intro, ""
        introduced = intro and (not name or name.split()[-1] in intro)
        spoken = f"{intro} “{ended}”" if introduced else f"“{ended}” — {name}." if name else ended
        piece = self._piece(spoken)
        reason = fault(ended, self.material.language)
        reason = reason or ("quotations too long" if piece.seconds > LONGEST_QUOTE_S else "")
        self._add(replace(piece, kind="quote", first=True, attribution=name, fault=reason))

    def _listing(self, block: Listing, heading: str) -> None:
        language = self.material.language
        intro, self.intro = self.intro, ""
        entries = [Entry(cleaned(one.title), cleaned(one.text)) for one in block.items]
        length = sum(seconds_of(entry.text, language) for entry in entries)
        broken = any(len(split(_untitled(entry), language)) > 1 for entry in entries)
        most = self.list_s * (2 if block.ordered else 1)
        if broken or (length > most and _are_whole(entries, language)):
            for entry in entries:  # small paragraphs rather than items
                self._paragraph(entry.text, entry.title)
                self.block += 1
            return
        kept = [entry for entry in entries if not _item_fault(entry.text, language)]
        speaks = _are_whole(kept, language) or any(entry.title for entry in kept)
        opener = intro if speaks else intro or heading
        if not _is_list(kept, len(entries), opener, language):
            self.material.dropped["list items"] += len(entries)
            return
        self.material.dropped["list items"] += len(entries) - len(kept)
        self._chunks(kept, opener.rstrip(":：. "), ordered=block.ordered, intro=intro)

    def _chunks(self, kept: list[Entry], opener: str, *, ordered: bool, intro: str) -> None:
        language = self.material.language
        leans = bool(intro) and opening(intro, language).leans
        told = 0
        for number, chunk in enumerate(_chunks(kept, language)):
            piece = self._piece(_spoken_list(chunk, "" if number else opener, language))
            piece = replace(piece, kind="list", items=tuple(chunk), ordered=ordered, start=told + 1)
            told += len(chunk)
            self._add(replace(piece, leans=leans or number > 0, first=number == 0))

    def _piece(self, text: str, alone: str = "") -> Piece:
        seconds = seconds_of(text, self.material.language)
        place = len(self.material.pieces)
        return Piece(place, self.section, self.block, text, alone or text, seconds)

    def _add(self, piece: Piece) -> None:
        self.material.pieces.append(piece)


def is_question(text: str) -> bool:
    return text.endswith(("?", "？", "؟"))


def _item_fault(text: str, language: str) -> str:
    ended = text if has_end(text) else f"{text}."
    reason = fault(ended, language)
    # An item may be short and without a verb.
    return "" if reason == "fragments" and any(mark.isalpha() for mark in text) else reason


def _untitled(entry: Entry) -> str:
    return entry.text.removeprefix(entry.title).lstrip(" .:") if entry.title else entry.text


def _with_colon(entry: Entry) -> str:
    """ "Fixed. The light burns" is heard as one: "Fixed: The light burns"."""
    text = entry.text.strip()
    rest = _untitled(entry)
    titled = entry.title and rest and rest != text and not has_end(entry.title.rstrip("."))
    return f"{entry.title.rstrip('.: ')}: {rest}" if titled else text


def _is_list(kept: list[Entry], all_of_them: int, opener: str, language: str) -> bool:
    """Two items or more, few lost; bare names only if few and something says what they are."""
    if len(kept) < 2 or len(kept) * 3 < all_of_them * 2:
        return False
    titled = all(entry.title for entry in kept)
    return _are_whole(kept, language) or (len(kept) <= STUBS and (bool(opener) or titled))


def _are_whole(entries: list[Entry], language: str) -> bool:
    return sum(_is_whole(entry.text, language) for entry in entries) * 2 > len(entries)


def _is_whole(text: str, language: str) -> bool:
    return has_end(text) and count_words(text, language) >= 3


def _chunks(entries: list[Entry], language: str) -> Iterator[list[Entry]]:
    """As few scenes as the time allows, of about equal length."""
    lengths = [seconds_of(entry.text, language) + 0.4 for entry in entries]
    parts = max(-(-len(entries) // CHUNK_ITEMS), round(sum(lengths) / CHUNK_S + 0.35), 1)
    while len(entries) // parts < 2 and parts > 1:
        parts -= 1
    size, more = divmod(len(entries), parts)
    start = 0
    for part in range(parts):
        end = start + size + (part < more)
        yield entries[start:end]
        start = end


def _spoken_list(entries: list[Entry], opener: str, language: str) -> str:
    """Items as they stand; only the marks between them are ours."""
    texts = [_with_colon(entry) for entry in entries]
    wide = is_unspaced(language)
    titled = any(entry.title for entry in entries)
    if titled or _are_whole(entries, language):
        end = "。" if wide else "."
        ended = [text if has_end(text) else text.rstrip(",;") + end for text in texts]
        body = glue(language).join(ended)
    else:
        bare = [text.rstrip(" ,;.。、") for text in texts]
        comma = "、" if wide else "; " if any("," in text for text in bare) else ", "
        body = comma.join(bare) + ("。" if wide else ".")
    colon = "：" if wide else ". " if titled else ": "
    return f"{opener}{colon}{body}" if opener else body[:1].upper() + body[1:]
