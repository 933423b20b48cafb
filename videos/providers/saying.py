"""What voices that are sold have in common: the text to be sent, and a look at what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.kit.errors import Rejected, Spend
from videos.contracts import Said, Word
from videos.media import timing, waves
from videos.media.timing import Span
from videos.media.waves import Sound
from videos.writing.spoken_tokens import SPACELESS

SLOWEST, QUICKEST = 5.0, 0.25  # of the time that saying a text takes at an even pace
BEFORE_S = 4.0  # that a voice may be silent or clear its throat
BEGINNING = 40
Times = Callable[[Sound, int], tuple[Span, ...]]


@dataclass(frozen=True)
class Text:
    """What is said, and where in it each word begins."""

    text: str
    places: tuple[int, ...]


def joined(words: Sequence[Word]) -> Text:
    """Pieces of a script without spaces get none between them."""
    text, places = "", []
    for word in words:
        said = word.spoken or word.text
        if text and not (SPACELESS.match(text[-1]) and SPACELESS.match(said)):
            text += " "
        places.append(len(text))
        text += said
    return Text(text, tuple(places))


def check_length(text: str, most: int, vendor: str) -> None:
    """Raises Rejected with what to do."""
    if len(text) > most:
        begins = text[:BEGINNING].rsplit(" ", 1)[0]
        raise Rejected(
            f"The scene that begins “{begins} …” is {len(text):,} characters when it is said, and "
            f"{vendor} takes {most:,} at once: split it into two scenes."
        )


def longest_s(text: str) -> float:
    """Nobody takes longer to say it: what bills seconds is held by this."""
    return BEFORE_S + SLOWEST * timing.estimated_s(text)


def pack(into: Path, head: Mapping[str, str], body: Path) -> None:
    """An answer with those of its headers that count, in one file."""
    into.write_bytes(json.dumps(head).encode() + b"\n" + body.read_bytes())
    body.unlink()


def unpacked(reply: Path) -> tuple[dict[str, str], bytes]:
    head, _, body = reply.read_bytes().partition(b"\n")
    return json.loads(head), body


@contextmanager
def reading(vendor: str, spent: Sequence[Spend], advice: str) -> Iterator[None]:
    """An answer came and was paid for, whatever is wrong with it."""
    try:
        yield
    except (Rejected, ValueError, KeyError, TypeError) as error:
        told = error.message.rstrip(".").lower() if isinstance(error, Rejected) else "no sound"
        raise Rejected(
            f"{vendor} answered with something that can't be played ({told}), and was paid for it. "
            f"{advice}",
            spent=spent,
        ) from error


def said(into: Path, text: str, times: Times, spent: Sequence[Spend] = ()) -> Said:
    """Of a wave file. Raises Rejected for a sound that can't be this text's."""
    sound, rate = waves.read(into)
    seconds = len(sound) / rate
    if not QUICKEST * timing.estimated_s(text) < seconds < longest_s(text):
        raise Rejected(f"It lasts {seconds:.1f} s, and is not the text.")
    return Said(into, rate, len(sound), times(sound, rate), spent)
