"""What the rules of reading aloud know of each language. Only facts; no logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Tongue:
    """Empty words mean that the language's rule is not known and the sign is left as it is."""

    code: str
    decimal: str = "."
    groups: str = ","  # signs between thousands; a space counts only where it is listed
    point: str = ""  # the word for the decimal sign; empty: num2words reads the fraction whole
    whole_fraction: bool = False  # 3,14 is "three comma fourteen" rather than "one four"
    to: str = ""  # between the ends of a range
    at: str = ""
    dot: str = ""
    slash: str = ""
    minus: str = ""
    plus: str = ""
    equals: str = ""
    times: str = ""
    about: str = ""
    number: str = ""  # for # and №
    degrees: str = ""
    of_money: str = ""  # between a million and its currency
    clock: str = ""  # the word after an hour, when minutes follow or not
    clock_words: tuple[str, ...] = ()  # as they stand in a text after 15:30
    one: Mapping[str, str] = field(default_factory=dict)  # `m` and `f` before a noun
    feminine: frozenset[str] = frozenset()  # units and currencies that want `one["f"]`
    scales: Mapping[str, str] = field(default_factory=dict)  # as written -> as said
    short: Mapping[str, str] = field(default_factory=dict)  # abbreviations, lower case, no end dot
    phrases: Mapping[str, str] = field(default_factory=dict)  # those of several tokens
    money: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # one, (few,) many
    day_month: str = ""  # how a written date is said: {day} {month} {year}


def any_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


CURRENCIES: Mapping[str, str] = {
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "€": "EUR",
    "eur": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "¥": "JPY",
    "jpy": "JPY",
    "₹": "INR",
    "inr": "INR",
    "chf": "CHF",
    "₽": "RUB",
    "rub": "RUB",
    "руб": "RUB",
    "r$": "BRL",
    "brl": "BRL",
    "zł": "PLN",
    "pln": "PLN",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "c$": "CAD",
    "a$": "AUD",
    "cad": "CAD",
    "aud": "AUD",
    "cny": "CNY",
    "sek": "SEK",
    "nok": "NOK",
    "dkk": "DKK",
}

UNITS: Mapping[str, str] = {  # as written after a number -> CLDR's name
    "%": "concentr-percent",
    "‰": "concentr-permille",
    "°c": "temperature-celsius",
    "℃": "temperature-celsius",
    "°f": "temperature-fahrenheit",
    "°": "angle-degree",
    "km": "length-kilometer",
    "m": "length-meter",
    "cm": "length-centimeter",
    "mm": "length-millimeter",
    "µm": "length-micrometer",
    "μm": "length-micrometer",
    "nm": "length-nanometer",
    "mi": "length-mile",
    "ft": "length-foot",
    "yd": "length-yard",
    "kg": "mass-kilogram",
    "g": "mass-gram",
    "mg": "mass-milligram",
    "t": "mass-tonne",
    "lb": "mass-pound",
    "lbs": "mass-pound",
    "oz": "mass-ounce",
    "l": "volume-liter",
    "ml": "volume-milliliter",
    "m²": "area-square-meter",
    "m2": "area-square-meter",
    "km²": "area-square-kilometer",
    "km2": "area-square-kilometer",
    "ha": "area-hectare",
    "m³": "volume-cubic-meter",
    "m3": "volume-cubic-meter",
    "km/h": "speed-kilometer-per-hour",
    "kph": "speed-kilometer-per-hour",
    "mph": "speed-mile-per-hour",
    "m/s": "speed-meter-per-second",
    "km/s": "length-kilometer/duration-second",
    "h": "duration-hour",
    "hr": "duration-hour",
    "hrs": "duration-hour",
    "min": "duration-minute",
    "mins": "duration-minute",
    "s": "duration-second",
    "sec": "duration-second",
    "secs": "duration-second",
    "ms": "duration-millisecond",
    "kb": "digital-kilobyte",
    "mb": "digital-megabyte",
    "gb": "digital-gigabyte",
    "tb": "digital-terabyte",
    "hz": "frequency-hertz",
    "khz": "frequency-kilohertz",
    "mhz": "frequency-megahertz",
    "ghz": "frequency-gigahertz",
    "kw": "power-kilowatt",
    "mw": "power-megawatt",
    "gw": "power-gigawatt",
    "kwh": "energy-kilowatt-hour",
    "kcal": "energy-kilocalorie",
    "cal": "energy-calorie",
    "kv": "electric-kilovolt",
    "px": "graphics-pixel",
    "км": "length-kilometer",
    "м": "length-meter",
    "см": "length-centimeter",
    "мм": "length-millimeter",
    "кг": "mass-kilogram",
    "г": "mass-gram",
    "т": "mass-tonne",
    "л": "volume-liter",
    "км/ч": "speed-kilometer-per-hour",
    "гб": "digital-gigabyte",
    "мб": "digital-megabyte",
}

SMALL_LETTER_UNITS = frozenset("gmshlt")
CAPITAL_UNITS = {"L": "volume-liter", "V": "electric-volt", "W": "power-watt"}


def unit_of(sign: str) -> str:
    """CLDR's name of a unit sign; single letters count only in their own case (5G is no gram)."""
    if len(sign) == 1 and sign.isascii() and sign.isalpha():
        return UNITS[sign] if sign in SMALL_LETTER_UNITS else CAPITAL_UNITS.get(sign, "")
    return UNITS.get(sign.lower(), "")
