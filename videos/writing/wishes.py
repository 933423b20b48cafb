"""What a scene's picture should show, in words: for who makes one, or to search by.

Made of the scene alone and of the title, so that an edit elsewhere asks for no other picture. For
what is paid, only of what the card says: a word more in the narration buys nothing anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from videos.contracts import SceneText
from videos.writing.languages import is_unspaced, terms, words_in

SEARCHED = 3  # words: more finds little
UNSPACED = 16  # signs, where words are not set apart
SHOWN, TITLE, NAME = 3, 2, 1  # how much a word gains by where it stands and how it is written


def words_for(scene: SceneText, source: str, title: str, language: str) -> str:
    given = str(scene.visual.get("prompt", ""))
    if given:
        return given
    if source == "footage":
        return searched_by(scene, title, language)
    return described(scene, title)


def described(scene: SceneText, title: str) -> str:
    says = ". ".join(dict.fromkeys(one.rstrip(".") for one in _shown(scene)))
    about = says or scene.narration
    return f"A photograph that illustrates: {about}. From a film about: {title}."


def searched_by(scene: SceneText, title: str, language: str) -> str:
    """The words that weigh most, the weightiest first."""
    shown = " ".join(_shown(scene))
    if is_unspaced(language):
        return (shown or scene.narration)[:UNSPACED]
    weights: dict[str, int] = defaultdict(int)
    spelt: dict[str, str] = {}
    titled = set(terms(title, language))
    for text, gain in ((shown, SHOWN), (scene.narration, 1)):
        for place, word in enumerate(words_in(text)):
            for term in terms(word, language)[:1]:
                if term.isdigit():
                    continue
                spelt.setdefault(term, word.casefold())
                weights[term] += gain + NAME * (place > 0 and word[0].isupper())
    for term in weights:
        weights[term] += TITLE * any(_alike(term, one) for one in titled)
    best = sorted(weights, key=lambda term: -weights[term])[:SEARCHED]
    return " ".join(spelt[term] for term in best) or title


def _alike(one: str, other: str) -> bool:
    """`forest` and `forests`."""
    return one == other or (min(len(one), len(other)) > 3 and one[:4] == other[:4])


def _shown(scene: SceneText) -> list[str]:
    visual: Mapping[str, Any] = scene.visual
    told = [str(visual.get(name, "")) for name in ("text", "caption")]
    return [text for text in (scene.headline, *told) if text]
