"""Lists that hide in a sentence: "three things: a, b and c"."""

from __future__ import annotations

import re

from videos.writing.languages import count_words
from videos.writing.wordsets import wordset

_LEADS = {
    "en": r":|\bsuch as\b|\bincluding\b|\bincludes?\b|\bnamely\b",
    "de": r":|\bnämlich\b|\bdarunter\b",
    "es": r":|\bcomo por ejemplo\b|\bincluyendo\b|\bincluyen\b",
    "fr": r":|\bcomme par exemple\b|\btels que\b|\bnotamment\b",
    "ja": r"：",
    "zh": r"：|包括",
}
_LAST = {
    "en": r"(?:and|or)", "de": r"(?:und|oder|sowie)", "es": r"(?:y|e|o)", "fr": r"(?:et|ou)",
    "it": r"(?:e|o)", "pt": r"(?:e|ou)", "nl": r"(?:en|of)", "zh": r"和", "ar": r"و",
}  # fmt: skip
_NO_START = wordset(
    "is are was were has have had can could will would does did it they he she so but"
)
LONGEST_WORDS = 7


def items_in(sentence: str, language: str) -> list[str]:
    """Three to six short items named after a colon or "such as"; [] when there is no such list."""
    lead = _LEADS.get(language, ":")
    for found in re.finditer(lead, sentence):
        items = _parted(sentence[found.end() :], language)
        if items:
            return items
    return []


def _parted(tail: str, language: str) -> list[str]:
    last = _LAST.get(language)
    if not last or re.search(r"[:;()—–]", tail.rstrip(" .!")):
        return []
    body = tail.strip().rstrip(".!。 ")
    comma = r"[、，]" if language in {"ja", "zh"} else r",|،"
    parts = re.split(rf"\s*(?:{comma})\s*(?:{last}\s+)?|\s+{last}\s+", body)
    if any(part.partition(" ")[0].casefold() in _NO_START for part in parts) or "both " in body:
        return []
    joined = re.search(rf"(?:\s|,\s|^){last}\s", body) or language in {"ja", "zh"}
    short = all(0 < count_words(part, language) <= LONGEST_WORDS for part in parts)
    if not joined or not short or not 3 <= len(parts) <= 6 or any(len(part) > 64 for part in parts):
        return []
    return [part[:1].upper() + part[1:] for part in parts]
