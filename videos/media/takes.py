"""Clips and music from people, made harmless and uniform: probed under lock, then encoded anew.

A clip becomes H.264 at 30 frames a second without sound; music becomes 48 kHz stereo AAC. Return
codes prove nothing (ffmpeg ends well on half a file), so what comes out is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected
from videos.contracts import FPS, Beat, Stop
from videos.media import ffmpeg, process

LONGEST_CLIP_S, LONGEST_TRACK_S = 600, 1800
SHORTEST_S = 0.5
SIDE = 1920
POSTER_SIDE = 640
# a clip is coded once and decoded by every render, preview and phone: a fifth more bytes for half
# the work
EASY = ("-preset", "veryfast", "-crf", "18", "-tune", "fastdecode")
# the pixels as they are meant to be seen, even sides, never larger than they came
FIT = (
    "scale=w='trunc(iw*sar/2)*2':h='trunc(ih/2)*2',setsar=1,"
    f"scale=w='trunc(iw*min(1,{SIDE}/max(iw,ih))/2)*2':h='trunc(ih*min(1,{SIDE}/max(iw,ih))/2)*2',"
    f"fps={FPS},format=yuv420p,setsar=1"
)
BT709 = (
    *("-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-colorspace", "bt709", "-color_range", "tv"),
)


@dataclass(frozen=True)
class Cleaned:
    """The harmless file, what it is, and what is worth knowing of it."""

    path: Path
    content_type: str
    facts: dict[str, Any] = field(default_factory=dict)
    poster: Path | None = None


def clip(source: Path, room: Path, *, threads: int, stop: Stop, beat: Beat) -> Cleaned:
    """Raises Rejected with what is wrong with the file."""
    media = ffmpeg.probe(source, room=room, stop=stop)
    stream = media.first("video")
    if stream is None or not stream.width:
        raise Rejected("This file has no moving picture: save the clip as MP4 and add it again.")
    seconds = _length(media.duration_s or stream.duration_s, LONGEST_CLIP_S, "clip")
    target = room / "clip.mp4"
    command = [*_reading(source), "-map", "0:v:0", "-an", "-sn", "-dn", "-t", str(LONGEST_CLIP_S)]
    command += ["-vf", FIT, "-c:v", "libx264", *EASY]
    command += ["-threads", str(threads), "-g", str(FPS), "-profile:v", "high", *BT709]
    command += [*ffmpeg.PLAIN, *ffmpeg.CLOCK, "-movflags", "+faststart", str(target)]
    _encode(command, room, seconds, stop, beat)
    made = _looked_at(target, "video", room, stop)
    _refuse_cut_off(made.frames / FPS, seconds, "clip")
    poster = _poster(target, room, at_s=min(1.0, made.frames / FPS / 3), stop=stop)
    facts = {
        "width": made.width,
        "height": made.height,
        "duration_s": round(made.frames / FPS, 3),
        "frames": made.frames,
    }
    return Cleaned(target, "video/mp4", facts, poster)


def track(source: Path, room: Path, *, stop: Stop, beat: Beat) -> Cleaned:
    """Raises Rejected with what is wrong with the file."""
    media = ffmpeg.probe(source, room=room, stop=stop)
    stream = media.first("audio")
    if stream is None or not stream.sample_rate:
        raise Rejected("This file has no sound: save the music as MP3, WAV or M4A.")
    seconds = _length(media.duration_s or stream.duration_s, LONGEST_TRACK_S, "music")
    target = room / "track.m4a"
    command = [*_reading(source), "-map", "0:a:0", "-vn", "-sn", "-dn", "-t", str(LONGEST_TRACK_S)]
    command += ["-ac", "2", "-ar", "48000", "-c:a", "aac", "-b:a", "256k"]
    command += [*ffmpeg.PLAIN, "-movflags", "+faststart", str(target)]
    _encode(command, room, seconds, stop, beat)
    made = _looked_at(target, "audio", room, stop)
    _refuse_cut_off(made.duration_s, seconds, "music")
    return Cleaned(target, "audio/mp4", {"duration_s": round(made.duration_s, 3)})


def _reading(source: Path) -> list[str]:
    progress = ("-progress", "pipe:2", "-stats_period", "0.5")
    locked = (*ffmpeg.LOCKED, "-f", ffmpeg.demuxer(source))
    return ["ffmpeg", *ffmpeg.QUIET, *progress, "-xerror", "-y", *locked, "-i", f"file:{source}"]


def _length(seconds: float, most: int, what: str) -> float:
    if seconds > most:
        raise Rejected(
            f"This {what} is {seconds / 60:.0f} minutes long; {most // 60} is the most: cut it."
        )
    if 0 < seconds < SHORTEST_S:
        raise Rejected(f"This {what} is shorter than half a second.")
    return seconds


def _encode(command: list[str], room: Path, seconds: float, stop: Stop, beat: Beat) -> None:
    def moved(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.strip().isdecimal() and seconds:
            beat(min(1.0, int(value) / 1e6 / seconds))

    done = process.run(
        command,
        room=room,
        stop=stop,
        timeout_s=120 + 10 * (seconds or LONGEST_CLIP_S),
        memory_mb=3000,
        on_line=moved,
    )
    process.raise_if_full(done.stderr)
    if done.returncode != 0:
        raise Rejected("This file is damaged or cut off: save it again and add it anew.")


def _looked_at(target: Path, kind: str, room: Path, stop: Stop) -> ffmpeg.Stream:
    stream = ffmpeg.probe(target, room=room, stop=stop, count=True).first(kind)
    if stream is None or not stream.frames:
        raise Rejected("Nothing could be read of this file: save it again and add it anew.")
    return stream


def _refuse_cut_off(made_s: float, said_s: float, what: str) -> None:
    if said_s and made_s < 0.9 * said_s - 1:
        raise Rejected(
            f"This {what} says that it is {said_s:.0f} s long, but only {made_s:.0f} s of it can "
            "be read: save it again and add it anew."
        )


def _poster(clean: Path, room: Path, *, at_s: float, stop: Stop) -> Path:
    poster = room / "poster.jpg"
    fit = f"scale=w='min({POSTER_SIDE},iw)':h=-2"
    command = ["ffmpeg", *ffmpeg.QUIET, "-y", "-ss", f"{at_s:.2f}", "-i", f"file:{clean}"]
    command += ["-frames:v", "1", "-vf", fit, "-q:v", "4", *ffmpeg.PLAIN, str(poster)]
    process.require(
        process.run(command, room=room, stop=stop, timeout_s=60), "making the clip's picture"
    )
    return poster


def played(track: Path, samples: int, into: Path, *, room: Path, stop: Stop) -> None:
    """The track as music of a video: from its beginning, again and again, faded in and out."""
    seconds = samples / 48_000
    fade = min(2.0, seconds / 4)
    heard = (
        f"aresample=48000,atrim=end_sample={samples},"
        f"afade=t=in:d={fade / 2:.3f},afade=t=out:st={seconds - fade:.3f}:d={fade:.3f}"
    )
    command = ["ffmpeg", *ffmpeg.QUIET, "-y", "-stream_loop", "-1", *ffmpeg.LOCKED]
    command += ["-f", ffmpeg.demuxer(track), "-i", f"file:{track}", "-map", "0:a:0", "-af", heard]
    command += ["-ac", "2", "-c:a", "pcm_s16le", *ffmpeg.PLAIN, str(into)]
    done = process.run(command, room=room, stop=stop, timeout_s=120 + seconds)
    process.require(done, "playing the music")
