"""The keyless writer: picks, orders and shows the source's own sentences. Costs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from config.kit.errors import Spend
from videos.contracts import Order, Script, Stop
from videos.providers.catalogue import providers
from videos.writing.extract import extract


class Extractive:
    name = "script:extractive"
    version = "1"

    def write(self, order: Order, stopping: Stop) -> tuple[Script, Sequence[Spend]]:
        return extract(order, stopping), ()


providers.add(Extractive.name, Extractive)
