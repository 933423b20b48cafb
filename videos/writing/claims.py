"""What a written script claims, and whether the source bears it out: by words, numbers, names.

A sentence of the narration, and what headlines, cards, title and description say besides, is a
claim unless it asks, or says too little to be checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from videos.contracts import SceneText
from videos.writing.asked import DESCRIPTION as DESCRIPTION
from videos.writing.asked import TITLE as TITLE
from videos.writing.asked import Claim
from videos.writing.languages import primary, terms
from videos.writing.material import is_question
from videos.writing.sentences import split
from videos.writing.told import card_lines

LEAST_TERMS = 4
SHARED = 0.45  # of a claim's words, by two sentences of the source at most
EVIDENCE = 300
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[^.!?…:”\"] )[A-ZÀ-Þ][\w’'-]{2,}")


@dataclass(frozen=True)
class _Sentence:
    number: int
    text: str
    terms: frozenset[str]
    numbers: frozenset[str]


class Source:
    """Numbered from 1. In another language than the video, words can't be compared: numbers and
    names alone are."""

    def __init__(self, lines: Sequence[str], source_language: str, language: str) -> None:
        self._language = language
        self.is_other_language = primary(source_language) != primary(language)
        self._sentences = [
            _Sentence(n, line, frozenset(terms(line, source_language)), frozenset(_numbers(line)))
            for n, line in enumerate(lines, 1)
        ]
        self._words = "\n".join(lines).casefold()
        self._bare = _bare(self._words)
        self._numbers = frozenset(one for held in self._sentences for one in held.numbers)

    def scene(self, scene: SceneText, cites: Sequence[int] = ()) -> Iterator[Claim]:
        """What is spoken, and what stands on the screen that is not spoken as well."""
        yield from self.claims(scene.id, scene.narration, cites)
        is_quote = scene.visual.get("template") == "quote"
        if is_quote:
            yield self._quoted(scene.id, scene.visual, cites)
        shown = (scene.headline, *(() if is_quote else card_lines(scene.visual)))
        for line in dict.fromkeys(shown):
            if self._is_claim(line) and not self._is_said(line, scene.narration):
                yield self._judged(scene.id, line, cites)

    def _is_said(self, line: str, narration: str) -> bool:
        """The claims of the narration tell what becomes of it."""
        has_words = set(terms(line, self._language)) <= set(terms(narration, self._language))
        has_names = all(name in narration for name in self._names(line))
        return has_words and has_names and set(_numbers(line)) <= set(_numbers(narration))

    def _quoted(self, scene: str, card: Mapping[str, Any], cites: Sequence[int]) -> Claim:
        """Somebody's own words stand in the source as they are, and so does who said them."""
        claim = self._judged(scene, str(card["text"]), cites)
        if self.is_other_language:
            return claim
        said = all(_bare(str(card.get(name, ""))) in self._bare for name in ("text", "attribution"))
        return replace(claim, is_supported=said)

    def claims(self, scene: str, narration: str, cites: Sequence[int] = ()) -> Iterator[Claim]:
        for text in split(narration, self._language):
            if self._is_claim(text):
                yield self._judged(scene, text, cites)

    def _is_claim(self, text: str) -> bool:
        if is_question(text):
            return False
        return bool(_numbers(text)) or len(set(terms(text, self._language))) >= LEAST_TERMS

    def _judged(self, scene: str, text: str, cites: Sequence[int]) -> Claim:
        near = self._nearest(text, cites)
        numbers = tuple(one.number for one in near)
        evidence = near[0].text[:EVIDENCE] if near else ""
        return Claim(scene, text, numbers, evidence, bool(near) and self._bears_out(near, text))

    def _nearest(self, text: str, cites: Sequence[int]) -> list[_Sentence]:
        """Two at most: of those that the writer names if they bear it out, else of all."""
        cited = [self._sentences[n - 1] for n in cites if 1 <= n <= len(self._sentences)]
        for among in (cited, self._sentences):
            best = self._best(text, among)
            if best and (among is self._sentences or self._bears_out(best, text)):
                return best
        return []

    def _best(self, text: str, among: Sequence[_Sentence]) -> list[_Sentence]:
        if self.is_other_language:
            return list(among)[:2] if among is not self._sentences else []
        wanted = set(terms(text, self._language))
        numbers = set(_numbers(text))

        def share(one: _Sentence) -> tuple[int, int]:
            return (2 * len(numbers & one.numbers) + len(wanted & one.terms), -one.number)

        return [one for one in sorted(among, key=share, reverse=True)[:2] if share(one)[0] > 0]

    def _bears_out(self, near: Sequence[_Sentence], text: str) -> bool:
        if not set(_numbers(text)) <= frozenset().union(*(one.numbers for one in near)):
            return False
        if self.is_other_language:
            return True
        if any(name.casefold() not in self._words for name in self._names(text)):
            return False
        wanted = set(terms(text, self._language))
        held = frozenset().union(*(one.terms for one in near))
        return len(wanted & held) >= SHARED * len(wanted)

    def _names(self, text: str) -> list[str]:
        """Where every noun has a capital, a capital tells nothing."""
        return [] if self._language == "de" else _NAME.findall(text)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _numbers(text: str) -> list[str]:
    """`1,200` and `1.200` are one number here."""
    return [re.sub(r"[.,](?=\d{3}\b)", "", one).replace(",", ".") for one in _NUMBER.findall(text)]
