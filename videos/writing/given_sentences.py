"""What a writer is given of a source: its sentences, numbered, as many as it takes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from itertools import cycle

from config.kit.errors import Rejected
from videos.contracts import Order
from videos.writing.checks import clean
from videos.writing.commands import TO_A_PROGRAM, speaks_to_program
from videos.writing.languages import count_words, find_language
from videos.writing.material import Material, Piece, gather
from videos.writing.prompting import material as escaped
from videos.writing.sources import read_source
from videos.writing.thinning import MOST
from videos.writing.weighing import weigh

TOPIC_WORDS = 40  # with hardly a sentence among them they name a topic
LEAST_SENTENCES = 3
LOOKED_AT = 8_000  # characters of a text of which only the amount matters
HEAD_ROOM = 12  # bytes of a number and its line's end


@dataclass(frozen=True)
class Given:
    """`lines` are the sentences by number, from 1; without any, `topic` is all that there is."""

    language: str  # of the source
    lines: tuple[str, ...] = ()
    topic: str = ""
    notes: tuple[str, ...] = ()

    def numbered(self) -> str:
        return "\n".join(f"[{number}] {line}" for number, line in enumerate(self.lines, 1))


def to_json(given: Given) -> str:
    return json.dumps(asdict(given), ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Given:
    told = json.loads(text)
    lists = {name: tuple(told[name]) for name in ("lines", "notes")}
    return Given(**{**told, **lists})


def given(order: Order, most_bytes: int) -> Given:
    """Raises Rejected as the keyless writer does where a source is no text."""
    document = read_source(order.source, order.source_kind)
    language = find_language(document.texts())
    found = gather(document, language)
    kept, aside = _for_people(found.usable())
    aside += found.dropped[TO_A_PROGRAM]
    if _is_topic(order.source, len(kept) + aside):
        return _topic(order, language)
    if not kept:
        raise Rejected("The text speaks to a program and tells people nothing: give another one.")
    chosen = _within(found, kept, most_bytes)
    lines = tuple(escaped(clean(piece.text)) for piece in chosen)
    return Given(language, lines, notes=_notes(found, kept, chosen, aside))


def likely(order: Order, most_bytes: int) -> Given:
    """As many sentences as `given` would give, found in a moment: of a long text those of its
    beginning stand for the others. Raises Rejected as `given` does."""
    head = _beginning(order.source)
    if head == order.source:
        return given(order, most_bytes)
    try:
        some = given(replace(order, source=head), most_bytes)
    except Rejected:  # a page of the web that begins with much that is no text
        return given(order, most_bytes)
    each = sum(map(_bytes, some.lines)) / len(head)
    wanted = min(most_bytes, each * min(len(order.source), MOST))
    lines: list[str] = []
    size, again = 0, cycle(some.lines)
    while some.lines and size < wanted:
        lines.append(next(again))
        size += _bytes(lines[-1])
    return replace(some, lines=tuple(lines), notes=_expected_notes(order.source, size, each))


def _expected_notes(source: str, size: int, each: float) -> tuple[str, ...]:
    share = size / max(each * len(source), 1)
    if share > 0.98:
        return ()
    told = "The writer is given the sentences that matter most, about"
    return (f"{told} {share:.0%} of these {len(source):,} characters.",)


def _beginning(source: str) -> str:
    if len(source) <= 2 * LOOKED_AT:
        return source
    head = source[:LOOKED_AT]
    ends = max(head.rfind("\n\n"), head.rfind(". ") + 1)
    return head[:ends] if ends > LOOKED_AT // 2 else head


def _bytes(line: str) -> int:
    return len(line.encode()) + HEAD_ROOM


def _is_topic(source: str, sentences: int) -> bool:
    if sentences >= LEAST_SENTENCES or len(source) > 40 * TOPIC_WORDS:
        return False
    return count_words(source, "") <= TOPIC_WORDS


def _topic(order: Order, language: str) -> Given:
    topic = escaped(clean(order.source))
    if not any(mark.isalnum() for mark in topic) or speaks_to_program(topic):
        raise Rejected("There is no topic in this text: name one, or paste a text.")
    note = "Written from a topic: no source bears out what it says, so check every claim."
    return Given(language, topic=topic, notes=(note,))


def _for_people(pieces: list[Piece]) -> tuple[list[Piece], int]:
    """Without what speaks as to a program, and what follows it in the same block."""
    kept: list[Piece] = []
    barred = -1
    for piece in pieces:
        if speaks_to_program(piece.text):
            barred = piece.block
        if piece.block != barred:
            kept.append(piece)
    return kept, len(pieces) - len(kept)


def _within(found: Material, pieces: list[Piece], most_bytes: int) -> list[Piece]:
    """In their order; where not all fit, those that are worth most, with what they lean on."""
    if sum(map(_size, pieces)) <= most_bytes:
        return pieces
    worth = weigh(found).worth
    known = {piece.place: piece for piece in pieces}
    taken: set[int] = set()
    left = most_bytes
    for piece in sorted(pieces, key=lambda one: (-worth.get(one.place, 0.0), one.place)):
        before = known.get(piece.place - 1) if piece.leans else None
        group = [one for one in (before, piece) if one and one.place not in taken]
        size = sum(map(_size, group))
        if size <= left:
            taken |= {one.place for one in group}
            left -= size
    return [piece for piece in pieces if piece.place in taken]


def _size(piece: Piece) -> int:
    return len(piece.text.encode()) + HEAD_ROOM


def _notes(
    found: Material, pieces: list[Piece], chosen: list[Piece], aside: int
) -> tuple[str, ...]:
    notes = []
    if found.read < 0.995:
        notes.append(f"The text is very long: {found.read:.0%} of it was read, from all parts.")
    if len(chosen) < len(pieces):
        share = sum(map(_size, chosen)) / sum(map(_size, pieces))
        notes.append(
            f"The writer was given the {len(chosen):,} sentences that matter most, {share:.0%} of "
            "what was read."
        )
    if aside:
        notes.append(
            f"{aside} sentence(s) were left out: they speak to a writing program, not to viewers."
        )
    return tuple(notes)
