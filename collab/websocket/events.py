"""What a room and its sockets tell each other, apart from Yjs' own frames (collab.frames).

To a client: CONTROL and a JSON object with a `type`. From a client: REPLY and one. Both are framed
as the y-protocols frame their texts, so that a client reads all with one decoder.
"""

import json
from collections.abc import Mapping
from typing import Any

from collab.frames import BadFrame, Reader, number

CONTROL, REPLY = 64, 65
LONGEST_REPLY = 1_000  # bytes


def control(kind: str, **told: Any) -> bytes:
    text = json.dumps({"type": kind, **told}, ensure_ascii=False, separators=(",", ":")).encode()
    return bytes([CONTROL]) + number(len(text)) + text


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
