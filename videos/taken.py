"""What a long text comes to, told before anything is made of it."""

from dataclasses import dataclass

from videos.writing.sources import is_page

LONG = 16_000  # characters: no video of a few minutes tells so much
A_PAGE = 3_000
WORD_S = 0.36
A_WORD = 6  # characters, with the blank


@dataclass(frozen=True)
class Taken:
    """Of a long source: how many pages it is, and how many words of it a video says."""

    pages: int
    words: int
    percent: int  # of the text


def taken(source: str, seconds: int) -> Taken | None:
    """None: it is not long, so nothing is to be said of it."""
    if len(source) <= LONG or is_page(source, "auto"):
        return None
    words = round(seconds / WORD_S)
    percent = round(100 * words * A_WORD / len(source))
    return Taken(round(len(source) / A_PAGE), words, min(max(percent, 1), 100))
