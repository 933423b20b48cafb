# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to sound with eSpeak NG, which tells the sample at which each word begins."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import protocol
import speaking
from espeak_library import Espeak

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
        text = " ".join(words)
        if not LATIN.search(text) and "(en)" in library.phonemes(text).replace("\u0361", ""):
            raise protocol.Rejected(
                f"eSpeak NG can't read this text as {language!r}: it would read out the names of "
                "its signs in English."
            )
        spoken = library.speak(text, speed)
        starts = _starts(words, spoken.words, len(spoken.pcm) // 2)
        return speaking.Chunk(spoken.pcm, list(itertools.pairwise(starts)))


def _starts(words: list[str], events: list[tuple[int, int]], end: int) -> list[int]:
    """Where each word begins, and the end: the event at its letters, or else between events."""
    heard = [(place, min(end, sample + EARLY if place else 0)) for place, sample in events]
    marks = sorted({(0, 0), *heard, (sum(map(len, words)) + len(words), end)})
    starts, letter, least = [], 0, 0
    for word in words:
        inside = [sample for place, sample in marks if letter <= place < letter + len(word)]
        least = max(least, inside[0] if inside else _between(marks, letter))
        starts.append(least)
        letter += len(word) + 1
    return [*starts, max(end, least)]


def _between(marks: list[tuple[int, int]], letter: int) -> int:
    before = max(mark for mark in marks if mark[0] <= letter)
    after = min(mark for mark in marks if mark[0] > letter)
    share = (letter - before[0]) / (after[0] - before[0])
    return round(before[1] + share * (after[1] - before[1]))


def load(assets: Path, threads: int) -> Speaker:
    return Speaker()
