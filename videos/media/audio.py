"""The sound of a video: narration joined to the sample, a ducked bed, one loudness, one encode."""

from __future__ import annotations

import re
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.kit.errors import Rejected, Unavailable
from videos.contracts import NARRATION_RATE, Stop
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

OnSecond = Callable[[float], None]


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


def measure(path: Path, *, room: Path, stop: Stop, on_second: OnSecond | None = None) -> Loudness:
    """Mono counts as heard from two loudspeakers."""
    return _measured(
        ["-i", f"file:{path}"],
        "[0:a:0]aformat=channel_layouts=stereo[o]",
        room,
        stop,
        on_second,
    )


def mix(sound: Sound, *, into: Path, stop: Stop, on_second: OnSecond | None = None) -> Loudness:
    """Write the finished sound as AAC in MP4 and return what was measured on it, decoded again.

    1. Bring narration and music to fixed levels, so that compressor and ducking always act alike.
    2. Measure the limited mix, and from that the gain that is missing to the target.
    3. Encode, measure the result, and correct gain or ceiling until both hold.
    """
    room = into.parent
    graph, sources = _graph(sound, room, stop), _sources(sound)
    gain, ceiling = TARGET_LUFS - VOICE_LUFS, CEILING_DB
    for _ in range(2):  # the louder, the more the limiter takes: the second guess is close
        limited = _limited(graph, gain, ceiling, sound.samples)
        gain = _corrected(gain, _measured(sources, limited, room, stop, on_second))
    for _ in range(ENCODES):
        limited = _limited(graph, gain, ceiling, sound.samples)
        _encode(sources, limited, into, sound.seconds, stop, on_second)
        found = measure(into, room=room, stop=stop, on_second=on_second)
        too_loud = found.true_peak_db - (PEAK_LIMIT_DB - 0.1)
        if too_loud <= 0 and abs(_corrected(0.0, found)) <= NEAR_ENOUGH_LU:
            break
        ceiling -= max(0.0, too_loud + 0.1)
        gain = _corrected(gain, found)
    return found


def _check_shape(single: wave.Wave_read, path: Path) -> None:
    shape = (single.getnchannels(), single.getsampwidth(), single.getframerate())
    if shape != (1, 2, NARRATION_RATE):
        raise Rejected(f"The narration {path.parent.name}/{path.name} is not 48 kHz mono 16 bit.")


def _sources(sound: Sound) -> list[str]:
    paths = [sound.narration, *([sound.music] if sound.music else [])]
    return [word for path in paths for word in ("-i", f"file:{path}")]


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


def _encode(
    sources: list[str],
    graph: str,
    into: Path,
    seconds: float,
    stop: Stop,
    on_second: OnSecond | None,
) -> None:
    command = ["ffmpeg", "-y", *_SPEAKING, *_with_lock(sources), "-filter_complex", graph]
    command += ["-map", "[o]", "-c:a", "aac", "-b:a", "192k", "-ar", str(NARRATION_RATE)]
    command += [*PLAIN, *CLOCK[2:], "-f", "mp4", str(into)]
    done = process.run(
        command,
        room=into.parent,
        stop=stop,
        timeout_s=120 + 4 * seconds,
        on_line=_seconds_in(on_second),
    )
    process.require(done, "mixing the sound")


def _measured(
    sources: list[str], graph: str, room: Path, stop: Stop, on_second: OnSecond | None
) -> Loudness:
    command = ["ffmpeg", *_SPEAKING, *_with_lock(sources), "-filter_complex"]
    command += [
        f"{graph};[o]ebur128=peak=true:framelog=verbose[e]",
        "-map",
        "[e]",
        "-f",
        "null",
        "-",
    ]
    done = process.run(
        command, room=room, stop=stop, timeout_s=1800, on_line=_seconds_in(on_second)
    )
    process.require(done, "measuring the sound")
    return loudness_in(done.stderr)


_SPEAKING = (
    *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info"),
    *("-progress", "pipe:2", "-stats_period", "1"),
)


def _with_lock(sources: list[str]) -> list[str]:
    """The read locks stand before each input."""
    return [
        word for option in sources for word in ((*LOCKED, option) if option == "-i" else (option,))
    ]


def _seconds_in(on_second: OnSecond | None) -> process.OnLine | None:
    """Turn ffmpeg's progress lines into seconds done."""
    if on_second is None:
        return None

    def heard(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.strip().isdigit():
            on_second(int(value) / 1_000_000)

    return heard


def loudness_in(report: str) -> Loudness:
    """Read the last summary that the ebur128 filter printed."""
    _, _, summary = report.rpartition("Summary:")
    figures = {
        name: re.search(rf"{name}:\s+(-?inf|-?[\d.]+)", summary) for name in ("I", "LRA", "Peak")
    }
    values = [float(match[1]) for match in figures.values() if match]
    if len(values) != len(figures):
        raise Unavailable("ffmpeg told no loudness; is its ebur128 filter there?")
    integrated, spread, peak = values
    return Loudness(max(-70.0, integrated), spread, max(-120.0, peak))
