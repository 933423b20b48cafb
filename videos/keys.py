"""The name of a result: a hash of everything that it is made of."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(value: Any) -> str:
    """JSON with one spelling: equal values, equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def key_of(
    *, stage: str, version: int, provider: str, params: Mapping[str, Any], needs: Mapping[str, str]
) -> str:
    """`needs` maps references to the sha256 of their bytes, so equal outputs stop the cascade."""
    recipe = {
        "stage": stage,
        "version": version,
        "provider": provider,
        "params": dict(params),
        "needs": dict(needs),
    }
    return hashlib.sha256(canonical(recipe).encode()).hexdigest()
