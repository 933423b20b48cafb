"""Compares what was said with what a listener wrote down, fairly: `5,633` is what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {name: value for value, name in enumerate(UNITS.split())}
SMALL |= {name: 20 + 10 * place for place, name in enumerate(TENS.split())}
LARGE = {"thousand": 1_000, "million": 1_000_000, "billion": 10**9, "trillion": 10**12}
ORDINALS = {"first": "one", "second": "two", "third": "three", "fifth": "five", "eighth": "eight"}
ORDINALS |= {"ninth": "nine", "twelfth": "twelve"}
SIGNS = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
SIGNS |= {"%": "percent", "&": "and", "+": "plus", "°": "degrees"}
TITLES = {"dr": "doctor", "mr": "mister", "mrs": "missus", "prof": "professor"}
SPELLINGS = (  # British or American: both sides are brought to one form
    (re.compile(r"is(e|ed|es|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"yz(e|ed|es|ing)$"), r"ys\1"),
    (re.compile(r"([a-z]{2})our"), r"\1or"),
    (re.compile(r"^tonne(s?)$"), r"ton\1"),
    (re.compile(r"tre(s?)$"), r"ter\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"ll(ed|ing|er)$"), r"l\1"),
)
DECADES = {f"{name[:-1]}ies": f"{SMALL[name]}s" for name in TENS.split()}
WRITTEN = SIGNS | TITLES | DECADES
AMOUNT = re.compile(r"([$€£¥])(\d[\d,.]*\d|\d)(?:\s+(thousand|million|billion|trillion)\b)?")
TOKEN = re.compile(r"\d[\d,]*\.\d+|\d[\d,]*(?:st|nd|rd|th|s\b)?|[^\W\d_]+|[$€£¥%&+°]")


@dataclass(frozen=True)
class Misheard:
    errors: int
    words: int

    @property
    def rate(self) -> float:
        return self.errors / self.words if self.words else float(bool(self.errors))


def compare(said: str, heard: str) -> Misheard:
    """Words wrong, missing or added; a compound written in two words is none of these."""
    wanted, found = tokens(said), tokens(heard)
    return Misheard(_distance(wanted, found), len(wanted))


def tokens(text: str) -> list[str]:
    """Lower case without punctuation, numbers as digits, one spelling."""
    text = re.sub(r"[’']", "", text.lower())
    text = AMOUNT.sub(lambda m: f"{m[2]} {m[3] or ''} {SIGNS[m[1]]}", text)
    words = [WRITTEN.get(word, word).replace(",", "") for word in TOKEN.findall(text)]
    return [_spelling(word) for word in _numbered(words)]


def _spelling(word: str) -> str:
    for pattern, form in SPELLINGS:
        word = pattern.sub(form, word)
    return word


def _numbered(words: Sequence[str]) -> list[str]:
    """Number words become digits: `nineteen ninety` 1990, `two point five` 2.5, `fifth` 5th."""
    found: list[str] = []
    at = 0
    while at < len(words):
        used, text = _number(words[at:])
        found.append(text if used else words[at])
        at += used or 1
    return found


def _number(words: Sequence[str]) -> tuple[int, str]:
    """How many words make the number at the start, and its digits; (0, "") for none."""
    reading = _Reading()
    at = 0
    if len(words) > 1 and words[0] == "a" and words[1] in ("hundred", *LARGE):
        reading.add("one")
        at = 1
    while at < len(words):
        word, ordinal = _cardinal(words[at])
        joins = word == "and" and reading.open_to_and and _counts(words, at + 1)
        if joins:
            at += 1
            continue
        if word == "point" and at and _counts(words, at + 1):
            used, amount = _decimals(reading.text(), words[at + 1 :])
            return at + 1 + used, amount
        if not reading.add(word):
            break
        at += 1
        if ordinal:
            return at, f"{reading.text()}th"
    return at, reading.text() if at else ""


def _counts(words: Sequence[str], at: int) -> bool:
    return at < len(words) and _cardinal(words[at])[0] in SMALL


def _decimals(whole: str, words: Sequence[str]) -> tuple[int, str]:
    """What follows `point`: digits, and perhaps `million`."""
    used = next((n for n, word in enumerate(words) if word not in SMALL), len(words))
    amount = f"{whole}.{''.join(str(SMALL[word]) for word in words[:used])}"
    if used < len(words) and words[used] in LARGE:
        return used + 1, f"{round(float(amount) * LARGE[words[used]])}"
    return used, amount


def _cardinal(word: str) -> tuple[str, bool]:
    """`fifth` is (`five`, True), `5th` is (`5`, True)."""
    if word in ORDINALS:
        return ORDINALS[word], True
    if match := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word):
        return match[1], True
    if word.endswith("ieth") and word[:-4] + "y" in SMALL:
        return word[:-4] + "y", True
    stem = word[:-2]
    if word.endswith("th") and (stem in SMALL or stem in LARGE or stem == "hundred"):
        return stem, True
    return word, False


class _Reading:
    """Adds up number words as long as they make one number."""

    def __init__(self) -> None:
        self._groups = 0  # finished thousands, millions
        self._group: float = 0
        self._lead = ""  # `nineteen` of `nineteen ninety`
        self._last = ""
        self.open_to_and = False

    def add(self, word: str) -> bool:
        """False: the word does not belong to this number."""
        if re.fullmatch(r"[\d.]+", word):
            taken = self._digits(word)
        elif word in SMALL:
            taken = self._small(SMALL[word])
        elif word == "hundred":
            taken = self._hundred()
        else:
            taken = word in LARGE and self._large(LARGE[word])
        if taken:
            self.open_to_and = word == "hundred" or word in LARGE
            self._last = word
        return taken

    def text(self) -> str:
        value = self._groups + self._group
        return self._lead + (f"{value:.10g}" if value < 10**9 else f"{value:.0f}")

    def _digits(self, word: str) -> bool:
        if self._last:
            return False
        self._group = float(word)
        return True

    def _small(self, value: int) -> bool:
        last = SMALL.get(self._last)
        ends_a_ten = last is not None and last >= 20 and 0 < value < 10
        if not self._last or self.open_to_and or ends_a_ten:
            self._group += value
        elif self._is_year(last, value):
            self._lead, self._group = f"{self._group:.0f}", value
        else:
            return False
        return True

    def _is_year(self, last: int | None, value: int) -> bool:
        """`nineteen ninety`, `twenty twenty five`: two pairs of digits."""
        fresh = not self._lead and not self._groups and 10 <= self._group <= 20
        return fresh and last is not None and value >= 10

    def _hundred(self) -> bool:
        if not self._last or not 0 < self._group < 100 or self._lead:
            return False
        self._group *= 100
        return True

    def _large(self, size: int) -> bool:
        if not self._last or not self._group or self._lead:
            return False
        self._groups += round(self._group * size)
        self._group = 0
        return True


def _distance(wanted: Sequence[str], found: Sequence[str]) -> int:
    """Edit distance over words in which `sea weed` equals `seaweed`, either way."""
    before = [list(range(len(found) + 1))]
    for row, word in enumerate(wanted, start=1):
        line = [row]
        for column, other in enumerate(found, start=1):
            best = min(
                before[-1][column] + 1,
                line[column - 1] + 1,
                before[-1][column - 1] + (word != other),
            )
            if row > 1 and wanted[row - 2] + word == other:
                best = min(best, before[-2][column - 1])
            if column > 1 and found[column - 2] + other == word:
                best = min(best, before[-1][column - 2])
            line.append(best)
        before = [*before[-1:], line]
    return before[-1][-1]
