"""What a paid writer knows besides the order, as the plan of the video keeps it."""

from collections.abc import Mapping
from typing import Any

KEYLESS = ("extractive", "given")  # writers that nobody pays


def of(plan: Mapping[str, Any], tone: str, audience: str) -> dict[str, Any]:
    """Fields of the order; none where nobody is paid to write."""
    told = plan.get("writing")
    writer = plan.get("providers", {}).get("script", "")
    if not told or writer in KEYLESS:
        return {}
    return {
        "writer": writer,
        "tone": tone,
        "audience": audience,
        "told": tuple(told["told"]),
        "avoided": tuple(told["avoided"]),
        "turn": told["turn"],
    }
