"""Clips of the team's own as scenes: decoded, fitted and overlaid by ffmpeg, drawn over by us.

The drawing program writes one stream of strips as wide as the page and as high as its bands
together: first the veil and the frames of the push, each a whole page in several strips, then a
strip a frame with what stands over the clip. So a frame of the clip never leaves ffmpeg.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.kit.errors import Rejected
from videos.contracts import FPS, Stop
from videos.media import ffmpeg, process
from videos.media.cards.layout import Band, Sheet, bands

KEPT = (
    0.54  # of the clip, at least; where covering would keep less, it stands before a blurred self
)
FRAMED = 0.75  # what is kept of it there
FROZEN_S = 1.0  # a clip that is only so much too short ends on its last picture; others start again
BLURRED = 8  # how many times smaller the ground is blurred
MARGIN = 3  # pixels around what is shown, since scaling looks at neighbours
LOOP = "-stream_loop"
STILL_TIME_S = 60
TO_LAYER = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bilinear+full_chroma_inp+accurate_rnd,"
    "format=yuva420p"
)
TO_JPEG = "scale=in_color_matrix=bt709:out_color_matrix=bt601:out_range=pc,format=yuvj444p"
CLOCK = "settb=1/30,setpts=N"


@dataclass(frozen=True)
class Clip:
    """A cleaned clip as the stages get it: 30 frames a second, no sound."""

    path: Path
    size: tuple[int, int]
    frames: int


@dataclass(frozen=True)
class Layers:
    """How the drawing program and ffmpeg share a scene of so many frames, `push` of them drawn."""

    sheet: Sheet
    has_words: bool
    frames: int
    push: int
    fit: str = "auto"  # or cover

    @property
    def bands(self) -> tuple[Band, ...]:
        return bands(self.sheet, has_words=self.has_words)

    @property
    def height(self) -> int:
        """Of a strip."""
        return sum(band.h for band in self.bands)

    @property
    def strips(self) -> int:
        """How many make a page."""
        return math.ceil(self.sheet.height / self.height)


def look(path: Path, *, name: str, room: Path, stop: Stop) -> Clip:
    """Raises Rejected where it is not whole."""
    try:
        video = ffmpeg.probe(path, room=room, stop=stop, count=True).first("video")
    except Rejected:
        video = None
    if video is None or video.codec != "h264" or not video.frames or not video.width:
        raise Rejected(f"The clip {name} is damaged or incomplete: upload it again.")
    return Clip(path, (video.width, video.height), video.frames)


def graph(clip: Clip, layers: Layers) -> ffmpeg.Graph:
    """Everything of a scene: the push as it is drawn, then the clip with what stands over it."""
    own = layers.frames - layers.push
    reading = [*_looped(clip, own), *ffmpeg.LOCKED, "-f", "mov", "-i", f"file:{clip.path}"]
    strip = ffmpeg.drawn((layers.sheet.width, layers.height), "bgra")
    return ffmpeg.Graph(
        [*reading, *strip],
        ["-filter_complex", ";".join(_chains(clip, layers)), "-map", "[out]", "-r", str(FPS)],
    )


def _chains(clip: Clip, layers: Layers) -> list[str]:
    own, strips, push = layers.frames - layers.push, layers.strips, layers.push
    page = f"tile=1x{strips},crop={layers.sheet.width}:{layers.sheet.height}:0:0,{CLOCK}"
    fit = fitted(clip.size, layers)
    veiled, drawn = strips, strips * (push + 1)
    parts = "[strips]split=3[v][p][o]" if push else "[strips]split=2[v][o]"
    chains = [
        f"[1:v]{CLOCK}[strips]",
        parts,
        f"[v]trim=end_frame={veiled},{page},{TO_LAYER}[veil]",
        f"[0:v]{_played(clip, own)},{fit},{CLOCK}[clip]",
        "[clip][veil]overlay=eof_action=repeat:format=yuv420[lit]",
        *_laid(layers, drawn),
    ]
    if push:
        chains += [
            f"[p]trim=start_frame={veiled}:end_frame={drawn},{page},{ffmpeg.TO_VIDEO},setsar=1[push]",
            f"[push][body]concat=n=2,{CLOCK}[out]",
        ]
    return chains


def _laid(layers: Layers, drawn: int) -> list[str]:
    """The strip's bands, each where it belongs."""
    width, end = layers.sheet.width, "body" if layers.push else "out"
    names = [f"b{number}" for number in range(len(layers.bands))]
    parts = "".join(f"[{name}]" for name in names)
    chains = [f"[o]trim=start_frame={drawn},{CLOCK},{TO_LAYER},split={len(names)}{parts}"]
    under, top = "lit", 0
    for number, (name, band) in enumerate(zip(names, layers.bands, strict=True)):
        over = end if number == len(names) - 1 else f"l{number}"
        cut = f"crop={width}:{band.h}:0:{top}"
        chains.append(f"[{name}]{cut}[c{number}]")
        last = ",setsar=1,format=yuv420p" if over == end else ""
        chains.append(f"[{under}][c{number}]overlay=0:{band.y}:format=yuv420{last}[{over}]")
        under, top = over, top + band.h
    return chains


