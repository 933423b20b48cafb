"""A text cut into the words that captions show, and what the rules of reading look at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from videos.writing.spoken_tables import CURRENCIES, Tongue

CLOSING = ".,;:!?…\"'”’“»›)]}」』）〉》】。！？，、；：؟،۔।–—*_"
SEGMENT = 6  # signs that one caption word of a text without spaces has at most
SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
THAI_FIRST = frozenset("เแโใไ\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")  # written before their consonant


@dataclass(frozen=True)
class Token:
    """`display` as it stands; `core` without the punctuation around it."""

    display: str
    core: str
    tail: str  # the punctuation after the core

    @property
    def low(self) -> str:
        return self.core.lower()

    @property
    def mark(self) -> str:
        """What the voice should do at its end: one of . ! ? … , ; : or nothing."""
        for signs, mark in (("?؟？", "?"), ("!！", "!"), ("…", "…"), (".。۔।", ".")):
            if any(sign in self.tail for sign in signs):
                return mark
        for sign in self.tail:
            if sign in ",;:":
                return sign
            if sign in "，、；：،)]—–）":
                return ","
        return ""


def tokens(text: str, t: Tongue) -> list[Token]:
    pieces = [piece for piece in _merged(_pieces(text), t) if piece]
    return [_token(piece) for piece in _attached(pieces)]


def _pieces(text: str) -> list[str]:
    """Words between spaces; where a script has none, segments of a few signs."""
    out: list[str] = []
    for word in text.split():
        out += _segments(word) if SPACELESS.search(word) else [word]
    return out


def _merged(pieces: list[str], t: Tongue) -> Iterator[str]:
    """`z. B.`, `5 633` and `5 €` are one word each, though a space is inside."""
    phrases = sorted((phrase.split() for phrase in t.phrases), key=len, reverse=True)
    at = 0
    while at < len(pieces):
        size = next((len(p) for p in phrases if _starts_with(pieces[at:], p)), 1)
        if size == 1:
            while _belongs(pieces[at + size - 1], pieces[at + size : at + size + 1], t):
                size += 1
        yield " ".join(pieces[at : at + size])
        at += size


def _starts_with(pieces: list[str], phrase: list[str]) -> bool:
    bare = [piece.lower().lstrip("(„“«") for piece in pieces[: len(phrase)]]
    bare[-1] = bare[-1].rstrip(",;:!?)”»“")
    return bare == phrase


def _belongs(piece: str, following: list[str], t: Tongue) -> bool:
    if not following:
        return False
    after = following[0]
    if piece.lower() in CURRENCIES and not piece.isalpha():
        return after[0].isdigit()
    if not re.fullmatch(r"[(\[]?[-+−]?[\d.,]*\d", piece):
        return False
    if " " in t.groups and re.fullmatch(r"\d{3}(?:,\d+)?\W*", after):
        return bool(re.fullmatch(r"[(\[]?\d{1,3}", piece.rpartition(" ")[2]))
    bare = after.rstrip(CLOSING)
    return (
        bool(bare)
        and not bare[0].isalnum()
        and bare.lower()
        in {"%", "‰", "°", "°c", "°f"} | {sign for sign in CURRENCIES if not sign.isalpha()}
    )


def _attached(pieces: list[str]) -> list[str]:
    """Punctuation alone joins the word before it, or the first word."""
    out: list[str] = []
    waiting: list[str] = []
    for piece in pieces:
        if is_word(piece):
            out.append(" ".join([*waiting, piece]))
            waiting = []
        elif out:
            out[-1] += f" {piece}"
        else:
            waiting.append(piece)
    return out


CURRENCY_SIGNS = frozenset("$€£¥₹₽₩₺₴")
SAID_SIGNS = CURRENCY_SIGNS | frozenset("&+=×÷@%‰°℃→<>≤≥±~≈#№")


def is_word(piece: str) -> bool:
    """Has something to say: letters, digits, or a lone sign that has a name."""
    return any(letter.isalnum() for letter in piece) or piece in SAID_SIGNS - CURRENCY_SIGNS


def _token(display: str) -> Token:
    """The core begins and ends with a letter, a digit, or a sign that belongs to a number."""
    first, last = 0, len(display)
    while first < last and not _begins(display[first:]):
        first += 1
    while last > first and not _ends(display[last - 1]):
        last -= 1
    if first == last:
        return Token(display, display, "")
    return Token(display, display[first:last], display[last:])


def _begins(rest: str) -> bool:
    if unicodedata.category(rest[0])[0] in "LMN":
        return True
    if rest[0] in "-−–.":
        return rest[1:2].isdigit() or (rest[0] != "." and rest[1:2] in CURRENCY_SIGNS)
    return rest[0] in SAID_SIGNS


def _ends(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in SAID_SIGNS


def _segments(word: str) -> list[str]:
    """Clauses by their punctuation, then pieces of at most SEGMENT signs, as even as can be."""
    out: list[str] = []
    for clause in re.findall(
        r"[^。！？，、；：…]+[。！？，、；：…」』）”]*|[。！？，、；：…」』）]+", word
    ):
        if not is_word(clause):
            out[-1:] = [(out[-1] if out else "") + clause]
            continue
        clusters = _clusters(clause)
        count = -(-sum(is_word(cluster) for cluster in clusters) // SEGMENT)
        out += _split_evenly(clusters, max(1, count))
    return out


def _split_evenly(clusters: list[str], count: int) -> list[str]:
    size = -(-len(clusters) // count)
    groups = ["".join(clusters[at : at + size]) for at in range(0, len(clusters), size)]
    if len(groups) > 1 and not is_word(groups[-1]):
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


def _clusters(text: str) -> list[str]:
    """Signs that must stay together: marks on a letter, Latin words, numbers."""
    out: list[str] = []
    for letter in text:
        joins = unicodedata.category(letter).startswith("M") or (
            letter.isascii() and letter.isalnum() and out and out[-1][-1].isascii()
        )
        if out and (joins or out[-1] in THAI_FIRST or not letter.isalnum()):
            out[-1] += letter
        else:
            out.append(letter)
    return out
