"""Topics and words that a channel avoids: written one a line, found as whole words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST, LONGEST = 200, 80


def listed(text: str) -> tuple[str, ...]:
    """Lines or commas apart, without doubles."""
    parts = (" ".join(part.split()) for part in re.split(r"[\n,;]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def named_in(text: str, words: Iterable[str]) -> list[str]:
    """Those of the words that the text says, whatever their case or accents' spelling."""
    folded = _folded(text)
    return [word for word in words if _is_in(_folded(word), folded)]


def _is_in(word: str, folded: str) -> bool:
    if not word:
        return False
    if re.search(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]", word):
        return word in folded
    spaced = r"\W+".join(re.escape(part) for part in word.split())
    return re.search(rf"(?<!\w){spaced}(?!\w)", folded) is not None


def _folded(text: str) -> str:
    """Invisible marks part no word."""
    plain = "".join(one for one in text if one.isascii() or unicodedata.category(one) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", plain).casefold().split())
