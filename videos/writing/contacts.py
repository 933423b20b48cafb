"""What a hostile text makes a writer say: addresses, numbers to call, names to follow, prices, its
own rules."""

from __future__ import annotations

import re

from videos.writing.disguises import bared
from videos.writing.domains import hosts

MOST = 10
_ADDRESS = re.compile(
    r"\b(?:h(?:tt|xx)ps?://|ftp://|www\.|(?:tel|sms|mailto|whatsapp|tg|skype|bitcoin):(?=\S))"
    r"[^\s<>\"”]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5}(?:/\S*)?|/\S+)"
    r"|\b0x[0-9a-f]{40}\b|\bbc1[0-9a-z]{25,60}\b",
    re.I,
)
_PHONE = re.compile(
    # +49 30 1234567, (030) 1234567, 030-1234567
    r"(?<![\w.,])(?:\+\d{1,3}[\s./-]?|\(\d{2,5}\)[\s./-]?|0\d{2,4}[\s./-])(?:\d[\s./-]?){5,12}\d"
    # as North America writes them: 555-123-4567, 1 555.123.4567
    r"|(?<![\w.,-])(?:1[\s.-])?[2-9]\d{2}([\s.-])\d{3}\1\d{4}(?![\w-])"
    r"|(?<![\w.,-])1?[\s.-]?8(?:00|33|44|55|66|77|88)[\s.-](?:[A-Z]{3,9}(?:-[A-Z0-9]+)?|\d{7})\b"
)
_CALLED = re.compile(  # any other, where the words before it say that it is one
    r"\b(?:call|phone|dial|ring|text|sms|fax|whatsapp|telegram|signal|tel|hotline|telefon|anrufen"
    r"|ruf\w*|appele[zr]?|téléphone|llam[ae]\w*|teléfono)\b[.:]?\s+(?:\w+\s+){0,3}?"
    r"((?:\+|\()?\d(?:[\s()./-]?\d){5,14})(?![\w])",
    re.I,
)
_DIGIT = "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
_SPELLED = re.compile(rf"\b{_DIGIT}(?:[\s,.-]+{_DIGIT}){{6,14}}\b", re.I)
_COUNTED = "one two three four five six seven eight nine"
_HANDLE = re.compile(r"(?<![\w.@/])@[^\W\d_][\w.]{1,29}(?<!\.)")
_PRICE = re.compile(
    r"(?:(?:US|A|C)?\$|€|£|¥|₹)\s?\d[\d.,]*|\d[\d.,]*\s?(?:€|£|dollars?|euros?|USD|EUR|pounds)\b",
    re.I,
)
_OF_RULES = re.compile(
    r"\b(?:system prompt|as an ai\b|my instructions|previous instructions"
    r"|i (?:was|am) (?:told|instructed) (?:to|not)|i can(?:no|')t help with)",
    re.I,
)
_RUN = 9  # so many of our own words in a row are no accident


def foreign(told: str, source: str) -> list[str]:
    """Addresses and numbers to call wherever they are from; domains, names to follow and prices
    that the source does not name."""
    plain, known = bared(told), _bare(bared(source))
    found = [*_addresses(plain), *_numbers(plain)]
    rest = [*_names(plain), *_PRICE.findall(plain)]
    found += [one for one in rest if _bare(one) not in known]
    return _once(found)


def contacts(told: str, own: str = "") -> list[str]:
    """All that leads anywhere: addresses, numbers, and the domains and names to follow that the
    person's `own` words do not have."""
    plain, known = bared(told), _bare(bared(own))
    names = [one for one in _names(plain) if _bare(one) not in known]
    return _once([*_addresses(plain), *_numbers(plain), *names])


def _addresses(plain: str) -> list[str]:
    leading = [one for one, leads in hosts(plain) if leads]
    return [*(one[0] for one in _ADDRESS.finditer(plain)), *leading]


def _numbers(plain: str) -> list[str]:
    spelled = [one[0] for one in _SPELLED.finditer(plain) if not _is_counting(one[0])]
    called = [one[1] for one in _CALLED.finditer(plain)]
    return [*(one[0] for one in _PHONE.finditer(plain)), *called, *spelled]


def _is_counting(said: str) -> bool:
    words = " ".join(_words(said))
    return words in _COUNTED or words in " ".join(reversed(_COUNTED.split()))


def _names(plain: str) -> list[str]:
    rest = _ADDRESS.sub(" ", plain)
    return [*(one for one, leads in hosts(rest) if not leads), *_HANDLE.findall(rest)]


def _once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(one.strip().rstrip(".,;") for one in found))[:MOST]


def speaks_of_rules(told: str, rules: str, source: str) -> bool:
    """A text about such programs may well say so itself."""
    said = {one.casefold() for one in _OF_RULES.findall(told)}
    return any(one not in source.casefold() for one in said) or _shares_run(told, rules)


def _shares_run(told: str, rules: str) -> bool:
    ours = _words(rules)
    known = {tuple(ours[at : at + _RUN]) for at in range(len(ours) - _RUN + 1)}
    theirs = _words(told)
    return any(tuple(theirs[at : at + _RUN]) in known for at in range(len(theirs) - _RUN + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _bare(text: str) -> str:
    return re.sub(r"[\s.,;]+", "", text.casefold())
