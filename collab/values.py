"""JSON as a Yjs document keeps it, and back."""

from collections.abc import Mapping
from typing import Any


def from_yjs(value: Any) -> Any:
    """Yjs has no integers of its own: what was 3 comes back as 3.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: from_yjs(one) for name, one in value.items()}
    if isinstance(value, list):
        return [from_yjs(one) for one in value]
    return value


def to_yjs(value: Any) -> Any:
    """As Yjs takes it: tuples are lists."""
    if isinstance(value, Mapping):
        return {name: to_yjs(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_yjs(one) for one in value]
    return value
