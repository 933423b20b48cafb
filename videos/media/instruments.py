"""How the music bed sounds: a few synthetic instruments and a room, in numpy.

An instrument turns a pitch (MIDI number) into a mono wave; a stage adds waves at times and places
and plays them out bar by bar, so that memory does not grow with the length of the piece.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from videos.contracts import NARRATION_RATE as RATE

Wave = NDArray[np.float32]
Instrument = Callable[[int], Wave]

TABLE = 1 << 14
ROOM_S = 2.0
LONGEST_S = 9.0  # no event rings longer after the bar in which it began


def pitch_hz(pitch: float) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def seconds(length_s: float) -> Wave:
    return np.arange(int(length_s * RATE), dtype=np.float32) / np.float32(RATE)


def _cycle(harmonics: int, fall: float) -> Wave:
    """One cycle of a tone whose overtones fall off by a power of their number."""
    turn = np.arange(TABLE) * (2 * np.pi / TABLE)
    tone = sum(np.sin(turn * n + n * n * 0.7) / n**fall for n in range(1, harmonics + 1))
    return np.asarray(tone / np.abs(tone).max(), dtype=np.float32)


DARK, BRIGHT = _cycle(5, 2.2), _cycle(14, 1.25)


def pad(pitch: int, length_s: float, rng: np.random.Generator) -> tuple[Wave, Wave]:
    """A warm held tone, left and right: detuned voices whose brightness breathes once."""
    time = seconds(length_s)
    envelope = _swell(
        time, length_s, attack_s=min(1.1, length_s / 3), release_s=min(1.6, length_s / 3)
    )
    breath = (0.22 - 0.16 * np.cos(time * np.float32(2 * np.pi / length_s))).astype(np.float32)
    left, centre, right = (
        _voice(pitch_hz(pitch) * 2 ** (cents / 1200), time, breath, rng) for cents in (-6, 0.8, 6)
    )
    return (left + 0.7 * centre) * envelope, (right + 0.7 * centre) * envelope


def _voice(hertz: float, time: Wave, breath: Wave, rng: np.random.Generator) -> Wave:
    steps = np.arange(len(time)) * (hertz * TABLE / RATE) + rng.uniform(0, TABLE)
    at = steps.astype(np.int64) & (TABLE - 1)
    return np.asarray(DARK[at] * (1 - breath) + BRIGHT[at] * breath, dtype=np.float32)


def _swell(time: Wave, length_s: float, *, attack_s: float, release_s: float) -> Wave:
    rise = np.clip(time / attack_s, 0, 1)
    fall = np.clip((length_s - time) / release_s, 0, 1)
    return np.asarray(np.sin(rise * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2, np.float32)


@lru_cache(maxsize=64)
def felt(pitch: int) -> Wave:
    """A muted piano: overtones that die the faster the higher they are, and a soft hammer."""
    time, hertz = seconds(2.6), pitch_hz(pitch)
    tone = np.zeros_like(time)
    for n in range(1, 8):
        stretched = hertz * n * np.sqrt(1 + 0.0004 * n * n)
        if stretched < 7_000:
            tone += np.exp(-time * (1.5 + 1.1 * n)) * np.sin(2 * np.pi * stretched * time) / n**1.7
    return _plucked(tone, time, attack_s=0.006)


@lru_cache(maxsize=64)
def keys(pitch: int) -> Wave:
    """An electric piano: one sine bends another, less and less."""
    time, hertz = seconds(2.4), pitch_hz(pitch)
    turn = 2 * np.pi * hertz * time
    bend = 1.3 * np.exp(-time * 4.5) * np.sin(turn) + 0.25 * np.exp(-time * 16) * np.sin(turn * 7)
    return _plucked(np.exp(-time * 2.1) * np.sin(turn + bend), time, attack_s=0.004)


@lru_cache(maxsize=64)
def thumb(pitch: int) -> Wave:
    """A thumb piano: a tongue's overtones lie far above it and are gone at once."""
    time, hertz = seconds(1.5), pitch_hz(pitch)
    tone = np.exp(-time * 4.2) * np.sin(2 * np.pi * hertz * time)
    tone += 0.16 * np.exp(-time * 22) * np.sin(2 * np.pi * hertz * 5.4 * time)
    return _plucked(tone, time, attack_s=0.002)


@lru_cache(maxsize=64)
def bell(pitch: int) -> Wave:
    time, hertz = seconds(3.2), pitch_hz(pitch)
    parts = ((1.0, 1.0, 1.6), (2.0, 0.35, 2.6), (3.01, 0.12, 4.5), (4.2, 0.05, 7.0))
    tone = sum(a * np.exp(-time * d) * np.sin(2 * np.pi * hertz * f * time) for f, a, d in parts)
    return _plucked(np.asarray(tone, np.float32), time, attack_s=0.012)


@lru_cache(maxsize=64)
def bass(pitch: int) -> Wave:
    time, hertz = seconds(1.8), pitch_hz(pitch)
    tone = np.sin(2 * np.pi * hertz * time) + 0.22 * np.exp(-time * 3) * np.sin(
        4 * np.pi * hertz * time
    )
    return _plucked(np.exp(-time * 1.3) * tone, time, attack_s=0.02)


