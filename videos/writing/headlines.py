"""Short phrases out of sentences: for headlines, large statements, and the words to colour.

headlines.json has, by language: `function`, words that no phrase may end on; `adverbial`, words
that open a part which is no statement by itself; `joints`, where a clause can be cut without a
change of fact (so not at "if" or "until"); `tails`, prepositions before which a headline
may stop; `turns`, further words before which a step falls into title and detail.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

from videos.writing.cleaning import CLOSERS, ENDS
from videos.writing.languages import is_unspaced, stop_words, terms, words_in
from videos.writing.openers import opening

HEADLINE = 48  # characters
STATEMENT = 72

_SPLITS = re.compile(r"[,;:](?=\s)|\s[–—-]\s|—|[、，；：]|\s?\((?=[^)]*\))")
# "That is why ships sink" says that ships sink.
_REASON = re.compile(r"^(?:(?:That|This) (?:is|was) (?:why|how)|It turns out that) ")
_DENIED = re.compile(
    r"\b(?:no|not|never|only|nobody|nothing|hardly|without|unless|if)\b|n['’]t\b", re.I
)
_TIME = re.compile(
    r"(?:last|next|this|each|every|that|one|early|late)\s(?:\w+\s)?(?:year|month|week|day|night"
    r"|morning|evening|winter|spring|summer|autumn|fall|century|decade|time)\b",
    re.I,
)
_WORDS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)


class Phrases:
    """Knows how telling each term is in this document, and what was used before."""

    def __init__(self, texts: Iterable[str], language: str) -> None:
        self.language = language
        self._counts = Counter(term for text in texts for term in terms(text, language))
        self._used: set[str] = set()

    def take(self, phrase: str) -> str:
        self._used.add(phrase.casefold())
        return phrase

    def is_new(self, phrase: str) -> bool:
        return phrase.casefold() not in self._used

    def headline(self, texts: Iterable[str]) -> str:
        """The strongest phrase that was not used yet, or ""."""
        return self.best(texts, HEADLINE)

    def name_in(self, texts: Iterable[str]) -> str:
        """Any run of telling words that was not used yet, or ""."""
        runs = [_named(run) for text in texts for run in self._runs(text)]
        runs = [run for run in runs if 2 <= len(run) <= 4 and self._recurs(run)]
        fresh = [" ".join(run) for run in runs if self.is_new(" ".join(run))]
        fitting = [phrase for phrase in fresh if self._fits(phrase, HEADLINE)]
        return _capital(max(fitting, key=self._telling_phrase)) if fitting else ""

    def in_two(self, text: str, most: int) -> tuple[str, str]:
        """A long item as title and detail, parted at a joint of the grammar; nothing is lost."""
        words = _words(self.language, "tails") | _words(self.language, "turns")
        cuts = [cut.start() for cut in re.finditer(r"[,;]\s|[、，；]", text)]
        soft = [cut.start() for cut in re.finditer(r"\s(\w+)(?=\s)", text) if cut[1] in words]
        for places in (cuts, soft):
            fitting = [at for at in places if 10 <= at <= most and self._fits(text[:at], most)]
            if fitting:
                return text[: fitting[-1]], text[fitting[-1] :].lstrip(" ,;、，；")
        return "", text

    def _telling_phrase(self, phrase: str) -> tuple[float, str]:
        return sum(self._counts[term] for term in terms(phrase, self.language)), phrase

    def best(self, texts: Iterable[str], limit: int, *, names: bool = True, also: str = "") -> str:
        """`names`: a run of words without a verb will do. `also` counts as new."""
        found = [
            (self._strength(phrase, rank), -len(phrase), phrase)
            for text in texts
            for rank, phrase in self._candidates(text, limit)
            if (self.is_new(phrase) or phrase == also) and (names or rank < 2)
        ]
        return max(found)[2] if found else ""

    def accent(self, text: str) -> str:
        """The words to colour: a figure, else the longest of the telling words."""
        figure = re.search(r"[$€£¥]?\d[\d.,]*\d? ?[%€$]?", text)
        if figure and figure[0].strip(" .,"):
            return figure[0].strip(" .,")
        if is_unspaced(self.language):
            runs = re.findall(r"[\u30a0-\u30ff]{2,}|[\u3400-\u9fff]{2,}", text)
            return max(runs, key=len, default="")[:8]
        plain = _no_end(self.language)
        words = [word for word in words_in(text) if word.casefold() not in plain]
        ranked = [(self._telling(word), place, word) for place, word in enumerate(words)]
        return max(ranked)[2] if len(words) > 1 else ""

    def _telling(self, word: str) -> float:
        known = [self._counts[term] for term in terms(word, self.language)]
        common = min(3, max(known, default=0))
        adverb = self.language == "en" and word.endswith("ly")
        return len(word) + 2.0 * common + 1.5 * word[0].isupper() - 4 * adverb

    def _strength(self, phrase: str, rank: int) -> float:
        """Whole sentences before parts, then what says much in a good length."""
        found = terms(phrase, self.language)
        said = sum(min(3, self._counts[term]) for term in set(found))
        ideal = 1.0 - abs(len(phrase) - 30) / 60
        return round(-3.0 * rank + 0.5 * min(said, 8) + 2.5 * ideal, 4)

    def _candidates(self, text: str, limit: int) -> Iterator[tuple[int, str]]:
        plain = _REASON.sub("", bare(text))
        alone = opening(plain, self.language)
        whole = "" if alone.leans else _capital(alone.alone)
        if whole and self._fits(whole, limit, ends=False):
            yield 0, whole
        for part in self._clauses(whole):
            if self._fits(part, limit) and len(words_in(part)) >= 3:
                yield 1, _capital(part)
            for short in self._without_tails(part) if limit <= HEADLINE else ():
                if self._fits(short, limit) and len(words_in(short)) >= 3:
                    yield 1, _capital(short)
        for part in self._noun_phrases(text):
            if self._fits(part, min(limit, HEADLINE)):
                yield 2, _capital(part)

    def _clauses(self, text: str) -> Iterator[str]:
        """Parts up to a comma or a conjunction, if they can stand without the rest."""
        parts = [part.strip() for part in self._parts(text)]
        adverbial = _words(self.language, "adverbial")
        joint = _joint(self.language)
        for number, part in enumerate(parts):
            first = part.partition(" ")[0].casefold()
            if first in adverbial or (number and first in _no_end(self.language)):
                continue
            opener = parts[0].partition(" ")[0].casefold()
            follows = number == 1 and (opener in adverbial or bool(_TIME.match(parts[0])))
            if number == 0 or (follows and len(words_in(part)) > 4):
                yield part
                yield from (part[: cut.start()] for cut in joint.finditer(part))

    def _parts(self, text: str) -> list[str]:
        """At commas and dashes, but not inside a list: "a free, copyleft license" is one part."""
        starts = [0]
        ends = []
        for cut in _SPLITS.finditer(text):
            following = text[cut.end() :].lstrip().partition(" ")[0]
            plain = following.casefold().strip(",") in _no_end(self.language)
            listed = cut[0].strip() == "," and following.islower() and not plain
            if not listed or following.endswith("ing"):
                ends.append(cut.start())
                starts.append(cut.end())
        return [
            text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True) if text[a:b].strip()
        ]

    def _without_tails(self, text: str) -> Iterator[str]:
        """ "All beds were sold within two hours" without its last "of going on sale"."""
        words = _words(self.language, "tails")
        if not words or _DENIED.search(text):
            return
        for cut in re.finditer(r"\s(\w+)(?=\s)", text):
            if cut[1] in words:
                yield text[: cut.start()]

    def _noun_phrases(self, text: str) -> Iterator[str]:
        """Runs of telling words; only those that the document comes back to."""
        if is_unspaced(self.language):
            yield from re.findall(r"[\u30a0-\u30ff\u3400-\u9fff]{3,12}", text)
            return
        yield from (" ".join(run) for run in self._runs(text) if len(run) > 1 and self._recurs(run))

    def _runs(self, text: str) -> Iterator[list[str]]:
        plain = stop_words(self.language) | _no_end(self.language)
        run: list[str] = []
        for word in [*re.findall(r"[\w'’-]+|[^\w\s]", text), "."]:
            if word.casefold() in plain or not word[0].isalpha():
                yield run
                run = []
            else:
                run.append(word)

    def _recurs(self, run: list[str]) -> bool:
        counts = [self._counts[term] for word in run for term in terms(word, self.language)]
        named = all(word[0].isupper() for word in run) and self.language != "de"
        return len(run) <= 4 and (named or (bool(counts) and min(counts) >= 2))

    def _fits(self, phrase: str, limit: int, *, ends: bool = True) -> bool:
        """`ends`: it was cut, so its last word must be able to end it."""
        if not 4 <= len(phrase) <= limit or phrase.count("(") != phrase.count(")"):
            return False
        if any(phrase.count(mark) % 2 for mark in '"') or phrase.count("“") != phrase.count("”"):
            return False
        if is_unspaced(self.language):
            return len(phrase) <= max(10, limit // 2)
        words = [word.casefold() for word in words_in(phrase)]
        plain = _no_end(self.language)
        if len(words) < 2 or (ends and words[-1] in plain):
            return False
        return not ends or not (
            self.language == "en" and words[-1].endswith("ing") and words[-2] in plain
        )


def _named(run: list[str]) -> list[str]:
    """ "Henry Winstanley lit" without what follows the name."""
    large = list(takewhile(lambda word: word[:1].isupper(), run))
    return large if len(large) > 1 else run


def shortened(text: str, limit: int, language: str) -> str:
    """At a word's end, never on a function word; with an ellipsis if anything is lost."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    if not is_unspaced(language):
        words = kept.split(" ")[:-1]
        while words and words[-1].casefold().strip(",;:") in _no_end(language):
            words.pop()
        kept = " ".join(words)
    return f"{kept.rstrip(' ,;:–—-')}…" if kept else ""


@cache
def _words(language: str, kind: str) -> frozenset[str]:
    return frozenset(_WORDS.get(language, {}).get(kind, ()))


@cache
def _joint(language: str) -> re.Pattern[str]:
    words = _WORDS.get(language, {}).get("joints", ())
    return re.compile("|".join(rf"(?:^|(?=,)|\s){re.escape(word)}\s" for word in words) or r"(?!)")


@cache
def _no_end(language: str) -> frozenset[str]:
    """Words that no phrase may end on."""
    return _words(language, "function") or frozenset(
        word for word in stop_words(language) if len(word) <= 4
    )


def bare(text: str) -> str:
    """Without its full stop; a question or an exclamation keeps its mark."""
    inner = (
        text.strip().rstrip(CLOSERS) if not text.strip().startswith(("“", '"', "„", "«")) else text
    )
    kept = inner.strip()
    return kept if kept.endswith(("?", "!", "？", "！", "؟")) else kept.rstrip("".join(ENDS))


def _capital(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
