"""Moments of a rendered video as its frames: comments keep milliseconds, people mean a picture."""

from videos.contracts import FPS


def first_ms(frame: int) -> int:
    """The first whole millisecond at which a frame (from 0) is shown."""
    return -(-1000 * frame // FPS)


def frame_at(at_ms: int) -> int:
    """The frame that is shown at a moment. Where a frame begins within the millisecond it is that
    one: who told its beginning rounded down meant it as well."""
    return (FPS * (at_ms + 1) - 1) // 1000


def timecode(frame: int) -> str:
    """mm:ss:ff, as editors write it; an hour is 60:00:00."""
    seconds, rest = divmod(frame, FPS)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes:02}:{seconds:02}:{rest:02}"
