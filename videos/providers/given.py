"""Takes a ready script.json as the script; says which line, scene or field is at fault."""

from __future__ import annotations

from collections.abc import Sequence

from config.kit.errors import Spend
from videos.contracts import Order, Script, Stop
from videos.providers.catalogue import providers
from videos.writing.ready import read_ready


class Given:
    name = "script:given"
    version = "1"

    def write(self, order: Order, stopping: Stop) -> tuple[Script, Sequence[Spend]]:
        return read_ready(order), ()


providers.add(Given.name, Given)
