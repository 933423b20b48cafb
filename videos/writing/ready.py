"""Is the source a ready script.json, and what is wrong with it?"""

from __future__ import annotations

from config.kit.errors import Rejected
from videos.contracts import Order, Script
from videos.writing import scripts
from videos.writing.checks import Wrong
from videos.writing.sources import MAX_CHARACTERS, find_kind


def is_ready(order: Order) -> bool:
    if order.source_kind == "auto":
        return find_kind(order.source) == "script"
    return order.source_kind == "script"


def read_ready(order: Order) -> Script:
    if len(order.source) > MAX_CHARACTERS:
        raise Rejected(f"The script is longer than {MAX_CHARACTERS:,} characters. Shorten it.")
    try:
        return scripts.from_json(order.source, title=order.title, language=order.language)
    except Wrong as fault:
        raise Rejected(scripts.in_words(fault)) from None
