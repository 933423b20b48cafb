"""Numbers into words, by num2words and CLDR; a language that they lack keeps its digits."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError, dates, lists, numbers, units
from num2words import num2words

from videos.writing.spoken_tables import Tongue
from videos.writing.spoken_tongues import TONGUES

LONGEST = 15  # digits; longer ones are read one by one


@cache
def tongue(language: str) -> Tongue:
    """The table of a language, or what CLDR tells about one without a table."""
    code = language.lower().replace("_", "-").split("-")[0]
    if code in TONGUES:
        return TONGUES[code]
    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return Tongue(code)
    group = numbers.get_group_symbol(locale)
    groups = " \u202f\xa0" if group in "\u202f\xa0" else group
    return Tongue(code, decimal=numbers.get_decimal_symbol(locale), groups=groups)


@cache
def number_pattern(t: Tongue) -> str:
    """`1,234.5` as the language writes it, and plain digits with a point in any language."""
    groups = re.escape("".join(sign for sign in t.groups if sign not in t.decimal))
    grouped = rf"\d{{1,3}}(?:[{groups}]\d{{3}})+(?!\d)" if groups else r"\d+"
    return rf"(?:{grouped}|\d+)(?:[{re.escape(t.decimal)}.]\d+)?"


def parsed(text: str, t: Tongue) -> tuple[str, str] | None:
    """(whole digits, fraction digits), or None for what is no number."""
    if not re.fullmatch(number_pattern(t), text):
        return None
    grouped = re.fullmatch(rf"\d{{1,3}}(?:[{re.escape(t.groups)}]\d{{3}})+", text)
    head, sign, tail = (text, "", "") if grouped else text.rpartition(t.decimal)
    if not grouped and not sign:
        head, sign, tail = text.rpartition(".")
    if not grouped and not sign:
        head, tail = text, ""
    return re.sub(r"\D", "", head), tail


def words(whole: str, fraction: str, t: Tongue) -> str:
    """The number as words; leading zeros and very long numbers digit by digit."""
    if len(whole) > LONGEST or (len(whole) > 1 and whole.startswith("0")):
        said = digits(whole, t)
    else:
        said = cardinal(int(whole or "0"), t)
    if not fraction:
        return said
    if not t.point:
        return _whole_decimal(whole, fraction, t)
    if t.whole_fraction and not fraction.startswith("0") and len(fraction) < 4:
        return f"{said} {t.point} {cardinal(int(fraction), t)}"
    return f"{said} {t.point} {digits(fraction, t)}"


def cardinal(number: int, t: Tongue) -> str:
    said = _num2words(number, t.code, "cardinal")
    if t.code == "en":
        said = said.replace(",", "").replace(" and ", " ")
    return said


def counted(number: str, what: str, t: Tongue) -> str:
    """A number before a noun: in many languages one is an article there."""
    if number == "1" and t.one:
        return t.one["f" if what in t.feminine else "m"]
    if t.code == "ru" and what in t.feminine and number.isdigit():
        return str(num2words(int(number), lang="ru", gender="f"))
    return words(*(parsed(number, t) or (number, "")), t)


def ordinal(number: int, t: Tongue, **form: str) -> str:
    if t.code == "ru":
        return str(num2words(number, lang="ru", to="ordinal", **form))
    return _num2words(number, t.code, "ordinal")


def year(number: int, t: Tongue) -> str:
    if t.code == "en" and 2000 <= number <= 2009:
        return cardinal(number, t)
    said = _num2words(number, t.code, "year")
    return said.replace("oh-", "oh ") if t.code == "en" else said


def digits(text: str, t: Tongue) -> str:
    return " ".join(cardinal(int(digit), t) for digit in text)


def is_one_of_many(number: str, t: Tongue) -> int:
    """Which of a noun's forms (one, few, many) this number wants."""
    parts = parsed(number, t) or (number, "")
    if parts[1] or not parts[0].isdigit():
        return 1
    try:
        form = Locale.parse(t.code).plural_form(int(parts[0]))
    except (UnknownLocaleError, ValueError):
        form = "other"
    return {"one": 0, "few": 1}.get(form, 2)


def unit_name(unit: str, number: str, t: Tongue) -> str:
    """`kilometers` for `5`; empty where CLDR lacks the language."""
    parts = parsed(number, t) or ("2", "")
    value = Decimal(f"{parts[0] or 0}.{parts[1]}" if parts[1] else parts[0])
    try:
        said = _formatted(value, unit, t)
    except (UnknownLocaleError, ValueError, units.UnknownUnitError):
        return ""
    return " ".join(re.sub(r"[\d.,\s]*\d", "", said).split())


def _formatted(value: Decimal, unit: str, t: Tongue) -> str:
    upper, _, lower = unit.partition("/")
    if not lower:
        return units.format_unit(value, unit, locale=t.code)
    said = units.format_compound_unit(value, upper, 1, lower, locale=t.code)
    return (said or "").replace(" 1 ", " ")


def currency_name(code: str, number: str, t: Tongue) -> str:
    names = t.money.get(code)
    if names:
        return names[min(is_one_of_many(number, t), len(names) - 1)]
    try:
        return numbers.get_currency_name(code, count=2, locale=t.code)
    except (UnknownLocaleError, ValueError):
        return ""


@cache
def months(t: Tongue) -> tuple[str, ...]:
    """As they stand in a date (in Russian the genitive)."""
    try:
        names = dates.get_month_names("wide", locale=t.code)
    except (UnknownLocaleError, ValueError):
        return ()
    return tuple(names[number] for number in range(1, 13))


@cache
def and_word(t: Tongue) -> str:
    try:
        said = lists.format_list(["\0", "\1"], locale=t.code)
    except (UnknownLocaleError, ValueError):
        return ""
    return said.partition("\0")[2].partition("\1")[0].strip(" ,、")


def _whole_decimal(whole: str, fraction: str, t: Tongue) -> str:
    number = Decimal(f"{whole or 0}.{fraction}")
    try:
        return str(num2words(number, lang=t.code))
    except (NotImplementedError, OverflowError, ValueError, TypeError, KeyError):
        return f"{whole or 0}{t.decimal}{fraction}"


@cache
def _num2words(number: int, code: str, kind: str) -> str:
    """num2words raises many kinds of errors for what a language lacks."""
    try:
        return str(num2words(number, lang=code, to=kind))
    except (NotImplementedError, OverflowError, ValueError, TypeError, KeyError, AttributeError):
        return str(number)
