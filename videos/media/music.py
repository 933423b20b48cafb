"""Composes a quiet music bed: every seed another piece, equal seeds the same bytes.

Run as `python -m videos.media.music SEED SAMPLES OUT` it writes a 48 kHz stereo wave of exactly
so many samples, and a line `{"bar": n, "bars": m}` for each bar to stderr.
"""

from __future__ import annotations

import json
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from videos.contracts import NARRATION_RATE as RATE
from videos.media import instruments
from videos.media.instruments import Instrument, Stage, Wave

BEATS = 4
STEPS = 8  # eighth notes in a bar

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
# Degrees of the scale, one chord a bar. The first line of a mode is its home.
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (3, 0, 4, 5), (0, 2, 3, 4), (5, 3, 0, 4), (1, 4, 0, 5)),
    "lydian": ((0, 1, 5, 4), (0, 4, 1, 1), (5, 1, 0, 4)),
    "mixolydian": ((0, 6, 3, 0), (0, 4, 3, 6), (3, 6, 0, 0)),
    "dorian": ((0, 3, 6, 3), (0, 2, 3, 6), (2, 6, 0, 3)),
    "minor": ((0, 5, 2, 6), (0, 3, 5, 6), (5, 6, 0, 2), (3, 0, 5, 6)),
}
ARPEGGIOS = (
    (0, 2, 1, 3, 2, 1, 3, 2),
    (0, 1, 2, 3, 2, 3, 1, 2),
    (0, None, 2, 1, None, 3, 2, None),
    (0, 3, None, 2, 1, None, 2, 3),
    (None, 2, 0, None, 3, 1, None, 2),
)
GROOVES = (  # kick, rim, by eighth note
    ((0, 5), (4,)),
    ((0, 3, 6), (4,)),
    ((0,), (2, 6)),
    ((0, 4), (6,)),
)
PLUCKS: tuple[Instrument, ...] = (instruments.felt, instruments.keys, instruments.thumb)


@dataclass(frozen=True)
class Layers:
    """Who plays in a section."""

    pluck: bool = True
    bass: bool = False
    beat: bool = False
    motif: bool = False


OPENING = Layers()
MIDDLE = (
    Layers(bass=True),
    Layers(bass=True, beat=True),
    Layers(bass=True, beat=True, motif=True),
    Layers(pluck=False, motif=True),
    Layers(bass=True, beat=True),
    Layers(bass=True, motif=True),
)


