"""What a hostile text makes a writer say: addresses, numbers to call, prices, its own rules."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"”]+|[\w.+-]+@[\w-]+\.[\w.-]+\w", re.I)
_DOMAIN = re.compile(
    r"\b[a-z0-9-]{2,}(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|info|biz|shop|xyz|example|ru|cn|de|fr|eu"
    r"|uk|app|online|site|store)\b(?:/\S*)?",
    re.I,
)
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d{1,3}[\s./-]?|\(\d{2,5}\)[\s./-]?|0\d{2,4}[\s./-])(?:\d[\s./-]?){5,12}\d"
)
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
    """Addresses and numbers to call wherever they are from; domains and prices that the source does
    not name."""
    found = [*_ADDRESS.findall(told), *_PHONE.findall(told)]
    rest = [one for pattern in (_DOMAIN, _PRICE) for one in pattern.findall(told)]
    known = _bare(source)
    found += [one for one in rest if _bare(one) not in known]
    return list(dict.fromkeys(one.strip().rstrip(".,;") for one in found))[:10]


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
