# SPDX-License-Identifier: MIT
"""What all speaking engines share: words into chunks, chunks into one wave file, times over all."""

from __future__ import annotations

import array
import os
import re
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from protocol import Answer, Job, Rejected

SENTENCE_END = re.compile(r"[.!?…。！？।؟۔]+[\"'”’»)\]]*$")
CLAUSE_END = re.compile(r"[,;:—–،、，；：]+[\"'”’»)\]]*$")
ABBREVIATION = re.compile(r"^(\w\.)+$")
Span = tuple[int, int]
STEPS_A_SECOND = 200
SILENT = 0.02  # of the chunk's loudest sample


@dataclass(frozen=True)
class Chunk:
    """Sound as s16le mono and, for each word of the chunk, its [start, end) in samples."""

    pcm: bytes
    times: list[Span]


class Speaker(Protocol):
    rate: int
    limit: int  # characters that one chunk may have

    def speak(self, words: list[str], voice: str, language: str, speed: float) -> Chunk: ...


def say(speaker: Speaker, job: Job) -> Answer:
    """Speaks chunk by chunk into the file asked for, which appears only when it is whole."""
    asked = _checked(job.request)
    into = Path(asked["into"])
    times: list[Span] = []
    at = done = 0
    total = sum(map(len, asked["words"]))
    with tempfile.NamedTemporaryFile(dir=into.parent, prefix=".say-", delete=False) as file:
        try:
            with wave.open(file, "wb") as out:
                out.setparams((1, 2, speaker.rate, 0, "NONE", ""))
                for words in chunks(asked["words"], speaker.limit):
                    job.tell(done / total)
                    said = speaker.speak(words, asked["voice"], asked["language"], asked["speed"])
                    out.writeframes(said.pcm)
                    heard = audible(said, speaker.rate)
                    times += [(at + start, at + end) for start, end in heard]
                    at += len(said.pcm) // 2
                    done += sum(map(len, words))
            job.tell(1.0)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, into)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return {"rate": speaker.rate, "samples": at, "times": times}


def _checked(request: dict[str, Any]) -> dict[str, Any]:
    words = request.get("words")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Rejected("`words` must be a list of texts.")
    if not any(letter.isalnum() for word in words for letter in word):
        raise Rejected("There is nothing to say: the text has no letters or digits.")
    speed = float(request.get("speed", 1.0))
    if not 0.5 <= speed <= 2.0:
        raise Rejected("The speed must be between 0.5 and 2.")
    into = str(request.get("into", ""))
    if not os.path.isabs(into) or not Path(into).parent.is_dir():
        raise Rejected("`into` must be a path in a folder that exists.")
    return {
        "words": words,
        "voice": str(request.get("voice", "")),
        "language": str(request.get("language", "")),
        "speed": speed,
        "into": into,
    }


def audible(chunk: Chunk, rate: int) -> list[Span]:
    """The words' spans less the silence at their edges.

    Models count the pause after a clause, and the closed lips before a p, into the word.
    """
    wave = array.array("h", chunk.pcm)
    step = rate // STEPS_A_SECOND
    most = SILENT * max(max(wave, default=0), -min(wave, default=0))
    loud = [
        max(wave[at : at + step]) > most or min(wave[at : at + step]) < -most
        for at in range(0, len(wave), step)
    ]
    return [_audible_part(span, loud, step) for span in chunk.times]


def _audible_part(span: Span, loud: list[bool], step: int) -> Span:
    """Whole steps; a span without any sound stays as it is."""
    start, end = span
    steps = [n for n in range(-(-start // step), end // step) if loud[n]]
    if not steps:
        return span
    first, last = steps[0] * step, (steps[-1] + 1) * step
    return (first if first - start >= step else start, last if end - last >= step else end)


def silence(rate: int, words: int) -> Chunk:
    """A fifth of a second for words that have no sound in this language, such as a lone sign."""
    return Chunk(bytes(rate // 5 * 2), [(0, 0)] * words)


def chunks(words: list[str], limit: int) -> Iterator[list[str]]:
    """Sentences; one longer than `limit` characters is cut at its clauses, or else anywhere."""
    sentence: list[str] = []
    for word in words:
        sentence.append(word)
        if ends_sentence(word):
            yield from _short(sentence, limit)
            sentence = []
    if sentence:
        yield from _short(sentence, limit)


def ends_sentence(word: str) -> bool:
    return bool(SENTENCE_END.search(word)) and not ABBREVIATION.match(word)


def _short(words: list[str], limit: int) -> Iterator[list[str]]:
    while sum(len(word) + 1 for word in words) > limit and len(words) > 1:
        cut = _cut(words, limit)
        yield words[:cut]
        words = words[cut:]
    yield words


def _cut(words: list[str], limit: int) -> int:
    """How many words the next chunk takes: up to the last clause end in its second half."""
    length = fit = 0
    for word in words:
        length += len(word) + 1
        if length > limit:
            break
        fit += 1
    fit = min(max(1, fit), len(words) - 1)
    clauses = [n for n in range(1, fit + 1) if CLAUSE_END.search(words[n - 1]) and n * 2 > fit]
    return clauses[-1] if clauses else fit
