"""Sentences of a text, in many languages, with quotations kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from videos.writing.cleaning import NO_STOPS, has_end, is_open
from videos.writing.languages import glue

_SHORTENED = re.compile(r"\b(?:approx|ca|c|est|vs|no|nos|min|max|incl|inkl|ggf|evtl|nr)\.$", re.I)
_SHORTEST = 24  # signs of a sentence in a script without full stops
_LONGEST_QUOTE = 420  # characters; past it a quotation that never ends must not swallow the text


def split(text: str, language: str) -> list[str]:
    if language in NO_STOPS:
        return list(_at_blanks(text))
    return list(_joined(_pieces(text, language), language))


def _at_blanks(text: str) -> Iterator[str]:
    """Thai parts its sentences by blanks; short parts are rather clauses and stay together."""
    held = ""
    for part in text.split():
        held = f"{held} {part}".strip()
        if len(held) >= _SHORTEST:
            yield held
            held = ""
    if held:
        yield held


def _pieces(text: str, language: str) -> Iterator[str]:
    for piece in sentencex.segment(language or "en", text):
        if stripped := piece.strip():
            yield stripped


def _joined(pieces: Iterator[str], language: str) -> Iterator[str]:
    """Mends splits inside a quotation and after a shortened word before a figure."""
    between = glue(language)
    held = ""
    for piece in pieces:
        if not held:
            held = piece
        elif _belongs(held, piece):
            held = f"{held}{between}{piece}"
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
