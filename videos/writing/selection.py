"""Chooses the pieces that fill the asked seconds and still make sense one after another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from videos.writing import lexrank
from videos.writing.languages import is_unspaced, terms, words_in
from videos.writing.material import Material, Piece

MOST_CANDIDATES = 1_500  # their cosines take 9 MB; past it each section sends its first ones
SCENE_S = 0.6  # silence that a scene adds around its words
LOW, HIGH = 0.94, 1.07  # of the asked time: full enough, and the most
MOST_NEW = 4  # pieces that one choice may bring along
SHORTEST_S = 3.0  # of a section's part in the video


@dataclass
class Candidates:
    """Usable pieces with their worth, and how alike any two are."""

    pieces: list[Piece]
    worth: dict[int, float]
    alike: lexrank.Matrix
    row: dict[int, int]

    def likeness(self, place: int, others: set[int]) -> float:
        rows = [self.row[other] for other in others if other in self.row]
        return float(self.alike[self.row[place], rows].max()) if rows else 0.0


def weigh(material: Material) -> Candidates:
    pieces = _capped(material.usable())
    rows = lexrank.weights([material.terms_of(piece) for piece in pieces])
    alike = lexrank.likeness(rows)
    ranks = lexrank.rank(alike)
    tables = {section for section, _, _ in material.tables}
    beside = {place for _, place, _ in material.tables}
    last = pieces[-1].place if pieces else -1
    worth = {}
    for piece, share in zip(pieces, ranks, strict=True):
        bonus = 1.15 if piece.section in tables else 1.0
        bonus *= 1.25 if piece.place + 1 in beside else 1.0
        bonus *= 1.3 if piece.place == last and piece.kind == "sentence" else 1.0
        worth[piece.place] = share * bonus * _merit(piece, material)
    return Candidates(pieces, worth, alike, {one.place: row for row, one in enumerate(pieces)})


def _merit(piece: Piece, material: Material) -> float:
    """What makes a piece good to hear, whatever it is about."""
    merit = 1.0
    merit *= 1.15 if piece.first else 0.8 if piece.linked else 1.0
    if piece.block == material.pieces[0].block:
        merit *= 1.15
    about = set(terms(material.title, material.language)) & set(material.terms_of(piece))
    merit *= 1 + 0.12 * min(2, len(about))
    if piece.place == 0 or material.pieces[piece.place - 1].section != piece.section:
        merit *= 1.2
    if piece.kind == "list":
        merit *= 1.25 if piece.ordered else 1.1
    elif piece.seconds < 2 or piece.seconds > 13:
        merit *= 0.75
    if piece.text.endswith(("?", "？", "؟")):
        merit *= 0.6
    if any(mark.isdigit() for mark in piece.text):
        merit *= 1.08
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


@dataclass
class Choice:
    """Fills up greedily: always what brings most per second, with all it leans on."""

    material: Material
    candidates: Candidates
    budget_s: float
    banned: set[int] = field(default_factory=set)  # sections
    taken: set[int] = field(default_factory=set)
    used_s: float = 0.0
    spoken: dict[int, float] = field(default_factory=dict)  # section -> seconds
    kinds: set[str] = field(default_factory=set)
    stopping: Callable[[], bool] = lambda: False

    def fill(self) -> None:
        shares = _fair_shares(self.candidates.pieces, self.budget_s)
        nearest = dict.fromkeys(self.candidates.row, 0.0)
        while self.used_s < self.budget_s * LOW and not self.stopping():
            best: tuple[float, list[Piece]] = (0.0, [])
            for group in self._groups():
                value = self._value(group, shares, nearest)
                if value > best[0] + 1e-9:
                    best = (value, group)
            if not best[1]:
                return
            self.take(best[1])
            self._note_likeness(best[1], nearest)

    def _groups(self) -> Iterator[list[Piece]]:
        """Every piece with what it leans on, alone and with the one or two sentences after it."""
        for piece in self.candidates.pieces:
            if piece.place in self.taken or piece.section in self.banned:
                continue
            group = self.with_support(piece)
            while group and self._fits(group):
                yield group
                after = self._at(group[-1].place + 1, piece.section)
                plain = piece.kind == "sentence" and after and after.kind == "sentence"
                if not plain or not after or after.place in self.taken or len(group) >= MOST_NEW:
                    break
                group = [*group, *self.with_support(after, held=group)]

    def take(self, group: list[Piece]) -> None:
        self.used_s += self._cost(group)
        self.taken.update(piece.place for piece in group)
        self.kinds.update(piece.kind for piece in group)
        for piece in group:
            self.spoken[piece.section] = self.spoken.get(piece.section, 0.0) + piece.seconds

    def chosen(self) -> list[Piece]:
        return [piece for piece in self.candidates.pieces if piece.place in self.taken]

    def with_support(self, piece: Piece, held: Sequence[Piece] = ()) -> list[Piece]:
        """The piece, what it leans on, and the answer if it asks; [] if that can't be had."""
        group = [piece]
        spoken = self.taken | {one.place for one in held}
        while group[0].leans and group[0].place - 1 not in spoken:
            before = self._at(group[0].place - 1, piece.section)
            if before is None or len(group) == MOST_NEW:
                return []
            group.insert(0, before)
        if piece.kind == "list":
            return group + self._rest_of_list(piece)
        if piece.text.endswith(("?", "？", "؟")) and piece.place + 1 not in self.taken:
            answer = self._at(piece.place + 1, piece.section)
            if answer is None:
                return []
            group.append(answer)
        return group

    def _rest_of_list(self, piece: Piece) -> list[Piece]:
        """A list is told to its end: "four kinds" must not stop after two."""
        after = self._at(piece.place + 1, piece.section)
        if after is None or after.block != piece.block:
            return []
        return [after, *self._rest_of_list(after)]

    def _at(self, place: int, section: int) -> Piece | None:
        row = self.candidates.row.get(place)
        piece = self.candidates.pieces[row] if row is not None else None
        return piece if piece and piece.section == section else None

    def _fits(self, group: list[Piece]) -> bool:
        return self.used_s + self._cost(group) <= self.budget_s * HIGH

    def _cost(self, group: list[Piece]) -> float:
        scenes = sum(piece.kind != "sentence" for piece in group)
        scenes += group[0].section not in self.spoken
        return sum(piece.seconds for piece in group) + SCENE_S * scenes

    def _value(
        self, group: list[Piece], shares: dict[int, float], nearest: dict[int, float]
    ) -> float:
        """Worth per second, less what was said already; fair to the sections."""
        length = sum(piece.seconds for piece in group)
        worth = sum(
            self.candidates.worth[one.place] * (1 - 0.7 * nearest[one.place]) * one.seconds
            for one in group
        )
        if self._is_taken_back(group[-1]):
            worth *= 0.6
        here = self.spoken.get(group[0].section, 0.0)
        fair = shares[group[0].section]
        fresh = 1.35 if len(self.spoken) * 9 < self.budget_s else 1.1
        bonus = fresh if here == 0 else 0.55 if here + length > fair * 1.7 + 6 else 1.0
        if here and group[0].place - 1 in self.taken:
            bonus *= 1.25  # goes on where the video already is
        if here == 0 and group[0].kind == "sentence":
            bonus *= min(1.05, 0.35 + length / 12)  # a section deserves more than a glance
        bonus *= min(1.0, max(12.0, self.budget_s / 4) / length)
        if group[0].kind != "sentence" and group[0].kind not in self.kinds:
            bonus *= 1.3  # something else to look at
        return worth / length * bonus

    def _is_taken_back(self, piece: Piece) -> bool:
        after = self._at(piece.place + 1, piece.section)
        return after is not None and after.contrasts and after.place not in self.taken

    def _note_likeness(self, group: list[Piece], nearest: dict[int, float]) -> None:
        rows = [self.candidates.row[piece.place] for piece in group]
        closest = np.max(self.candidates.alike[:, rows], axis=1)
        for place, row in self.candidates.row.items():
            nearest[place] = max(nearest[place], min(1.0, float(closest[row])))


