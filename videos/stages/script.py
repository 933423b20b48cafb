"""Script: the order becomes scenes with narration, headline and a visual each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from videos.contracts import WHOLE, Inputs, Made, Order, Part, Work
from videos.stages.catalogue import stage
from videos.writing import scripts


def plan(inputs: Inputs) -> list[Part]:
    return [Part(WHOLE, params=params_of(inputs.order))]


def params_of(order: Order) -> dict[str, object]:
    """All of the order that the words depend on; the rest may change without a new script."""
    return {
        "source": hashlib.sha256(order.source.encode("utf-8", "surrogatepass")).hexdigest(),
        "source_kind": order.source_kind,
        "seconds": order.seconds,
        "language": order.language,
        "title": order.title,
        "pictures": sorted(order.pictures),
    }


@stage(
    "script",
    version=1,
    needs=[],
    makes=["script.json"],
    plan=plan,
    silence_s=180,  # two megabytes of text go without a beat
    provider="script",
    cluster="ai",
)
def script(work: Work) -> Iterator[Made]:
    for part in work.parts:
        written, spent = work.tools.script.write(work.inputs.order, work.stopping)
        path = work.room / "script.json"
        path.write_text(scripts.to_json(written), encoding="utf-8")
        facts = {"title": written.title, "language": written.language, "notes": list(written.notes)}
        yield Made(part.id, {path.name: path}, spent, facts)
