"""Rules for what is counted: numbers, money, units, ranges, fractions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from videos.writing import spoken_numbers as numbers
from videos.writing.spoken_tables import CURRENCIES, Tongue, unit_of
from videos.writing.spoken_tokens import Token

SIGNS = "-−–+±~≈#№<>≤≥"
FRACTIONS = {"½": ("0", "5"), "¼": ("0", "25"), "¾": ("0", "75"), "⅓": ("1", "3"), "⅔": ("2", "3")}
ENGLISH_SIGNS = {
    "<": "less than",
    ">": "more than",
    "≤": "at most",
    "≥": "at least",
    "±": "plus or minus",
}
CENTS = {"USD": ("cent", "cents"), "EUR": ("cent", "cents"), "GBP": ("penny", "pence")}
FIXED = {"24/7": "twenty-four seven", "9/11": "nine eleven", "50/50": "fifty fifty"}
SMALL_CURRENCIES = frozenset({"руб", "zł"})
RESOLUTIONS = frozenset({"2K", "4K", "8K"})


@dataclass(frozen=True)
class Read:
    """How one or more tokens are said, and whether a point after them ends the sentence."""

    said: tuple[str, ...]
    dot: Literal["ends", "belongs", "may end", "no pause"] = "ends"


def core_at(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].core if 0 <= at < len(tokens) else ""


def is_number(text: str, t: Tongue) -> bool:
    return bool(text) and numbers.parsed(text.lstrip(SIGNS), t) is not None


def plain(text: str, t: Tongue) -> str:
    """A number with its sign: `-5`, `~30`, `#1`."""
    bare = text.lstrip(SIGNS)
    sign = _sign(text[: len(text) - len(bare)], t)
    parts = numbers.parsed(bare, t)
    return f"{sign} {numbers.words(*parts, t)}".strip() if parts else text


def _sign(sign: str, t: Tongue) -> str:
    if t.code == "en" and sign in ENGLISH_SIGNS:
        return ENGLISH_SIGNS[sign]
    names = {"-": t.minus, "−": t.minus, "–": t.minus, "+": t.plus, "~": t.about, "≈": t.about}
    return names.get(sign) or {"#": t.number, "№": t.number}.get(sign) or sign


def money(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    found = _money_in(tokens[at].core, t)
    if found is None:
        return None
    sign, number, scale, currency = found
    following = core_at(tokens, at + 1).lower()
    if not scale and following in t.scales and not tokens[at].tail:
        name = numbers.currency_name(currency, "5", t)
        said = (f"{sign} {plain(number, t)}".strip(), _of(t.scales[following], name, t))
        return Read(said)
    if scale:
        return Read((f"{sign} {plain(number, t)} {_of(scale, _many(currency, t), t)}".strip(),))
    return Read((f"{sign} {amount(number, currency, t)}".strip(),))


def _many(currency: str, t: Tongue) -> str:
    return numbers.currency_name(currency, "5", t)


def _money_in(core: str, t: Tongue) -> tuple[str, str, str, str] | None:
    """(spoken sign, number, spoken scale, ISO code) of `-$5.5M` or `5,50 €`."""
    signs = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
    scales = "|".join(map(re.escape, t.scales)) or "$^"
    sign, name = r"(?P<sign>[-−–+~≈]?)", rf"(?P<name>{signs})"
    value = rf"(?P<value>{numbers.number_pattern(t)})\s?(?P<scale>{scales})?"
    for pattern in (rf"{sign}{name}\s?{value}", rf"{sign}{value}\s?{name}"):
        found = re.fullmatch(pattern, core, re.IGNORECASE)
        if found:
            scale = t.scales.get((found["scale"] or "").lower(), "")
            return _sign(found["sign"], t), found["value"], scale, CURRENCIES[found["name"].lower()]
    return None


def _of(scale: str, name: str, t: Tongue) -> str:
    """`millions de dollars`, `millions d'euros`."""
    if t.code == "fr" and name[:1] in "aeiou":
        return f"{scale} d'{name}"
    return " ".join(part for part in (scale, t.of_money, name) if part)


def amount(number: str, currency: str, t: Tongue) -> str:
    whole, fraction = numbers.parsed(number, t) or (number, "")
    if len(fraction) != 2:
        return (
            f"{numbers.counted(number, currency, t)} {numbers.currency_name(currency, number, t)}"
        )
    said = f"{numbers.counted(whole, currency, t)} {numbers.currency_name(currency, whole, t)}"
    if fraction == "00":
        return said
    rest = numbers.cardinal(int(fraction), t)
    if t.code == "en" and currency in CENTS:
        cents = f"{rest} {CENTS[currency][int(fraction) != 1]}"
        return cents if whole == "0" else f"{said} and {cents}"
    return f"{said} {rest}"


def money_by_code(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`USD 5` and `5 EUR`, two tokens."""
    first, second = tokens[at].core, core_at(tokens, at + 1)
    if tokens[at].tail or not second:
        return None
    if first.isupper() and first.lower() in CURRENCIES and is_number(second, t):
        name = numbers.currency_name(CURRENCIES[first.lower()], second, t)
        return Read((numbers.counted(second, CURRENCIES[first.lower()], t), name))
    written = second in SMALL_CURRENCIES or (second.isupper() and second.lower() in CURRENCIES)
    if not written or not is_number(first, t):
        return None
    currency = CURRENCIES[second.lower()]
    name = numbers.currency_name(currency, first, t)
    return Read((numbers.counted(first, currency, t), name), "may end")


