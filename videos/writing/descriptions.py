"""What stands below a published video: words that lead nowhere, and its chapters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from videos.writing.contacts import contacts
from videos.writing.sentences import split

# "Video chapters", https://support.google.com/youtube/answer/9884579: the first begins at 0:00,
# there are three at least, in their order, and each lasts ten seconds or longer
FEWEST, SHORTEST_S = 3, 10
LONGEST_NAME = 80
_STAMP = re.compile(r"(?m)(?:^|\s)0?0:00\b")


def leading_nowhere(text: str, language: str, own: str = "") -> str:
    """The text without those of its sentences that lead anywhere. Where it is the whole that leads
    and no sentence alone, nothing is left."""
    if not contacts(text, own):
        return text
    kept = " ".join(one for one in split(text, language) if not contacts(one, own))
    return "" if contacts(kept, own) else kept


@dataclass(frozen=True)
class Chapter:
    start_s: int
    name: str

    @property
    def line(self) -> str:
        hours, rest = divmod(self.start_s, 3600)
        minutes, seconds = divmod(rest, 60)
        at = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return f"{at} {self.name}"


def chapters(scenes: Sequence[tuple[str, float]]) -> list[Chapter]:
    """Of scenes by name and length in seconds; one that is too short goes with the one before, and
    so does one without a name. Empty where fewer come out than YouTube takes."""
    found: list[Chapter] = []
    at, total = 0.0, sum(length for _, length in scenes)
    for name, length in scenes:
        is_due = not found or int(at) - found[-1].start_s >= SHORTEST_S
        if is_due and (name or not found) and total - at >= SHORTEST_S:
            found.append(Chapter(int(at), " ".join(name.split())[:LONGEST_NAME] or "Beginning"))
        at += length
    return found if len(found) >= FEWEST else []


def has_chapters(description: str) -> bool:
    """Its author wrote some."""
    return _STAMP.search(description) is not None
