"""Gives every scene its headline and the picture that its words really hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from urllib.parse import unquote

from videos.writing import charts, contrasts, figures
from videos.writing.checks import clean
from videos.writing.counts_in_prose import LONGEST_PASSAGE, chart_of
from videos.writing.cutting import Cut
from videos.writing.documents import Entry, unquoted
from videos.writing.enumerations import items_in
from videos.writing.figures import Figure
from videos.writing.headlines import HEADLINE, STATEMENT, Phrases, bare, shortened
from videos.writing.languages import terms
from videos.writing.material import Material, is_question
from videos.writing.quotations import is_quoted, quotation_in, speaker_in
from videos.writing.visuals import (
    MAX_ITEMS,
    Chart,
    Comparison,
    Item,
    ListOf,
    Number,
    Picture,
    Quote,
    Statement,
    Title,
    Visual,
)
from videos.writing.wordsets import wordset

KICKER = 32
_PLAIN_HEADINGS = wordset(
    "introduction intro overview summary conclusion conclusions background preface einleitung"
    " fazit zusammenfassung introducción conclusión resumen introduction conclusion はじめに まとめ"
)


@dataclass(frozen=True)
class Shown:
    headline: str
    card: Visual


@dataclass
class Illustrator:
    """Goes through the scenes in order and remembers what it has shown."""

    material: Material
    phrases: Phrases
    pictures: Mapping[str, str]
    shown: list[str] = field(default_factory=list)  # templates so far
    headlines: set[str] = field(default_factory=set)

    def opening(self, title: str) -> Shown:
        first = next((place for section, place, _ in self.material.images if section == 0), None)
        picture = ""
        if first is not None and first <= 1:
            picture = self._reference(self.material.images[0][2].reference)
        headline = shortened(title, 90, self.material.language)
        card = Title(
            title=headline,
            picture=picture,
            accent=self._part(self.phrases.accent(headline), headline),
        )
        self.shown.append(card.template)
        self.phrases.take(title)
        return Shown(shortened(title, 80, self.material.language), card)

    def scenes(self, cuts: list[Cut], *, skip_picture: str) -> Iterator[Shown]:
        drawn = _placed_charts(self.material, cuts)
        placed = self._placed_pictures(cuts, set(drawn), skip_picture)
        for number, one in enumerate(cuts):
            headline = self._headline(one)
            options = sorted(
                self._options(one, headline, drawn.get(number), placed.get(number)),
                key=lambda option: -option[0],
            )
            card = self._varied([card for _, card in options])
            self.shown.append(card.template)
            yield self._finished(one, headline, card)

    def _varied(self, cards: list[Visual]) -> Visual:
        """The strongest, unless it would be the third of its kind in a row."""
        last = self.shown[-2:]
        if isinstance(cards[0], ListOf) and cards[0].start > 1:
            return cards[0]  # a list that goes on
        others = [card for card in cards if last != [card.template] * 2]
        return (others or cards)[0]

    def _headline(self, one: Cut) -> str:
        language = self.material.language
        heading = clean(self.material.sections[one.section].heading)
        if named := self._given_headline(one, heading):
            return self.phrases.take(named)
        for text in [*([heading] if len(heading) > HEADLINE else []), *one.texts()]:
            if phrase := self.phrases.headline([text]):
                return self.phrases.take(phrase)
        again = heading if len(heading) <= HEADLINE else ""
        named = self.phrases.name_in(one.texts())
        whole = self.phrases.best(one.texts(), HEADLINE + 16)
        first = shortened(one.pieces[0].alone, HEADLINE, language)
        return self.phrases.take(named or whole or again or first)

    def _given_headline(self, one: Cut, heading: str) -> str:
        """What the author put over these words, if it was not shown yet."""
        lead = next((piece.lead for piece in one.pieces if piece.lead), "").strip(" .:：")
        if 3 < len(lead) <= HEADLINE and self.phrases.is_new(lead):
            return lead
        if heading and one.pieces[0].start > 1:
            return shortened(heading, 80, self.material.language)  # its list goes on
        plain = heading.casefold() in _PLAIN_HEADINGS
        fits = len(heading) <= HEADLINE + 12 * is_question(heading)
        return heading if fits and not plain and self.phrases.is_new(heading) else ""

    def _finished(self, one: Cut, headline: str, card: Visual) -> Shown:
        heading = clean(self.material.sections[one.section].heading)
        shown = card.text if isinstance(card, Statement) else headline
        if headline in self.headlines and shown != headline:
            headline = shortened(shown, 80, self.material.language)  # nobody reads one twice
        self.headlines.add(headline)
        kicker = heading if len(heading) <= KICKER and heading != shown else ""
        main = card.text if isinstance(card, Statement | Quote) else headline
        accent = card.accent or self._part(self.phrases.accent(main), main)
        accent = "" if isinstance(card, Quote) else accent
        return Shown(headline, replace(card, kicker=kicker, accent=accent[:48]))

    def _part(self, accent: str, text: str) -> str:
        return accent if accent and accent in text and accent != text else ""

    # What a scene could show, each with how well it would carry it.

    def _options(
        self, one: Cut, headline: str, chart: Chart | Comparison | None, picture: Picture | None
    ) -> Iterator[tuple[float, Visual]]:
        if chart:
            yield 5.0, chart
        if picture:
            yield 4.2, picture
        yield from self._from_kind(one)
        yield from self._from_counts(one, headline)
        yield from self._from_dialogue(one.texts())
        heading = clean(self.material.sections[one.section].heading)
        if sides := contrasts.under_heading(heading, one.texts()):
            yield 3.6, sides
        for text in one.texts():
            yield from self._from_sentence(text)
        yield 1.0, self._statement(one, headline)

    def _from_kind(self, one: Cut) -> Iterator[tuple[float, Visual]]:
        piece = one.pieces[0]
        if piece.kind == "list":
            drawn = charts.from_items(piece.items, self.material.language)
            if drawn:
                yield 4.8, drawn
            items = tuple(self._item(entry) for entry in piece.items[:MAX_ITEMS])
            yield 4.6, ListOf(items=items, ordered=piece.ordered, start=piece.start)
        if piece.kind == "quote" and len(words := _quoted(piece.text)) <= 280:
            yield 4.6, Quote(text=words, attribution=shortened(piece.attribution, 80, "en"))

    def _from_counts(self, one: Cut, headline: str) -> Iterator[tuple[float, Visual]]:
        """Values that its sentences compare; a headline of other words gives way to theirs."""
        for passage in one.passages(LONGEST_PASSAGE if one.pieces[0].kind == "sentence" else 0):
            drawn = chart_of(passage, self.material.language)
            if not drawn:
                continue
            theirs = passage == one.texts() or headline.casefold() in passage[0].casefold()
            fits = theirs or headline == clean(self.material.sections[one.section].heading)
            title = "" if fits else self.phrases.best(passage, HEADLINE, names=False)
            yield 4.0, replace(drawn, title=title)

    def _from_dialogue(self, texts: list[str]) -> Iterator[tuple[float, Visual]]:
        """ "It is a start," said Ana. "I like it.": the second quotation has its name before it."""
        for before, text in pairwise(texts):
            name = speaker_in(before, self.material.language)
            if name and is_quoted(text) and len(text.split()) >= 5 and len(text) <= 280:
                yield 3.4, Quote(text=unquoted(text), attribution=name)

    def _from_sentence(self, text: str) -> Iterator[tuple[float, Visual]]:
        language = self.material.language
        words, name = quotation_in(text, language)
        if words:
            yield 3.3, Quote(text=words, attribution=name)
        if sides := contrasts.in_sentence(text, language):
            yield 3.25, sides
        if items := items_in(text, language):
            yield 3.2, ListOf(items=tuple(Item(title=item) for item in items))
        found = [one for one in figures.find(text, language) if one.weight > 1]
        for figure in found:
            label = _label(figure, text, language)
            aside = 0.9 if len(label) < len(text) * 0.45 else 0.0  # not what the sentence is about
            if label and figure.amount > 0:
                yield 1.2 + 0.7 * figure.weight - aside, _number(figure, label)

    def _statement(self, one: Cut, headline: str) -> Statement:
        texts = [text for text in one.texts() if not is_question(text)] or one.texts()
        for limit in (STATEMENT, STATEMENT + 48, 175):
            text = self.phrases.best(texts, limit, names=False, also=headline)
            if text:
                break
        text = text or shortened(bare(texts[0]), 175, self.material.language)
        return Statement(text=text, accent=self._part(self.phrases.accent(text), text))

    def _item(self, entry: Entry) -> Item:
        language = self.material.language
        title, detail = _title_and_detail(entry)
        if not title and len(detail.rstrip(".。")) <= 52:
            title, detail = detail.rstrip(".。;,；"), ""
        elif not title:
            title, detail = self.phrases.in_two(detail.rstrip(".。;,；"), 48)
        if not title:
            title, detail = shortened(detail, 64, language), ""
        title = shortened(title[:1].upper() + title[1:], 64, language)
        return Item(title=title, detail=shortened(detail, 96, language))

    # Pictures of the creator's.

    def _reference(self, reference: str) -> str:
        """The key under which the order knows the picture, or ""."""
        for name in (reference, unquote(reference), reference.removeprefix("./")):
            for form in (name, unicodedata.normalize("NFC", name)):
                if form in self.pictures and clean(form) == form:
                    return form
        return ""

    def _placed_pictures(self, cuts: list[Cut], busy: set[int], skip: str) -> dict[int, Picture]:
        """Each picture to the nearest scene of its section that has no chart, list or quotation."""
        placed: dict[int, Picture] = {}
        for section, place, image in self.material.images:
            key = self._reference(image.reference)
            near = [
                (abs(one.pieces[0].place - place), number)
                for number, one in enumerate(cuts)
                if one.section == section and number not in placed and number not in busy
                and one.pieces[0].kind == "sentence"
            ]  # fmt: skip
            if key and key != skip and near:
                caption = clean(image.caption or image.alt)
                caption = shortened(caption, 120, self.material.language)
                placed[min(near)[1]] = Picture(picture=key, caption=caption)
        return placed


def _placed_charts(material: Material, cuts: list[Cut]) -> dict[int, Chart | Comparison]:
    """What each table shows to the scene of its section that speaks most of it."""
    placed: dict[int, Chart | Comparison] = {}
    for section, place, table in material.tables:
        heading = material.sections[section].heading
        drawn = charts.from_table(table, material.language, heading) or contrasts.from_table(table)
        if not drawn:
            continue
        figures_shown = drawn.shown if isinstance(drawn, Chart) else ()
        named = " ".join([*table.header, table.caption, *drawn.labels, *figures_shown])
        about = set(terms(named, material.language))
        near = [
            (
                -len(about & set(terms(one.narration(material.language), material.language))),
                abs(one.pieces[-1].place + 1 - place),
                number,
            )
            for number, one in enumerate(cuts)
            if one.section == section and number not in placed and one.pieces[0].kind != "quote"
        ]
        if near:
            placed[min(near)[2]] = drawn
    return placed


def _number(figure: Figure, label: str) -> Number:
    return Number(
        value=figure.value,
        amount=figure.amount,
        prefix=figure.prefix[:8],
        suffix=figure.suffix[:16],
        label=label,
        decimals=figure.decimals,
        point=figure.point,
        group=figure.group,
    )


def _label(figure: Figure, text: str, language: str) -> str:
    """The part of the sentence around the figure, in the sentence's own words."""
    starts = [0, *(place + 1 for place, mark in enumerate(text) if _parts(text, place, mark))]
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    first = max(number for number, start in enumerate(starts) if start <= figure.start)
    last = first
    while last < len(ends) - 1 and ends[last] < figure.end:
        last += 1
    label = text[starts[first] : ends[last]]
    if len(terms(label, language)) < 4 and first > 0:
        label = text[starts[first - 1] : ends[last]]
    label = label.strip(' ,;:–—-.。“”"')
    if label.startswith(figure.written) and len(label) > len(figure.written) + 8:
        return label[len(figure.written) :].strip(" ,") if len(label) <= 100 else ""
    return label[:1].upper() + label[1:] if len(label) <= 100 else ""


def _parts(text: str, place: int, mark: str) -> bool:
    if mark in "、，；。":
        return True
    return mark in ",;:—–" and text[place + 1 : place + 2] in {" ", ""}


def _title_and_detail(entry: Entry) -> tuple[str, str]:
    """ "**Fixed.** The light burns" or "Fixed: the light burns"; ("", text) if neither."""
    text = entry.text.strip()
    if entry.title and text.startswith(entry.title) and entry.title != text:
        rest = text[len(entry.title) :].lstrip(" .:–—-：")
        return entry.title.rstrip(" .:–—-："), rest.rstrip(".。")
    for mark in (": ", " – ", " — ", " - ", "："):
        title, found, rest = text.partition(mark)
        if found and len(title) <= 40 and len(title.split()) <= 5 and rest.strip():
            return title, rest.strip().rstrip(".。")
    return "", text


def _quoted(text: str) -> str:
    """A quotation piece's words, without what introduces or signs them."""
    start, end = text.find("“"), text.rfind("”")
    return text[start + 1 : end].strip() if 0 <= start < end else unquoted(text)
