"""From a writer's wish for a scene's picture to a card; what does not fit becomes a statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from videos.writing import figures, visuals
from videos.writing.checks import Wrong, clean
from videos.writing.headlines import shortened


def card(wish: Any, *, headline: str, narration: str, language: str) -> dict[str, Any]:
    given = dict(wish) if isinstance(wish, Mapping) else {}
    make = _MAKERS.get(str(given.get("template", "")))
    if make:
        try:
            return visuals.normalise(make(given, language))
        except (Wrong, TypeError, ValueError, LookupError):
            pass
    said = clean(str(given.get("thought") or "")) or headline or narration
    return visuals.normalise({"template": "statement", "text": shortened(said, 120, language)})


def _list(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    named = [shortened(clean(str(one)), 64, language) for one in given["items"]]
    items = [{"title": one} for one in named if one]
    return {"template": "list", "items": items[: visuals.MAX_ITEMS]}


def _number(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Raises IndexError where there is no figure in it."""
    figure = figures.find(clean(str(given["value"])), language)[0]
    return {
        "template": "number",
        "value": figure.value,
        "amount": figure.amount,
        "prefix": figure.prefix,
        "suffix": figure.suffix,
        "decimals": figure.decimals,
        "point": figure.point,
        "group": figure.group,
        "label": shortened(clean(str(given["label"])), 100, language),
    }


def _quote(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    said = clean(str(given["quoted"])).strip("\"'“”„«»‹› ")
    return {
        "template": "quote",
        "text": said,
        "attribution": shortened(clean(str(given["attribution"])), 80, language),
    }


def _chart(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    values = [float(value) for value in given["values"]]
    return {
        "template": "chart",
        "kind": "bar",
        "labels": [shortened(clean(str(one)), 28, language) for one in given["labels"]],
        "values": values,
        "shown": [f"{value:g}" for value in values],
        "title": shortened(clean(str(given["caption"])), 80, language),
        "unit": clean(str(given["unit"]))[:32],
    }


def _comparison(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    sides = [
        {
            "title": shortened(clean(str(side["name"])), 32, language),
            "points": [
                shortened(clean(str(point)), 64, language)
                for point in side["points"][: visuals.MAX_SIDE_POINTS]
            ],
        }
        for side in given["sides"]
    ]
    return {"template": "comparison", "sides": sides}


def _picture(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    caption = shortened(clean(str(given["caption"])), 120, language)
    return {"template": "picture", "picture": str(given["picture"]), "caption": caption}


_MAKERS = {
    "list": _list,
    "number": _number,
    "quote": _quote,
    "chart": _chart,
    "comparison": _comparison,
    "picture": _picture,
}
