"""What a client of a room says beside the y-protocols: REPLY and a JSON object, framed
as their texts are, so that both sides read all with one decoder. The server says its part by
collab.frames.control.
"""

import json
from collections.abc import Mapping
from typing import Any

from collab.frames import BadFrame, Reader

REPLY = 65
LONGEST_REPLY = 1_000  # bytes


def is_reply(data: bytes) -> bool:
    return data[:1] == bytes([REPLY])


def reply_in(data: bytes) -> Mapping[str, Any]:
    """Raises BadFrame."""
    if len(data) > LONGEST_REPLY:
        raise BadFrame("This reply is too long.")
    try:
        told = json.loads(Reader(data[1:]).rest())
    except (ValueError, RecursionError):
        raise BadFrame("A reply is JSON.") from None
    if not isinstance(told, dict):
        raise BadFrame("A reply is an object.")
    return told
