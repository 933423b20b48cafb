"""How the answer of several requests is kept as one: a line of JSON, then the file itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MOST_HEAD = 200_000


def pack(head: Mapping[str, Any], body: Path | None, into: Path) -> None:
    with into.open("wb") as file:
        file.write(json.dumps(head, ensure_ascii=False).encode() + b"\n")
        if body is not None:
            with body.open("rb") as came:
                shutil.copyfileobj(came, file)


def unpack(reply: Path, into: Path) -> dict[str, Any]:
    """The head; the file goes into `into`."""
    with reply.open("rb") as file, into.open("wb") as body:
        head: dict[str, Any] = json.loads(file.readline(MOST_HEAD))
        shutil.copyfileobj(file, body)
    return head
