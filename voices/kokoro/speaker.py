# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to sound with Kokoro, and the exact place of each word in it."""

from __future__ import annotations

import json
from pathlib import Path

import aligning
import numpy as np
import onnxruntime
import protocol
import sounds
import speaking
from espeak_library import Espeak

LATE = 1000  # samples by which its durations trail the sound, seen at words after a pause
HOP = 600  # samples of one frame
MOST_LETTERS = 509  # the model has 510 places for a voice's style, and none for the empty text


class Kokoro:
    rate = 24_000
    limit = 260

    def __init__(self, assets: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(assets / "kokoro.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.letters: dict[str, int] = json.loads((assets / "vocabulary.json").read_text())["vocab"]
        about = json.loads((assets / "about.json").read_text())
        self.languages = {voice["name"]: voice["languages"][0] for voice in about["voices"]}
        self.folder = assets / "voices"
        self.espeak = Espeak()
        self.asks = {"say": lambda job: speaking.say(self, job)}

    def speak(self, words: list[str], voice: str, language: str, speed: float) -> speaking.Chunk:
        tongue = self._tongue(voice, language)
        text, spans = self._sounds(words, tongue)
        if not any(map(aligning.is_sound, text)):
            return speaking.silence(self.rate, len(words))
        if len(text) > MOST_LETTERS and len(words) > 1:
            half = len(words) // 2
            first = self.speak(words[:half], voice, language, speed)
            return _joined(first, self.speak(words[half:], voice, language, speed))
        pcm, starts = self._run(text[:MOST_LETTERS], voice, speed)
        last = len(starts) - 1
        times = [(starts[min(first, last)], starts[min(end, last)]) for first, end in spans]
        return speaking.Chunk(pcm, times)

    def _tongue(self, voice: str, language: str) -> str:
        tongue = self.languages.get(voice)
        if tongue is None:
            known = ", ".join(sorted(self.languages))
            raise protocol.Rejected(f"Kokoro has no voice {voice!r}; it has: {known}.")
        if language.split("-")[0] != tongue.split("-")[0]:
            raise protocol.Rejected(f"Kokoro's voice {voice} speaks {tongue}, not {language!r}.")
        self.espeak.use(tongue)
        return tongue

    def _sounds(self, words: list[str], tongue: str) -> tuple[str, list[tuple[int, int]]]:
        """The letters of all words, clause by clause, and each word's [first, end) among them."""
        text, spans = "", []
        for clause, mark in _clauses(words):
            said = self._letters(" ".join(clause), tongue)
            alone = [self._letters(word, tongue) for word in clause]
            shift = len(text) + bool(text)
            spans += [
                (first + shift, end + shift) for first, end in aligning.word_spans(said, alone)
            ]
            text = f"{text} {said}{mark}" if text else said + mark
        return text, spans

    def _letters(self, text: str, tongue: str) -> str:
        letters = sounds.letters(self.espeak.phonemes(text), tongue)
        return "".join(letter for letter in letters if letter in self.letters).strip()

    def _run(self, text: str, voice: str, speed: float) -> tuple[bytes, list[int]]:
        """Sound, and the sample at which each letter begins, with the end as one more."""
        style = np.fromfile(self.folder / f"{voice}.bin", "<f4").reshape(-1, 1, 256)
        tokens = [self.letters[letter] for letter in text]
        sound, frames = self.session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style[len(tokens)],
                "speed": np.array([speed], np.float32),
            },
        )
        pcm = (np.clip(sound.reshape(-1), -1, 1) * 32767).astype("<i2")
        counts = (frames.reshape(-1) * HOP).astype(int)
        if counts.sum() != pcm.size:
            raise RuntimeError(f"{pcm.size} samples, but the sounds add up to {counts.sum()}")
        return pcm.tobytes(), np.maximum(0, np.cumsum(counts)[:-1] - LATE).tolist()


def _clauses(words: list[str]) -> list[tuple[list[str], str]]:
    """Words up to a punctuation mark, and the mark."""
    out: list[tuple[list[str], str]] = []
    clause: list[str] = []
    for word in words:
        clause.append(word)
        if mark := sounds.mark_of(word):
            out.append((clause, mark))
            clause = []
    return [*out, (clause, "")] if clause else out


def _joined(one: speaking.Chunk, other: speaking.Chunk) -> speaking.Chunk:
    shift = len(one.pcm) // 2
    return speaking.Chunk(
        one.pcm + other.pcm,
        [*one.times, *((first + shift, end + shift) for first, end in other.times)],
    )


def load(assets: Path, threads: int) -> Kokoro:
    return Kokoro(assets, threads)
