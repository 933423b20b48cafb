"""The OpenAPI document: what every endpoint shares is written here once.

Each operation names all codes that it may answer (config.kit.problems.CODES), its headers, and an
example made of its own fields.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers

from config.kit.problems import CODES, body

F = TypeVar("F", bound=Callable[..., Any])
READS = ("not_authenticated", "forbidden", "not_found", "not_acceptable", "throttled")
WRITES = ("invalid", "bad_request", "refused", "too_large", "unsupported_media_type")
ALWAYS = ("method_not_allowed", "server_error", "unavailable")
PROBLEM = "Problem"
EXAMPLES: dict[str, Any] = {}  # by the name of a field; endpoints add what theirs may hold


def described(
    takes: type[serializers.BaseSerializer[Any]] | None,
    gives: Any,
    *,
    status: int = 200,
    summary: str = "",
    examples: Sequence[OpenApiExample] = (),
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[F], F]:
    """Names what an endpoint's method takes and gives; None: no body."""
    return extend_schema(
        request=takes,
        responses={status: gives},
        summary=summary or None,
        examples=list(examples) or None,
        parameters=list(parameters) or None,
    )


def serves_bytes(method: F) -> F:
    """For a GET that answers a file, with Range."""
    file = OpenApiResponse(OpenApiTypes.BINARY, "The bytes.")
    part = OpenApiResponse(OpenApiTypes.BINARY, "The bytes that Range asked for.")
    nothing = OpenApiResponse(None, "Range lies behind the end.")
    kind = "application/octet-stream"
    answers = {(200, kind): file, (206, kind): part, 304: None, 416: nothing}
    told = OpenApiParameter(
        "Range", str, OpenApiParameter.HEADER, description="Such as bytes=0-1023."
    )
    return extend_schema(responses=answers, parameters=[told])(method)


class Schema(AutoSchema):
    """DEFAULT_SCHEMA_CLASS."""

    def get_tags(self) -> list[str]:
        """The noun that an endpoint names, else the first word of its address."""
        first = self.path.removeprefix("/api/v1/").split("/")[0]
        return [(getattr(self.view, "noun", "") or first).replace("-", " ")]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.method == "GET" and getattr(self.view, "is_list", False)

    def get_operation_id(self) -> str:
        parts = [part for part in self.path.removeprefix("/api/v1/").split("/") if part]
        named = [part.replace("-", "_") for part in parts if not part.startswith("{")]
        verb = {"GET": "get", "POST": "create", "PATCH": "change", "DELETE": "delete"}
        if self.method == "POST" and self._is_only():
            return "_".join(named)
        act = "list" if self._is_list_view() else verb.get(self.method, self.method.lower())
        return "_".join([*named, act])

    def _is_only(self) -> bool:
        """Whether the endpoint has this one method, beside OPTIONS."""
        return len(self.view.allowed_methods) <= 2

    def get_override_parameters(self) -> list[Any]:
        view: Any = self.view
        return [view.query_class] if self._is_list_view() else []

    def get_summary(self) -> str | None:
        told = (self.view.__doc__ or "").strip().split("\n")[0].split(". ")[0].rstrip(".")
        is_told = self.method == "GET" or self._is_only()
        return super().get_summary() or (told if is_told else None)

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation.setdefault("parameters", []).extend(self._headers())
        codes = [*READS, *ALWAYS, *self._writing_codes()]
        for code in codes:
            _add_problem(operation["responses"], code)
        return operation

    def _writing_codes(self) -> list[str]:
        found = [*WRITES, "csrf"] if self.method not in ("GET", "HEAD") else []
        if self._takes_key():
            found += ["idempotency_in_progress", "idempotency_key_reused", "gone"]
        if self._is_versioned():
            found += ["stale", "if_match_required"]
        return found

    def _takes_key(self) -> bool:
        view: Any = self.view
        return self.method == "POST" and view.reads_body and view.takes_key

    def _is_versioned(self) -> bool:
        """Whether the method reads If-Match: where the row that it changes has a version."""
        if self.method not in ("PATCH", "DELETE"):
            return False
        shown = getattr(self.view, "serializer_class", None)
        model = getattr(getattr(shown, "Meta", None), "model", None)
        return hasattr(model, "version")

    def _headers(self) -> list[dict[str, Any]]:
        found = []
        if self._takes_key():
            found.append(
                _header("Idempotency-Key", "At most 255 characters: the request happens once.")
            )
        if self._is_versioned():
            told = 'The ETag that was read, such as "v3", or * for any.'
            found.append({**_header("If-Match", told), "required": True})
        return found


def _header(name: str, told: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": told, "schema": {"type": "string"}}


def _add_problem(responses: dict[str, Any], code: str) -> None:
    status, meaning = CODES[code]
    answer = responses.setdefault(
        str(status),
        {
            "description": meaning,
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": f"#/components/schemas/{PROBLEM}"},
                    "examples": {},
                }
            },
        },
    )
    answer["content"]["application/problem+json"]["examples"][code] = {
        "summary": meaning,
        "value": body(status, code, meaning),
    }


def add_problem_schema(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """POSTPROCESSING_HOOKS: the schema to which every error refers, and what all answers hold."""
    schemas = result["components"].setdefault("schemas", {})
    for name, schema in schemas.items():
        if not name.endswith("Request") and "properties" in schema:
            schema["required"] = list(schema["properties"])
    schemas[PROBLEM] = {
        "type": "object",
        "description": "RFC 9457; `code` is stable, `detail` is for people.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "examples": list(CODES)},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {
                        "pointer": {"type": "string", "description": "RFC 6901, into the body"},
                        "code": {"type": "string"},
                        "detail": {"type": "string"},
                    },
                },
            },
        },
    }
    for path in result["paths"].values():
        for operation in path.values():
            _add_examples(operation, schemas)
    return result


def _add_examples(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for told in bodies:
        for media in told.get("content", {}).values():
            if "example" not in media and "examples" not in media and "schema" in media:
                media["examples"] = {"example": {"value": example_of(media["schema"], schemas)}}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value that the schema allows, from its own examples, defaults and choices."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("allOf", "oneOf", "anyOf"):
        if name in schema:
            return example_of(schema[name][0], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    for name in ("example", "default", "const"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    return _plain_example(schema, schemas)


def _example_named(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    is_open = not {"$ref", "enum", "allOf", "example", "examples"} & set(schema)
    is_open = is_open and schema.get("format") != "date-time"  # a frame is "at" a number elsewhere
    return EXAMPLES[name] if is_open and name in EXAMPLES else example_of(schema, schemas)


def _plain_example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        inner = schema.get("properties", {})
        return {name: _example_named(name, one, schemas) for name, one in inner.items()}
    if kind == "array":
        return [example_of(schema.get("items", {"type": "string"}), schemas)]
    formats = {
        "date-time": "2026-11-26T09:30:00Z",
        "email": "ana@example.org",
        "uri": "https://studio.example/api/v1/videos/?cursor=cD0xMg",
        "uuid": "3f0c8c1e-3c55-4f43-9d0a-0f3c6a0f5b1d",
    }
    plain = {"integer": schema.get("minimum", 1), "number": 1.5, "boolean": True, "null": None}
    return plain.get(kind, formats.get(schema.get("format", ""), "text"))


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "teams.api_auth.Bearer"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        told = "A token of the team, made on its page of tokens or with `manage.py api_token`."
        return {"type": "http", "scheme": "bearer", "description": told}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "teams.api_auth.Session"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        told = "The cookie of a signed-in browser; what it changes needs the CSRF token."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": told}
