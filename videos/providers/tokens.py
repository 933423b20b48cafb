"""What models bill: tokens, of which a text has no more than it has bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected, Spend
from config.kit.money import Use
from config.kit.vendors import Account
from videos.providers import ceilings
from videos.writing.asked import Prompt

BYTES_A_TOKEN = 4  # as vendors tell of English
SHORTEST = 0.5
IN, OUT = "tokens_in", "tokens_out"


def most_out(account: Account, prompt: Prompt) -> int:
    """Of what the prompt allows as many as the model answers with. Raises Rejected where not even
    what is expected would fit."""
    most = ceilings.most_out(account)
    if prompt.expected_tokens > most:
        raise Rejected(
            f"This is too long for {account.model}, which answers with {most:,} tokens at most: "
            f"about {prompt.expected_tokens:,} are needed. Order a shorter video, or choose "
            "another writer."
        )
    return min(prompt.most_tokens, most)


def uses(name: str, account: Account, prompt: Prompt, framing: int) -> Sequence[Use]:
    """The schema counts twice: who isn't held to it is shown it besides. Raises Rejected."""
    schema = len(json.dumps(prompt.schema).encode())
    most = len(prompt.rules.encode()) + len(prompt.said.encode()) + 2 * schema + framing
    expected = (most - schema) / BYTES_A_TOKEN
    out, most_told = prompt.expected_tokens, most_out(account, prompt)
    return (
        Use(name, IN, expected * SHORTEST, expected, most, account.model),
        Use(name, OUT, out * SHORTEST, out, most_told, account.model),
    )


def spent(uses: Sequence[Use], counted: Mapping[str, int | None]) -> Sequence[Spend]:
    """By the units of an answer; what of `uses` it does not tell counts as the most that it can
    have been, never as nothing."""
    found: list[Spend] = []
    for use in uses:
        told = counted.get(use.unit)
        found.append(
            Spend(use.provider, use.unit, use.high if told is None else told, model=use.model)
        )
    name, model = uses[0].provider, uses[0].model
    more = {unit: count for unit, count in counted.items() if unit not in (IN, OUT)}
    found += [Spend(name, unit, count or 0, model=model) for unit, count in more.items()]
    return [one for one in found if one.quantity > 0]


def number(usage: Any, *path: str) -> int | None:
    """A count that stands at this place of an answer, if one does."""
    for name in path:
        usage = usage.get(name) if isinstance(usage, dict) else None
    is_count = isinstance(usage, int | float) and not isinstance(usage, bool) and usage >= 0
    return int(usage) if is_count else None


def body_of(reply: Path, vendor: str) -> Mapping[str, Any]:
    """Raises Rejected where it is no JSON: what it cost is unknown then."""
    try:
        body = json.loads(reply.read_bytes())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Rejected(f"The answer of {vendor} can't be read: do this stage again.")
    return body
