"""Chance that is the same every time: all that differs between answers comes from here."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
WIDTH = 1 << 53


def number(*parts: object) -> int:
    """From 0 to 2**53 - 1, by what it is asked about."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % WIDTH


def fraction(*parts: object) -> float:
    """At least 0 and below 1."""
    return number(*parts) / WIDTH


def one_of(found: Sequence[T], *parts: object) -> T:
    return found[number(*parts) % len(found)]


def token(length: int, *parts: object) -> str:
    """Hexadecimal digits, 64 at most."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:length]
