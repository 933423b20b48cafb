"""Looks at and listens to finished files with ffmpeg's detectors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from videos.contracts import Stop
from videos.media import process
from videos.media.ffmpeg import LOCKED

# A fully black picture is 0; a dark brand is not. A few bright letters are a picture, too.
BLACK = "blackdetect=d=0.1:pix_th=0.03:pic_th=0.995"
FREEZE = "freezedetect=n=-60dB:d=1"
SILENCE = "silencedetect=n=-45dB:d=0.5"
SMALLER = "scale=270:-2:flags=fast_bilinear"


@dataclass(frozen=True)
class Span:
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Seen:
    black: tuple[Span, ...]
    frozen: tuple[Span, ...]


def look(video: Path, *, length_s: float, room: Path, stop: Stop) -> Seen:
    told = _detect(video, ["-vf", f"{SMALLER},{BLACK},{FREEZE}", "-an"], length_s, room, stop)
    black = re.findall(r"black_start:([\d.]+) black_end:([\d.]+)", told)
    spans = tuple(Span(float(start), float(end)) for start, end in black)
    return Seen(spans, _spans(told, "freeze", length_s))


def listen(sound: Path, *, length_s: float, room: Path, stop: Stop) -> tuple[Span, ...]:
    """The silent spans."""
    told = _detect(sound, ["-af", SILENCE, "-vn"], length_s, room, stop)
    return _spans(told, "silence", length_s)


def _detect(path: Path, filters: list[str], length_s: float, room: Path, stop: Stop) -> str:
    speaking = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-xerror")
    command = ["ffmpeg", *speaking, *LOCKED, "-i", f"file:{path}", *filters, "-f", "null", "-"]
    done = process.run(command, room=room, stop=stop, timeout_s=120 + 10 * length_s)
    process.require(done, f"checking {path.name}")
    return done.stderr


def _spans(told: str, name: str, length_s: float) -> tuple[Span, ...]:
    """What lasts to the end of the file is told without an end."""
    starts = [float(at) for at in re.findall(rf"{name}_start: (-?[\d.]+)", told)]
    ends = [float(at) for at in re.findall(rf"{name}_end: ([\d.]+)", told)]
    ends += [length_s] * (len(starts) - len(ends))
    pairs = zip(starts, ends, strict=True)
    return tuple(Span(max(0.0, start), min(end, length_s)) for start, end in pairs)
