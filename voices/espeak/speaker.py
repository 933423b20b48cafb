# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to sound with eSpeak NG, which tells the sample at which each word begins."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import protocol
import speaking
from espeak_library import Espeak

SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]"
)
EARLY = 1000  # samples by which an event inside a sentence comes before its word is heard
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


class Speaker:
    rate = 22_050
    limit = 600

    def __init__(self) -> None:
        self.asks = {"say": lambda job: speaking.say(self, job)}

    def speak(self, words: list[str], voice: str, language: str, speed: float) -> speaking.Chunk:
        library = Espeak()
        try:
            return self._speak(library, words, language, speed)
        finally:
            library.close()

    def _speak(
        self, library: Espeak, words: list[str], language: str, speed: float
    ) -> speaking.Chunk:
        if not library.use(language):
            raise protocol.Rejected(f"eSpeak NG does not speak the language {language!r}.")
        text, places = _joined(words)
        if not LATIN.search(text) and "(en)" in library.phonemes(text).replace("\u0361", ""):
            raise protocol.Rejected(
                f"eSpeak NG can't read this text as {language!r}: it would read out the names of "
                "its signs in English."
            )
        spoken = library.speak(text, speed)
        starts = _starts(places, spoken.words, len(spoken.pcm) // 2)
        return speaking.Chunk(spoken.pcm, list(itertools.pairwise(starts)))


def _joined(words: list[str]) -> tuple[str, list[int]]:
    """The text, and where in it each word begins and the last ends.

    Pieces of a script without spaces get none between them: there a space would split words.
    """
    text, places = "", []
    for word in words:
        if text and not (SPACELESS.match(text[-1]) and SPACELESS.match(word)):
            text += " "
        places.append(len(text))
        text += word
    return text, [*places, len(text)]


def _starts(places: list[int], events: list[tuple[int, int]], end: int) -> list[int]:
    """Where each word begins, and the end: the event at its letters, or else between events."""
    heard = [(place, min(end, sample + EARLY if place else 0)) for place, sample in events]
    marks = sorted({(0, 0), *heard, (places[-1] + 1, end)})
    starts, least = [], 0
    for first, last in itertools.pairwise(places):
        inside = [sample for place, sample in marks if first <= place < last]
        least = max(least, inside[0] if inside else _between(marks, first))
        starts.append(least)
    return [*starts, max(end, least)]


def _between(marks: list[tuple[int, int]], letter: int) -> int:
    before = max(mark for mark in marks if mark[0] <= letter)
    after = min(mark for mark in marks if mark[0] > letter)
    share = (letter - before[0]) / (after[0] - before[0])
    return round(before[1] + share * (after[1] - before[1]))


def load(assets: Path, threads: int) -> Speaker:
    return Speaker()
