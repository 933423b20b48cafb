"""What the tests about looks share: sample fields, specs on disk, and where texts really stand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import skia

from videos.contracts import SIZES, Brand
from videos.media.cards import typeset
from videos.media.cards.elements import Element, Group, Highlighted, Text
from videos.media.cards.film import Film
from videos.media.cards.layout import Box

SHORT = {
    "title": {"title": "Small money, big time", "accent": "big time", "kicker": "Story"},
    "statement": {"text": "Nobody gets rich by being clever once.", "accent": "clever"},
    "list": {
        "ordered": True,
        "items": [
            {"title": "Start small", "detail": "$40 is enough"},
            {"title": "Start early", "detail": "Ten flat years are the price"},
            {"title": "Leave it alone", "detail": ""},
        ],
    },
    "number": {"value": "5,633", "amount": 5633, "prefix": "$", "group": ",", "label": "saved"},
    "quote": {"text": "Patience is a plan.", "attribution": "A gardener"},
    "chart": {
        "kind": "bar",
        "labels": ["Kelp", "Bamboo", "Oak"],
        "values": [60, 91, 0.3],
        "shown": ["60 cm", "91 cm", "0.3 cm"],
        "highlight": 0,
    },
    "picture": {"picture": "hills.jpg", "caption": "Ohio in 1990"},
    "clip": {"clip": "asset:7", "caption": "Ohio in 1990"},
    "comparison": {
        "sides": [
            {"title": "LED", "points": ["25,000 hours", "4 dollars"]},
            {"title": "Halogen", "points": ["2,000 hours", "2 dollars"]},
        ],
        "labels": ["Life", "Price"],
        "highlight": 0,
    },
}
LINE = {
    "kind": "line",
    "labels": [f"Year {year}" for year in range(11)],
    "values": [year**2 * 200 - 900 for year in range(11)],
    "shown": [f"${year**2 * 200 - 900:,}" for year in range(11)],
    "prefix": "$",
}


def scene(template: str, form: str = "short", **changes: Any) -> dict[str, Any]:
    spec = {
        "version": 1,
        "template": template,
        "format": form,
        "language": "en",
        "brand": asdict(Brand()),
        "fields": SHORT[template],
        "headline": "The first ten years",
        "pictures": {},
    }
    return {**spec, **changes}


def drawing(room: Path, spec: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The spec of a drawing, with its `scene.json` on disk."""
    path = room / f"{spec['template']}.json"
    path.write_text(json.dumps(spec))
    whole = {
        "size": SIZES[spec["format"]],
        "fps": 30,
        "frames": 60,
        "index": 1,
        "count": 4,
        "scene": {"spec": str(path), "pictures": {}},
        "previous": None,
        "captions": "",
    }
    return {**whole, **changes}


def hills(path: Path, size: tuple[int, int] = (1600, 1000)) -> Path:
    """A picture with a bright upper half."""
    surface = skia.Surface.MakeRasterN32Premul(*size)
    canvas = surface.getCanvas()
    canvas.clear(0xFFF4E3C0)
    canvas.drawRect(skia.Rect.MakeLTRB(0, size[1] / 2, *size), skia.Paint(Color=0xFF35506B))
    surface.makeImageSnapshot().save(str(path), skia.kJPEG)
    return path


def flat(elements: tuple[Element, ...]) -> Iterator[Element]:
    for element in elements:
        if isinstance(element, Group):
            yield from flat(element.parts)
        elif isinstance(element, Highlighted):
            yield element.text
        else:
            yield element


def inked(text: Text) -> Box:
    """The box that the letters of a text really take: measured line by line."""
    lefts, rights = [], []
    for number, line in enumerate(text.block.lines):
        made = typeset.line_paragraph(text.block, number, text.ink)
        lefts.append(text.left(number))
        rights.append(text.left(number) + made.LongestLine)
        assert abs(made.LongestLine - line.width) < 2
    top = text.box.y + text.block.baseline(0) - 0.75 * text.block.size
    low = text.box.y + text.block.baseline(len(lefts) - 1) + 0.22 * text.block.size
    return Box(min(lefts), top, max(rights) - min(lefts), low - top)


def still(spec: Mapping[str, Any], number: int) -> skia.Image:
    surface = skia.Surface.MakeRasterN32Premul(*spec["size"])
    Film(spec).draw(surface.getCanvas(), number)
    return surface.makeImageSnapshot()
