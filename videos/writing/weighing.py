"""What each piece of the material is worth hearing, and how alike any two are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from videos.writing import charts, lexrank
from videos.writing.counts_in_prose import chart_of
from videos.writing.languages import is_unspaced, terms, words_in
from videos.writing.material import Material, Piece, is_question

MOST_CANDIDATES = 1_500  # their cosines take 9 MB; past it each section sends some


@dataclass
class Candidates:
    """Usable pieces with their worth, and how alike any two are."""

    pieces: list[Piece]
    worth: dict[int, float]
    alike: lexrank.Matrix
    row: dict[int, int]
    charted: set[int]  # sections with a table that makes a chart

    def likeness(self, place: int, others: set[int]) -> float:
        rows = [self.row[other] for other in others if other in self.row]
        return float(self.alike[self.row[place], rows].max()) if rows else 0.0


def weigh(material: Material) -> Candidates:
    pieces = _capped(material.usable())
    rows = lexrank.weights([material.terms_of(piece) for piece in pieces])
    alike = lexrank.likeness(rows)
    ranks = lexrank.rank(alike)
    drawn = [
        (section, place)
        for section, place, table in material.tables
        if charts.from_table(table, material.language)
    ]
    charted, beside = {section for section, _ in drawn}, {place for _, place in drawn}
    last = pieces[-1].place if pieces else -1
    worth = {}
    for piece, share in zip(pieces, ranks, strict=True):
        bonus = 1.15 if piece.section in charted else 1.0
        bonus *= 1.25 if piece.place + 1 in beside else 1.0
        bonus *= 1.3 if piece.place == last and piece.kind == "sentence" else 1.0
        worth[piece.place] = (0.55 + 0.45 * share) * bonus * _merit(piece, material)
    rows_of = {one.place: row for row, one in enumerate(pieces)}
    return Candidates(pieces, worth, alike, rows_of, charted)


def _merit(piece: Piece, material: Material) -> float:
    """What makes a piece good to hear, whatever it is about."""
    merit = 1.0
    merit *= 1.15 if piece.first else 0.8 if piece.linked else 1.0
    if piece.block == material.pieces[0].block:
        merit *= 1.15
    title = set(terms(material.title, material.language))
    heading = terms(material.sections[piece.section].heading, material.language)
    merit *= 1 + 0.12 * min(2, len(title & set(material.terms_of(piece))))
    merit *= 1 + 0.12 * min(2, len(title & set(heading)))
    if piece.place == 0 or material.pieces[piece.place - 1].section != piece.section:
        merit *= 1.2
    if piece.kind == "list":
        merit *= 1.25 if piece.ordered else 1.1
    elif piece.seconds < 2 or piece.seconds > 13:
        merit *= 0.75
    if is_question(piece.text):
        merit *= 0.6
    if any(mark.isdigit() for mark in piece.text):
        merit *= 1.25 if chart_of([piece.text], material.language) else 1.08
    names = sum(word[:1].isupper() for word in words_in(piece.text)[1:])
    crowded = not is_unspaced(material.language) and names * 2 > len(words_in(piece.text))
    return merit * (0.8 if crowded and material.language != "de" else 1.0)


def _capped(pieces: list[Piece]) -> list[Piece]:
    """The first pieces of every section, more of the longer ones, when there are too many."""
    if len(pieces) <= MOST_CANDIDATES:
        return pieces
    sections: dict[int, list[Piece]] = {}
    for piece in pieces:
        sections.setdefault(piece.section, []).append(piece)
    share = MOST_CANDIDATES / len(pieces)
    kept = [one for part in sections.values() for one in _spread(part, share)]
    return sorted(kept[:MOST_CANDIDATES], key=lambda piece: piece.place)


def _spread(part: list[Piece], share: float) -> list[Piece]:
    """Runs of neighbours from all over the section, so that what leans keeps its support."""
    wanted = max(1, math.floor(len(part) * share))
    run = 5
    runs = max(1, wanted // run)
    step = len(part) / runs
    return [one for at in range(runs) for one in part[int(at * step) : int(at * step) + run]][
        :wanted
    ]
