"""The rules of the quality check: figures in, findings out. Nothing is measured here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from videos.contracts import FPS, Finding
from videos.media.audio import Loudness
from videos.media.ffmpeg import Media, Stream
from videos.media.heard import Misheard
from videos.media.measure import Seen, Span

BT709 = ("bt709", "bt709", "bt709", "tv")


@dataclass(frozen=True)
class Limits:
    """Every threshold of the check. What a person may want is a warning, what is broken fails."""

    length_s: float = 0.05  # between what was narrated and the finished file
    sync_s: float = 0.05  # between picture and sound
    quietest_lufs: float = -15.0
    loudest_lufs: float = -13.0
    true_peak_db: float = -1.0
    silent_lufs: float = -60.0
    black_s: float = 0.5
    frozen_s: float = 4.0  # warning: a still card is legitimate
    silence_s: float = 1.5  # warning
    words_warning: float = 0.10
    scene_words_fail: float = 0.5  # half of a scene lost: not a hard name, but a broken voice
    scene_words_fewest: int = 4  # errors that a short scene may have before it can fail
    scene_words_judged: int = 8  # with fewer words a listener has nothing to go by, and guesses
    words_fail: float = 0.25  # over a whole video of so many words; a shorter one is as a scene
    words_judged: int = 40
    letters_a_second: float = 20.0  # warning
    cue_s: float = 0.15


LIMITS = Limits()


def scene_picture(video: Stream | None, size: tuple[int, int], frames: int) -> Iterator[Finding]:
    if video is None:
        yield Finding("no_picture", "fail", "There is no picture: make this scene again.")
        return
    if (video.width, video.height) != size:
        yield Finding(
            "wrong_size",
            "fail",
            f"The picture is {video.width}x{video.height} instead of {size[0]}x{size[1]}.",
        )
    if abs(video.fps - FPS) > 0.01:
        yield Finding(
            "wrong_rate",
            "fail",
            f"The picture runs at {video.fps:.2f} frames a second.",
            value=round(video.fps, 3),
            limit=FPS,
        )
    if video.frames != frames:
        yield Finding(
            "wrong_length",
            "fail",
            f"There are {video.frames} frames instead of {frames}.",
            value=video.frames,
            limit=frames,
        )


def scene_seen(seen: Seen) -> Iterator[Finding]:
    for span in _longer(seen.black, LIMITS.black_s):
        yield Finding(
            "black",
            "fail",
            f"The picture is black for {span.length_s:.1f} seconds.",
            at_s=span.start_s,
            value=round(span.length_s, 2),
            limit=LIMITS.black_s,
        )
    for span in _longer(seen.frozen, LIMITS.frozen_s):
        yield Finding(
            "frozen",
            "warning",
            f"Nothing moves for {span.length_s:.1f} seconds.",
            at_s=span.start_s,
            value=round(span.length_s, 2),
            limit=LIMITS.frozen_s,
        )


def scene_silence(silences: Sequence[Span], length_s: float) -> Iterator[Finding]:
    if any(span.length_s >= length_s - 0.1 for span in silences):
        yield Finding("silent", "fail", "Nothing is said: narrate this scene again.")
        return
    for span in _longer(silences, LIMITS.silence_s):
        yield Finding(
            "silence",
            "warning",
            f"Nothing is said for {span.length_s:.1f} seconds.",
            at_s=span.start_s,
            value=round(span.length_s, 2),
            limit=LIMITS.silence_s,
        )


def scene_words(misheard: Misheard, heard: str) -> Iterator[Finding]:
    """A single odd name in a short scene is no reason to block a video."""
    rate = misheard.rate
    if rate <= LIMITS.words_warning or misheard.errors < 2:
        return
    fails = (
        rate > LIMITS.scene_words_fail
        and misheard.errors >= LIMITS.scene_words_fewest
        and misheard.words >= LIMITS.scene_words_judged
    )
    advice = "The narration is hard to understand" if fails else "Some words are hard to understand"
    yield Finding(
        "words",
        "fail" if fails else "warning",
        f"{advice}: {misheard.errors} of {misheard.words} differ from “{heard[:200]}”.",
        value=round(rate, 3),
        limit=LIMITS.scene_words_fail if fails else LIMITS.words_warning,
    )


def whole_words(misheard: Misheard) -> Iterator[Finding]:
    is_long = misheard.words >= LIMITS.words_judged
    limit = LIMITS.words_fail if is_long else LIMITS.scene_words_fail
    if misheard.rate > limit and misheard.errors >= LIMITS.scene_words_fewest:
        yield Finding(
            "words",
            "fail",
            f"The narration is hard to understand: {misheard.errors} of {misheard.words} words "
            "were heard otherwise. Choose another voice or simpler words.",
            value=round(misheard.rate, 3),
            limit=limit,
        )


def whole_container(
    media: Media, size: tuple[int, int], *, fast: bool, whole: bool
) -> Iterator[Finding]:
    video, sound = media.first("video"), media.first("audio")
    if not whole:
        yield Finding("cut_off", "fail", "The file is cut off: press Retry.")
    if not fast:
        yield Finding("slow_start", "fail", "The file can't play while it loads: press Retry.")
    if video is None or sound is None:
        yield Finding("streams", "fail", "The file lacks its picture or its sound.")
        return
    shape = (video.codec, video.profile, video.pixels, video.width, video.height)
    if shape != ("h264", "High", "yuv420p", *size) or abs(video.fps - FPS) > 0.01:
        yield Finding(
            "format",
            "fail",
            f"The picture is {video.codec} {video.profile} {video.pixels} "
            f"{video.width}x{video.height} at {video.fps:.2f} frames a second.",
        )
    if video.colours != BT709:
        yield Finding("colours", "fail", "The colours are not marked as bt709.")
    if (sound.codec, sound.sample_rate, sound.channels) != ("aac", 48_000, 2):
        yield Finding("sound_format", "fail", "The sound is not AAC, stereo, 48 kHz.")


def whole_length(media: Media, frames: int) -> Iterator[Finding]:
    video, sound = media.first("video"), media.first("audio")
    if video is None or sound is None:
        return
    wanted = frames / FPS
    if abs(video.duration_s - wanted) > LIMITS.length_s:
        yield Finding(
            "length",
            "fail",
            f"The video lasts {video.duration_s:.2f} seconds instead of {wanted:.2f}.",
            value=round(video.duration_s, 3),
            limit=round(wanted, 3),
        )
    apart = abs(video.duration_s - sound.duration_s)
    if apart > LIMITS.sync_s:
        yield Finding(
            "sync",
            "fail",
            f"Picture and sound differ by {apart:.2f} seconds in length.",
            value=round(apart, 3),
            limit=LIMITS.sync_s,
        )


def whole_loudness(loudness: Loudness) -> Iterator[Finding]:
    lufs, peak = loudness.integrated_lufs, loudness.true_peak_db
    if lufs <= LIMITS.silent_lufs:
        yield Finding("silent", "fail", "The video has no sound.")
    elif not LIMITS.quietest_lufs <= lufs <= LIMITS.loudest_lufs:
        low = lufs < LIMITS.quietest_lufs
        yield Finding(
            "loudness",
            "fail",
            f"The sound is too {'quiet' if low else 'loud'}: {lufs:.1f} LUFS.",
            value=lufs,
            limit=LIMITS.quietest_lufs if low else LIMITS.loudest_lufs,
        )
    if peak > LIMITS.true_peak_db:
        yield Finding(
            "true_peak",
            "fail",
            f"The sound peaks at {peak:.1f} dB and may crackle.",
            value=peak,
            limit=LIMITS.true_peak_db,
        )


def scene_captions(cues: Sequence[Mapping[str, Any]], length_s: float) -> Iterator[Finding]:
    for cue in cues:
        yield from _cue(cue, length_s)
    for one, other in pairwise(cues):
        if other["start_s"] < one["end_s"] - 0.001:
            yield Finding(
                "captions_overlap",
                "fail",
                "Two captions stand over each other.",
                at_s=other["start_s"],
            )


def _cue(cue: Mapping[str, Any], length_s: float) -> Iterator[Finding]:
    start, end, words = cue["start_s"], cue["end_s"], cue["words"]
    times = [start, *(at for word in words for at in (word["start_s"], word["end_s"]))]
    backwards = any(later < earlier - 0.001 for earlier, later in pairwise(times))
    if backwards or start < 0 or end > length_s + 0.001:
        yield Finding(
            "captions_order", "fail", "A caption's times run backwards or over the end.", at_s=start
        )
    if end - start < LIMITS.cue_s:
        yield Finding(
            "captions_short",
            "fail",
            f"A caption stands for only {end - start:.2f} seconds.",
            at_s=start,
            value=round(end - start, 3),
            limit=LIMITS.cue_s,
        )
        return
    speed = sum(len(word["text"]) for word in words) / (end - start)
    if speed > LIMITS.letters_a_second:
        yield Finding(
            "captions_fast",
            "warning",
            f"A caption needs {speed:.0f} letters a second to be read.",
            at_s=start,
            value=round(speed, 1),
            limit=LIMITS.letters_a_second,
        )


def _longer(spans: Sequence[Span], limit_s: float) -> list[Span]:
    return [span for span in spans if span.length_s > limit_s]
