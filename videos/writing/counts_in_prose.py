"""A chart from running text: one kind of value for three things, places or years.

A wrong chart is worse than none. So every word around the values must fit one of four shapes, and
whatever is left over refuses the whole series. A reader of one shape gives [] for any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from videos.writing import figures
from videos.writing.charts import FEWEST, Row, from_rows, is_in_time
from videos.writing.prose_labels import WORD, Label, are_alike, last_name, read_label
from videos.writing.prose_series import COMMA, YEAR, Grammar, Slot, grammar_of, slots_of
from videos.writing.visuals import MAX_BARS, Chart

LONGEST_PASSAGE = 3  # sentences
_LONGEST_SHOWN, _LONGEST_UNIT = 24, 32
_THINGS = {
    "en": r"(?:[a-z]+ ){0,2}(?:[a-z]+s|people|men|women|children|teeth|fish|sheep|mice|geese)",
    "de": r"(?:[a-zäöüß]+ )?[A-ZÄÖÜ][a-zäöüß]+(?: [A-ZÄÖÜ][a-zäöüß]+)?",
    "es": r"[a-záéíóúñ]+s(?: [a-záéíóúñ]+s)?",
    "fr": r"[a-zà-ÿ]+[sx](?: [a-zà-ÿ]+s)?",
}


@dataclass(frozen=True)
class Point:
    """2.3 million tonnes of fish: `scale` is " million", `unit` " tonnes", `tail` "of fish"."""

    label: str
    slot: Slot
    scale: str
    unit: str
    tail: str

    @property
    def noun(self) -> str:
        return f"{self.unit.strip()} {self.tail}".strip()

    def shown(self, with_unit: bool) -> str:
        value = self.slot.figure
        written = f"{value.prefix}{value.value}{self.scale}{self.unit if with_unit else ''}"
        return f"{self.slot.about} {written}".strip()


def chart_of(sentences: Sequence[str], language: str) -> Chart | None:
    """What the sentences give all together, or None."""
    if len(re.findall(r"\d+", " ".join(sentences))) < FEWEST:
        return None
    grammar = grammar_of(language)
    slots = slots_of(sentences, grammar) if grammar else []
    if grammar is None or len(slots) < FEWEST:
        return None
    for read in (_over_time, _by_place, _by_name, _beside_name):
        if points := read(slots, grammar):
            return _chart(points)
    return None


def _over_time(slots: list[Slot], grammar: Grammar) -> list[Point]:
    """ "In 1990 it had 120 birds, in 2000 340": whoever it is stays the same."""
    said = [re.findall(r"[^\s|:ʏ]+", slot.before.casefold()) for slot in slots]
    known = grammar.words("filler", "moving")
    others = [[word for word in words if word not in known] for words in said]
    subjects = {word for words in said for word in words} & grammar.words("subjects")
    same = all(words in ([], others[0]) for words in others) and len(subjects) <= 1
    if not same or not all(slot.year for slot in slots) or not _are_levels(said, grammar):
        return []
    years = [slot.year for slot in slots]
    points = _points(years, slots, [slot.after.replace(YEAR, "") for slot in slots], grammar)
    if points and not points[0].noun:
        points[0] = replace(points[0], tail=_counted(slots[0].before, grammar))
    return points


def _counted(before: str, grammar: Grammar) -> str:
    """What "the population was 340" or "the number of wolves was 340" counts."""
    whole, number = grammar.one_of("counting"), grammar.one_of("number_of")
    verb = rf"(?= {grammar.one_of('filler', 'moving', 'of', 'articles')}\b)"
    found = re.search(rf"\b(?:(?P<whole>{whole})|{number} (?P<things>\w+)){verb}", before)
    return (found["whole"] or found["things"]) if found else ""


def _are_levels(said: Sequence[Sequence[str]], grammar: Grammar) -> bool:
    """ "rose to 12" is a level; "rose 12" is a change and not to be compared with levels."""
    is_level = True
    for words in said:
        if words and words[-1] in grammar.words("reach"):
            is_level = True
        elif grammar.words("moving") & set(words):
            is_level = False
        else:
            is_level = is_level or bool(grammar.words("filler") & set(words))
        if not is_level:
            return False
    return True


def _by_place(slots: list[Slot], grammar: Grammar) -> list[Point]:
    """ "€12 for adults, €8 for students": the same word before each label."""
    shape = rf"(?P<tail>.*?) ?\b(?P<joint>{grammar.one_of('places')}) (?P<label>.+)"
    found = [one for slot in slots if (one := re.fullmatch(shape, slot.after))]
    opener = slots[0].before.casefold().split()
    if len(found) < len(slots) or any(slot.before for slot in slots[1:]):
        return []
    if len({one["joint"] for one in found}) > 1 or not _are_levels([opener], grammar):
        return []
    labels = [read_label(one["label"], grammar, opens=False) for one in found]
    return _named(labels, slots, [one["tail"] for one in found], grammar)


def _by_name(slots: list[Slot], grammar: Grammar) -> list[Point]:
    """ "Norway caught 2 tonnes, Iceland 1 and Denmark caught 1": one verb for all."""
    verb = rf"(?: (?P<verb>{grammar.one_of('any', 'singular', 'plural', 'past')}))?"
    shape = rf"(?P<label>.+?){verb}(?: (?P<joint>{grammar.one_of('verb_joints')}))?"
    first = _after_lead(slots[0].before, grammar)
    befores = [first, *(slot.before for slot in slots[1:])]
    found = [one for before in befores if (one := re.fullmatch(shape, before))]
    if len(found) < len(slots) or not (found[0]["verb"] or ": " in slots[0].before):
        return []
    if any(len({one[name] for one in found} - {None}) > 1 for name in ("verb", "joint")):
        return []
    opens = [slot.opens for slot in slots]
    opens[0] = first == slots[0].before
    labels = [
        read_label(one["label"], grammar, opens=start)
        for one, start in zip(found, opens, strict=True)
    ]
    for one, label in zip(found, labels, strict=True):
        if label and not one["verb"] and not _is_noun(label, found[0]["verb"], grammar):
            return []
    return _named(labels, slots, [slot.after for slot in slots], grammar)


def _after_lead(before: str, grammar: Grammar) -> str:
    """Without "In 1990, " or "Three are large: "."""
    named = before.rpartition(": ")[2]
    lead = rf"(?:{YEAR}|{grammar.one_of('leads')})(?: {re.escape(COMMA)})? "
    return re.sub(rf"^{lead}", "", named, flags=re.I)


def _is_noun(label: Label, verb: str | None, grammar: Grammar) -> bool:
    """ "Otters eat 3 crabs, kill 2": a bare word could be a second verb."""
    if label.kind == "proper" or label.has_article:
        return True
    last = label.text.rpartition(" ")[2].casefold()
    are_many = last.endswith("s") or last in grammar.words("many")
    if verb in grammar.words("singular"):
        return not are_many
    return are_many and verb in grammar.words("plural", "past")


def _beside_name(slots: list[Slot], grammar: Grammar) -> list[Point]:
    """ "Berlin (3.6 million), Hamburg (1.8 million)" or "led by Norway with 40 percent, ..."."""
    ended = re.search(rf"(?:\(|\b{grammar.one_of('with')})$", slots[0].before)
    joint = ended[0] if ended else ""
    if not joint or not all(slot.before.endswith(f" {joint}") for slot in slots):
        return []
    befores = [slot.before.removesuffix(joint).strip() for slot in slots]
    afters = [slot.after for slot in slots]
    if joint == "(":
        inside = [after.partition(")") for after in afters]
        if not all(mark for _, mark, _ in inside) or any(rest for _, _, rest in inside[:-1]):
            return []
        afters = [tail for tail, _, _ in inside]
    follows = rf"^{grammar.one_of('followed')} "
    later = [read_label(re.sub(follows, "", one), grammar, opens=False) for one in befores[1:]]
    labels = [last_name(befores[0], grammar), *later]
    if any(label and label.kind != "proper" for label in labels):
        return []
    return _named(labels, slots, afters, grammar)


def _named(
    labels: Sequence[Label | None], slots: list[Slot], tails: Sequence[str], grammar: Grammar
) -> list[Point]:
    known = [label for label in labels if label]
    if len(known) < len(slots) or not are_alike(known) or any(slot.year for slot in slots[1:]):
        return []
    if any(YEAR in tail for tail in tails) or any(map(_could_be_a_year, slots)):
        return []
    return _points([label.text for label in known], slots, tails, grammar)


def _could_be_a_year(slot: Slot) -> bool:
    return bool(re.fullmatch(r"[12]\d{3}", slot.figure.written))


def _points(
    labels: Sequence[str], slots: list[Slot], tails: Sequence[str], grammar: Grammar
) -> list[Point]:
    points: list[Point] = []
    for label, slot, tail in zip(labels, slots, tails, strict=True):
        scale = figures.scale_of(slot.figure, grammar.language)
        unit = slot.figure.suffix.removeprefix(scale)
        if not _is_of_the_unit(tail.strip(), grammar, has_unit=bool(unit or slot.figure.prefix)):
            return []
        points.append(Point(label, slot, scale, unit, tail.strip()))
    return points


def _is_of_the_unit(tail: str, grammar: Grammar, *, has_unit: bool) -> bool:
    """ "of fish", "a day", "long"; or, where no unit is, the thing that is counted."""
    thing = "(?!)" if has_unit and grammar.language != "de" else _THINGS[grammar.language]
    article = rf"(?:{grammar.one_of('articles')} )?"
    of = rf"{grammar.one_of('of')} {article}(?P<whole>{WORD}(?: {WORD})?)"
    rate = rf"{grammar.one_of('rates')} {WORD}"
    shape = rf"(?P<thing>{thing})?(?: ?{of})?(?: ?{rate})?(?: ?{grammar.one_of('measured')})?"
    match = re.fullmatch(shape, tail)
    said = f"{match['thing'] or ''} {match['whole'] or ''}".casefold() if match else ""
    return bool(match) and not grammar.words("unclear") & set(said.split())


def _chart(points: list[Point]) -> Chart | None:
    first = points[0]
    kinds = {(point.slot.figure.prefix, point.scale) for point in points}
    labels = {point.label.casefold() for point in points}
    is_counted = first.noun or first.scale or first.slot.figure.prefix
    if not is_counted or len(kinds) > 1 or len(labels) < len(points):
        return None
    if not all(_begins(point.noun, first.noun) for point in points):
        return None
    return _drawn(points, with_unit=len({point.unit for point in points}) == 1)


def _begins(noun: str, whole: str) -> bool:
    """ "60 cm a day" may go on as "91 cm" or "91", and as nothing else."""
    return not noun or f"{whole} ".startswith(f"{noun} ")


def _drawn(points: list[Point], *, with_unit: bool) -> Chart | None:
    first = points[0]
    suffix = f"{first.scale}{first.unit if with_unit else ''}"
    if points[-1].slot.year:
        points = sorted(points, key=lambda point: point.label)
    rows = [
        Row(point.label, replace(point.slot.figure, suffix=suffix), point.shown(with_unit))
        for point in points
    ]
    is_line = is_in_time(rows)
    too_many = len(rows) > MAX_BARS and not is_line
    chart = None if too_many else from_rows(rows, "", is_line)
    if chart is None or any(len(cell) > _LONGEST_SHOWN for cell in chart.shown):
        return None
    unit = "" if with_unit and not first.tail else first.noun
    return replace(chart, unit=unit) if len(unit) <= _LONGEST_UNIT else None