def measure(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`10km`, `5 %`, `20°C`, and `10` with `km` after it."""
    token = tokens[at]
    pattern = rf"([{re.escape(SIGNS)}]?)({numbers.number_pattern(t)})[\s-]?([^\d\s,.]\S*)"
    found = re.fullmatch(pattern, token.core)
    unit = unit_of(found[3]) if found else ""
    if found and unit:
        name = numbers.unit_name(unit, found[2], t)
        said = f"{_sign(found[1], t)} {numbers.counted(found[2], found[3], t)} {name}".strip()
        return Read((said,)) if name else None
    if core_at(tokens, at - 1).lower() in t.scales and unit_of(token.core):
        return Read((numbers.unit_name(unit_of(token.core), "5", t),))
    sign = core_at(tokens, at + 1)
    name = numbers.unit_name(unit_of(sign), token.core, t) if unit_of(sign) else ""
    if not name or token.tail or not is_number(token.core, t):
        return None
    bare = token.core.lstrip(SIGNS)
    prefix = _sign(token.core[: len(token.core) - len(bare)], t)
    return Read((f"{prefix} {numbers.counted(bare, sign, t)}".strip(), name))


def ranged(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`5–10`, `1990-1995`, `5–10%`, `$5–10`, `10–20 km` (the unit is another token)."""
    number = numbers.number_pattern(t)
    money_sign = r"[$€£¥₹₽]"
    pattern = rf"({money_sign}?)({number})\s?[-–—−]\s?{money_sign}?({number})\s?(\D*)"
    found = re.fullmatch(pattern, tokens[at].core)
    if found is None:
        return None
    currency, low, high, suffix = found.groups()
    joint = f" {t.to} " if t.to else " "
    ends = joint.join((_end(low, low, high, t), _end(high, low, high, t)))
    if currency or suffix in CURRENCIES:
        name = numbers.currency_name(CURRENCIES[currency or suffix], high, t)
        following = core_at(tokens, at + 1).lower()
        if following in t.scales:
            return Read((ends, _of(t.scales[following], name, t)))
        return Read((f"{ends} {name}",))
    unit = unit_of(core_at(tokens, at + 1))
    if unit and not suffix and not tokens[at].tail:
        return Read((ends, numbers.unit_name(unit, high, t)))
    if suffix:
        name = numbers.unit_name(unit_of(suffix), high, t) if unit_of(suffix) else suffix
        return Read((f"{ends} {name.strip('-')}",))
    if len(low) == 3 and len(high) == 4 and low.isdigit() and high.isdigit():
        return Read((f"{numbers.digits(low, t)}, {numbers.digits(high, t)}",))
    return Read((ends,))


def _end(number: str, low: str, high: str, t: Tongue) -> str:
    """The ends of a range of years are years."""
    years = re.fullmatch(r"1[1-9]\d\d|20\d\d", low) and re.fullmatch(
        r"\d\d|1[1-9]\d\d|20\d\d", high
    )
    if years and len(number) == 4 and t.code in ("en", "de"):
        return numbers.year(int(number), t)
    return plain(number, t)


def fraction(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    core = tokens[at].core
    if t.code == "en" and core in FIXED:
        return Read((FIXED[core],))
    mixed = re.fullmatch(r"(\d*)([½¼¾])", core)
    if mixed:
        return Read((_mixed(mixed[1], mixed[2], t),))
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", core)
    if found is None:
        return None
    upper, lower = int(found[1]), int(found[2])
    if t.code == "en" and upper < lower <= 20:
        return Read((_english_parts(upper, lower, t),))
    joint = f" {t.slash} " if t.slash else " "
    return Read((joint.join((numbers.cardinal(upper, t), numbers.cardinal(lower, t))),))


def _mixed(whole: str, part: str, t: Tongue) -> str:
    if t.code == "en":
        name = {"½": "a half", "¼": "a quarter", "¾": "three quarters"}[part]
        return f"{numbers.cardinal(int(whole), t)} and {name}" if whole else name
    return numbers.words(whole or "0", FRACTIONS[part][1], t)


def _english_parts(upper: int, lower: int, t: Tongue) -> str:
    name = {2: "half", 4: "quarter"}.get(lower) or numbers.ordinal(lower, t)
    if upper == 1:
        return f"one {name}"
    return f"{numbers.cardinal(upper, t)} {'halves' if lower == 2 else name + 's'}"


def product(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`1920x1080`, `3x`, `2 × 4` written together."""
    parts = re.split(r"\s?[x×]\s?", tokens[at].core)
    if len(parts) < 2 or not all(is_number(part, t) for part in parts if part):
        return None
    by = "by" if t.code == "en" else t.times
    if parts[-1] == "" and len(parts) == 2 and parts[0]:
        return Read((f"{plain(parts[0], t)} {t.times or 'x'}",))
    if not by or not all(parts):
        return None
    return Read((f" {by} ".join(_side(part, t) for part in parts),))


def _side(number: str, t: Tongue) -> str:
    """1080 is "ten eighty" in English."""
    in_pairs = t.code == "en" and re.fullmatch(r"[1-9]\d[1-9]\d", number)
    return numbers.year(int(number), t) if in_pairs else plain(number, t)


def scaled(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`10k`, `1.5M`; `4K` is a picture's size. And `млн`, `bn` after a number."""
    core = tokens[at].core
    joined = re.fullmatch(r"([^\W\d]+)\.?\s?([$€£¥₹₽]|zł)", core)
    if joined and joined[1].lower() in t.scales:
        name = _many(CURRENCIES[joined[2]], t)
        return Read((_of(t.scales[joined[1].lower()], name, t),))
    if is_number(core_at(tokens, at - 1), t) and tokens[at].low in t.scales:
        dot: Literal["ends", "may end"] = "may end" if tokens[at].low in t.short else "ends"
        return Read((t.scales[tokens[at].low],), dot)
    found = re.fullmatch(rf"([-−+~≈]?{numbers.number_pattern(t)})(k|K|M|B|bn|mn|tn)", core)
    if found is None or t.code != "en" or core in RESOLUTIONS:
        return None
    return Read((f"{plain(found[1], t)} {t.scales[found[2].lower()]}",))


def version(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`3.11.7`, an address or a version: every group is a number."""
    found = re.fullmatch(r"(v?)(\d+(?:\.\d+){2,})", tokens[at].core)
    if found is None or numbers.parsed(found[2], t):
        return None
    joint = f" {t.point} " if t.point else " "
    said = joint.join(numbers.cardinal(int(part), t) for part in found[2].split("."))
    return Read((f"version {said}" if found[1] and t.code == "en" else said,))


def number(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    core = tokens[at].core
    open_range = re.fullmatch(rf"({numbers.number_pattern(t)}) [-–—]", tokens[at].display)
    if open_range and is_number(core_at(tokens, at + 1), t) and t.to:
        return Read((f"{plain(open_range[1], t)} {t.to}",), "no pause")
    return Read((plain(core, t),)) if is_number(core, t) else None
