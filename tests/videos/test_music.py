import json
import subprocess
import sys
import time
import wave
from contextlib import suppress
from itertools import pairwise

import numpy as np
import psutil
import pytest

from videos.contracts import NARRATION_RATE as RATE
from videos.media import music, process
from videos.media.instruments import Stage


def piece(seed: int, seconds: float) -> np.ndarray:
    return np.concatenate([heard for _, _, heard in music.compose(seed, int(seconds * RATE))], 1)


@pytest.mark.parametrize("samples", [1600, 4801, 3 * RATE, 9 * RATE + 7, 31 * RATE + 1])
def test_a_piece_is_exactly_as_long_as_asked(tmp_path, samples):
    path = tmp_path / "music.wav"
    bars = list(music.write(5, samples, path))
    with wave.open(str(path)) as file:
        assert (file.getnframes(), file.getnchannels(), file.getframerate()) == (samples, 2, RATE)
    assert bars[-1][0] == bars[-1][1]


def test_equal_seeds_make_equal_bytes_and_others_another_piece():
    one, same, other = piece(7, 12), piece(7, 12), piece(8, 12)
    assert np.array_equal(one, same)
    assert abs(np.corrcoef(one[0], other[0])[0, 1]) < 0.5


@pytest.mark.parametrize("seed", range(6))
def test_a_piece_begins_and_ends_in_silence_and_never_clips(seed):
    heard = piece(seed, 20)
    assert np.abs(heard[:, :48]).max() < 0.01
    assert np.abs(heard[:, -480:]).max() < 0.003
    assert 0.1 < np.abs(heard).max() < 0.99


@pytest.mark.parametrize("seed", range(6))
def test_a_piece_is_wide_but_not_hollow(seed):
    left, right = piece(seed, 20)
    assert 0.1 < np.corrcoef(left, right)[0, 1] < 0.95


@pytest.mark.parametrize("seed", range(4))
def test_bars_meet_without_a_click(seed):
    bars = [heard for _, _, heard in music.compose(seed, 20 * RATE)]
    step = max(np.abs(np.diff(heard)).max() for heard in bars)
    seams = [np.abs(after[:, 0] - before[:, -1]).max() for before, after in pairwise(bars)]
    assert max(seams) <= step


def test_a_piece_does_not_repeat_itself():
    """Four bars of the middle are unlike any four bars before, even in the same harmony."""
    heard = piece(3, 60).mean(axis=0)
    part = heard[30 * RATE : 40 * RATE]
    size = 1 << 22
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(part, size)), size)
    elsewhere = match[: 20 * RATE] / np.sum(np.square(part))
    assert np.abs(elsewhere).max() < 0.8


@pytest.mark.parametrize("mode", music.MODES)
def test_voices_move_little_from_chord_to_chord(mode):
    rng = np.random.default_rng(1)
    voicing = (52, 57, 60, 64)
    for degree in rng.integers(0, 7, 40):
        chord = tuple((music.MODES[mode][(degree + third) % 7]) for third in (0, 2, 4, 6))
        following = music.lead(voicing, chord)
        assert sum(abs(a - b) for a, b in zip(voicing, following, strict=True)) <= 16
        assert {pitch % 12 for pitch in following} == set(chord)
        assert 45 <= following[0] < following[-1] <= 80
        voicing = following


def test_what_rings_on_is_heard_in_the_next_bar():
    stage = Stage(np.random.default_rng(1))
    stage.open(RATE)
    stage.add(np.ones(RATE, np.float32), RATE // 2, gain=1.0, send=0.0)
    first = stage.play(RATE)
    stage.open(RATE)
    second = stage.play(RATE)
    assert np.allclose(first[:, : RATE // 2], 0, atol=1e-4)
    assert np.abs(first[:, -10:]).min() > 0.5
    assert np.abs(second[:, : RATE // 4]).min() > 0.5
    assert np.allclose(second[:, RATE // 2 + 10 :], 0, atol=1e-4)


def peak_mb(path, minutes: int) -> float:
    command = [sys.executable, "-m", "videos.media.music", "1", str(minutes * 60 * RATE), str(path)]
    child = subprocess.Popen(command, cwd=process.ROOT, stderr=subprocess.DEVNULL)
    found = 0.0
    while child.poll() is None:
        with suppress(psutil.NoSuchProcess):
            found = max(found, psutil.Process(child.pid).memory_info().rss / 1e6)
        time.sleep(0.01)
    assert child.returncode == 0
    return found


def test_a_long_piece_needs_no_more_memory_than_a_short_one(tmp_path):
    path = tmp_path / "music.wav"
    assert peak_mb(path, 4) < peak_mb(path, 1) + 15


def test_the_program_tells_each_bar(tmp_path):
    heard: list[str] = []
    process.run(
        process.python("videos.media.music", "1", str(5 * RATE), str(tmp_path / "m.wav")),
        room=tmp_path,
        stop=lambda: False,
        timeout_s=20,
        on_line=heard.append,
    )
    bars = len(heard)
    assert [json.loads(line) for line in heard] == [
        {"bar": bar + 1, "bars": bars} for bar in range(bars)
    ]
