"""Rules for JSON that a person may have written: each cleans its value or says what is wrong."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[[Any, str], Any]  # (value, where it stands) -> the cleaned value

_SPACE = re.compile(r"\s+")
_KEPT_FORMATS = frozenset("\u200c\u200d\u200e\u200f")  # joiners and direction marks carry meaning


class Wrong(ValueError):
    """One fault: `where` is a path such as `scenes[2].visual.items[0].title`."""

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"{where} {fault}")
        self.where = where
        self.fault = fault


def clean(value: str) -> str:
    """One line: control, private and invisible characters out, runs of space to one blank."""
    spaced = _SPACE.sub(" ", value)
    return "".join(
        mark
        for mark in spaced
        if mark in _KEPT_FORMATS or unicodedata.category(mark) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    ).strip()


def text(limit: int, *, needed: bool = False) -> Rule:
    def rule(value: Any, where: str) -> str:
        if not isinstance(value, str):
            raise Wrong(where, f"must be a text, not {_kind(value)}")
        kept = clean(value)
        if needed and not kept:
            raise Wrong(where, "is empty")
        if len(kept) > limit:
            raise Wrong(where, f"has {len(kept)} characters; {limit} is the most")
        return kept

    return rule


def glue(limit: int) -> Rule:
    """A text whose blanks at the ends count: what stands before or after a figure."""
    inner = text(limit)

    def rule(value: Any, where: str) -> str:
        kept = str(inner(value, where))
        if not kept:
            return ""
        before, after = value[:1].isspace(), value[-1:].isspace()
        return f"{' ' * before}{kept}{' ' * after}"

    return rule


def one_of(*allowed: str) -> Rule:
    def rule(value: Any, where: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Wrong(where, f"must be one of {', '.join(map(repr, allowed))}")
        return value

    return rule


def number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(where, f"must be a number, not {_kind(value)}")
    try:
        plain = float(value)
    except OverflowError:
        plain = math.inf
    if not math.isfinite(plain):
        raise Wrong(where, "must be a finite number")
    return plain


def whole(low: int, high: int) -> Rule:
    def rule(value: Any, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong(where, f"must be a whole number, not {_kind(value)}")
        if not low <= value <= high:
            raise Wrong(where, f"must be between {low} and {high}")
        return value

    return rule


def flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise Wrong(where, f"must be true or false, not {_kind(value)}")
    return value


def many(rule: Rule, low: int, high: int) -> Rule:
    def each(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise Wrong(where, f"must be a list, not {_kind(value)}")
        if not low <= len(value) <= high:
            raise Wrong(where, f"has {len(value)} entries; {low} to {high} are allowed")
        return tuple(rule(one, f"{where}[{place}]") for place, one in enumerate(value))

    return each


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong(where, f"must be an object, not {_kind(value)}")
    return value


def no_others(value: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in value:
        if name not in known:
            raise Wrong(f"{where}.{name}", f"is unknown; there is: {', '.join(sorted(known))}")


def _kind(value: Any) -> str:
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number"}
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    return names.get(type(value), "a list")
