"""Sentences of a text, in many languages, with quotations kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from videos.writing.cleaning import has_end, is_open

_SHORTENED = re.compile(r"\b(?:approx|ca|c|est|vs|no|nos|min|max|incl|inkl|ggf|evtl|nr)\.$", re.I)
_LONGEST_QUOTE = 420  # characters; past it a quotation that never ends must not swallow the text


def split(text: str, language: str) -> list[str]:
    return list(_joined(_pieces(text, language), language))


def _pieces(text: str, language: str) -> Iterator[str]:
    for piece in sentencex.segment(language or "en", text):
        if stripped := piece.strip():
            yield stripped


def _joined(pieces: Iterator[str], language: str) -> Iterator[str]:
    """Mends splits inside a quotation and after a shortened word before a figure."""
    glue = "" if language in {"ja", "zh"} else " "
    held = ""
    for piece in pieces:
        if not held:
            held = piece
        elif _belongs(held, piece):
            held = f"{held}{glue}{piece}"
        else:
            yield held
            held = piece
    if held:
        yield held


def _belongs(held: str, piece: str) -> bool:
    if len(held) + len(piece) > _LONGEST_QUOTE:
        return False
    if is_open(held) and has_end(held):
        return True
    return piece[0].isdigit() and bool(_SHORTENED.search(held))
