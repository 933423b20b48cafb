"""Where a text may be broken into lines, in any script, and how a long word is divided."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass

import pyphen
import skia

from videos.media import fonts

NO_START = frozenset(
    "、。，．・：；？！‐ー々ゝゞヽヾぁぃぅぇぉっゃゅょァィゥェォッャュョ」』）】〉》〕］｝…,.!?:;)]}%"
)
NO_END = frozenset("「『（【〈《〔［｛([{$€£¥")
SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
DIVIDERS = re.compile(r"(?<=[\w)][-‐–—/])(?=\w)")
TALL = frozenset(
    [
        "ARABIC",
        "THAI",
        "LAO",
        "KHMER",
        "MYANMAR",
        "DEVANAGARI",
        "BENGALI",
        "TAMIL",
        "TELUGU",
        "KANNADA",
        "MALAYALAM",
        "GUJARATI",
        "GURMUKHI",
        "ORIYA",
        "SINHALA",
        "TIBETAN",
        "THAANA",
        "SYRIAC",
    ]
)


@dataclass(frozen=True)
class Token:
    """A piece that stays together; `start` is its place in the text."""

    text: str
    start: int
    space: bool = True  # whether a space follows when the next one is on the same line


def is_rtl(text: str) -> bool:
    """By the majority of strong letters, so that a quoted name does not turn a sentence."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    return sum(kind in {"R", "AL"} for kind in kinds) > sum(kind == "L" for kind in kinds)


def is_wide(letter: str) -> bool:
    """Chinese, Japanese and Korean letters, which take a full square."""
    return unicodedata.east_asian_width(letter) in "WF" and unicodedata.category(letter) != "So"


def stretch(text: str) -> float:
    """How much more room than Latin the letters need above and below."""
    scripts = {fonts.script(letter) for letter in set(text)}
    if scripts & TALL:
        return 1.34
    return 1.14 if any(map(is_wide, text)) else 1.0


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    for word in re.finditer(r"\S+", text):
        start = word.start()
        pieces = _pieces(word.group())
        for place, piece in enumerate(pieces):
            found.append(Token(piece, start, space=place == len(pieces) - 1))
            start += len(piece)
    return found


def _pieces(word: str) -> list[str]:
    if SPACELESS.search(word):
        return _by_dictionary(word)
    if any(map(is_wide, word)):
        return _by_letter(word)
    return DIVIDERS.split(word) if len(word) > 8 else [word]


def _by_letter(word: str) -> list[str]:
    """Chinese and Japanese break between letters, but never before a comma or after a bracket."""
    pieces = [word[0]]
    for before, letter in itertools.pairwise(word):
        glued = letter in NO_START or before in NO_END or unicodedata.combining(letter)
        if glued or not (is_wide(letter) or is_wide(before)) or _is_hangul(before, letter):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _is_hangul(before: str, letter: str) -> bool:
    """Korean writes spaces, so its words stay whole."""
    return fonts.script(before) == fonts.script(letter) == "HANGUL"


def _by_dictionary(word: str) -> list[str]:
    pieces, start = [], 0
    for place in range(1, len(word)):
        if _breaks_at(word, place):
            pieces.append(word[start:place])
            start = place
    return [*pieces, word[start:]]


@functools.lru_cache(maxsize=4096)
def _breaks_at(word: str, place: int) -> bool:
    """ICU inside Skia knows word ends where no space is written.

    With two neighbours huge and all else tiny, the widest unbreakable piece is about one of
    them if a line may end between them, and both if not.
    """
    families = fonts.families(word, 500, display=False, language="", font=fonts.INTER)
    builder = fonts.builder()
    parts = (
        (word[: place - 1], 0.01),
        (word[place - 1 : place + 1], 1e3),
        (word[place + 1 :], 0.01),
    )
    for part, size in parts:
        if part:
            style = skia.textlayout.TextStyle()
            style.setFontSize(size)
            style.setFontFamilies(families)
            builder.pushStyle(style)
            builder.addText(part)
            builder.pop()
    paragraph = builder.Build()
    paragraph.layout(1e6)
    return bool(paragraph.MinIntrinsicWidth < paragraph.MaxIntrinsicWidth * 0.98)


def divide(token: Token, language: str) -> list[Token]:
    """A word that no line can hold, in syllables where the language is known, else in letters.

    Every piece but the last carries its hyphen.
    """
    pieces = _syllables(token.text, language)
    hyphen = "-" if token.text.isascii() or language in pyphen.LANGUAGES else ""
    found, start = [], token.start
    for place, piece in enumerate(pieces):
        last = place == len(pieces) - 1
        mark = "" if last or not piece[-1:].isalpha() else hyphen
        found.append(Token(piece + mark, start, space=last and token.space))
        start += len(piece)
    return found


def _syllables(word: str, language: str) -> list[str]:
    core = word.strip(".,;:!?\"'()[]«»„“”")
    if language in pyphen.LANGUAGES and core.isalpha() and len(core) > 4:
        divided = _dictionary(language).inserted(core, "\0")
        pieces = word.replace(core, divided, 1).split("\0")
        if len(pieces) > 1:
            return pieces
    return _clusters(word)


@functools.lru_cache(maxsize=8)
def _dictionary(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=language)


def _clusters(word: str) -> list[str]:
    """Letters with the marks and joiners that belong to them."""
    pieces: list[str] = []
    for letter in word:
        joined = unicodedata.category(letter)[0] == "M" or letter in "\u200d\ufe0f"
        if pieces and (joined or pieces[-1].endswith("\u200d")):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces
