"""The sound of a video: narration joined to the sample, a ducked bed, one loudness, one encode."""

from __future__ import annotations

import re
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.kit.errors import Rejected, Unavailable
from videos.contracts import NARRATION_RATE, Beat, Stop
from videos.media import process
from videos.media.ffmpeg import CLOCK, LOCKED, PLAIN

TARGET_LUFS = -14.0
PEAK_LIMIT_DB = -1.0  # of the finished file; AAC adds to peaks, so we aim lower
CEILING_DB = -2.0
VOICE_LUFS = -18.0  # before the compressor, whose threshold is absolute
MUSIC_LUFS = -29.0  # in the gaps; speech takes about 8 dB off it
SILENCE_LUFS = -60.0  # below, there is nothing to be made louder
MOST_GAIN_DB = 40.0
NEAR_ENOUGH_LU = 0.2
ENCODES = 4
BLOCK = 1 << 16


@dataclass(frozen=True)
class Loudness:
    """By EBU R 128. Silence is -70 LUFS with a peak of -120 dB."""

    integrated_lufs: float
    range_lu: float
    true_peak_db: float


@dataclass(frozen=True)
class Sound:
    """What the mix is made of; `music` may be missing."""

    narration: Path
    music: Path | None
    samples: int

    @property
    def seconds(self) -> float:
        return self.samples / NARRATION_RATE


def join_narration(waves: Sequence[Path], into: Path) -> int:
    """All waves in one, without a sample lost or added. Returns the number of samples."""
    written = 0
    with wave.open(str(into), "wb") as joined:
        joined.setparams((1, 2, NARRATION_RATE, 0, "NONE", "not compressed"))
        for path in waves:
            with wave.open(str(path), "rb") as single:
                _check_shape(single, path)
                while block := single.readframes(BLOCK):
                    joined.writeframesraw(block)
                written += single.getnframes()
    return written


def measure(path: Path, *, room: Path, stop: Stop) -> Loudness:
    return _Passes([path], room, stop).measure("[0:a:0]anull[o]")


def mix(sound: Sound, *, into: Path, stop: Stop, beat: Beat) -> Loudness:
    """Write the finished sound as AAC in MP4 and return what was measured on it, decoded again.

    1. Bring narration and music to fixed levels, so that compressor and ducking always act alike.
    2. Measure the mix, then the limited mix, and from that the gain that is missing to the target.
    3. Encode, measure the result, and correct gain or ceiling until both hold.
    """
    room = into.parent
    graph = _graph(sound, room, stop)
    sources = [sound.narration, *([sound.music] if sound.music else [])]
    passes = _Passes(sources, room, stop, sound.seconds, beat)
    gain, ceiling = TARGET_LUFS - VOICE_LUFS, CEILING_DB
    gain = _corrected(gain, passes.measure(f"{graph};[mix]volume={gain:.2f}dB[o]"))
    # the louder, the more the limiter takes: with it, the second guess is close
    gain = _corrected(gain, passes.measure(_limited(graph, gain, ceiling, sound.samples)))
    for _ in range(ENCODES):
        passes.encode(_limited(graph, gain, ceiling, sound.samples), into)
        found = measure(into, room=room, stop=stop)
        too_loud = found.true_peak_db - (PEAK_LIMIT_DB - 0.1)
        if too_loud <= 0 and abs(_corrected(0.0, found)) <= NEAR_ENOUGH_LU:
            break
        ceiling -= max(0.0, too_loud + 0.1)
        gain = _corrected(gain, found)
    return found


class _Passes:
    """Runs of ffmpeg over the same sources. Most mixes take three; `beat` hears of each second."""

    usual = 3

    def __init__(
        self,
        sources: Sequence[Path],
        room: Path,
        stop: Stop,
        seconds: float = 0.0,
        beat: Beat | None = None,
    ) -> None:
        inputs = [word for path in sources for word in (*LOCKED, "-i", f"file:{path}")]
        speaking = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-y")
        self._start = ["ffmpeg", *speaking, *("-progress", "pipe:2"), *inputs, "-filter_complex"]
        self._room = room
        self._stop = stop
        self._seconds = seconds
        self._beat = beat
        self._done = 0

    def measure(self, graph: str) -> Loudness:
        metered = f"{graph};[o]ebur128=peak=true:framelog=verbose[metered]"
        told = self._run([metered, "-map", "[metered]", "-f", "null", "-"], "measuring the sound")
        return loudness_in(told)

    def encode(self, graph: str, into: Path) -> None:
        # at such a rate this coder is nearer to the sound than the default and takes a quarter of
        # its time (ffmpeg-codecs, aac_coder)
        aac = ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "192k", "-ar", str(NARRATION_RATE))
        target = (*aac, *PLAIN, *CLOCK, "-f", "mp4", str(into))
        self._run([graph, "-map", "[o]", *target], "mixing the sound")

    def _run(self, command: Sequence[str], doing: str) -> str:
        done = process.run(
            [*self._start, *command],
            room=self._room,
            stop=self._stop,
            timeout_s=300 + 4 * self._seconds,
            on_line=self._heard,
        )
        process.require(done, doing)
        self._done += 1
        return done.stderr

    def _heard(self, line: str) -> None:
        name, _, value = line.partition("=")
        if self._beat and name == "out_time_us" and value.strip().isdigit():
            share = min(1.0, int(value) / 1_000_000 / max(1.0, self._seconds))
            self._beat(min(1.0, (self._done + share) / self.usual))


def loudness_in(report: str) -> Loudness:
    """Read the last summary that the ebur128 filter printed."""
    _, _, summary = report.rpartition("Summary:")
    figures = {
        name: re.search(rf"\b{name}:\s+(-?inf|-?[\d.]+)", summary) for name in ("I", "LRA", "Peak")
    }
    values = [float(match[1]) for match in figures.values() if match]
    if len(values) != len(figures):
        raise Unavailable("ffmpeg told no loudness; is its ebur128 filter there?")
    integrated, spread, peak = values
    return Loudness(max(-70.0, integrated), spread, max(-120.0, peak))


def _check_shape(single: wave.Wave_read, path: Path) -> None:
    shape = (single.getnchannels(), single.getsampwidth(), single.getframerate())
    if shape != (1, 2, NARRATION_RATE):
        raise Rejected(f"The narration {path.parent.name}/{path.name} is not 48 kHz mono 16 bit.")


def _graph(sound: Sound, room: Path, stop: Stop) -> str:
    """Up to the label [mix]."""
    spoken = _gain_to(VOICE_LUFS, measure(sound.narration, room=room, stop=stop))
    voice = (
        f"[0:a]volume={spoken:.2f}dB,highpass=f=70,"
        "acompressor=threshold=-22dB:ratio=2.5:attack=8:release=120:knee=6,"
        "aformat=channel_layouts=stereo"
    )
    if sound.music is None:
        return f"{voice}[mix]"
    played = _gain_to(MUSIC_LUFS, measure(sound.music, room=room, stop=stop))
    return (
        f"{voice},asplit=2[voice][key];[1:a]volume={played:.2f}dB[bed];"
        "[bed][key]sidechaincompress=threshold=0.02:ratio=4:attack=25:release=500[ducked];"
        "[voice][ducked]amix=inputs=2:duration=first:normalize=0[mix]"
    )


def _limited(graph: str, gain_db: float, ceiling_db: float, samples: int) -> str:
    """At four times the rate the limiter sees the peaks between the samples."""
    ceiling = 10 ** (ceiling_db / 20)
    return (
        f"{graph};[mix]volume={gain_db:.2f}dB,aresample=192000,"
        f"alimiter=limit={ceiling:.5f}:attack=3:release=60:level=disabled:latency=1,"
        f"aresample={NARRATION_RATE},apad=whole_len={samples},atrim=end_sample={samples}[o]"
    )


def _gain_to(target: float, found: Loudness) -> float:
    if found.integrated_lufs <= SILENCE_LUFS:
        return 0.0
    return max(-MOST_GAIN_DB, min(MOST_GAIN_DB, target - found.integrated_lufs))


def _corrected(gain: float, found: Loudness) -> float:
    return gain + _gain_to(TARGET_LUFS, found)