def _looped(clip: Clip, frames: int) -> Sequence[str]:
    return (LOOP, "-1") if _starts_again(clip, frames) else ()


def _starts_again(clip: Clip, frames: int) -> bool:
    lacking = frames - clip.frames
    return lacking > min(FROZEN_S * FPS, clip.frames)


def _played(clip: Clip, frames: int) -> str:
    lacking = frames - clip.frames
    if lacking > 0 and not _starts_again(clip, frames):
        return f"{CLOCK},tpad=stop={lacking}:stop_mode=clone"
    return f"trim=end_frame={frames}"


def picture(clip: Clip, layers: Layers, into: Path, *, stop: Stop, number: int = 0) -> None:
    """The page as the clip fills it at one of its frames, as a JPEG."""
    fit = fitted(clip.size, layers)
    start_s = max(0.0, (number - 0.5) / FPS)
    command = [*ffmpeg.START, "-ss", f"{start_s:.4f}", *ffmpeg.LOCKED, "-f", "mov"]
    command += ["-i", f"file:{clip.path}", "-frames:v", "1"]
    command += ["-filter_complex", f"[0:v]{fit},{TO_JPEG}[out]"]
    command += ["-map", "[out]", "-q:v", "2", *ffmpeg.PLAIN, str(into)]
    done = process.run(command, room=into.parent, stop=stop, timeout_s=STILL_TIME_S)
    if done.returncode != 0 or not into.exists():
        process.raise_if_full(done.stderr)
        raise Rejected("A clip of this video is damaged or incomplete: upload it again.")


def last_shown(clip: Clip, frames: int) -> int:
    """The number of the clip's frame on which a scene that plays so many of them ends."""
    if _starts_again(clip, frames):
        return (frames - 1) % clip.frames
    return min(frames, clip.frames) - 1


def fitted(own: tuple[int, int], layers: Layers) -> str:
    """Filters that fill the page: covering it, or framed before a blurred copy of itself."""
    page = (layers.sheet.width, layers.sheet.height)
    ratio = (own[0] / own[1]) / (page[0] / page[1])
    if min(ratio, 1 / ratio) >= KEPT or layers.fit == "cover":
        return f"{_covering(own, page)},setsar=1"
    small = (_even(page[0] / BLURRED), _even(page[1] / BLURRED))
    frame, (x, y) = _frame(own, layers.sheet, layers.has_words)
    ground = f"{_covering(own, small)},gblur=sigma=5,lutyuv=y=val*0.55+7"
    ground += f",scale={page[0]}:{page[1]}:flags=bilinear"
    return (
        f"setsar=1,split=2[far][near];[far]{ground}[ground];[near]{_covering(own, frame)}[frame];"
        f"[ground][frame]overlay={x}:{y}:format=yuv420,setsar=1"
    )


def _frame(
    own: tuple[int, int], sheet: Sheet, has_words: bool
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Size and place of a framed clip: as wide or as high as the page, a little of it cropped."""
    if sheet.is_wide:
        size = (_even(sheet.height * own[0] / own[1] / FRAMED), sheet.height)
        x = (sheet.width - size[0]) / (1 if has_words else 2)
        return size, (_even(x), 0)
    size = (sheet.width, _even(sheet.width * own[1] / own[0] / FRAMED))
    return size, (0, _even(sheet.content.middle - size[1] / 2))


def _covering(own: tuple[int, int], page: tuple[int, int]) -> str:
    """Cropped and scaled; of what is too high, more is kept of the upper part.

    Cropped before, since scaling what nobody sees costs as much; and a little again afterwards,
    since the rest ends between two pixels of the clip.
    """
    scale = max(page[0] / own[0], page[1] / own[1])
    x, wide, left = _reach(own[0], page[0], scale, 0.5)
    y, high, top = _reach(own[1], page[1], scale, 0.42)
    scaled = (max(_even(wide * scale), page[0]), max(_even(high * scale), page[1]))
    chain = []
    if (wide, high) != own:
        chain.append(f"crop={wide}:{high}:{x}:{y}")
    if scaled != (wide, high):
        chain.append(f"scale={scaled[0]}:{scaled[1]}:flags=bicubic")
    if scaled != page:
        left, top = min(left, scaled[0] - page[0]), min(top, scaled[1] - page[1])
        chain.append(f"crop={page[0]}:{page[1]}:{left}:{top}")
    return ",".join(chain) or "null"


def _reach(own: int, page: int, scale: float, lean: float) -> tuple[int, int, int]:
    """Along one side: where the clip is read from, how much, and what then is off the page."""
    off = max(0.0, (own * scale - page) * lean)
    margin = 0 if scale == 1 else MARGIN
    start = max(0, _even(off / scale - margin))
    read = min(own - start, _even((off + page) / scale + margin) - start)
    return start, read, _even(off - start * scale)


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2) if value > 0 else 0
