"""How loud a scene's narration is (ITU-R BS.1770-4), and the gain that makes all scenes equal."""

from __future__ import annotations

import numpy as np

from videos.media.waves import Sound

TARGET_LUFS = -18.0
CEILING_DB = -1.5
MOST_GAIN_DB = 30.0  # a whisper may be raised so far; more would raise only noise
SILENCE_LUFS = -70.0
BLOCK_S, HOP_S = 0.4, 0.1
LIMITER_STEP_S, LIMITER_REACH = 0.001, 6


def integrated_lufs(sound: Sound, rate: int) -> float:
    """Of a mono sound; silence and what is shorter than a block count as -70."""
    block, hop = round(BLOCK_S * rate), round(HOP_S * rate)
    if len(sound) < block:
        sound = np.pad(sound, (0, block - len(sound)))
    energy = np.concatenate([[0.0], np.cumsum(_k_weighted(sound, rate) ** 2)])
    starts = np.arange(0, len(sound) - block + 1, hop)
    blocks = (energy[starts + block] - energy[starts]) / block
    loud = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not loud.size:
        return SILENCE_LUFS
    gate = _lufs(loud.mean()) - 10.0
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def levelled(sound: Sound, rate: int) -> Sound:
    """At TARGET_LUFS, with peaks held below the ceiling by a short look-ahead limiter."""
    loudness = integrated_lufs(sound, rate)
    if loudness <= SILENCE_LUFS:
        return sound
    gain = min(TARGET_LUFS - loudness, MOST_GAIN_DB)
    return limited(sound * 10 ** (gain / 20), rate)


def limited(sound: Sound, rate: int) -> Sound:
    """Each millisecond's needed gain is spread over its neighbours, so nothing sticks out."""
    ceiling = 10 ** (CEILING_DB / 20)
    step = max(1, round(LIMITER_STEP_S * rate))
    blocks = -(-len(sound) // step)
    peaks = np.abs(np.pad(sound, (0, blocks * step - len(sound)))).reshape(blocks, step).max(axis=1)
    if peaks.max(initial=0.0) <= ceiling:
        return sound
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    width = LIMITER_REACH + 1
    around = np.pad(needed, width, constant_values=1.0)
    least = np.lib.stride_tricks.sliding_window_view(around, 2 * width + 1).min(axis=1)
    kernel = np.ones(2 * LIMITER_REACH + 1) / (2 * LIMITER_REACH + 1)
    smooth = np.convolve(np.pad(least, LIMITER_REACH, mode="edge"), kernel, mode="valid")
    centres = (np.arange(blocks) + 0.5) * step
    return sound * np.interp(np.arange(len(sound)), centres, smooth)


def _lufs(power: Sound | float) -> Sound:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def _k_weighted(sound: Sound, rate: int) -> Sound:
    """Both filters as one frequency response; a second of padding holds their ringing."""
    size = len(sound) + rate
    size += -size % 1024
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = _biquad(*_shelf(rate), z) * _biquad(*_high_pass(rate), z)
    out = np.fft.irfft(np.fft.rfft(sound, size) * response, size)
    return np.asarray(out[: len(sound)])


def _biquad(b: tuple[float, ...], a: tuple[float, ...], z: Sound) -> Sound:
    return np.asarray((b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2))


def _shelf(rate: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The head's 4 dB above 1.7 kHz."""
    k = np.tan(np.pi * 1681.974450955533 / rate)
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    damp = k / 0.7071752369554196
    b = (high + middle * damp + k * k, 2 * (k * k - high), high - middle * damp + k * k)
    return b, (1 + damp + k * k, 2 * (k * k - 1), 1 - damp + k * k)


def _high_pass(rate: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What lies below 38 Hz is hardly heard."""
    k = np.tan(np.pi * 38.13547087602444 / rate)
    damp = k / 0.5003270373238773
    a = (1 + damp + k * k, 2 * (k * k - 1), 1 - damp + k * k)
    return (a[0], -2 * a[0], a[0]), a
