"""A narration as it is read and as it is said: `$5,633` and `five thousand ... dollars`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from videos.contracts import Word
from videos.writing import spoken_amounts as amounts
from videos.writing import spoken_calendar as calendar
from videos.writing import spoken_names as names
from videos.writing.spoken_amounts import Read
from videos.writing.spoken_numbers import tongue
from videos.writing.spoken_tables import Tongue
from videos.writing.spoken_tokens import CURRENCY_SIGNS, SPACELESS, Token, is_word, tokens

Rule = Callable[[Sequence[Token], int, Tongue], Read | None]


def compound(read: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`mid-1990s`, `$1,000-a-day`, `COVID-19`: each part is read as if it stood alone."""
    parts = read[at].core.split("-")
    is_number = any(map(str.isdigit, read[at].core)) and any(map(str.isalpha, read[at].core))
    if len(parts) < 2 or not is_number or not all(is_word(part) for part in parts):
        return None
    said = [_read([Token(part, part, "")], 0, t).said[0] for part in parts]
    return Read((" ".join(said),))


RULES: tuple[Rule, ...] = (  # the first that knows a token reads it
    names.phrase,
    names.link,
    calendar.clock,
    calendar.written_date,
    amounts.money,
    amounts.money_by_code,
    calendar.day_and_month,
    calendar.ordinal,
    calendar.decade,
    amounts.version,
    amounts.measure,
    amounts.ranged,
    amounts.scaled,
    amounts.fraction,
    amounts.product,
    calendar.year,
    amounts.number,
    names.abbreviation,
    names.roman,
    names.acronym,
    names.sign,
    compound,
    names.mixed,
)
KEPT_SIGNS = frozenset("'-., %‰°") | CURRENCY_SIGNS
NUMBERS_STAY = frozenset({"ja", "zh", "ko", "th", "yue", "cmn"})  # engines read them right there


def spoken_words(text: str, language: str) -> list[Word]:
    """The words as captions show them, each with what the voice says; none is lost."""
    t = tongue(language)
    read = tokens(text, t)
    words: list[Word] = []
    at = 0
    while at < len(read):
        reading = _read(read, at, t)
        for said in reading.said:
            mark = _mark(read, at, reading, t)
            words.append(Word(read[at].display, _joined(said, mark) or read[at].display))
            at += 1
    return words


def _read(read: Sequence[Token], at: int, t: Tongue) -> Read:
    if t.code in NUMBERS_STAY or SPACELESS.search(read[at].core):
        return Read((_cleaned(read[at].core),))
    for rule in RULES:
        reading = rule(read, at, t)
        if reading and all(reading.said) and at + len(reading.said) <= len(read):
            return reading
    return Read((_cleaned(read[at].core),))


def _mark(read: Sequence[Token], at: int, reading: Read, t: Tongue) -> str:
    """A point after an abbreviation ends a sentence only at the end or before a capital.

    In German that capital says nothing: all nouns have one.
    """
    mark = read[at].mark
    if reading.dot == "no pause":
        return ""
    if mark != "." or reading.dot == "ends" or at + 1 == len(read):
        return mark
    if reading.dot == "may end" and t.code != "de" and read[at + 1].core[:1].isupper():
        return mark
    return ""


def _joined(said: str, mark: str) -> str:
    said = said.strip(" ,")
    return said + mark if said else ""


def _cleaned(core: str) -> str:
    """Only letters, digits and what joins them: engines stumble over the rest."""
    text = core.replace("’", "'").replace("…", ", ").replace("...", ", ")
    text = re.sub(r"\s*[—–]\s*", ", ", text)
    kept = (letter if _is_kept(letter) else " " for letter in text)
    return " ".join("".join(kept).split()).strip("-' ") if is_word(core) else ""


def _is_kept(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in KEPT_SIGNS
