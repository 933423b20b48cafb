"""Rules for times, dates, years and ordinals."""

from __future__ import annotations

import re
from collections.abc import Sequence

from videos.writing import spoken_numbers as numbers
from videos.writing.spoken_amounts import Read, core_at, is_number
from videos.writing.spoken_tables import Tongue, any_of, unit_of
from videos.writing.spoken_tokens import Token

HALVES = {"am": "A.M", "pm": "P.M", "a.m": "A.M", "p.m": "P.M"}
GERMAN_ARTICLES = frozenset({"der", "die", "das"})
GERMAN_CASES = any_of(
    "am im zum zur vom beim dem den des ab bis seit einem einen eines jedem ihrem seinem"
)
GERMAN_YEARS = any_of("jahr jahre jahres seit ab bis von vor nach um anno in")
RUSSIAN_ORDINALS: dict[str, dict[str, str]] = {
    "й": {},
    "я": {"gender": "f"},
    "е": {"gender": "n"},
    "го": {"case": "g"},
    "му": {"case": "d"},
    "м": {"case": "p"},
    "ом": {"case": "p"},
    "ю": {"gender": "f", "case": "a"},
}
RUSSIAN_YEARS: dict[str, dict[str, str]] = {
    "год": {},
    "года": {"case": "g"},
    "году": {"case": "p"},
    "годом": {"case": "i"},
}
RUSSIAN_YEAR_AFTER = {"в": "году", "с": "года", "до": "года", "от": "года", "после": "года"}
FIRST = {"fr": "premier", "it": "primo", "pt": "primeiro"}