def _fair_shares(pieces: list[Piece], budget_s: float) -> dict[int, float]:
    """Seconds a section may expect: longer sections more, but not in proportion."""
    lengths: dict[int, float] = {}
    for piece in pieces:
        lengths[piece.section] = lengths.get(piece.section, 0.0) + piece.seconds
    total = sum(math.sqrt(length) for length in lengths.values()) or 1.0
    return {section: budget_s * math.sqrt(length) / total for section, length in lengths.items()}


def choose(material: Material, budget_s: float, stopping: Callable[[], bool]) -> list[Piece]:
    candidates = weigh(material)
    choice = Choice(material, candidates, budget_s, stopping=stopping)
    if opener := _opener(choice):
        choice.take(opener)
    choice.fill()
    if thin := _thin_sections(choice):
        choice = Choice(material, candidates, budget_s, banned=thin, stopping=stopping)
        if opener:
            choice.take(opener)
        choice.fill()
    return choice.chosen()


def _opener(choice: Choice) -> list[Piece]:
    """The first sentence that can stand alone, if it stands near the start."""
    for piece in choice.candidates.pieces[:4]:
        fine = piece.kind == "sentence" and 1.5 <= piece.seconds <= 14
        group = choice.with_support(piece)
        if fine and not piece.leans and group and choice._fits(group):
            return group
    return []


def _thin_sections(choice: Choice) -> set[int]:
    """Sections with so little of them chosen that their scene would flash by."""
    if choice.used_s < choice.budget_s * 0.9:
        return set()  # every word is needed
    first = min(choice.spoken, default=0)
    return {part for part, length in choice.spoken.items() if length < SHORTEST_S and part != first}
