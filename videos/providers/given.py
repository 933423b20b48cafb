"""Takes a ready script.json as the script; says which line, scene or field is at fault."""

from __future__ import annotations

from collections.abc import Sequence

from config.kit.errors import Rejected, Spend
from videos.contracts import Order, Script, Stop
from videos.providers.catalogue import providers
from videos.writing import scripts
from videos.writing.checks import Wrong
from videos.writing.sources import MAX_CHARACTERS


class Given:
    name = "script:given"
    version = "1"

    def write(self, order: Order, stopping: Stop) -> tuple[Script, Sequence[Spend]]:
        if len(order.source) > MAX_CHARACTERS:
            raise Rejected(f"The script is longer than {MAX_CHARACTERS:,} characters. Shorten it.")
        try:
            script = scripts.from_json(order.source, title=order.title, language=order.language)
        except Wrong as fault:
            raise Rejected(scripts.in_words(fault)) from None
        return script, ()


providers.add(Given.name, Given)
