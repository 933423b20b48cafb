"""Google's own description of its APIs, which every request is held against.

It is the discovery document that google-api-python-client carries: paths, parameters, bodies,
scopes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

from tests.doubles.youtube.talk import Asked

FOLDER = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
NAMES = ("youtube.v3", "youtubeAnalytics.v2")
UPLOADS = {"upload_id"}
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
WORDS = {"boolean": r"true|false", "integer": r"-?\d+", "number": r"-?\d+(\.\d+)?"}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
Schema = Mapping[str, Any]


def document(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


@dataclass(frozen=True)
class Method:
    id: str
    http: str
    path: str
    about: Mapping[str, Any]
    schemas: Mapping[str, Schema]
    common: Mapping[str, Schema]

    @property
    def scopes(self) -> list[str]:
        return self.about.get("scopes", [])

    @property
    def parameters(self) -> dict[str, Schema]:
        return {**self.common, **self.about.get("parameters", {})}

    @property
    def media(self) -> Mapping[str, Any]:
        return self.about.get("mediaUpload", {})

    def body_schema(self) -> Schema | None:
        name = self.about.get("request", {}).get("$ref")
        return self.schemas[name] if name else None


@cache
def methods() -> dict[tuple[str, str], Method]:
    found = {}
    for name in NAMES:
        whole = document(name)
        for about in _methods(whole):
            path = f"/{whole['servicePath']}{about.get('flatPath') or about['path']}"
            method = Method(
                about["id"],
                about["httpMethod"],
                path,
                about,
                whole["schemas"],
                whole["parameters"],
            )
            found[method.http, path] = method
    return found


def _methods(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def method_of(http: str, path: str) -> tuple[Method | None, bool]:
    """The method, and whether it was asked at its door for media."""
    plain = re.sub(r"^(/resumable)?/upload/", "/", path)
    return methods().get((http, plain)), plain != path


def check_query(asked: Asked, method: Method) -> None:
    """Raises Refusal, and notes it."""
    known = method.parameters
    for name, values in asked.query.items():
        about = known.get(name)
        if about is None:
            if name in UPLOADS:
                continue
            raise asked.violation(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                f"parameter. Field '{name}' could not be found in request message.",
                "invalid",
            )
        for value in asked.values(name) if about.get("repeated") else values[-1:]:
            _check_word(asked, name, about, value)
    for name, about in known.items():
        if about.get("required") and not asked.value(name):
            raise asked.violation(f"Required parameter: {name}", "required", place=name)


def _check_word(asked: Asked, name: str, about: Schema, value: str) -> None:
    pattern = WORDS.get(about["type"])
    wrong = pattern and not re.fullmatch(pattern, value)
    wrong = wrong or ("enum" in about and value not in about["enum"])
    if not wrong and about["type"] == "integer":
        least, most = about.get("minimum"), about.get("maximum")
        wrong = (least and int(value) < int(least)) or (most and int(value) > int(most))
    if wrong:
        raise asked.violation(
            f"Invalid value '{value}'. Values must match the description of {name}.",
            "invalidParameter",
            place=name,
        )


def check_parts(asked: Asked, method: Method, body: Mapping[str, Any] | None) -> None:
    """`part` names what the resource has, and the body has no part that it does not name."""
    response = method.schemas.get(method.about.get("response", {}).get("$ref", ""), {})
    items = response.get("properties", {}).get("items", {}).get("items", {})
    resource = method.schemas.get(items.get("$ref", ""), response)
    names = set(resource.get("properties", {})) - {"kind", "etag"}
    parts = asked.values("part")
    for one in parts:
        if one not in names:
            raise asked.violation(f"'{one}'", "unknownPart", domain="youtube.part", place="part")
    for one in set(body or ()) - {"id", "kind", "etag"} - set(parts):
        raise asked.violation(f"'{one}'", "unexpectedPart", domain="youtube.part", place="part")


def check_body(asked: Asked, method: Method, body: Mapping[str, Any]) -> None:
    schema = method.body_schema()
    if schema is None:
        if body:
            raise asked.violation("Invalid JSON payload received. The method takes no body.")
        return
    _check_value(asked, method, schema, body, "")


def _check_value(asked: Asked, method: Method, schema: Schema, value: Any, place: str) -> None:
    if "$ref" in schema:
        schema = method.schemas[schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return
    is_number_word = kind == "integer" and isinstance(value, str) and value.isdecimal()
    fits = isinstance(value, TYPES[kind]) and isinstance(value, bool) <= (kind == "boolean")
    if not fits and not is_number_word:
        raise asked.violation(
            f"Invalid value at '{place}' ({kind}), {json.dumps(value)}", "invalid", place=place
        )
    if kind == "object":
        _check_object(asked, method, schema, value, place)
    elif kind == "array":
        for number, one in enumerate(value):
            _check_value(asked, method, schema["items"], one, f"{place}[{number}]")
    else:
        _check_plain(asked, schema, value, place)


def _check_plain(asked: Asked, schema: Schema, value: Any, place: str) -> None:
    wrong = "enum" in schema and value not in schema["enum"]
    wrong = wrong or (
        schema.get("format") == "date-time" and not re.fullmatch(TIME, value, re.ASCII)
    )
    if wrong:
        raise asked.violation(f"Invalid value at '{place}', \"{value}\"", "invalid", place=place)


def _check_object(
    asked: Asked, method: Method, schema: Schema, value: Mapping[str, Any], place: str
) -> None:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for name, inner in value.items():
        about = known.get(name, others)
        if about is None:
            at = f" at '{place}'" if place else ""
            raise asked.violation(
                f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.',
                "invalid",
                place=f"{place}.{name}".lstrip("."),
            )
        _check_value(asked, method, about, inner, f"{place}.{name}".lstrip("."))
    for name, about in known.items():
        is_needed = method.id in about.get("annotations", {}).get("required", [])
        if is_needed and name not in value:
            raise asked.violation(
                f"Required field: {name}", "required", place=f"{place}.{name}".lstrip(".")
            )
