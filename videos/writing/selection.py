"""Chooses the passages that fill the asked seconds and make sense one after another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from videos.writing.cutting import IDEAL_S
from videos.writing.material import Material, Piece, is_question
from videos.writing.weighing import Candidates, weigh

SCENE_S = 0.6  # silence that a scene adds around its words
LOW, HIGH = 0.94, 1.07  # of the asked time: full enough, and the most
MOST_NEW = 4  # pieces that one choice may bring along
SHORTEST_S = 3.0  # of a section's part in the video


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
    seen: set[str] = field(default_factory=set)
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
            while group and self.fits(group):
                yield group
                group = self._longer(group)

    def _longer(self, group: list[Piece]) -> list[Piece]:
        """The passage with its next sentence, or [] if it ends here."""
        last = group[-1]
        after = self._at(last.place + 1, last.section)
        if after is None or len(group) >= MOST_NEW or after.place in self.taken:
            return []
        if last.kind != "sentence" or after.kind != "sentence":
            return []
        more = self.with_support(after, held=group)
        return [*group, *more] if more else []

    def take(self, group: list[Piece]) -> None:
        self.used_s += self._cost(group)
        self.taken.update(piece.place for piece in group)
        self.seen |= self._sights(group)
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
        if is_question(piece.text) and piece.place + 1 not in self.taken:
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

    def fits(self, group: list[Piece]) -> bool:
        return self.used_s + self._cost(group) <= self.budget_s * HIGH

    def _cost(self, group: list[Piece]) -> float:
        """In seconds, with the silence of the scenes that it will probably fill."""
        spoken = sum(piece.seconds for piece in group)
        return spoken + SCENE_S * max(spoken / IDEAL_S, float(group[0].kind != "sentence"))

    def _value(
        self, group: list[Piece], shares: dict[int, float], nearest: dict[int, float]
    ) -> float:
        """How good a passage this is, here and now."""
        worth = sum(
            self.candidates.worth[one.place] * (1 - 0.7 * nearest[one.place]) * one.seconds
            for one in group
        )
        length = sum(piece.seconds for piece in group)
        value = math.sqrt(worth / length)  # among the fair, how it reads decides
        value *= self._as_passage(group, length) * self._for_its_section(group, length, shares)
        if self._sights(group) - self.seen:
            value *= 1.25  # something else to look at
        if group[0].ordered:
            return value * 1.2  # the steps are what such a text is for
        return value * min(1.0, max(13.0, self.budget_s / 5) / length)

    def _sights(self, group: list[Piece]) -> set[str]:
        """What a scene of these could show beside words."""
        kinds = {piece.kind for piece in group} - {"sentence"}
        return kinds | ({"chart"} if group[0].section in self.candidates.charted else set())

    def _as_passage(self, group: list[Piece], length: float) -> float:
        """Two or three sentences in a row say more than one torn out."""
        quality = 1.0
        if group[0].kind == "sentence" and group[0].place - 1 not in self.taken:
            quality = 0.5 + min(length, 9.0) / 30 + 0.12 * min(3, len(group))
            quality *= 1.08 if group[0].first else 0.85 if group[0].linked else 1.0
        last = group[-1]
        after = self._at(last.place + 1, last.section)
        if after is None or after.first:
            quality *= 1.07  # the thought is finished
        elif after.contrasts and after.place not in self.taken:
            quality *= 0.75  # and what takes it back is missing
        return quality

    def _for_its_section(
        self, group: list[Piece], length: float, shares: dict[int, float]
    ) -> float:
        here = self.spoken.get(group[0].section, 0.0)
        if here == 0:
            return 1.25 if len(self.spoken) * 9 < self.budget_s else 1.05
        if here + length > shares[group[0].section] * 1.6 + 8:
            return 0.6
        return 1.15 if group[0].place - 1 in self.taken else 0.95

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
    _frame(choice)
    choice.fill()
    if thin := _thin_sections(choice):
        choice = Choice(material, candidates, budget_s, banned=thin, stopping=stopping)
        _frame(choice)
        choice.fill()
    return choice.chosen()


def _frame(choice: Choice) -> None:
    """First and last words come first: a video needs a way in and a way out."""
    for group in (_opener(choice), _closer(choice)):
        if group and not choice.taken & {piece.place for piece in group}:
            choice.take(group)


def _closer(choice: Choice) -> list[Piece]:
    """The text's own last sentence, if it can be told in a fifth of the time."""
    last = choice.candidates.pieces[-1]
    is_short = len(choice.candidates.pieces) < 10
    if last.kind != "sentence" or (last.section == 0 and is_short):
        return []
    group = choice.with_support(last)
    length = sum(piece.seconds for piece in group)
    told = SHORTEST_S <= length <= choice.budget_s / 5
    return group if told and choice.fits(group) else []


def _opener(choice: Choice) -> list[Piece]:
    """The first sentence that can stand alone, if it stands near the start."""
    for piece in choice.candidates.pieces[:4]:
        fine = piece.kind == "sentence" and 1.5 <= piece.seconds <= 14
        group = choice.with_support(piece)
        if fine and not piece.leans and group and choice.fits(group):
            return group
    return []


def _thin_sections(choice: Choice) -> set[int]:
    """Sections with so little of them chosen that their scene would flash by."""
    if choice.used_s < choice.budget_s * 0.9:
        return set()  # every word is needed
    first = min(choice.spoken, default=0)
    return {part for part, length in choice.spoken.items() if length < SHORTEST_S and part != first}
