"""Mono wave files as arrays of floats, and their rate changed without loss below the lower half."""

from __future__ import annotations

import os
import wave
from functools import cache
from math import gcd
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Sound: TypeAlias = NDArray[np.float64]
FULL_SCALE = 32767
TAPS = 64  # input samples that one output sample is made of
STEEPNESS = 9.0  # of the Kaiser window: 90 dB down outside the band
BAND = 0.945  # of the lower rate's half


def read(path: Path) -> tuple[Sound, int]:
    """Samples in -1..1 and the rate."""
    with wave.open(str(path), "rb") as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise ValueError(f"{path.name} is not mono with 16 bits")
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    return np.frombuffer(data, "<i2").astype(np.float64) / FULL_SCALE, rate


def write(path: Path, sound: Sound, rate: int) -> None:
    """The file appears only when it is whole and on the disk."""
    pcm = np.rint(np.clip(sound, -1, 1) * FULL_SCALE).astype("<i2")
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        with wave.open(file, "wb") as out:
            out.setparams((1, 2, rate, 0, "NONE", ""))
            out.writeframes(pcm.tobytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def resample(sound: Sound, rate: int, wanted: int) -> Sound:
    """Polyphase: each output sample is a windowed sinc over TAPS input samples."""
    if rate == wanted or not len(sound):
        return sound
    up, down = wanted // gcd(rate, wanted), rate // gcd(rate, wanted)
    filters = _filters(up, min(1.0, wanted / rate) * BAND)
    count = -(-len(sound) * up // down)
    padded = np.pad(sound, (TAPS // 2 - 1, TAPS + down))
    out = np.empty(count)
    step = padded.strides[0]
    for phase in range(min(up, count)):
        first = phase * down // up
        rows = len(range(phase, count, up))
        windows = as_strided(padded[first:], (rows, TAPS), (step * down, step))
        out[phase::up] = np.einsum("rt,t->r", windows, filters[phase * down % up])
    return out


@cache
def _filters(up: int, band: float) -> Sound:
    """One row for each place of an output sample between two input samples."""
    places = np.arange(up)[:, None] / up
    distance = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - places
    window = np.i0(STEEPNESS * np.sqrt(np.maximum(0, 1 - (2 * distance / TAPS) ** 2)))
    rows = band * np.sinc(band * distance) * window / np.i0(STEEPNESS)
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))