def clock(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    core, following = tokens[at].core, core_at(tokens, at + 1).lower()
    found = re.fullmatch(r"(\d{1,2})[:h](\d{2})(?::\d{2})?\s?([ap]\.?m)?", core, re.IGNORECASE)
    if found is None and following in t.clock_words:
        found = re.fullmatch(r"(\d{1,2})\.(\d{2})()", core)
    if found and int(found[1]) <= 24 and int(found[2]) < 60:
        return _clock(int(found[1]), int(found[2]), found[3] or "", following, t)
    if t.code == "en":
        return _english_hour(tokens, at, t)
    hours = re.fullmatch(r"(\d{1,2})h", core)
    return Read((_hour(int(hours[1]), t),)) if hours and t.code == "fr" else None


def _clock(hour: int, minute: int, half: str, following: str, t: Tongue) -> Read:
    if t.code == "en":
        return Read((_english_time(hour, minute, half, following, t),))
    minutes = numbers.cardinal(minute, t) if minute else ""
    if following in t.clock_words:
        said = following if following != "h" else "horas"
        said = said.capitalize() if t.code == "de" else said
        return Read((_one_o_clock(hour, t), f"{said} {minutes}".strip()))
    if t.clock:
        return Read((f"{_hour(hour, t)} {minutes}".strip(),))
    whole = t.clock_words[-1] if t.clock_words else numbers.digits("00", t)
    return Read((f"{numbers.cardinal(hour, t)} {minutes or whole}",))


def _hour(hour: int, t: Tongue) -> str:
    return f"{_one_o_clock(hour, t)} {t.clock}"


def _one_o_clock(hour: int, t: Tongue) -> str:
    if t.code in ("fr", "pt", "de"):
        return numbers.counted(str(hour), "Uhr" if t.code == "de" else "h", t)
    return numbers.cardinal(hour, t)


def _english_time(hour: int, minute: int, half: str, following: str, t: Tongue) -> str:
    said = numbers.cardinal(hour, t)
    after = HALVES.get(half.lower(), "")
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{numbers.cardinal(minute, t)}"
    elif not after and following not in HALVES:
        said += " o'clock" if 1 <= hour <= 12 else " hundred"
    return f"{said} {after}".strip()


def _english_hour(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`9am`, and `9` or `9:30` before `am`, which alone would be a word."""
    found = re.fullmatch(r"(\d{1,2})([ap]\.?m)", tokens[at].core, re.IGNORECASE)
    if found and int(found[1]) <= 12:
        half = HALVES[found[2].lower()]
        return Read((f"{numbers.cardinal(int(found[1]), t)} {half}",), "may end")
    before = re.fullmatch(r"(\d{1,2})(?::\d\d)?", core_at(tokens, at - 1))
    if before and int(before[1]) <= 12 and tokens[at].low in HALVES:
        return Read((HALVES[tokens[at].low],), "may end")
    return None


def written_date(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`2024-03-05`, `5.3.2024`, and `3/5/2024`, where English has the month first."""
    core, before = tokens[at].core, core_at(tokens, at - 1).lower()
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", core)
    if found:
        return _date(int(found[3]), int(found[2]), int(found[1]), before, t)
    found = re.fullmatch(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})", core)
    if found is None:
        return None
    first, second, year_ = int(found[1]), int(found[3]), int(found[4])
    if t.code == "en" and found[2] == "/" and first <= 12:
        return _date(second, first, year_, before, t)
    return _date(first, second, year_, before, t)


def _date(day: int, month: int, year_: int, before: str, t: Tongue) -> Read | None:
    names = numbers.months(t)
    if not (t.day_month and names and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    said_year = numbers.year(year_, t)
    if t.code == "ru":
        said_year = numbers.ordinal(year_, t, case="g") + " года"
    said = t.day_month.format(day=_day(day, before, t), month=names[month - 1], year=said_year)
    return Read((said,))


def _day(day: int, before: str, t: Tongue) -> str:
    if t.code in ("en", "pl"):
        return numbers.ordinal(day, t)
    if t.code == "ru":
        return numbers.ordinal(day, t, case="g")
    if t.code == "de":
        return _german(day, before, t)
    return FIRST.get(t.code, "") if day == 1 and t.code in FIRST else numbers.cardinal(day, t)


def _german(number: int, before: str, t: Tongue) -> str:
    """`fünfte`, with the ending that the word before it asks for."""
    ending = "n" if before in GERMAN_CASES else "" if before in GERMAN_ARTICLES else "r"
    return numbers.ordinal(number, t) + ending


def day_and_month(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`March 5`, `5 March`, `5. März`, `1er mars`, `5 марта`."""
    core, following = tokens[at].core, core_at(tokens, at + 1)
    day = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|er)?", core)
    if day and 1 <= int(day[1]) <= 31 and _is_month(following, t):
        said = _day(int(day[1]), core_at(tokens, at - 1).lower(), t)
        return Read((f"{said} of" if t.code == "en" else said,), "belongs")
    before = re.fullmatch(r"(\d{1,2})", core)
    if t.code != "en" or not before or not _is_month(core_at(tokens, at - 1), t):
        return None
    is_day = 1 <= int(before[1]) <= 31 and not unit_of(following)
    return Read((numbers.ordinal(int(before[1]), t),)) if is_day else None


def _is_month(word: str, t: Tongue) -> bool:
    """Full names, and in English the usual short ones; `may` in small letters is none."""
    names = numbers.months(t)
    if word in names:
        return True
    if t.code == "en":
        return len(word) in (3, 4) and word.istitle() and t.short.get(word.lower()) in names
    return word.lower() in names


def ordinal(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    core, before = tokens[at].core, core_at(tokens, at - 1).lower()
    found = re.fullmatch(r"([\d,]+)(st|nd|rd|th)", core)
    if found and t.code == "en":
        return Read((numbers.ordinal(int(found[1].replace(",", "")), t).replace(",", ""),))
    if t.code == "de" and re.fullmatch(r"\d{1,3}", core) and tokens[at].tail == ".":
        known = before in GERMAN_ARTICLES | GERMAN_CASES
        follows = core_at(tokens, at + 1)[:1].isalpha()
        return Read((_german(int(core), before, t),), "belongs") if known and follows else None
    if t.code == "ru":
        return _russian(core, before, core_at(tokens, at + 1), t)
    return _marked(core, t)


def _marked(core: str, t: Tongue) -> Read | None:
    """`2e`, `1re`, `3.º`, `4ª`."""
    found = re.fullmatch(r"(\d+)\.?(er|re|ère|ème|eme|e|è|º|ª|ste|de)", core)
    if found is None or t.code not in ("fr", "es", "it", "pt", "nl"):
        return None
    if t.code == "fr" and found[1] == "1":
        return Read(("première" if found[2] in ("re", "ère") else "premier",))
    said = numbers.ordinal(int(found[1]), t)
    ending = {"ª": "a", "er": ""}.get(found[2], "o")
    return Read((re.sub("o$", ending, said),))


def _russian(core: str, before: str, following: str, t: Tongue) -> Read | None:
    found = re.fullmatch(r"(\d+)-(\w+)", core)
    if found and found[2] in ("е", "х") and int(found[1]) % 10 == 0:
        ending = "ые" if found[2] == "е" else "ых"
        return Read((re.sub("ый$|ой$", ending, numbers.ordinal(int(found[1]), t)),))
    if found and found[2] in RUSSIAN_ORDINALS:
        return Read((numbers.ordinal(int(found[1]), t, **RUSSIAN_ORDINALS[found[2]]),))
    if re.fullmatch(r"\d{3,4}", core) and following.lower() in RUSSIAN_YEARS:
        form = RUSSIAN_YEARS[following.lower()]
        return Read((numbers.ordinal(int(core), t, **form),))
    if re.fullmatch(r"\d{4}", core) and following == "г":
        word = RUSSIAN_YEAR_AFTER.get(before, "год")
        said = numbers.ordinal(int(core), t, **RUSSIAN_YEARS[word])
        return Read((said, word), "may end")
    return None


def decade(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """`1990s` and `90s`; in German `1990er`."""
    found = re.fullmatch(r"(\d{4}|\d0)(s|er)", tokens[at].core)
    if found is None:
        return None
    said = numbers.year(int(found[1]), t)
    if t.code == "en" and found[2] == "s":
        plural = said[:-1] + "ies" if said.endswith("y") else said + "s"
        return Read((plural,))
    return Read((said + "er",)) if t.code == "de" and found[2] == "er" else None


def year(tokens: Sequence[Token], at: int, t: Tongue) -> Read | None:
    """A bare number from 1100 to 2099, where the words around do not count something."""
    core, following = tokens[at].core, core_at(tokens, at + 1)
    if not re.fullmatch(r"10[1-9]\d|1[1-9]\d\d|20\d\d", core):
        return None
    before = core_at(tokens, at - 1)
    if t.code == "de":
        is_year = before.lower() in GERMAN_YEARS or _is_month(before, t) or core < "2000"
        return Read((numbers.year(int(core), t),)) if is_year else None
    counts = following.lower() in t.scales or (following.islower() and following.endswith("s"))
    is_count = counts and not tokens[at].tail and following not in ("was", "is", "has", "as")
    if t.code != "en" or is_count or (is_number(before, t) and not _is_day(tokens, at)):
        return None
    return Read((numbers.year(int(core), t),))


def _is_day(tokens: Sequence[Token], at: int) -> bool:
    return bool(re.fullmatch(r"\d{1,2}(st|nd|rd|th)?", core_at(tokens, at - 1)))
