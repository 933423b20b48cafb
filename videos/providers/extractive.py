"""The keyless writer: picks, orders and shows the source's own sentences. Costs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from config.kit.errors import Spend
from videos.contracts import Order, Script, Stop
from videos.providers.catalogue import providers
from videos.writing.extract import extract
from videos.writing.ready import is_ready, read_ready


class Extractive:
    name = "script:extractive"
    version = "3"

    def write(self, order: Order, stopping: Stop) -> tuple[Script, Sequence[Spend]]:
        """A ready script is taken as it is: there is nothing to pick from it."""
        if is_ready(order):
            return read_ready(order), ()
        return extract(order, stopping), ()


providers.add(Extractive.name, Extractive)
