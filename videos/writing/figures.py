"""Figures in a text, with their marks and units, exactly as the text writes them.

figures.json has, by language, the words for large numbers and for what is counted; names of
units come from Unicode's locale data.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.units import format_unit

from videos.writing.languages import stop_words
from videos.writing.wordsets import wordset

_CURRENCY = r"(?:(?:US|A|C|NZ|HK|S)?\$|€|£|¥|￥|₹|₽|₩|₺|₪|R\$)"
_WORDS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)
_PERCENT = (
    "% ％ ٪ per_cent percent Prozent por_ciento pour_cent per_cento por_cento procent процентов"
    " процента パーセント بالمئة بالمائة"
)
_SHORT_UNITS = wordset(
    "m km cm mm nm kg g mg t l ml cl km/h mph ft lb lbs oz °C °F °K W kW MW GW TW kWh MWh GWh TWh"
    " kB MB GB TB PB Hz kHz MHz GHz ha m² km² m³ m2 km2 m3 V mV A kcal kJ dB mAh px"
)
_SPACELESS = frozenset({"ja", "zh", "ko", "th"})
_DECIMAL_COMMA = wordset("de es fr it pt nl ru uk pl cs sv no da fi tr id hu ro el sk sl hr bg ca")
_DIGITS = re.compile(
    r"(?<![0-9A-Za-zÀ-ɏ.,/:°#-])"
    r"(?P<whole>\d{1,3}(?:(?P<group>[.,٬'’\u00a0\u202f ])\d{3})(?:(?P=group)\d{3})*|\d+)"
    r"(?:(?P<point>[.,٫])(?P<part>\d{1,6}))?(?![\d/:]|[.,]\d|-\d|–\d)"
)
_NOT_BEFORE = re.compile(
    r"(?:\b(?:no|nos|nr|number|chapter|page|pp?|vol|section|step|version|v|figure|table|part|room"
    r"|route|highway|flight|apollo|boeing|nº|núm)\.?|№|第)\s?$",
    re.I,
)


@dataclass(frozen=True)
class Figure:
    """`weight`: how well it carries a scene; 0 is a year, a date or a bare small number."""

    start: int
    end: int
    prefix: str
    value: str
    suffix: str
    amount: float
    decimals: int
    point: str
    group: str
    unit: str
    weight: float

    @property
    def written(self) -> str:
        return f"{self.prefix}{self.value}{self.suffix}"


def find(text: str, language: str) -> list[Figure]:
    found: list[Figure] = []
    for match in _DIGITS.finditer(text):
        figure = _figure(text, match, language)
        if figure and (not found or figure.start >= found[-1].end):
            found.append(figure)
    return [figure for figure in found if not _is_compound(figure, found, text)]


def scale_of(figure: Figure, language: str) -> str:
    """ " million" of "2.3 million tonnes", with the blank before it; "" if there is none."""
    scale = _scale_pattern(language).match(figure.suffix)
    return scale[0] if scale else ""


def _is_compound(one: Figure, found: list[Figure], text: str) -> bool:
    """ "12 hours and 25 minutes" is one figure, and neither half of it is true."""
    gaps = [text[one.end : other.start] for other in found if other.start > one.start]
    gaps += [text[other.end : one.start] for other in found if other.start < one.start]
    return bool(one.unit) and any(gap in {" and ", " und ", " y ", " et "} for gap in gaps)


def _figure(text: str, match: re.Match[str], language: str) -> Figure | None:
    group, part = match["group"] or "", match["part"] or ""
    point = match["point"] or ""
    value = match[0]
    decimal = "," if language in _DECIMAL_COMMA else "."
    if (group == " " and language not in _DECIMAL_COMMA) or group == decimal:
        return None  # two numbers side by side, or a decimal that looks like thousands
    if point and point not in {decimal, "٫"}:
        return None
    digits = "".join(str(int(mark)) for mark in match["whole"] if mark.isdecimal())
    amount = float(f"{digits}.{part}")
    before, after = text[: match.start()], text[match.end() :]
    prefix = _prefix(before)
    suffix, unit, weight = _suffix(after, language)
    if prefix:
        weight = max(weight, 3.0)
    elif not suffix:
        weight = _bare_weight(before, after, match, amount, language)
    start = match.start() - len(prefix)
    end = match.end() + len(suffix)
    return Figure(
        start, end, prefix, value, suffix, amount, len(part),
        point or decimal, group, unit, weight,
    )  # fmt: skip


def _prefix(before: str) -> str:
    sign = re.search(rf"{_CURRENCY} ?$", before)
    return sign[0] if sign else ""


def _bare_weight(
    before: str, after: str, match: re.Match[str], amount: float, language: str
) -> float:
    """A number without a unit: worth showing only if large and no year."""
    year_like = not match["group"] and not match["part"] and len(match["whole"]) in {3, 4}
    if year_like or _NOT_BEFORE.search(before) or _is_dated(before, after, language):
        return 0.0
    if re.match(r"\w|-\w|°", after):
        return 0.0  # 1st, 4K, 30-day
    return 1.6 if amount >= 1000 else 0.0


def _is_dated(before: str, after: str, language: str) -> bool:
    months = _months(language)
    last = before.rstrip(" ,.").rpartition(" ")[2].casefold().rstrip(".")
    following = after.lstrip(" .").partition(" ")[0].casefold().strip(".,;")
    return last in months or following in months


def _suffix(after: str, language: str) -> tuple[str, str, float]:
    """What belongs to the figure behind it: (as written, unit alone, weight)."""
    currency = re.match(rf"[ \u00a0]?{_CURRENCY}(?!\w)", after)
    if currency:
        return currency[0], currency[0].strip(), 3.0
    scale = _scale_pattern(language).match(after)
    taken = scale[0] if scale else ""
    rest = after[len(taken) :]
    unit = _unit_pattern(language).match(rest)
    if unit and unit[0] in {"年", "년"}:
        return unit[0], unit[0], 0.0  # a year of the calendar, most of the time
    if unit and len(taken) + len(unit[0]) <= 16:
        percent = unit[0].strip().replace(" ", "_") in _PERCENT.split()
        return taken + unit[0], unit[0].strip(), 3.0 if percent or scale else 2.2
    noun = _counted_noun(rest, language)
    if noun and len(taken) + len(noun) <= 16:
        return taken + noun, noun.strip(), 2.6 if scale else 1.8
    return taken, taken.strip(), 2.4 if taken else 0.0


def _counted_noun(rest: str, language: str) -> str:
    """ "58 containers from Newark": a plural that ends its phrase is what was counted."""
    match = re.match(r" ([^\W\d_]{3,12})(?=[.,;:!?)]|$| ([^\W\d_]+)\b)", rest)
    if not match:
        return ""
    word, following = match[1], (match[2] or "").casefold()
    plural = {"en": word.endswith("s"), "es": word.endswith("s"), "de": word[0].isupper()}
    plain = word.islower() or language == "de"
    closed = not following or following in stop_words(language)
    fine = plural.get(language, False) and plain and closed
    return f" {word}" if fine and word.casefold() not in stop_words(language) else ""


def _words(language: str, kind: str) -> list[str]:
    return _WORDS.get(language, {}).get(kind, [])


@cache
def _scale_pattern(language: str) -> re.Pattern[str]:
    words = sorted(_words(language, "scales"), key=len, reverse=True)
    return _word_pattern(words, language)


@cache
def _unit_pattern(language: str) -> re.Pattern[str]:
    words = {word.replace("_", " ") for word in _PERCENT.split()}
    words |= _SHORT_UNITS | set(_words(language, "counted")) | _unit_names(language)
    return _word_pattern(sorted(words, key=lambda word: (-len(word), word)), language)


def _word_pattern(words: list[str], language: str) -> re.Pattern[str]:
    if not words:
        return re.compile(r"(?!)")
    ends = "" if language in _SPACELESS else r"(?![\w/])"
    return re.compile(rf"[ \u00a0\u202f]?(?:{'|'.join(map(re.escape, words))}){ends}")


@cache
def _unit_names(language: str) -> frozenset[str]:
    """The long names of units in the language: metres, Kilometer, horas."""
    names: set[str] = set()
    for tag in (language, *(("en_GB",) if language == "en" else ())):
        try:
            locale = Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue
        for unit in locale.unit_display_names:
            told = (
                format_unit(amount, str(unit), "long", locale=locale) for amount in (1, 2, 5, 90)
            )
            found = (re.fullmatch(r"\d+\s*(\D.*)", one) for one in told)
            names.update(one[1] for one in found if one)
    return frozenset(names)


@cache
def _months(language: str) -> frozenset[str]:
    try:
        months = Locale.parse(language).months["format"]
    except (UnknownLocaleError, ValueError):
        return frozenset()
    names = {
        name.casefold().rstrip(".")
        for width in ("wide", "abbreviated")
        for name in months[width].values()
    }
    return frozenset(name for name in names if not name.isdigit())
