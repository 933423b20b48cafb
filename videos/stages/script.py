"""Script: the order becomes scenes with narration, headline and a visual each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, replace

from videos.contracts import WHOLE, Inputs, Made, Order, Part, Task, Work
from videos.stages.catalogue import stage
from videos.writing import page_sources, scripts
from videos.writing.addresses import canonical
from videos.writing.sources import is_page

SOURCE = "source"  # the part that reads the page whose address the order gives
TEXT = f"script/{SOURCE}/source.md"


def plan(inputs: Inputs) -> list[Part]:
    order = inputs.order
    if not is_page(order.source, order.source_kind):
        return [Part(WHOLE, params=params_of(order))]
    asked = {"url": canonical(order.source), "reading": order.reading}
    words = params_of(replace(order, source="", source_kind="url"))
    return [
        Part(SOURCE, params=asked, provider="source", weight=0.5),
        Part(WHOLE, needs=(TEXT,), params=words),
    ]


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
        yield _fetched(work, part) if part.id == SOURCE else _written(work, part)


def _fetched(work: Work, part: Task) -> Made:
    work.beat(0.0, "reading the page")
    page = work.tools.reader.read(part.params["url"], room=work.room, stopping=work.stopping)
    text, about = work.room / "source.md", work.room / "source.json"
    text.write_text(page_sources.as_source(page), "utf-8")
    facts = {"asked": part.params["url"], **asdict(page)}
    del facts["text"]
    about.write_text(json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    return Made(part.id, {text.name: text, about.name: about}, facts=facts)


def _written(work: Work, part: Task) -> Made:
    order = work.inputs.order
    page = part.files[TEXT].read_text("utf-8") if TEXT in part.files else ""
    asked, writer = page_sources.ordered(order, page) if page else order, work.tools.script
    if page:
        page_sources.refuse_other_language(asked, getattr(writer, "translates", False))
    written, spent = writer.write(asked, work.stopping)
    if page:
        written = page_sources.credited(written, page)
    path = work.room / "script.json"
    path.write_text(scripts.to_json(written), encoding="utf-8")
    facts = {"title": written.title, "language": written.language, "notes": list(written.notes)}
    return Made(part.id, {path.name: path}, spent, facts)
