"""What models bill: tokens, of which a text has no more than it has bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected, Spend
from config.kit.money import Use
from videos.writing.asked import Prompt

BYTES_A_TOKEN = 4  # as vendors tell of English
SHORTEST = 0.5


def uses(name: str, model: str, prompt: Prompt, framing: int) -> Sequence[Use]:
    """The schema counts twice: who isn't held to it is shown it besides."""
    schema = len(json.dumps(prompt.schema).encode())
    most = len(prompt.rules.encode()) + len(prompt.said.encode()) + 2 * schema + framing
    expected = (most - schema) / BYTES_A_TOKEN
    out = prompt.expected_tokens
    return (
        Use(name, "tokens_in", expected * SHORTEST, expected, most, model),
        Use(name, "tokens_out", out * SHORTEST, out, prompt.most_tokens, model),
    )


def spent(name: str, model: str, counted: Mapping[str, int]) -> Sequence[Spend]:
    return [Spend(name, unit, count, model=model) for unit, count in counted.items() if count > 0]


def body_of(reply: Path, vendor: str) -> Mapping[str, Any]:
    """Raises Rejected where it is no JSON: what it cost is unknown then."""
    try:
        body = json.loads(reply.read_bytes())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Rejected(f"The answer of {vendor} can't be read: do this stage again.")
    return body
