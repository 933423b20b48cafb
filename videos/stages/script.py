"""Script: the order becomes scenes with narration, headline and a visual each.

Without a paid writer that is one part. With one it is several, so that each holds one request:
the sentences that the writer is given, a draft, two repairs that are bought only where the answer
before them needs one, and the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected
from config.kit.money import Use
from videos.contracts import WHOLE, Inputs, Made, Order, Part, Script, ScriptWriter, Task, Work
from videos.stages.buying import bought
from videos.stages.catalogue import stage
from videos.writing import answers, given_sentences, page_sources, prompting, scripts
from videos.writing.addresses import canonical
from videos.writing.asked import BoughtWriter, Prompt, is_bought_writer
from videos.writing.assignments import ANSWER_BYTES, Assignment
from videos.writing.ready import is_ready
from videos.writing.sources import is_page
from videos.writing.wordlists import named_in
from videos.writing.written import script_of

SOURCE = "source"  # the part that reads the page whose address the order gives
TEXT = f"script/{SOURCE}/source.md"
MATERIAL, DRAFT, REPAIRS = "material", "draft", ("repair", "repair:2")
GIVEN, ANSWER = "given.json", "answer.txt"
MATERIAL_FILE = f"script/{MATERIAL}/{GIVEN}"
READS_BYTES = 60_000


def plan(inputs: Inputs) -> list[Part]:
    order = inputs.order
    write = _bought_parts if order.writer else _unbought_parts
    if not is_page(order.source, order.source_kind):
        return write(order, ())
    asked = {"url": canonical(order.source), "reading": order.reading}
    page = Part(SOURCE, params=asked, provider="source", weight=0.5)
    return [page, *write(replace(order, source="", source_kind="url"), (TEXT,))]


def _unbought_parts(order: Order, page: tuple[str, ...]) -> list[Part]:
    return [Part(WHOLE, needs=page, params={**params_of(order), **_blocked(order)})]


def _bought_parts(order: Order, page: tuple[str, ...]) -> list[Part]:
    params = params_of(order)
    paid = {**params, **_paid_params(order)}
    given = (*page, MATERIAL_FILE)
    material = {**params, "reads": READS_BYTES, **_blocked(order)}
    parts = [
        Part(MATERIAL, needs=page, params=material, weight=0.5),
        Part(DRAFT, needs=given, params=paid, weight=6.0),
    ]
    for name in REPAIRS:
        parts.append(Part(name, needs=(*given, _answer_of(parts[-1].id)), params=paid))
    last = (*given, _answer_of(parts[-1].id))
    return [*parts, Part(WHOLE, needs=last, params=paid, weight=0.5)]


def _answer_of(part: str) -> str:
    return f"script/{part}/{ANSWER}"


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


def _blocked(order: Order) -> dict[str, object]:
    """Where a channel blocks other topics, what it is made of is looked at anew; no more is."""
    return {"blocked": list(order.blocked)} if order.blocked else {}


def _paid_params(order: Order) -> dict[str, object]:
    return {
        "tone": order.tone,
        "audience": order.audience,
        "told": list(order.told),
        "avoided": list(order.avoided),
        "turn": order.turn,
        "prompts": [prompting.form(name).name for name in ("script", "repair")],
    }


def uses(work: Work, task: Task) -> Sequence[Use]:
    """Of a part that is bought; a repair that is not needed uses nothing."""
    writer = work.tools.script
    if task.id in (SOURCE, MATERIAL, WHOLE) or not is_bought_writer(writer):
        return ()
    prompt = _Paid(work, writer).prompt(task)
    return writer.uses(prompt) if prompt else ()


# what is taken for a page that nobody has read yet
TYPICAL_PAGE = "A page has fifteen hundred words, in sentences such as this one. " * 120


def ahead(work: Work, task: Task) -> Sequence[Use]:
    """What the whole script may use, told with its draft."""
    writer, order = work.tools.script, work.inputs.order
    if task.id != DRAFT or not is_bought_writer(writer):
        return ()
    if is_page(order.source, order.source_kind):
        order = replace(order, source=TYPICAL_PAGE, source_kind="text")
    return forecast(order, writer).uses


@stage(
    "script",
    version=1,
    needs=[],
    makes=["script.json"],
    plan=plan,
    silence_s=180,  # two megabytes of text go without a beat
    provider="script",
    cluster="ai",
    uses=uses,
    ahead=ahead,
)
def script(work: Work) -> Iterator[Made]:
    for part in work.parts:
        writer = work.tools.script
        if part.id == SOURCE:
            yield _fetched(work, part)
        elif is_bought_writer(writer):
            yield _Paid(work, writer).made(part)
        else:
            yield _assembled(work, writer, part)


def _fetched(work: Work, part: Task) -> Made:
    work.beat(0.0, "reading the page")
    page = work.tools.reader.read(part.params["url"], room=work.room, stopping=work.stopping)
    text, about = work.room / "source.md", work.room / "source.json"
    text.write_text(page_sources.as_source(page), "utf-8")
    facts = {"asked": part.params["url"], **asdict(page)}
    del facts["text"]
    about.write_text(json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    return Made(part.id, {text.name: text, about.name: about}, facts=facts)


def _assembled(work: Work, writer: ScriptWriter, part: Task) -> Made:
    page, asked = _page(part), _asked(work, part)
    if page or not is_ready(asked):
        page_sources.refuse_other_language(asked, "page" if page else "text")
    if page:
        _refuse_topics(asked.source, asked)
    written, spent = writer.write(asked, work.stopping)
    if page:
        written = page_sources.credited(written, page)
    path = work.room / "script.json"
    path.write_text(scripts.to_json(written), encoding="utf-8")
    return Made(part.id, {path.name: path}, spent, _facts(written))


def _page(part: Task) -> str:
    return part.files[TEXT].read_text("utf-8") if TEXT in part.files else ""


def _asked(work: Work, part: Task) -> Order:
    """With the text of the page where the order gives an address."""
    page, order = _page(part), work.inputs.order
    return page_sources.ordered(order, page) if page else order


def _refuse_topics(text: str, order: Order) -> None:
    """Raises Rejected, before anything is bought."""
    if found := named_in(text, order.blocked):
        raise Rejected(
            f"This channel makes no videos about “{found[0]}”, and the text is about it: choose "
            "another text, or change what the channel blocks."
        )


def _facts(written: Script) -> dict[str, Any]:
    return {"title": written.title, "language": written.language, "notes": list(written.notes)}


@dataclass(frozen=True)
class Forecast:
    """Of an order, before it is placed: what its script may use, and what is said of its source."""

    uses: Sequence[Use]
    notes: Sequence[str]


def forecast(order: Order, writer: BoughtWriter) -> Forecast:
    """In a moment, whatever the length. Raises Rejected as the stage does. Of the repairs none is
    expected, and each may come."""
    given = given_sentences.likely(order, min(READS_BYTES, writer.reads_bytes))
    asked = Assignment(order, given)
    longest = "x" * ANSWER_BYTES
    repairs = [use for _ in REPAIRS for use in writer.uses(asked.repair(longest, ["."] * 40))]
    unlikely = [replace(use, low=0, expected=0) for use in repairs]
    return Forecast((*writer.uses(asked.draft()), *unlikely), given.notes)


@dataclass(frozen=True)
class _Paid:
    work: Work
    writer: BoughtWriter

    def made(self, task: Task) -> Made:
        if task.id == MATERIAL:
            return self._material(task)
        return self._whole(task) if task.id == WHOLE else self._answer(task)

    def _material(self, task: Task) -> Made:
        most = min(READS_BYTES, self.writer.reads_bytes)
        asked = _asked(self.work, task)
        given = given_sentences.given(asked, most)
        _refuse_topics("\n".join((asked.title, given.topic, *given.lines)), asked)
        Assignment(asked, given).draft()  # says no before anything is bought
        path = self._write(GIVEN, given_sentences.to_json(given))
        return Made(task.id, {path.name: path}, facts={"notes": list(given.notes)})

    def _answer(self, task: Task) -> Made:
        prompt = self.prompt(task)
        earlier = self._earlier(task)
        if prompt is None:  # what came before will do
            path = self._write(ANSWER, earlier)
            return Made(task.id, {path.name: path}, facts={"is_asked": False})
        told = bought(
            self.work,
            task.request,
            ask=lambda into: self._ask(prompt, task, into),
            read=lambda reply: self.writer.read(reply, prompt),
            into=self.work.room / "reply",
        )
        path = self._write(ANSWER, self._better(task, earlier, told.text))
        return Made(task.id, {path.name: path}, told.spent, {"is_asked": True})

    def _ask(self, prompt: Prompt, task: Task, into: Path) -> None:
        work = self.work
        self.writer.ask(
            prompt, request=task.request, into=into, stopping=work.stopping, beat=work.beat
        )

    def prompt(self, task: Task) -> Prompt | None:
        asked = self._assignment(task)
        if task.id == DRAFT:
            return asked.draft()
        earlier = self._earlier(task)
        faults = answers.look(earlier, asked).faults
        return asked.repair(earlier, faults) if faults else None

    def _better(self, task: Task, earlier: str, text: str) -> str:
        """A second repair is made of the better of the two answers before it."""
        if task.id == DRAFT:
            return text
        asked = self._assignment(task)
        first, second = answers.look(earlier, asked), answers.look(text, asked)
        return text if answers.better(first, second, asked) else earlier

    def _assignment(self, task: Task) -> Assignment:
        told = task.files[MATERIAL_FILE].read_text(encoding="utf-8")
        return Assignment(_asked(self.work, task), given_sentences.from_json(told))

    def _earlier(self, task: Task) -> str:
        return "".join(
            path.read_text(encoding="utf-8")
            for need, path in task.files.items()
            if need.endswith(ANSWER)
        )

    def _whole(self, task: Task) -> Made:
        written = script_of(self._earlier(task), self._assignment(task), self.writer.name)
        if page := _page(task):
            written = page_sources.credited(written, page)
        path = self._write("script.json", scripts.to_json(written))
        flagged = sum(not claim.is_supported for claim in written.claims)
        return Made(task.id, {path.name: path}, facts={**_facts(written), "unsupported": flagged})

    def _write(self, name: str, text: str) -> Path:
        path = self.work.room / name
        path.write_text(text, encoding="utf-8")
        return path
