"""What a client says beside the y-protocols."""

import json
from typing import Any

from collab.frames import number
from collab.websocket.events import REPLY


def reply(**told: Any) -> bytes:
    text = json.dumps(told).encode()
    return bytes([REPLY]) + number(len(text)) + text
