"""Sentences taken apart for comparison: one slot a value, with the words and the year around it.

prose_series.json has the words by language; without them nothing is compared. `any`, `singular`,
`plural` and `past` are verbs between a thing and its value; `moving` those that need a word of
`reach` before a level ("rose to"); `filler` is all that may stand around the later values of a
series in time; `breaks` make values something else than plain facts ("half", "would"); `unclear`
name nothing that can be compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from videos.writing import figures
from videos.writing.figures import Figure

VALUE, YEAR, COMMA = "ꜰ", "ʏ", "|"  # stand for what they are named after
_FOREIGN = re.compile(rf"[“”\"„«»‚‘‹›?？…\[\]{VALUE}{YEAR}{COMMA}]")
_PLAIN_YEAR = r"(1\d{3}|20\d{2})(?![\w%]|[.,:/]\d|\s?[%–-])"
_NEGATED = r"n['’]t\b"
_WORDS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Slot:
    """`before` and `after` are the words around the value, `about` is its "nearly"."""

    before: str
    about: str
    figure: Figure
    after: str
    year: str
    opens: bool  # its sentence


class Grammar:
    """What words of a language are good for."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = _WORDS[language]
        self.about = self.one_of("about")
        self.breaks = re.compile(rf"\b{self.one_of('breaks')}\b|{_NEGATED}", re.I)

    def words(self, *kinds: str) -> frozenset[str]:
        return frozenset(word for kind in kinds for word in self._words.get(kind, ()))

    def one_of(self, *kinds: str) -> str:
        """A pattern, longer words first; it matches nothing if there are none."""
        words = sorted(self.words(*kinds), key=lambda word: (-len(word), word))
        return f"(?:{'|'.join(map(re.escape, words)) or '(?!)'})"


@cache
def grammar_of(language: str) -> Grammar | None:
    return Grammar(language) if language in _WORDS else None


def slots_of(sentences: Iterable[str], grammar: Grammar) -> list[Slot]:
    """[] if a number or a part of any sentence would be left over."""
    slots: list[Slot] = []
    for sentence in sentences:
        found = list(_slots(sentence.rstrip(" .!"), grammar))
        if not found:
            return []
        slots += found
    return slots


def _slots(sentence: str, grammar: Grammar) -> Iterator[Slot]:
    if _FOREIGN.search(sentence) or grammar.breaks.search(sentence):
        return
    text, years = _without_years(sentence, grammar)
    values = figures.find(text, grammar.language)
    for value in reversed(values):
        text = f"{text[: value.start]}{VALUE}{text[value.end :]}"
    text = re.sub(rf"\b{grammar.one_of('when')} {YEAR}", YEAR, text, flags=re.I)
    text = re.sub(rf"({VALUE}[^{VALUE}]*?), {grammar.one_of('closing')}\b[^{VALUE}]*$", r"\1", text)
    parts = _parts(text, grammar)
    if any(map(str.isdigit, text)) or not all(map(_is_slot, parts)):
        return
    left = iter(years)
    for number, (part, value) in enumerate(zip(parts, values, strict=True)):
        before, _, after = part.partition(VALUE)
        before, about = _without_about(before.strip(), grammar)
        year = next(left) if YEAR in part else ""
        yield Slot(before, about, value, after.strip(), year, opens=number == 0)


def _without_years(sentence: str, grammar: Grammar) -> tuple[str, list[str]]:
    """The years of "in 1990"; any other number could be a value."""
    start = rf"\b({grammar.one_of('when')} )"
    if grammar.words("and_bare"):
        start = rf"(?:{start}|(?:^|(?<=, )|(?<=\b{grammar.one_of('and_bare')} )))"
    years = list(re.finditer(start + _PLAIN_YEAR, sentence, re.I))
    for year in reversed(years):
        sentence = f"{sentence[: year.start(2)]}{YEAR}{sentence[year.end(2) :]}"
    return sentence, [year[2] for year in years]


def _parts(text: str, grammar: Grammar) -> list[str]:
    """Cut at commas, "and" and "to 25": the words before a value go with it."""
    also, reach = grammar.one_of("and"), grammar.one_of("reach")
    level = rf"\s+(?={reach} (?:{grammar.about} )?{VALUE})"
    pieces = re.split(rf"(\s*[,;–—]\s+(?:{also}\s+)?|\s+{also}\s+|{level})", text)
    parts = [""]
    for mark, piece in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        if VALUE in parts[-1]:
            parts.append(piece)
        else:
            parts[-1] += f" {COMMA} {piece}" if mark.strip() else f" {piece}"
    return parts


def _is_slot(part: str) -> bool:
    alone = re.search(rf"(?:^|[ (]){VALUE}(?:$|[ )])", part)
    return bool(alone) and part.count(VALUE) == 1 and part.count(YEAR) <= 1


def _without_about(before: str, grammar: Grammar) -> tuple[str, str]:
    """Words and "about"; the "only" before it is lost."""
    about = re.fullmatch(rf"(.*?)\b({grammar.about})", before, re.I)
    rest = about[1].strip() if about else before
    just = re.fullmatch(rf"(.*?)\b{grammar.one_of('just')}", rest, re.I)
    return (just[1].strip() if just else rest), about[2] if about else ""
