"""A writer's answer: read as data, bounded, and looked at for what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from videos.writing import checks, contacts
from videos.writing.assignments import Assignment, language_name
from videos.writing.checks import Wrong, clean
from videos.writing.descriptions import leading_nowhere
from videos.writing.headlines import shortened
from videos.writing.languages import count_words, find_language, primary, seconds_of
from videos.writing.scripts import MAX_NARRATION, MAX_SCENE_S
from videos.writing.selection import SCENE_S
from videos.writing.sentences import split
from videos.writing.wordlists import named_in

MOST_SCENES, MOST_TAGS, MOST_HOOKS, MOST_CITES = 150, 10, 3, 60
TOLERANCE = 0.1
ENOUGH_WORDS = 25  # to tell a language by
_LONG = checks.text(20_000)


@dataclass(frozen=True)
class Told:
    """A scene as a writer tells it. `visual` is what it wishes, whatever that is."""

    narration: str
    headline: str
    cites: tuple[int, ...]
    visual: Any


@dataclass(frozen=True)
class Answer:
    title: str
    description: str
    tags: tuple[str, ...]
    hooks: tuple[str, ...]
    scenes: tuple[Told, ...]
    left_out: int = 0  # sentences of the description and tags that lead somewhere

    def seconds(self, language: str) -> float:
        return sum(seconds_of(one.narration, language) + SCENE_S for one in self.scenes)

    def everything(self) -> str:
        shown = json.dumps([one.visual for one in self.scenes], ensure_ascii=False)
        heads = " ".join(f"{one.headline}. {one.narration}" for one in self.scenes)
        return " ".join((self.title, self.description, *self.tags, *self.hooks, heads, shown))


@dataclass(frozen=True)
class Seen:
    """What was found: `broken` and `forbidden` can't stay; what remains is a matter of degree."""

    answer: Answer | None
    broken: str = ""
    forbidden: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        return (*([self.broken] if self.broken else []), *self.forbidden, *self.lacking)


def look(text: str, asked: Assignment) -> Seen:
    try:
        answer = _led_nowhere(_read(_data(text), asked.language), asked)
    except Wrong as fault:
        return Seen(None, broken=f"{fault.where} {fault.fault}.")
    return Seen(
        answer, forbidden=tuple(_forbidden(answer, asked)), lacking=tuple(_lacking(answer, asked))
    )


