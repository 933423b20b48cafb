"""A writer's answer for one scene: read as data, bounded, and looked at as a whole script's is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from videos.writing import checks, contacts
from videos.writing.assignments import language_name
from videos.writing.checks import Wrong
from videos.writing.headlines import shortened
from videos.writing.languages import count_words, find_language, seconds_of
from videos.writing.scripts import MAX_NARRATION, MAX_SCENE_S
from videos.writing.wordlists import named_in

ENOUGH_WORDS = 12  # to tell a language by


class Unusable(ValueError):
    """The message says why."""


@dataclass(frozen=True)
class Expected:
    language: str
    script: str  # what may be said again, prices included
    avoided: Sequence[str] = ()


def read(text: str, expected: Expected) -> tuple[str, str]:
    """Narration and headline. Raises Unusable."""
    begin, end = text.find("{"), text.rfind("}")
    try:
        given = checks.mapping(json.loads(text[max(begin, 0) : end + 1]), "The answer")
        narration = checks.text(MAX_NARRATION, needed=True)(given.get("narration"), "narration")
        headline = checks.text(2_000)(given.get("headline", ""), "headline")
    except Wrong as fault:
        raise Unusable(f"{fault.where} {fault.fault}.") from None
    except (ValueError, RecursionError):
        raise Unusable("it is no JSON.") from None
    _look(narration, headline, expected)
    return narration, shortened(headline, 80, expected.language)


def _look(narration: str, headline: str, expected: Expected) -> None:
    told = f"{headline}. {narration}"
    if found := contacts.foreign(told, expected.script):
        raise Unusable(f"it says “{found[0]}”, which has no place in the video.")
    if found := named_in(told, expected.avoided):
        raise Unusable(f"it says “{found[0]}”, which this channel avoids.")
    if seconds_of(narration, expected.language) > MAX_SCENE_S:
        raise Unusable(f"it takes longer than {MAX_SCENE_S:.0f} s to say.")
    if count_words(narration, expected.language) >= ENOUGH_WORDS:
        language = find_language([narration])
        if language != expected.language:
            raise Unusable(f"it is in {language_name(language)}.")