@dataclass(frozen=True)
class Piece:
    """All that is decided before the first note."""

    bars: int
    bar_s: float
    root: int
    scale: tuple[int, ...]
    progressions: tuple[tuple[int, ...], ...]
    arpeggios: tuple[tuple[int | None, ...], ...]
    motif: tuple[tuple[int, int], ...]  # eighth note of two bars, chord tone
    groove: tuple[tuple[int, ...], tuple[int, ...]]
    pluck: Instrument
    has_beat: bool

    @property
    def section(self) -> int:
        """Bars in a section: short pieces must get somewhere too."""
        return 8 if self.bars > 32 else 4

    @property
    def step_s(self) -> float:
        return self.bar_s / STEPS

    def layers(self, bar: int) -> Layers:
        section = bar // self.section
        if bar >= self.bars - 1:
            return Layers(pluck=False)
        return (
            OPENING if section == 0 and self.bars > self.section else MIDDLE[section % len(MIDDLE)]
        )

    def chord(self, bar: int) -> tuple[int, ...]:
        """Four pitch classes, the root first. It begins and ends at home."""
        turns = self.progressions[(bar // self.section) % len(self.progressions)]
        home = bar in (0, self.bars - 1)
        degree = self.progressions[0][0] if home else turns[bar % len(turns)]
        thirds = (0, 2, 4, 8 if home or bar % 3 == 0 else 6)  # a ninth now and then
        return tuple(self._pitch(degree + third) % 12 for third in thirds)

    def _pitch(self, degree: int) -> int:
        octave, step = divmod(degree, len(self.scale))
        return self.root + 12 * octave + self.scale[step]


def plan(length_s: float, rng: np.random.Generator) -> Piece:
    mode = str(rng.choice(list(MODES)))
    bar_s = BEATS * 60 / float(rng.integers(72, 97))
    ring_s = min(3.0, length_s / 3)  # the last chord dies away in it
    bars = max(1, round((length_s - ring_s) / bar_s))
    turns = PROGRESSIONS[mode]
    order = [0, *(1 + rng.permutation(len(turns) - 1))]
    return Piece(
        bars=bars,
        bar_s=(length_s - ring_s) / bars,
        root=int(rng.integers(0, 12)),
        scale=MODES[mode],
        progressions=tuple(turns[i] for i in order),
        arpeggios=tuple(ARPEGGIOS[i] for i in rng.permutation(len(ARPEGGIOS))[:3]),
        motif=_motif(rng),
        groove=GROOVES[int(rng.integers(len(GROOVES)))],
        pluck=PLUCKS[int(rng.integers(len(PLUCKS)))],
        has_beat=bool(rng.random() < 0.8),
    )


def _motif(rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    """Four to six notes over two bars; the second bar answers with the first one's rhythm."""
    steps = sorted(int(s) for s in rng.permutation([0, 2, 3, 4, 6])[: int(rng.integers(2, 4))])
    asked = [(step, int(rng.integers(4))) for step in steps]
    answered = [(step + STEPS, (tone + int(rng.integers(1, 3))) % 4) for step, tone in asked]
    return (*asked, *answered)


def compose(seed: int, samples: int) -> Iterator[tuple[int, int, Wave]]:
    """Bar number, number of bars, and the bar as two rows; all together exactly `samples`."""
    rng = np.random.default_rng(seed)
    length_s = samples / RATE
    piece = plan(length_s, rng)
    band = _Band(piece, rng)
    done = 0
    for bar in range(piece.bars):
        last = bar == piece.bars - 1
        size = samples - done if last else round((bar + 1) * piece.bar_s * RATE) - done
        heard = band.bar(bar, size)
        yield bar, piece.bars, _faded(heard, done, samples)
        done += size


def _faded(heard: Wave, done: int, samples: int) -> Wave:
    """Tamed at the top, and faded where the bar touches an end of the piece."""
    at = np.arange(done, done + heard.shape[1], dtype=np.float32)
    rise = np.clip(at / min(1.5 * RATE, samples / 5), 0, 1)
    fall = np.clip((samples - 1 - at) / min(3.5 * RATE, samples / 3), 0, 1)
    gain = np.sin(rise * np.pi / 2) * np.sin(fall * np.pi / 2) ** 2
    return np.asarray(np.tanh(heard) * gain, dtype=np.float32)


class _Band:
    """Plays a piece bar by bar on a stage."""

    def __init__(self, piece: Piece, rng: np.random.Generator) -> None:
        self.piece = piece
        self.rng = rng
        self.stage = Stage(rng)
        self.voicing: tuple[int, ...] = (52, 57, 60, 64)
        self.kick = instruments.kick()
        self.shakers = [instruments.shaker(rng) for _ in range(4)]
        self.rims = [instruments.rim(rng) for _ in range(2)]

    def bar(self, bar: int, size: int) -> Wave:
        chord, layers = self.piece.chord(bar), self.piece.layers(bar)
        self.voicing = lead(self.voicing, chord)
        self.stage.open(size)
        self._pads(size / RATE)
        if layers.pluck:
            self._arpeggio(bar)
        if layers.bass:
            self._bass(chord, bar)
        if layers.beat and self.piece.has_beat:
            self._beat()
        if layers.motif:
            self._motif(bar)
        if bar % self.piece.section == self.piece.section - 1 and bar < self.piece.bars - 2:
            swell = instruments.breeze(self.piece.bar_s, self.rng)
            self.stage.add(swell, 0, gain=0.035, place=self._near(0.5), send=0.5)
        if bar == self.piece.bars - 1:
            self._goodbye()
        return self.stage.play(size)

    def _pads(self, bar_s: float) -> None:
        length_s = min(bar_s + 1.5, instruments.LONGEST_S)
        for pitch in self.voicing:
            left, right = instruments.pad(pitch, length_s, self.rng)
            self.stage.add_wide(left, right, 0, gain=0.028, send=0.35)

    def _arpeggio(self, bar: int) -> None:
        pattern = self.piece.arpeggios[(bar // 4) % len(self.piece.arpeggios)]
        for step, tone in enumerate(pattern):
            if tone is None or self.rng.random() < 0.14:
                continue
            pitch = self.voicing[tone] + (12 if tone < 3 or step % 4 else 0)
            gain = 0.15 * (1.0 if step % 4 == 0 else 0.72) * self.rng.uniform(0.75, 1.0)
            self._echoed(self.piece.pluck(pitch), self._when(step), gain, 0.45 * np.sin(step * 1.7))

    def _echoed(self, note: Wave, at: int, gain: float, place: float) -> None:
        """Twice answered from the other side, three eighths apart."""
        for turn in range(3):
            later = at + int(turn * 3 * self.piece.step_s * RATE)
            side = place if turn % 2 == 0 else -place * 1.5
            self.stage.add(note, later, gain=gain * 0.3**turn, place=side, send=0.3)

    def _bass(self, chord: tuple[int, ...], bar: int) -> None:
        low = 33 + (chord[0] - 33) % 12
        steps = ((0, 1.0), (3, 0.55), (6, 0.7)) if bar % 2 else ((0, 1.0), (5, 0.6))
        for step, weight in steps:
            self.stage.add(instruments.bass(low), self._when(step), gain=0.15 * weight, send=0.0)

    def _beat(self) -> None:
        kicks, rims = self.piece.groove
        for step in kicks:
            self.stage.add(self.kick, self._when(step), gain=0.2, send=0.02)
        for step in rims:
            wave = self.rims[int(self.rng.integers(len(self.rims)))]
            self.stage.add(wave, self._when(step), gain=0.045, place=0.2, send=0.6)
        for step, half in product(range(STEPS), (0.0, 0.5)):
            if half and self.rng.random() < 0.7:
                continue
            wave = self.shakers[int(self.rng.integers(len(self.shakers)))]
            weight = (0.55 if half else 1.0 if step % 2 else 0.7) * self.rng.uniform(0.7, 1.0)
            self.stage.add(
                wave, self._when(step + half), gain=0.026 * weight, place=-0.35, send=0.2
            )

    def _motif(self, bar: int) -> None:
        first = bar % 2 * STEPS
        for step, tone in self.piece.motif:
            if first <= step < first + STEPS:
                bell = instruments.bell(self.voicing[tone] + 12)
                self._echoed(bell, self._when(step - first), 0.075, self._near(0.3))

    def _goodbye(self) -> None:
        """The last chord, rolled slowly upwards."""
        for step, pitch in enumerate((*self.voicing, self.voicing[0] + 12)):
            wave = self.piece.pluck(pitch + 12)
            self.stage.add(wave, self._when(step * 0.6), gain=0.09, place=self._near(0.4), send=0.5)

    def _when(self, step: float) -> int:
        """In samples; nobody plays on the grid."""
        return int((step * self.piece.step_s + self.rng.normal(0.004, 0.003)) * RATE)

    def _near(self, width: float) -> float:
        return float(self.rng.uniform(-width, width))


def lead(before: tuple[int, ...], chord: tuple[int, ...]) -> tuple[int, ...]:
    """The voicing of `chord` in which the voices move least, kept in the middle of the keyboard."""
    best: tuple[float, tuple[int, ...]] = (float("inf"), before)
    for turn, low in product(range(len(chord)), range(48, 60)):
        turned = chord[turn:] + chord[:turn]
        if (turned[0] - low) % 12:
            continue
        pitches = [low]
        for pitch_class in turned[1:]:
            pitches.append(pitches[-1] + 1 + (pitch_class - pitches[-1] - 1) % 12)
        moved = sum(abs(new - old) for new, old in zip(pitches, before, strict=True))
        best = min(best, (moved + 2.0 * max(0, pitches[-1] - 74), tuple(pitches)))
    return best[1]


def write(seed: int, samples: int, into: Path) -> Iterator[tuple[int, int]]:
    """Write the wave file; yields (bar, bars) after each."""
    with wave.open(str(into), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", "not compressed"))
        for bar, bars, heard in compose(seed, samples):
            file.writeframesraw(np.round(heard.T * 32_000).astype("<i2").tobytes())
            yield bar + 1, bars


def main(seed: str, samples: str, into: str) -> None:
    for bar, bars in write(int(seed), int(samples), Path(into)):
        sys.stderr.write(json.dumps({"bar": bar, "bars": bars}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
