"""One line of a scene, which is said anew while the rest stays word for word."""

from __future__ import annotations

from videos.writing.sentences import split

MOST_SENTENCES = 2


class NoLine(LookupError):
    """The message says why."""


def sentences(narration: str, language: str) -> list[tuple[int, int]]:
    """Where each begins and ends."""
    found, at = [], 0
    for text in split(narration, language):
        begin = narration.find(text, at)
        if begin >= 0:
            at = begin + len(text)
            found.append((begin, at))
    return found or [(0, len(narration))]


def numbered(narration: str, language: str, number: int) -> tuple[int, int]:
    """The sentence of this number, counted from 1. Raises NoLine."""
    found = sentences(narration, language)
    if not 1 <= number <= len(found):
        raise NoLine(f"line: this scene has {len(found)} sentence(s), and no number {number}.")
    return found[number - 1]


def holding(narration: str, language: str, text: str) -> tuple[int, int]:
    """From the first to the last sentence that the words stand in. Raises NoLine where they stand
    nowhere, or at several places, or in more sentences than are said anew at once."""
    words = " ".join(text.split())
    begin = narration.find(words) if words else -1
    if begin < 0:
        raise NoLine("text: these words do not stand in this scene.")
    if narration.find(words, begin + 1) >= 0:
        raise NoLine("text: these words stand in this scene several times: choose more of them.")
    end = begin + len(words)
    touched = [one for one in sentences(narration, language) if one[0] < end and begin < one[1]]
    if not touched or len(touched) > MOST_SENTENCES:
        raise NoLine(
            f"text: choose words of {MOST_SENTENCES} sentences at most, or take the whole scene."
        )
    return touched[0][0], touched[-1][1]


def replaced(narration: str, begin: int, old: str, new: str) -> str:
    """All else is as it was."""
    return f"{narration[:begin]}{new}{narration[begin + len(old) :]}"
