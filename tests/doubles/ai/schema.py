"""JSON that satisfies a schema, filled with what a prompt's source says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.ai import dice
from tests.doubles.ai.brief import Brief, Sentence, Writer, shortened
from tests.doubles.ai.patterns import matching

WORDS = 120  # where the prompt names no length
WORDS_A_SCENE = 30
LONG = {"text", "narration", "body", "script", "say", "speech", "spoken", "voice", "voiceover"}
LONG |= {"line", "lines", "content", "paragraph", "paragraphs"}
SHORT = {"title", "headline", "heading", "hook", "hooks", "name", "label", "chapter", "chapters"}
SINGLE = {"tag", "tags", "keyword", "keywords", "query", "search", "id", "slug", "word", "icon"}
CITED = {"source", "sources", "sentence", "sentences", "evidence", "ref", "refs", "cite", "cites"}
CITED |= {"quote", "quotes"}
FORMATS = {
    "date": "2026-03-14",
    "date-time": "2026-03-14T09:26:53Z",
    "time": "09:26:53Z",
    "uri": "https://example.org/source",
    "email": "ana@example.org",
    "uuid": "3f2b8a60-6f0e-4c1e-9d55-0c8e1f2a7b31",
    "ipv4": "192.0.2.1",
}
Schema = Mapping[str, Any]


@dataclass
class Scope:
    """An object being filled: what was said in it may be cited in it."""

    above: "Scope | None" = None
    said: list[Sentence] = field(default_factory=list)

    def cited(self) -> list[Sentence]:
        numbered = [one for one in self.said if one.number]
        return numbered or (self.above.cited() if self.above else [Sentence("", 1)])


@dataclass
class Gap:
    """A place that is filled when all places are known."""

    schema: Schema
    scope: Scope
    is_citation: bool = False
    text: str = ""


class Filling:
    def __init__(self, schema: Schema, brief: Brief, seed: int, factor: int = 1) -> None:
        """With a `factor` the texts are so many times too long, whatever the schema says."""
        self._root, self._seed, self._factor = schema, seed, factor
        self._words = (brief.words or WORDS) * factor
        self._brief = brief
        self._writer = Writer(brief, seed, self._words)
        self._gaps: list[Gap] = []

    def made(self) -> Any:
        tree = self._walk(self._root, "", Scope(), 0)
        left = self._words
        for place, gap in enumerate(self._gaps):
            said = self._writer.say(round(left / (len(self._gaps) - place)))
            if _size(said) > left + self._words / 20:  # no more than that may the whole be too long
                said = shortened(said, max(1, left))
            left -= _size(said)
            gap.scope.said += said
            gap.text = self._fit(" ".join(one.text for one in said), gap.schema)
        return self._closed(tree)

    def _closed(self, tree: Any) -> Any:
        if isinstance(tree, Gap):
            return self._citation(tree) if tree.is_citation else tree.text
        if isinstance(tree, dict):
            return {name: self._closed(value) for name, value in tree.items()}
        return [self._closed(one) for one in tree] if isinstance(tree, list) else tree

    def _citation(self, gap: Gap) -> Any:
        cited = gap.scope.cited()[0]
        if gap.schema.get("type") == "string":
            return self._fit(cited.text, gap.schema)
        return _within(cited.number, gap.schema)

    def _walk(self, schema: Schema, name: str, scope: Scope, place: int) -> Any:
        schema = self._plain(schema)
        for fixed in ("const", "default"):
            if fixed in schema:
                return schema[fixed]
        if "enum" in schema:
            return dice.one_of(schema["enum"], self._seed, name, place)
        walk = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._number,
            "number": self._number,
        }.get(_type(schema))
        if walk:
            return walk(schema, name, scope, place)
        return True if _type(schema) == "boolean" else None

    def _plain(self, schema: Schema) -> Schema:
        """Without references and choices: of several, the first that is not null."""
        if reference := schema.get("$ref"):
            found: Any = self._root
            for step in reference.removeprefix("#").strip("/").split("/"):
                found = found[step] if step else found
            return self._plain({**found, **{k: v for k, v in schema.items() if k != "$ref"}})
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                told = [self._plain(one) for one in schema[choice]]
                return next((one for one in told if _type(one) != "null"), told[0])
        if "allOf" in schema:
            merged: dict[str, Any] = {}
            for one in schema["allOf"]:
                merged |= self._plain(one)
            return {**merged, **{k: v for k, v in schema.items() if k != "allOf"}}
        return schema

    def _object(self, schema: Schema, _name: str, scope: Scope, place: int) -> Any:
        inner = Scope(scope)
        named = schema.get("properties", {})
        return {name: self._walk(one, name, inner, place) for name, one in named.items()}

    def _array(self, schema: Schema, name: str, scope: Scope, place: int) -> Any:
        items = schema.get("items") or {"type": "string"}
        least = schema.get("minItems", 0)
        count = max(least, min(self._count(items, name), schema.get("maxItems", 64)))
        return [self._walk(items, name, scope, place + at) for at in range(count)]

    def _count(self, items: Schema, name: str) -> int:
        if _parts(name) & CITED:
            return 1
        if _type(self._plain(items)) == "object" and self._tells(items):
            return self._brief.scenes or max(3, min(12, round(self._words / WORDS_A_SCENE)))
        return 3

    def _tells(self, schema: Schema) -> bool:
        """Whether the object holds a long text of its own."""
        named = self._plain(schema).get("properties", {})
        return any(
            _is_long(name) and _type(self._plain(one)) == "string" for name, one in named.items()
        )

    def _string(self, schema: Schema, name: str, scope: Scope, place: int) -> Any:
        if "pattern" in schema:
            return matching(schema["pattern"], self._seed, name, place)
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        parts = _parts(name)
        if parts & CITED:
            return Gap({**schema, "type": "string"}, scope, is_citation=True)
        if parts & SINGLE:
            return self._fit(self._writer.subject(place), schema)
        if parts & SHORT:
            return self._fit(self._writer.title(name, place), schema)
        if not _is_long(name):
            about = [one.text for one in Writer(self._brief, self._seed + place, 12).say(12)]
            return self._fit(" ".join(about), schema)
        self._gaps.append(Gap(schema, scope))
        return self._gaps[-1]

    def _number(self, schema: Schema, name: str, scope: Scope, place: int) -> Any:
        parts = _parts(name)
        if parts & CITED:
            return Gap(schema, scope, is_citation=True)
        value = 1 + dice.number(self._seed, name, place) % 9
        if parts & {"seconds", "duration", "s"} and self._brief.seconds:
            value = max(1, self._brief.seconds // (self._brief.scenes or 1))
        return _within(value, schema)

    def _fit(self, text: str, schema: Schema) -> str:
        text = " ".join([text] * self._factor)
        while 0 < len(text) < schema.get("minLength", 0):
            text = f"{text} {text}"
        most = schema.get("maxLength")
        if most is None or self._factor > 1 or len(text) <= most:
            return text
        return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") or text[:most]


def _size(said: Sequence[Sentence]) -> int:
    return sum(len(one.text.split()) for one in said)


def _parts(name: str) -> set[str]:
    return set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))


def _is_long(name: str) -> bool:
    return bool(_parts(name) & LONG) and not _parts(name) & (SHORT | SINGLE | CITED)


def _type(schema: Schema) -> str:
    told = schema.get("type") or ("object" if "properties" in schema else "string")
    if isinstance(told, list):
        return next((one for one in told if one != "null"), "null")
    return str(told)


def _within(value: int, schema: Schema) -> int:
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        least = schema["exclusiveMinimum"] + 1
    value = value if most is None else min(value, most)
    return value if least is None else max(value, least)
