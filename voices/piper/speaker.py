# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to sound with a Piper voice, and the exact place of each word in it."""

from __future__ import annotations

import json
from pathlib import Path

import aligning
import numpy as np
import onnxruntime
import protocol
import speaking
from piper.phonemize_espeak import EspeakPhonemizer

BEGIN, PAUSE, END = "^", "_", "$"
FRAMES_PER_ID = 40  # most frames of noise that a sound is given; the model asks for 4 on average
SEED = 20_11_1969


class Piper:
    rate = 22_050
    limit = 400

    def __init__(self, assets: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(assets / "joe.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.config = json.loads((assets / "joe.json").read_text())
        self.phonemizer = EspeakPhonemizer()
        self.asks = {"say": lambda job: speaking.say(self, job)}

    def speak(self, words: list[str], voice: str, language: str, speed: float) -> speaking.Chunk:
        if voice not in ("", "joe"):
            raise protocol.Rejected(f"Piper has no voice {voice!r}; it has: joe.")
        if language.split("-")[0] != "en":
            raise protocol.Rejected(f"Piper's voice joe speaks English, not {language!r}.")
        sounds = self._sounds(" ".join(words))
        if not any(map(aligning.is_sound, sounds)):
            return speaking.silence(self.rate, len(words))
        ids, owners = self._ids(sounds)
        audio, counts = self._run(ids, speed)
        spans = aligning.word_spans(sounds, [self._sounds(word) for word in words])
        return speaking.Chunk(audio, _times(spans, owners, counts, len(sounds)))

    def _sounds(self, text: str) -> str:
        """One letter a sound; sentences that espeak sees inside a chunk are joined."""
        sentences = self.phonemizer.phonemize(self.config["espeak"]["voice"], text)
        return " ".join("".join(sentence) for sentence in sentences)

    def _ids(self, sounds: str) -> tuple[list[int], list[int]]:
        """Model ids, each with the index of its sound (-1 before the first)."""
        table = self.config["phoneme_id_map"]
        ids, owners = [*table[BEGIN], *table[PAUSE]], [-1, -1]
        for place, letter in enumerate(sounds):
            for number in table.get(letter, []):
                ids += [number, *table[PAUSE]]
                owners += [place, place]
        return [*ids, *table[END]], [*owners, len(sounds)]

    def _run(self, ids: list[int], speed: float) -> tuple[bytes, list[int]]:
        scales = self.config["inference"]
        noise = np.random.default_rng(SEED)
        count = len(ids)
        sound, frames = self.session.run(
            None,
            {
                "input": np.array([ids], np.int64),
                "input_lengths": np.array([count], np.int64),
                "scales": np.array(
                    [scales["noise_scale"], scales["length_scale"] / speed, scales["noise_w"]],
                    np.float32,
                ),
                "duration_noise": noise.standard_normal((1, 2, count), np.float32),
                "voice_noise": noise.standard_normal((1, 192, count * FRAMES_PER_ID), np.float32),
            },
        )
        pcm = (np.clip(sound.reshape(-1), -1, 1) * 32767).astype("<i2")
        hop = self.config.get("hop_length", 256)
        counts = (frames.reshape(-1) * hop).astype(int).tolist()
        if sum(counts) != pcm.size:
            raise RuntimeError(f"{pcm.size} samples, but the sounds add up to {sum(counts)}")
        return pcm.tobytes(), counts


def _times(
    spans: list[tuple[int, int]], owners: list[int], counts: list[int], end: int
) -> list[speaking.Span]:
    """Samples before each sound, looked up at the spans' borders."""
    before = [0] * (end + 2)
    for owner, count in zip(owners, counts, strict=True):
        before[owner + 1] += count
    starts = [0] * (end + 2)
    at = 0
    for place in range(end + 2):
        starts[place] = at
        at += before[place]
    return [(starts[first + 1], starts[last + 1]) for first, last in spans]


def load(assets: Path, threads: int) -> Piper:
    return Piper(assets, threads)
