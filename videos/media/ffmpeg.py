"""What we ask of ffmpeg and ffprobe: look at a file, encode drawn frames, join, mux.

Every file is written under a temporary name, looked at, and only then given its own name.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected, Unavailable
from videos.contracts import FPS, Stop
from videos.media import process

START = ("ffmpeg", "-hide_banner", "-nostats", "-loglevel", "error", "-y")
QUIET = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "error")
TICKS = 15_360  # in a second: 512 a frame, and every length of ours is whole frames
CLOCK = ("-video_track_timescale", str(TICKS), "-movie_timescale", str(TICKS))
MAX_PIXELS = 33_177_600  # 8K
FORMATS = "mov,mp4,matroska,webm,mp3,wav,flac,ogg,png_pipe,jpeg_pipe,webp_pipe,gif"
CODECS = (
    "h264,hevc,vp8,vp9,av1,libdav1d,aac,mp3,mp3float,opus,libopus,vorbis,flac,"
    "pcm_s16le,pcm_s24le,pcm_f32le,png,mjpeg,webp,gif"
)
LOCKED = (
    *("-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS),
    *("-codec_whitelist", CODECS, "-max_pixels", str(MAX_PIXELS), "-max_streams", "8"),
)
PLAIN = (
    *("-map_metadata", "-1", "-fflags", "+bitexact"),
    *("-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)
READER_GONE = (3, -signal.SIGPIPE)  # how a drawing ends when the encoder went first
# area with full chroma input keeps coloured edges best and, by a faster path, costs half
TO_VIDEO = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=area+full_chroma_inp+accurate_rnd,"
    "format=yuv420p"
)
MAGIC = (
    (b"\x89PNG\r\n\x1a\n", 0, "png_pipe"),
    (b"\xff\xd8\xff", 0, "jpeg_pipe"),
    (b"WEBP", 8, "webp_pipe"),
    (b"GIF8", 0, "gif"),
    (b"ftyp", 4, "mov"),
    (b"\x1a\x45\xdf\xa3", 0, "matroska"),
    (b"WAVE", 8, "wav"),
    (b"ID3", 0, "mp3"),
    (b"\xff\xfb", 0, "mp3"),
    (b"\xff\xf3", 0, "mp3"),
    (b"fLaC", 0, "flac"),
    (b"OggS", 0, "ogg"),
)


@dataclass(frozen=True)
class Stream:
    """One stream; numbers that the file does not tell are 0."""

    kind: str
    codec: str
    profile: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    frames: int = 0
    duration_s: float = 0.0
    pixels: str = ""
    colours: tuple[str, ...] = ()  # matrix, transfer, primaries, range
    sample_rate: int = 0
    channels: int = 0


@dataclass(frozen=True)
class Media:
    container: str
    duration_s: float
    streams: tuple[Stream, ...]

    def first(self, kind: str) -> Stream | None:
        return next((stream for stream in self.streams if stream.kind == kind), None)


@dataclass(frozen=True)
class Encoding:
    size: tuple[int, int]
    preset: str = "veryfast"
    crf: int = 20
    threads: int = 2


@dataclass(frozen=True)
class Graph:
    """Where pictures come from, one of them the pipe, and what is done with them."""

    inputs: Sequence[str]
    filters: Sequence[str]


def probe(path: Path, *, room: Path, stop: Stop, count: bool = False) -> Media:
    """Look at a file that may be hostile. Raises Rejected for what we do not read.

    With `count` the packets are counted, which proves that the file holds what its header says.
    """
    command = ["ffprobe", "-v", "error", *LOCKED, "-f", demuxer(path)]
    command += ["-count_packets"] if count else []
    command += ["-show_format", "-show_streams", "-of", "json", f"file:{path}"]
    done = process.run(command, room=room, stop=stop, timeout_s=60, memory_mb=1024)
    told = json.loads(done.stdout or b"{}")
    streams = tuple(_stream(raw) for raw in told.get("streams", ()))
    seen = any(s.width > 0 or s.sample_rate > 0 for s in streams)
    if done.returncode != 0 or not seen:
        raise Rejected("This file is damaged, incomplete or too large to be read: save it anew.")
    container = told["format"]
    return Media(container["format_name"], float(container.get("duration", 0)), streams)


def encode(  # noqa: PLR0913 - one keyword a fact reads better than an object at each call
    draw: Sequence[str],
    encoding: Encoding,
    *,
    frames: int,
    into: Path,
    stop: Stop,
    on_line: process.OnLine | None = None,
    graph: Graph | None = None,
) -> None:
    """Encode what the command `draw` writes, raw BGRA frames, to a video without sound."""
    rough = _rough(into)
    graph = graph or Graph(drawn(encoding.size), ("-vf", TO_VIDEO))
    target = (*CLOCK, *PLAIN, "-f", "mp4", str(rough))
    drawing, encoded = process.pipe(
        (draw, [*START, *graph.inputs, *graph.filters, *x264(encoding), *target]),
        room=into.parent,
        stop=stop,
        timeout_s=120 + 40 * frames / FPS,
        on_line=on_line,
    )
    if drawing.returncode not in READER_GONE:
        process.require(drawing, "drawing a scene")
    process.require(encoded, "encoding a scene")
    process.require(drawing, "drawing a scene")
    _accept(rough, into, encoding.size, frames, stop)


def join(
    segments: Sequence[Path],
    frames: Sequence[int],
    sound: Path,
    *,
    size: tuple[int, int],
    into: Path,
    stop: Stop,
) -> None:
    """One file of all segments and the sound; nothing is encoded again."""
    room, rough = into.parent, _rough(into)
    command = ["ffmpeg", *QUIET, "-y", "-protocol_whitelist", "file,pipe"]
    command += ["-f", "concat", "-i", f"file:{_listed(segments, frames, room)}"]
    command += ["-i", f"file:{sound}", "-map", "0:v:0", "-map", "1:a:0", "-c", "copy"]
    command += [*PLAIN, *CLOCK, "-movflags", "+faststart", str(rough)]
    done = process.run(command, room=room, stop=stop, timeout_s=120 + sum(frames) / FPS)
    process.require(done, "joining the scenes")
    _accept(rough, into, size, sum(frames), stop)


def reading(size: tuple[int, int]) -> list[str]:
    """ffmpeg as it reads drawn frames from its input."""
    return [*START, *drawn(size)]


def drawn(size: tuple[int, int], pixels: str = "bgr0") -> list[str]:
    """Raw frames on the pipe. bgr0: they are opaque, so that there is nothing to weigh."""
    shape = ("-pix_fmt", pixels, "-s", f"{size[0]}x{size[1]}", "-r", str(FPS))
    return ["-f", "rawvideo", *shape, "-i", "-"]


def x264(encoding: Encoding) -> list[str]:
    """Equal settings make segments that can be joined without encoding them again."""
    return [
        *("-c:v", "libx264", "-preset", encoding.preset, "-crf", str(encoding.crf)),
        *("-threads", str(encoding.threads), "-profile:v", "high", "-bf", "2"),
        *("-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-x264-params", "stitchable=1"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-colorspace", "bt709", "-color_range", "tv"),
    ]


def _rough(into: Path) -> Path:
    """The temporary name; the same ending, since ffmpeg tells the format by it."""
    return into.with_name(f"{into.stem}.unfinished{into.suffix}")


def _accept(rough: Path, into: Path, size: tuple[int, int], frames: int, stop: Stop) -> None:
    """A return code of 0 is no proof: count, then give the file its name."""
    video = probe(rough, room=into.parent, stop=stop, count=True).first("video")
    found = (video.width, video.height, video.frames) if video else (0, 0, 0)
    if found != (*size, frames):
        rough.unlink()
        raise Unavailable(
            f"ffmpeg wrote {found[2]} frames of {found[0]}x{found[1]} "
            f"instead of {frames} of {size[0]}x{size[1]}."
        )
    os.replace(rough, into)


def _listed(paths: Sequence[Path], frames: Sequence[int], room: Path) -> Path:
    """A list for the concat reader, of links with names of our own: no quoting, nothing unsafe.

    The lengths are told, each as the difference of two rounded ends: what the reader finds out
    by itself is rounded up to a millisecond a scene, and adds up.
    """
    lines = ["ffconcat version 1.0"]
    ends = [round(end * 1_000_000 / FPS) for end in accumulate(frames, initial=0)]
    for number, path in enumerate(paths):
        link = room / f"joined-{number:04}{path.suffix}"
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())
        lines += [f"file {link.name}", f"duration {ends[number + 1] - ends[number]}us"]
    listing = room / "joined.txt"
    listing.write_text("\n".join(lines) + "\n")
    return listing


def demuxer(path: Path) -> str:
    """By the first bytes, never by the name. Raises Rejected for everything else."""
    with path.open("rb") as file:
        head = file.read(16)
    for mark, at, demuxer in MAGIC:
        if head[at : at + len(mark)] == mark:
            return demuxer
    raise Rejected(
        "This kind of file is not read here: use MP4, MOV, MKV, WebM, MP3, WAV, FLAC, OGG, PNG, "
        "JPEG, "
        "WebP or GIF."
    )


def _stream(raw: dict[str, Any]) -> Stream:
    colours = ("color_space", "color_transfer", "color_primaries", "color_range")
    return Stream(
        kind=raw.get("codec_type", ""),
        codec=raw.get("codec_name", ""),
        profile=str(raw.get("profile", "")),
        width=int(raw.get("width", 0)),
        height=int(raw.get("height", 0)),
        fps=_ratio(raw.get("avg_frame_rate", "0/1")),
        frames=int(raw.get("nb_read_packets", raw.get("nb_frames", 0))),
        duration_s=float(raw.get("duration", 0)),
        pixels=raw.get("pix_fmt", ""),
        colours=tuple(raw.get(name, "") for name in colours),
        sample_rate=int(raw.get("sample_rate", 0)),
        channels=int(raw.get("channels", 0)),
    )


def _ratio(text: str) -> float:
    try:
        return float(Fraction(text))
    except ZeroDivisionError:
        return 0.0
