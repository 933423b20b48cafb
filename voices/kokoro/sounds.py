# SPDX-License-Identifier: GPL-3.0-or-later
"""From eSpeak NG's phonemes to the letters that Kokoro was trained on."""

from __future__ import annotations

import re
import unicodedata

TIE = "\u0361"
MARKS = ";:,.!?—…"
LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")
SYLLABIC = re.compile("(.)\u0329")

# One sound that eSpeak writes with several letters is one letter here.
JOINED = {
    "aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y",
    "dʒ": "ʤ", "tʃ": "ʧ", "dz": "ʣ", "ts": "ʦ", "tɕ": "ʨ", "dʑ": "ʥ",
}  # fmt: skip
ENGLISH = {"əl": "ᵊl", "r": "ɹ", "x": "k", "ç": "k", "ɐ": "ə", "ɬ": "l", "ʔ": "t", "\u0303": ""}
AMERICAN = {"ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɚ": "əɹ", "ɪə": "iə", "ɾ": "T", "ː": ""}
BRITISH = {"eə": "ɛː", "iə": "ɪə"}
ANY = {"g": "ɡ", "ɫ": "l", "-": "", "̪": "", "ɪ̈": "ɪ"}


def letters(phonemes: str, language: str) -> str:
    text = unicodedata.normalize("NFD", phonemes).replace("c\u0327", "ç")
    text = LANGUAGE_SWITCH.sub("", text.replace(f"({TIE}", "(").replace(f"{TIE})", ")"))
    for pair, letter in JOINED.items():
        text = text.replace(TIE.join(pair), letter)
    text = text.replace(TIE, "")
    for change in _changes(language):
        for old, new in change.items():
            text = text.replace(old, new)
    return text


def _changes(language: str) -> list[dict[str, str]]:
    if language == "en-us":
        return [ENGLISH, AMERICAN, ANY]
    if language == "en-gb":
        return [ENGLISH, BRITISH, ANY]
    return [ANY]


def mark_of(word: str) -> str:
    """The punctuation at a word's end, as Kokoro knows it."""
    tail = re.search(r"[^\w\s]+$", word)
    for sign in tail[0] if tail else "":
        plain = {
            "–": "—",
            "。": ".",
            "！": "!",
            "？": "?",
            "、": ",",
            "،": ",",
            "؟": "?",
            "।": ".",
        }.get(sign, sign)
        if plain in MARKS:
            return plain
    return ""