def _plucked(tone: Wave, time: Wave, *, attack_s: float) -> Wave:
    """Without a click at either end."""
    rise = np.clip(time / attack_s, 0, 1)
    fall = np.clip((time[-1] - time) / 0.12, 0, 1)
    return np.asarray(tone * rise * fall, dtype=np.float32)


def noise(length_s: float, low_hz: float, high_hz: float, rng: np.random.Generator) -> Wave:
    """Noise between two frequencies with soft edges, at a peak of 1."""
    samples = int(length_s * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / RATE) + 1e-6
    spectrum *= 1 / (1 + (low_hz / hertz) ** 4) / (1 + (hertz / high_hz) ** 4)
    wave = np.fft.irfft(spectrum, samples)
    return np.asarray(wave / np.abs(wave).max(), dtype=np.float32)


def kick() -> Wave:
    time = seconds(0.32)
    turn = 2 * np.pi * (47 * time + 60 / 28 * (1 - np.exp(-time * 28)))
    return _plucked(np.exp(-time * 11) * np.sin(turn), time, attack_s=0.004)


def shaker(rng: np.random.Generator) -> Wave:
    wave = noise(0.11, 5_000, 10_500, rng)
    time = seconds(0.11)[: len(wave)]
    return np.asarray(wave * np.clip(time / 0.018, 0, 1) * np.exp(-time * 42), np.float32)


def rim(rng: np.random.Generator) -> Wave:
    wave = noise(0.16, 1_100, 3_200, rng)
    time = seconds(0.16)[: len(wave)]
    body = 0.5 * np.sin(2 * np.pi * 420 * time) * np.exp(-time * 60)
    return np.asarray((wave * np.exp(-time * 34) + body) * np.clip(time / 0.002, 0, 1), np.float32)


def breeze(length_s: float, rng: np.random.Generator) -> Wave:
    """Noise that swells towards a new section."""
    wave = noise(length_s, 500, 3_500, rng)
    return wave * np.linspace(0, 1, len(wave), dtype=np.float32) ** 3


class Stage:
    """Places waves in time and between left and right, and plays them into a room."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._dry = np.zeros((2, 0), np.float32)
        self._sent = np.zeros(0, np.float32)
        self._rung = np.zeros((2, 0), np.float32)
        self._room = _room(rng)

    def open(self, samples: int) -> None:
        """Make place for a bar of `samples` and all that rings on after it."""
        reach = samples + int(LONGEST_S * RATE)
        grow = max(0, reach - self._dry.shape[1])
        self._dry = np.pad(self._dry, ((0, 0), (0, grow)))
        self._sent = np.pad(self._sent, (0, grow))

    def add(
        self, wave: Wave, at: int, *, gain: float, place: float = 0.0, send: float = 0.25
    ) -> None:
        """`place` from -1, left, to 1, right; `at` in samples from the start of the bar."""
        angle = (place + 1) * np.pi / 4
        self.add_wide(wave * np.cos(angle), wave * np.sin(angle), at, gain=gain * 1.41, send=send)

    def add_wide(self, left: Wave, right: Wave, at: int, *, gain: float, send: float) -> None:
        at = max(0, at)
        end = min(at + len(left), self._dry.shape[1])
        left, right = left[: end - at] * np.float32(gain), right[: end - at] * np.float32(gain)
        self._dry[0, at:end] += left
        self._dry[1, at:end] += right
        self._sent[at:end] += (left + right) * np.float32(send / 2)

    def play(self, samples: int) -> Wave:
        """The next `samples`, two rows; what was added later than that stays for the next bar."""
        size = samples + int(ROOM_S * RATE)
        fast = 1 << (size - 1).bit_length()
        wet = np.fft.irfft(np.fft.rfft(self._sent[:samples], fast) * self._spectrum(fast), fast)
        ringing = np.asarray(wet[:, :size], dtype=np.float32)
        kept = self._rung[:, :size]
        ringing[:, : kept.shape[1]] += kept
        heard = self._dry[:, :samples] + ringing[:, :samples]
        self._rung = ringing[:, samples:]
        self._dry, self._sent = self._dry[:, samples:], self._sent[samples:]
        return heard

    @lru_cache(maxsize=4)  # noqa: B019 - a stage lives as long as its piece
    def _spectrum(self, size: int) -> NDArray[np.complex64]:
        return np.asarray(np.fft.rfft(self._room, size), dtype=np.complex64)


def _room(rng: np.random.Generator) -> Wave:
    """An impulse response, two rows: noise whose high parts die first, no low end, a short gap."""
    time = seconds(ROOM_S)
    sides = []
    for _ in range(2):
        bands = (((220, 900), 2.6), ((900, 3_000), 3.4), ((3_000, 9_000), 6.0))
        tail = sum(noise(ROOM_S, *band, rng) * np.exp(-time * decay) for band, decay in bands)
        tail *= np.clip((time - 0.018) / 0.01, 0, 1) * np.clip((ROOM_S - time) / 0.2, 0, 1)
        sides.append(tail / np.sqrt(np.sum(np.square(tail))))
    return np.asarray(sides, dtype=np.float32)
