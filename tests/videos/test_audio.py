import subprocess
import wave

import numpy as np
import pytest

from config.kit.errors import Rejected, Stopped, Unavailable
from tests.videos import sounds
from videos.contracts import NARRATION_RATE as RATE
from videos.media import audio, ffmpeg, music

pytestmark = pytest.mark.media


def never() -> bool:
    return False


def mixed(tmp_path, narration: np.ndarray, seed: int | None = 1):
    """The finished sound of a narration, over music unless `seed` is None."""
    said = sounds.save(tmp_path / "said.wav", narration)
    bed = None
    if seed is not None:
        bed = tmp_path / "music.wav"
        list(music.write(seed, len(narration), bed))
    made = tmp_path / "sound.m4a"
    sound = audio.Sound(said, bed, len(narration))
    return made, audio.mix(sound, into=made, stop=never, beat=lambda share: None)


def talk(seconds: float, gain: float = 1.0) -> np.ndarray:
    text = "Kelp grows half a metre a day. Nobody waters it, nobody feeds it. " * 8
    return sounds.speech(text, seconds, gain)


def pulses(seconds: float) -> np.ndarray:
    """Sharp peaks over near silence: what a limiter finds hardest."""
    found = np.random.default_rng(1).normal(0, 0.003, int(seconds * RATE))
    found[:: RATE // 3] = 0.95
    return found


NARRATIONS = {
    "speech": lambda: talk(8),
    "very quiet speech": lambda: talk(6, 0.02),
    "clipped speech": lambda: np.clip(talk(6, 30.0), -1, 1),
    "three seconds": lambda: talk(3),
    "one second": lambda: talk(1),
    "a word and a long silence": lambda: np.concatenate([talk(1.5), np.zeros(9 * RATE)]),
    "pulses": lambda: pulses(5),
    "a hum": lambda: 0.5 * np.sin(np.arange(6 * RATE) * 2 * np.pi * 110 / RATE),
}


@pytest.mark.parametrize("what", NARRATIONS)
def test_every_narration_ends_at_one_loudness_without_peaks(tmp_path, what):
    _, found = mixed(tmp_path, NARRATIONS[what]())
    assert -15 < found.integrated_lufs < -13
    assert found.true_peak_db <= -1.0


@pytest.mark.parametrize("what", ["speech", "three seconds", "pulses"])
def test_loudness_holds_without_music_too(tmp_path, what):
    _, found = mixed(tmp_path, NARRATIONS[what](), seed=None)
    assert -15 < found.integrated_lufs < -13
    assert found.true_peak_db <= -1.0


def test_a_silent_narration_stays_silent(tmp_path):
    _, found = mixed(tmp_path, np.zeros(5 * RATE), seed=None)
    assert (found.integrated_lufs, found.true_peak_db) == (-70.0, -120.0)


def test_music_alone_comes_to_the_same_loudness(tmp_path):
    _, found = mixed(tmp_path, np.zeros(8 * RATE))
    assert -15 < found.integrated_lufs < -13


def test_the_narration_stays_where_the_captions_expect_it(tmp_path):
    """Filters, resampling and the encoder's lead-in may not move it by a sample."""
    narration = talk(6)
    made, _ = mixed(tmp_path, narration, seed=None)
    heard = sounds.load(made)[:, 0]
    size = 1 << 20
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(narration, size)), size)
    lag = int(np.argmax(match))
    lag -= size if lag > size // 2 else 0
    assert abs(lag) <= 24  # half a millisecond: what a high-pass filter turns the phase


@pytest.mark.parametrize("samples", [1600 * 31, 1600 * 97])
def test_the_sound_is_exactly_as_long_as_the_narration(tmp_path, samples):
    made, _ = mixed(tmp_path, talk(samples / RATE)[:samples])
    told = ffmpeg.probe(made, room=tmp_path, stop=never).first("audio")
    assert told.duration_s == pytest.approx(samples / RATE, abs=0.0005)
    assert (told.codec, told.sample_rate, told.channels) == ("aac", RATE, 2)


def test_the_same_sound_makes_the_same_bytes(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    narration = talk(3)
    one, _ = mixed(tmp_path / "one", narration)
    other, _ = mixed(tmp_path / "other", narration)
    assert one.read_bytes() == other.read_bytes()


def test_music_steps_back_while_somebody_speaks(tmp_path):
    """Speech in the middle third; the bed is what lies in the sides, where the voice is not."""
    narration = np.concatenate([np.zeros(5 * RATE), talk(5), np.zeros(3 * RATE)])
    made, _ = mixed(tmp_path, narration)
    heard = sounds.load(made)
    sides = heard[:, 0] - heard[:, 1]
    levels = [np.sqrt(np.mean(np.square(sides[a * RATE : b * RATE]))) for a, b in ((2, 5), (6, 10))]
    assert 20 * np.log10(levels[0] / levels[1]) > 4


def test_narrations_are_joined_to_the_sample(tmp_path):
    parts = [np.linspace(-0.5, 0.5, 1600 * n) for n in (3, 1, 7)]
    waves = [sounds.save(tmp_path / f"{n}.wav", part) for n, part in enumerate(parts)]
    joined = tmp_path / "joined.wav"
    assert audio.join_narration(waves, joined) == 1600 * 11
    with wave.open(str(joined)) as file:
        found = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert np.array_equal(found, (np.concatenate(parts) * 32767).astype("<i2"))


def test_a_narration_of_another_shape_is_refused(tmp_path):
    path = tmp_path / "narration.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22_050, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 100)
    with pytest.raises(Rejected, match="not 48 kHz mono"):
        audio.join_narration([path], tmp_path / "joined.wav")


def test_cancelling_a_mix_leaves_at_once(tmp_path):
    said = sounds.save(tmp_path / "said.wav", np.zeros(60 * RATE))
    with pytest.raises(Stopped):
        audio.mix(
            audio.Sound(said, None, 60 * RATE),
            into=tmp_path / "sound.m4a",
            stop=lambda: True,
            beat=lambda share: None,
        )


def test_a_disk_that_fills_up_while_mixing_is_said(tmp_path):
    (tmp_path / "sound.m4a").symlink_to("/dev/full")
    with pytest.raises(Unavailable, match="The disk is full"):
        mixed(tmp_path, talk(1), seed=None)


def test_loudness_is_what_ffmpeg_says(tmp_path):
    path = tmp_path / "sine.wav"
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=f=1000:d=5:r=48000"]
    subprocess.run([*make, "-af", "volume=12dB", str(path)], check=True)  # sine is at -18 dBFS peak
    found = audio.measure(path, room=tmp_path, stop=never)
    assert found.true_peak_db == pytest.approx(-6.0, abs=0.2)
    assert found.integrated_lufs == pytest.approx(-9.0, abs=0.3)