def _data(text: str) -> Any:
    """Of a model that talks around its JSON, the JSON."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        raise Wrong("The answer", "holds no JSON object")
    try:
        return json.loads(text[begin : end + 1])
    except (ValueError, RecursionError):
        raise Wrong("The answer", "is no whole JSON object") from None


def _read(data: Any, language: str) -> Answer:
    given = checks.mapping(data, "The answer")
    scenes = checks.many(checks.mapping, 1, MOST_SCENES)(given.get("scenes"), "scenes")
    title = str(_LONG(given.get("title"), "title"))
    return Answer(
        title=shortened(title, 100, language),
        description=str(_LONG(given.get("description", ""), "description"))[:5_000],
        tags=tuple(tag[:60] for tag in _texts(given, "tags")[:MOST_TAGS]),
        hooks=tuple(hook for hook in _texts(given, "hooks") if len(hook) <= 400)[:MOST_HOOKS],
        scenes=tuple(_told(scene, f"scenes[{n}]", language) for n, scene in enumerate(scenes)),
    )


def _led_nowhere(answer: Answer, asked: Assignment) -> Answer:
    """A description is clicked: of what leads anywhere it keeps the author's own words alone, and
    neither a source nor a writer is one."""
    own = _own(asked)
    told = leading_nowhere(answer.description, asked.language, own)
    tags = tuple(tag for tag in answer.tags if not contacts.contacts(tag, own))
    lost = len(split(answer.description, asked.language)) - len(split(told, asked.language))
    left_out = lost + len(answer.tags) - len(tags)
    return replace(answer, description=told, tags=tags, left_out=left_out)


def _own(asked: Assignment) -> str:
    """What the author wrote in the order besides the source, which others may have written."""
    return " ".join((asked.order.title, asked.order.tone, asked.order.audience))


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    told = given.get(name, [])
    return [kept for one in told if isinstance(one, str) and (kept := clean(one))]


def _told(scene: Mapping[str, Any], where: str, language: str) -> Told:
    narration = str(checks.text(20_000, needed=True)(scene.get("narration"), f"{where}.narration"))
    if not any(mark.isalnum() for mark in narration):
        raise Wrong(f"{where}.narration", "has no words to say")
    headline = str(_LONG(scene.get("headline", ""), f"{where}.headline"))
    cites = scene.get("cites", [])
    whole = [one for one in cites if isinstance(one, int)] if isinstance(cites, list) else []
    return Told(
        narration=narration,
        headline=shortened(headline, 80, language),
        cites=tuple(dict.fromkeys(whole))[:MOST_CITES],
        visual=scene.get("visual"),
    )


def _forbidden(answer: Answer, asked: Assignment) -> list[str]:
    spoken = " ".join(one.narration for one in answer.scenes)
    told = answer.everything()
    source = "\n".join((*asked.given.lines, asked.given.topic, _own(asked)))
    found = contacts.foreign(told, source)
    avoided = named_in(told, asked.order.avoided)
    faults = [f"It says “{one}”, which has no place in the video." for one in found]
    faults += [f"It says “{one}”, which this channel avoids." for one in avoided]
    if contacts.speaks_of_rules(told, asked.draft().rules, source):
        faults.append("It speaks of its own instructions.")
    if count_words(spoken, asked.language) >= ENOUGH_WORDS:
        language = find_language([spoken])
        if primary(language) != asked.language:
            faults.append(
                f"It is in {language_name(language)}; {language_name(asked.language)} was asked."
            )
    return faults


def _lacking(answer: Answer, asked: Assignment) -> list[str]:
    faults = []
    length, wanted = answer.seconds(asked.language), asked.order.seconds
    if abs(length - wanted) > TOLERANCE * wanted:
        words = sum(count_words(one.narration, asked.language) for one in answer.scenes)
        spoken_s = length - SCENE_S * len(answer.scenes)
        right = round(words * (wanted - SCENE_S * len(answer.scenes)) / max(0.1, spoken_s))
        faults.append(
            f"It is too {'long' if length > wanted else 'short'}: {words} words take "
            f"{length:.0f} s to say and {wanted} s were asked. Write {max(5, right)} in all."
        )
    for number, one in enumerate(answer.scenes, 1):
        if seconds_of(one.narration, asked.language) > MAX_SCENE_S:
            faults.append(f"Scene {number} takes longer than {MAX_SCENE_S:.0f} s: split it.")
    if not answer.title:
        faults.append("The title is empty.")
    return faults


def fitted(answer: Answer, asked: Assignment) -> Answer:
    """No longer than was asked for: sentences fall from the end of the longest scenes, scenes from
    the middle; and no scene is longer than one may be."""
    limit = asked.order.seconds * (1 + TOLERANCE)
    language = asked.language
    scenes = [replace(one, narration=_bounded(one.narration, language)) for one in answer.scenes]
    while (now := replace(answer, scenes=tuple(scenes))).seconds(language) > limit:
        lengths = [len(split(one.narration, language)) for one in scenes]
        longest = max(range(len(scenes)), key=lambda at: (lengths[at], at))
        if lengths[longest] > 1:
            kept = split(scenes[longest].narration, language)[:-1]
            scenes[longest] = replace(scenes[longest], narration=" ".join(kept))
        elif len(scenes) > 2:
            del scenes[len(scenes) // 2]
        else:
            break
    return now


def _bounded(narration: str, language: str) -> str:
    kept: list[str] = []
    for sentence in split(narration, language):
        longer = " ".join([*kept, sentence])
        if kept and (len(longer) > MAX_NARRATION or seconds_of(longer, language) > MAX_SCENE_S):
            break
        kept.append(sentence[:MAX_NARRATION])
    return " ".join(kept)


def better(first: Seen, second: Seen, asked: Assignment) -> bool:
    """Whether the second is worth keeping: an answer that was asked for again may be worse."""
    return _badness(second, asked) <= _badness(first, asked)


def _badness(seen: Seen, asked: Assignment) -> tuple[int, int, float]:
    if seen.answer is None:
        return (1, 0, 0.0)
    off = abs(seen.answer.seconds(asked.language) - asked.order.seconds)
    return (0, len(seen.forbidden), off)
