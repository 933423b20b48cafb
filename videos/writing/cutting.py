"""Cuts the chosen pieces into scenes of a length that a picture can carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from videos.writing.languages import glue
from videos.writing.material import Material, Piece

GAP = 5.0  # price of two sentences in one scene that do not follow each other in the text
IDEAL_S, SHORT_S, LONG_S = 8.5, 4.5, 14.0


@dataclass(frozen=True)
class Cut:
    """The pieces of one scene, all from one section, in the order of the source."""

    pieces: tuple[Piece, ...]
    goes_on: bool = False  # the scene before ends with the sentence before

    @property
    def section(self) -> int:
        return self.pieces[0].section

    @property
    def seconds(self) -> float:
        return sum(piece.seconds for piece in self.pieces)

    def texts(self) -> list[str]:
        """As they are spoken: what opens the scene or follows a gap stands alone."""
        said: list[str] = []
        for number, piece in enumerate(self.pieces):
            follows = number > 0 and self.pieces[number - 1].place == piece.place - 1
            goes_on = number == 0 and self.goes_on
            said.append(piece.text if follows or goes_on else piece.alone)
        return said

    def passages(self, most: int) -> Iterator[list[str]]:
        """Its sentences that follow each other in the source, up to `most`; longer runs first."""
        texts = self.texts()
        for size in range(min(most, len(texts)), 0, -1):
            for start in range(len(texts) - size + 1):
                run = self.pieces[start : start + size]
                if run[-1].place - run[0].place == size - 1:
                    yield texts[start : start + size]

    def narration(self, language: str) -> str:
        return glue(language).join(self.texts())


def cut(material: Material, chosen: list[Piece], before: int = -2) -> list[Cut]:
    """`before`: place of the piece that was spoken last."""
    cuts: list[Cut] = []
    for _, part in groupby(chosen, key=lambda piece: piece.section):
        for run in _runs(list(part)):
            if run[0].kind == "sentence":
                cuts.extend(_evenly(run))
            else:
                cuts.append(Cut(tuple(run)))
    return list(_linked(_without_slivers(cuts), before=before))


def _linked(cuts: list[Cut], before: int) -> Iterator[Cut]:
    """Marks the scenes that go on where the one before (or the opening) stopped."""
    for one in cuts:
        yield replace(one, goes_on=one.pieces[0].place == before + 1)
        before = one.pieces[-1].place


def _runs(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Sentences that may share a scene; lists and quotations have one of their own."""
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind != "sentence":
            if run:
                yield run
            yield [piece]
            run = []
        else:
            run.append(piece)
    if run:
        yield run


def _evenly(run: list[Piece]) -> Iterator[Cut]:
    """The cheapest way to part the run, found for every start from the end on."""
    best: list[tuple[float, int]] = [(0.0, len(run))] * (len(run) + 1)
    for start in range(len(run) - 1, -1, -1):
        ways = []
        length, gaps = 0.0, 0
        for end in range(start + 1, len(run) + 1):
            length += run[end - 1].seconds
            if length > LONG_S * 2 and end > start + 1:
                break
            if end > start + 1 and run[end - 1].place != run[end - 2].place + 1:
                gaps += 1
            ways.append((_price(run, start, length) + GAP * gaps + best[end][0], end))
        best[start] = min(ways)
    start = 0
    while start < len(run):
        end = best[start][1]
        yield Cut(tuple(run[start:end]))
        start = end


def _price(run: list[Piece], start: int, length: float) -> float:
    price = (length - IDEAL_S) ** 2 / 10
    price += max(0.0, SHORT_S - length) * 4
    if length > LONG_S:
        price += 12 + (length - LONG_S) * 4
    if start and run[start].place == run[start - 1].place + 1:
        price += 9 if run[start].leans else 4 if not run[start].first else 0
    return price


def _without_slivers(cuts: list[Cut]) -> list[Cut]:
    """A scene too short to see joins its neighbour in the section, if that one has sentences."""
    kept: list[Cut] = []
    for one in cuts:
        before = kept[-1] if kept else None
        plain = before is not None and all(p.kind == "sentence" for p in before.pieces)
        fits = before is not None and before.section == one.section
        if before and plain and fits and one.seconds < SHORT_S and before.seconds < LONG_S:
            kept[-1] = Cut(before.pieces + one.pieces)
        else:
            kept.append(one)
    return kept
