"""Times of characters, as a vendor tells them, become times of words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from videos.contracts import Word
from videos.media import timing
from videos.media.timing import Span
from videos.media.waves import Sound
from videos.providers.saying import Text

ALIKE = 0.6  # of the characters; below that the vendor tells of another text


def spans(
    told: Any, said: Text, words: Sequence[Word], sound: Sound, rate: int
) -> tuple[Span, ...]:
    """What the vendor left out lies between its neighbours. Where it tells nothing that fits, the
    sound does."""
    found = _by_character(told, said.text) if isinstance(told, Mapping) else {}
    if len(found) < ALIKE * len(said.text):
        return timing.spans(sound, rate, words)
    return tuple(_in_order(_each(found, said), rate, len(sound)))


def _by_character(told: Mapping[str, Any], text: str) -> dict[int, tuple[float, float]]:
    """By the place in our text; the vendor may have written some of it otherwise."""
    names = ("characters", "character_start_times_seconds", "character_end_times_seconds")
    characters, starts, ends = (told[name] for name in names)
    theirs = "".join(characters)
    blocks: Sequence[tuple[int, int, int]] = [(0, 0, len(text))]
    if theirs != text:
        blocks = difflib.SequenceMatcher(None, text, theirs, autojunk=False).get_matching_blocks()
    return {
        mine + n: (float(starts[other + n]), float(ends[other + n]))
        for mine, other, size in blocks
        for n in range(size)
    }


def _each(
    found: Mapping[int, tuple[float, float]], said: Text
) -> Iterator[tuple[float, float] | None]:
    """A word lasts from its first letter to its last: a mark after it may hold a pause."""
    for first, following in pairwise((*said.places, len(said.text))):
        places = [place for place in range(first, following) if place in found]
        letters = [place for place in places if said.text[place].isalnum()] or places
        yield (found[letters[0]][0], found[letters[-1]][1]) if letters else None


def _in_order(
    times: Iterator[tuple[float, float] | None], rate: int, samples: int
) -> Iterator[Span]:
    at = 0
    for one in times:
        start, end = (round(second * rate) for second in one) if one else (at, at)
        start = min(max(start, at), samples)
        at = min(max(end, start), samples)
        yield start, at
