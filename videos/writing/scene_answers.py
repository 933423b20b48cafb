"""A writer's answer for one scene, or one line of it: read as data, bounded, and looked at as a
whole script's is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from videos.writing import checks, contacts
from videos.writing.assignments import language_name
from videos.writing.checks import Wrong
from videos.writing.headlines import shortened
from videos.writing.languages import count_words, find_language, seconds_of
from videos.writing.lines import MOST_SENTENCES
from videos.writing.scripts import MAX_NARRATION, MAX_SCENE_S
from videos.writing.sentences import split
from videos.writing.wordlists import named_in

ENOUGH_WORDS = 12  # to tell a language by


class Unusable(ValueError):
    """The message says why."""


@dataclass(frozen=True)
class Expected:
    language: str
    script: str  # what may be said again, prices included
    avoided: Sequence[str] = ()
    rules: str = ""  # ours, which are no words of a video


def read(text: str, expected: Expected) -> tuple[str, str]:
    """Narration and headline. Raises Unusable."""
    given = _data(text)
    try:
        narration = checks.text(MAX_NARRATION, needed=True)(given.get("narration"), "narration")
        headline = checks.text(2_000)(given.get("headline", ""), "headline")
    except Wrong as fault:
        raise Unusable(f"{fault.where} {fault.fault}.") from None
    _look(narration, headline, expected)
    return narration, shortened(headline, 80, expected.language)


def read_line(text: str, expected: Expected) -> str:
    """One or two sentences, to stand where the line stood. Raises Unusable."""
    try:
        line = str(checks.text(MAX_NARRATION, needed=True)(_data(text).get("line"), "line"))
    except Wrong as fault:
        raise Unusable(f"{fault.where} {fault.fault}.") from None
    if not any(mark.isalnum() for mark in line):
        raise Unusable("line has no words to say.")
    count = len(split(line, expected.language))
    if count > MOST_SENTENCES:
        raise Unusable(f"it has {count} sentences; {MOST_SENTENCES} are the most.")
    _look(line, "", expected)
    return line


def refuse_too_long(narration: str, expected: Expected) -> None:
    """Raises Unusable where the scene could not be said any more."""
    if len(narration) > MAX_NARRATION or seconds_of(narration, expected.language) > MAX_SCENE_S:
        raise Unusable(f"the scene takes longer than {MAX_SCENE_S:.0f} s to say with it.")


def _data(text: str) -> Mapping[str, Any]:
    begin, end = text.find("{"), text.rfind("}")
    try:
        return checks.mapping(json.loads(text[max(begin, 0) : end + 1]), "The answer")
    except Wrong as fault:
        raise Unusable(f"{fault.where} {fault.fault}.") from None
    except (ValueError, RecursionError):
        raise Unusable("it is no JSON.") from None


def _look(narration: str, headline: str, expected: Expected) -> None:
    told = f"{headline}. {narration}"
    if found := contacts.foreign(told, expected.script):
        raise Unusable(f"it says “{found[0]}”, which has no place in the video.")
    if found := named_in(told, expected.avoided):
        raise Unusable(f"it says “{found[0]}”, which this channel avoids.")
    if contacts.speaks_of_rules(told, expected.rules, expected.script):
        raise Unusable("it speaks of its own instructions.")
    if seconds_of(narration, expected.language) > MAX_SCENE_S:
        raise Unusable(f"it takes longer than {MAX_SCENE_S:.0f} s to say.")
    if count_words(narration, expected.language) >= ENOUGH_WORDS:
        language = find_language([narration])
        if language != expected.language:
            raise Unusable(f"it is in {language_name(language)}.")
