"""Sound as a vendor has sent it, made one of our wave files. Whatever it says it is, it is decoded
by a confined ffmpeg."""

from __future__ import annotations

import wave
from pathlib import Path

from config.kit.errors import Rejected
from videos.media import ffmpeg, process

NOT_TOLD = 0x7FFF_0000  # of a stream nobody knows the length when its header is written
DECODE_S = 60


def decoded(raw: bytes, into: Path) -> None:
    """MP3, WAV, FLAC or Ogg to mono s16le. Raises Rejected."""
    source = into.with_suffix(".answer")
    source.write_bytes(raw)
    try:
        if _is_cut(raw):
            raise Rejected("This sound breaks off.")
        locked = (*ffmpeg.LOCKED, "-f", ffmpeg.demuxer(source), "-i", f"file:{source}")
        to = ("-map", "0:a:0", "-ac", "1", "-c:a", "pcm_s16le", *ffmpeg.PLAIN, str(into))
        done = process.run(
            ["ffmpeg", *ffmpeg.QUIET, "-y", *locked, *to],
            room=into.parent,
            stop=lambda: False,  # an answer that was paid for is read
            timeout_s=DECODE_S,
        )
        process.raise_if_full(done.stderr)
        if done.returncode != 0:
            raise Rejected("This sound is damaged.")
    finally:
        source.unlink()


def wrapped(raw: bytes, rate: int, into: Path) -> None:
    """Bare s16le samples, mono."""
    with wave.open(str(into), "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(raw[: len(raw) // 2 * 2])


def _is_cut(raw: bytes) -> bool:
    told = int.from_bytes(raw[4:8], "little")
    return raw.startswith(b"RIFF") and told < NOT_TOLD and told + 8 > len(raw)
