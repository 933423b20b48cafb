"""Letters made to look like others, and words that stand for dots: undone before any search."""

from __future__ import annotations

import re
import unicodedata

_DOTS = str.maketrans({"。": ".", "．": ".", "｡": ".", "․": ".", "﹒": ".", "∙": ".", "‧": "."})
_SLASHES = str.maketrans({"⁄": "/", "∕": "/", "⧸": "/", "＠": "@", "﹫": "@"})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–−﹣－", "-"))
_DOT_SAID = re.compile(
    r"\s{0,3}[\[({<]\s{0,3}(?:dot|punkt|punto|point|ponto)\s{0,3}[\])}>]\s{0,3}"
    r"|(?<=\w)\s+dot\s+(?=(?:com|net|org|info|io|co|biz|shop|app|me|ly|de|ru|xyz|example)\b)",
    re.I,
)
_AT_SAID = re.compile(r"\s{0,3}[\[({<]\s{0,3}(?:at|ät|arroba)\s{0,3}[\])}>]\s{0,3}", re.I)
_SLASH_SAID = re.compile(r"(?<=\w)\s+slash\s+(?=\w)", re.I)
# Cyrillic and Greek letters that nobody tells from Latin ones
_LOOKALIKES = str.maketrans("аеорсухіјѕһԁԛԝοανι", "aeopcyxijshdqwoavi")
_WORD = re.compile(r"[\w.-]+")
_LATIN = re.compile(r"[a-z]", re.I)


def bared(text: str) -> str:
    """Compatible forms folded (NFKC), invisible marks out, said and foreign dots as dots."""
    plain = text if text.isascii() else _folded(text)
    plain = _AT_SAID.sub("@", _DOT_SAID.sub(".", plain))
    return _SLASH_SAID.sub("/", plain) if "." in plain else plain


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(mark for mark in plain if unicodedata.category(mark) != "Cf")
    return _WORD.sub(_latin, plain.translate(_DOTS).translate(_SLASHES).translate(_DASHES))


def _latin(word: re.Match[str]) -> str:
    """A word with one Latin letter has no other ones."""
    return word[0].translate(_LOOKALIKES) if _LATIN.search(word[0]) else word[0]
