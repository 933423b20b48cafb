"""All that a script tells, wherever it is said or shown, and in which place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from videos.writing.wordlists import named_in

# what a card names or is drawn by, and nobody reads
_UNREAD = frozenset({"template", "picture", "clip", "source", "fit", "kind", "group", "point"})


def places(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(place, text) of a script.json: what goes out with the video, what is spoken, and all that
    stands on cards or makes their pictures. Beginnings that nobody has chosen are not told."""
    yield "The title", str(content.get("title", ""))
    yield "The description", str(content.get("description", ""))
    yield "A tag", "\n".join(content.get("tags", ()))
    for number, scene in enumerate(content.get("scenes", ()), 1):
        yield f"Scene {number}", f"{scene.get('headline', '')}\n{scene['narration']}"
        yield f"The card of scene {number}", "\n".join(card_texts(scene.get("visual", {})))


def card_lines(visual: Mapping[str, Any]) -> list[str]:
    """What a card says, a statement each: an item of a list, a bar with its figure, a quote."""
    template = visual.get("template")
    if template == "number":
        figure = "".join(str(visual.get(name, "")) for name in ("prefix", "value", "suffix"))
        return [f"{figure} {visual.get('label', '')}".strip()]
    if template == "chart":
        bars = zip(visual["labels"], visual["shown"], strict=True)
        return [str(visual.get("title", "")), *(f"{label}: {shown}" for label, shown in bars)]
    if template == "list":
        return [f"{one['title']} {one.get('detail', '')}".strip() for one in visual["items"]]
    if template == "comparison":
        return [f"{side['title']}: {point}" for side in visual["sides"] for point in side["points"]]
    named = ("title", "subtitle", "text", "caption")
    return [str(visual[name]) for name in named if visual.get(name)]


def card_texts(visual: Any) -> Iterator[str]:
    """Every text of a card that is read or that a picture is made of."""
    if isinstance(visual, str):
        yield visual
    elif isinstance(visual, Mapping):
        if "value" in visual:  # as it is read: in one
            yield "".join(str(visual.get(name, "")) for name in ("prefix", "value", "suffix"))
        for name, value in visual.items():
            if name not in _UNREAD:
                yield from card_texts(value)
    elif isinstance(visual, list | tuple):
        for one in visual:
            yield from card_texts(one)


def first_named(content: Mapping[str, Any], words: Iterable[str]) -> tuple[str, str] | None:
    """(place, word) of the first of the words that is told."""
    wanted = list(words)
    for place, text in places(content) if wanted else ():
        if found := named_in(text, wanted):
            return place, found[0]
    return None
