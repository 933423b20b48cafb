"""A script out of a writer's answer: its cards, its claims, and what a person has to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from config.kit.errors import Rejected
from videos.contracts import SceneText, Script
from videos.writing import answer_cards, scripts
from videos.writing.answers import Answer, Seen, Told, fitted, look
from videos.writing.asked import Claim
from videos.writing.assignments import Assignment
from videos.writing.claims import DESCRIPTION, TITLE, Source
from videos.writing.languages import terms

ALIKE = 0.5  # so much of what an earlier video is said to tell is told again
LEAST_ALIKE = 4


def script_of(text: str, asked: Assignment, writer: str) -> Script:
    """Raises Rejected where even the last answer can't stand."""
    seen = look(text, asked)
    answer = _usable(seen, asked, writer)
    narrations = [one.narration for one in answer.scenes]
    ids = scripts.scene_ids(narrations)
    language = asked.language
    scenes = tuple(
        _scene(name, one, language) for name, one in zip(ids, answer.scenes, strict=True)
    )
    claims = _claims(answer, scenes, asked)
    return Script(
        title=asked.order.title[:100] or answer.title,
        language=language,
        method="written",
        scenes=scenes,
        description=answer.description,
        tags=answer.tags,
        notes=tuple(_notes(answer, claims, asked, writer)),
        hooks=answer.hooks,
        claims=tuple(claims),
    )


def _usable(seen: Seen, asked: Assignment, writer: str) -> Answer:
    if seen.answer is None:
        raise Rejected(
            f"{writer} answered no script, asked several times: {seen.broken} Choose another "
            "writer or model, or do the stage again."
        )
    answer = fitted(seen.answer, asked)
    if seen.forbidden:
        raise Rejected(
            f"The script that {writer} wrote can't be used: {seen.forbidden[0]} Change the text, "
            "or do the stage again."
        )
    if not answer.title and not asked.order.title:
        raise Rejected(f"{writer} gave the video no title: name it, or do the stage again.")
    return answer


def _scene(name: str, one: Told, language: str) -> SceneText:
    card = answer_cards.card(
        one.visual, headline=one.headline, narration=one.narration, language=language
    )
    return SceneText(name, one.narration, one.headline, card)


def _claims(answer: Answer, scenes: Sequence[SceneText], asked: Assignment) -> list[Claim]:
    """A title that the order gives is the author's own."""
    source = Source(asked.given.lines, asked.given.language, asked.language)
    title = "" if asked.order.title else answer.title
    return [
        *source.claims(TITLE, title),
        *(
            claim
            for scene, one in zip(scenes, answer.scenes, strict=True)
            for claim in source.scene(scene, one.cites)
        ),
        *source.claims(DESCRIPTION, answer.description),
    ]


def _notes(answer: Answer, claims: Sequence[Claim], asked: Assignment, writer: str) -> list[str]:
    basis = "from a topic" if asked.given.topic else "from your text"
    notes = [f"Written by {writer} {basis}: read it before it goes out.", *asked.given.notes]
    flagged = sum(not claim.is_supported for claim in claims)
    if flagged and asked.given.lines:
        notes.append(f"{flagged} of {len(claims)} claims are not borne out by the text.")
    if asked.given.lines and asked.language != asked.given.language:
        notes.append("Text and video differ in language: claims were checked by their numbers.")
    if answer.left_out:
        notes.append(f"{answer.left_out} part(s) of description and tags led elsewhere: left out.")
    length, wanted = answer.seconds(asked.language), asked.order.seconds
    if abs(length - wanted) > 0.1 * wanted:
        notes.append(f"It takes about {length:.0f} s; {wanted} s were asked for.")
    notes += [f"This may repeat “{title[:100]}”." for title in repeated(answer, asked)]
    return notes


def repeated(answer: Answer, asked: Assignment) -> list[str]:
    """Titles of what the channel has told that is much like this. A line is `title: summary`."""
    narration = " ".join(one.narration for one in answer.scenes)
    mine = set(terms(f"{answer.title} {answer.description} {narration}", asked.language))
    found = []
    for line in asked.order.told:
        theirs = set(terms(line, asked.language))
        shared = len(mine & theirs)
        if shared >= LEAST_ALIKE and shared >= ALIKE * len(theirs):
            found.append(line.partition(": ")[0])
    return found[:3]
