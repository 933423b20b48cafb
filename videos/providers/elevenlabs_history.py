"""What an account at ElevenLabs was sold, to find a request of which nobody knows what became.

The history names text, voice, model and time, but no key of ours: what somebody else here was given
is left out. That an item is there at once is not promised, so one that is missing is looked for
again before it counts as not made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.kit.errors import Busy, VendorTrouble
from videos.contracts import Former
from videos.providers.calling import Ask

SKEW_S = 120.0  # between the vendor's clock and ours
SURE_AFTER_S = 30.0  # nothing that is said takes longer
PAGE, PAGES = 500, 20
Send = Callable[[Ask, Path], Mapping[str, str]]


@dataclass(frozen=True)
class Sought:
    voice: str
    model: str
    text: str


@dataclass(frozen=True)
class Item:
    name: str
    cost: int
    is_bare: bool  # samples without a header


def find(sought: Sought, former: Former, send: Send, into: Path) -> Item | None:
    """The first that fits, its sound in `into`. None: it was not made. Raises Unavailable while it
    may still be made, or where the history can't be read."""
    try:
        for row in _rows(sought, former.first_s - SKEW_S, send, into):
            if _is_it(row, sought) and not former.is_taken(row["history_item_id"]):
                found = _item(row)
                send(Ask("GET", f"/v1/history/{found.name}/audio"), into)
                return found
    except (ValueError, KeyError, TypeError) as error:
        raise VendorTrouble("The history of ElevenLabs can't be read now.") from error
    if not former.is_booked and former.now_s - former.last_s < SURE_AFTER_S:
        raise Busy(
            "ElevenLabs was asked and has not answered: its history is looked at once more before "
            "anything is bought again.",
            retry_after_s=SURE_AFTER_S,
        )
    return None


def _rows(sought: Sought, since: float, send: Send, into: Path) -> Iterator[Mapping[str, Any]]:
    """The newest first."""
    query: dict[str, str | int] = {"page_size": PAGE, "voice_id": sought.voice, "source": "TTS"}
    query["date_after_unix"] = int(since)
    for _ in range(PAGES):
        send(Ask("GET", "/v1/history", query=query), into)
        page = json.loads(into.read_bytes())
        rows = [row for row in page["history"] if row["date_unix"] >= since]
        yield from rows
        if not page["has_more"] or len(rows) < len(page["history"]):
            return
        query["start_after_history_item_id"] = page["last_history_item_id"]


def _is_it(row: Mapping[str, Any], sought: Sought) -> bool:
    return Sought(row["voice_id"], row["model_id"], row["text"]) == sought


def _item(row: Mapping[str, Any]) -> Item:
    cost = int(row["character_count_change_to"]) - int(row["character_count_change_from"])
    return Item(str(row["history_item_id"]), cost, "pcm" in str(row.get("content_type")))
