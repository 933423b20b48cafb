"""What OpenAI demands of a strict schema: every object closed, and every name of it required."""

from typing import Any

from tests.doubles.ai.talk import Trouble

VALUES = ("enum", "const", "default", "required")


def check_strict(schema: Any, name: str, place: tuple[str, ...] = ()) -> None:
    """Raises Trouble with the vendor's sentence."""
    if isinstance(schema, list):
        schema = {str(at): one for at, one in enumerate(schema)}
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict) and schema.get("type", "object") == "object":
        _check_object(schema, f"Invalid schema for response_format '{name}': In context={place}, ")
    for key, one in schema.items():
        if key not in VALUES:
            check_strict(one, name, (*place, key))


def _check_object(schema: dict[str, Any], begins: str) -> None:
    if schema.get("additionalProperties") is not False:
        said = "'additionalProperties' is required to be supplied and to be false."
        raise Trouble("bad_request", begins + said, "response_format")
    missing = [one for one in schema["properties"] if one not in schema.get("required", [])]
    if missing:
        said = "'required' is required to be supplied and to be an array including every key in "
        said += f"properties. Missing '{missing[0]}'."
        raise Trouble("bad_request", begins + said, "response_format")
