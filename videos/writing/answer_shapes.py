"""The shape of a writer's answer, as the JSON schema that models are held to.

Limits stand in the prompt and are checked by us: vendors take few of them in a strict schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
NUMBERS: Schema = {"type": "array", "items": {"type": "number"}}


def _object(**named: Schema) -> Schema:
    return {
        "type": "object",
        "properties": named,
        "required": list(named),
        "additionalProperties": False,
    }


def _card(template: str, **named: Schema) -> Schema:
    return _object(template={"type": "string", "enum": [template]}, **named)


CARDS = (
    _card("statement", thought=TEXT),
    _card("list", items=TEXTS),
    _card("number", value=TEXT, label=TEXT),
    _card("quote", quoted=TEXT, attribution=TEXT),
    _card("chart", caption=TEXT, labels=TEXTS, values=NUMBERS, unit=TEXT),
    _card("comparison", sides={"type": "array", "items": _object(name=TEXT, points=TEXTS)}),
)
SCENE_SCHEMA = _object(narration=TEXT, headline=TEXT)
LINE_SCHEMA = _object(line=TEXT)


def script_schema(pictures: Sequence[str]) -> Schema:
    offered: list[Schema] = list(CARDS)
    if pictures:
        reference = {"type": "string", "enum": list(pictures)}
        offered.append(_card("picture", picture=reference, caption=TEXT))
    scene = _object(
        narration=TEXT,
        headline=TEXT,
        cites={"type": "array", "items": {"type": "integer"}},
        visual={"anyOf": offered},
    )
    return _object(
        title=TEXT,
        description=TEXT,
        tags=TEXTS,
        hooks=TEXTS,
        scenes={"type": "array", "items": scene},
    )
