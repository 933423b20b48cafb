"""The nine templates of a scene's picture, with their fields and limits (docs/script-json.md).

`read` turns JSON into one of the classes below and raises `Wrong` with the field at fault;
`write` gives the canonical JSON, with every field present.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from videos.writing import checks
from videos.writing.checks import Rule, Wrong, mapping

MAX_ITEMS = 6
MAX_BARS = 8
MAX_POINTS = 24
MAX_SIDE_POINTS = 4

SOURCES = ("image", "footage", "clip")
FOUND_BY = {"picture": ("image", "footage"), "clip": ("clip", "footage")}
_UNLESS_SET = {"source": "", "prompt": "", "turn": 0}  # not written: older scripts keep their hash
_REQUIRED = object()


def _field(rule: Rule, default: Any = _REQUIRED) -> Any:
    if default is _REQUIRED:
        return dataclasses.field(metadata={"rule": rule})
    return dataclasses.field(default=default, metadata={"rule": rule})


@dataclass(frozen=True, kw_only=True)
class Card:
    """What all templates share. `kicker` is the small label above the headline."""

    template: ClassVar[str]
    kicker: str = _field(checks.text(32), "")
    accent: str = _field(checks.text(48), "")  # words of the main text to be coloured, or ""


@dataclass(frozen=True, kw_only=True)
class Illustrated(Card):
    """A card whose picture or clip is made or found on order: `source` says by whom. `prompt` is
    what it shows, made of the scene's words where it is empty; `turn` counts those taken before."""

    source: str = _field(checks.one_of("", "none", *SOURCES), "")
    prompt: str = _field(checks.text(400), "")
    turn: int = _field(checks.whole(0, 999), 0)


@dataclass(frozen=True, kw_only=True)
class Title(Card):
    """The opening. `picture`, when given, moves slowly behind the words."""

    template = "title"
    title: str = _field(checks.text(90, needed=True))
    subtitle: str = _field(checks.text(140), "")
    picture: str = _field(checks.text(1000), "")


@dataclass(frozen=True, kw_only=True)
class Statement(Illustrated):
    """One thought, large. `accent` is a part of `text`. Without a source it is as ordered."""

    template = "statement"
    text: str = _field(checks.text(180, needed=True))


@dataclass(frozen=True, kw_only=True)
class Item:
    title: str = _field(checks.text(64, needed=True))
    detail: str = _field(checks.text(96), "")


@dataclass(frozen=True, kw_only=True)
class ListOf(Card):
    """Two to six items under the headline; numbered when their order matters."""

    template = "list"
    items: tuple[Item, ...] = _field(checks.many(lambda v, w: _read(Item, v, w), 2, MAX_ITEMS))
    ordered: bool = _field(checks.flag, False)
    start: int = _field(checks.whole(1, 99), 1)  # number of the first item, if they are numbered


@dataclass(frozen=True, kw_only=True)
class Number(Card):
    """One figure: `prefix + value + suffix`, counted up to `amount`, explained by `label`.

    `value` is written as in the source; `shown_at` writes any other amount in the same manner.
    """

    template = "number"
    value: str = _field(checks.text(24, needed=True))
    amount: float = _field(checks.number)
    prefix: str = _field(checks.glue(8), "")
    suffix: str = _field(checks.glue(16), "")
    label: str = _field(checks.text(100), "")
    decimals: int = _field(checks.whole(0, 6), 0)
    point: str = _field(checks.one_of(".", ",", "٫"), ".")  # the decimal mark
    group: str = _field(checks.one_of("", ",", ".", " ", "\u00a0", "\u202f", "'", "’", "٬"), "")

    def shown_at(self, fraction: float) -> str:
        """The counter's text on the way (0 to 1); exactly the source's writing at the end."""
        if fraction >= 1:
            return self.value
        plain = f"{self.amount * max(0.0, fraction):,.{self.decimals}f}"
        marks = {",": self.group, ".": self.point}
        written = "".join(marks.get(mark, mark) for mark in plain)
        return written.translate(_digits_like(self.value))


@dataclass(frozen=True, kw_only=True)
class Quote(Card):
    """Somebody's own words, without the outer quotation marks."""

    template = "quote"
    text: str = _field(checks.text(280, needed=True))
    attribution: str = _field(checks.text(80), "")


@dataclass(frozen=True, kw_only=True)
class Chart(Card):
    """Bars (2 to 8) or a line (2 to 24 points). `shown` is each value as the source writes it.

    `prefix` and `suffix` go on the axis, around the amounts; `highlight` is an index or -1.
    """

    template = "chart"
    kind: str = _field(checks.one_of("bar", "line"))
    labels: tuple[str, ...] = _field(checks.many(checks.text(28, needed=True), 2, MAX_POINTS))
    values: tuple[float, ...] = _field(checks.many(checks.number, 2, MAX_POINTS))
    shown: tuple[str, ...] = _field(checks.many(checks.text(24, needed=True), 2, MAX_POINTS))
    title: str = _field(checks.text(80), "")
    unit: str = _field(checks.text(32), "")
    prefix: str = _field(checks.glue(8), "")
    suffix: str = _field(checks.glue(16), "")
    highlight: int = _field(checks.whole(-1, MAX_POINTS - 1), -1)


@dataclass(frozen=True, kw_only=True)
class Picture(Illustrated):
    """A picture, moving slowly: the creator's, by its reference in `Order.pictures`, or one of a
    `source`."""

    template = "picture"
    picture: str = _field(checks.text(1000), "")
    caption: str = _field(checks.text(120), "")


@dataclass(frozen=True, kw_only=True)
class Clip(Illustrated):
    """A clip under the words: the creator's, by its reference in `Order.clips`, or one of a
    `source`; `fit` says whether it fills the page whatever is cropped, or only where little is."""

    template = "clip"
    clip: str = _field(checks.text(1000), "")
    caption: str = _field(checks.text(120), "")
    fit: str = _field(checks.one_of("auto", "cover"), "auto")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of those compared, with what is to be said of it."""

    title: str = _field(checks.text(32, needed=True))
    points: tuple[str, ...] = _field(checks.many(checks.text(64), 1, MAX_SIDE_POINTS))


@dataclass(frozen=True, kw_only=True)
class Comparison(Card):
    """Two or three beside each other. Points of one place answer each other, so a side may leave
    one empty; `labels` name the places, or are not there; `highlight` is a side's index or -1."""

    template = "comparison"
    sides: tuple[Side, ...] = _field(checks.many(lambda v, w: _read(Side, v, w), 2, 3))
    labels: tuple[str, ...] = _field(checks.many(checks.text(28), 0, MAX_SIDE_POINTS), ())
    highlight: int = _field(checks.whole(-1, 2), -1)


Visual = Title | Statement | ListOf | Number | Quote | Chart | Picture | Clip | Comparison

_CLASSES: dict[str, type[Visual]] = {
    one.template: one
    for one in (Title, Statement, ListOf, Number, Quote, Chart, Picture, Clip, Comparison)
}
TEMPLATES = tuple(_CLASSES)


def read(visual: Any, where: str = "visual") -> Visual:
    fields = dict(mapping(visual, where))
    if "template" not in fields:
        raise Wrong(f"{where}.template", f"is missing; there is: {', '.join(TEMPLATES)}")
    name = checks.one_of(*TEMPLATES)(fields.pop("template"), f"{where}.template")
    card: Visual = _read(_CLASSES[name], fields, where)
    _agree(card, where)
    return card


def write(card: Visual) -> dict[str, Any]:
    """JSON-plain, so tuples become lists."""
    fields: dict[str, Any] = _plain(dataclasses.asdict(card))
    told = {n: v for n, v in fields.items() if n not in _UNLESS_SET or v != _UNLESS_SET[n]}
    return {"template": card.template, **told}


def normalise(visual: Any, where: str = "visual") -> dict[str, Any]:
    """Read and write: the same card with all its fields, cleaned."""
    return write(read(visual, where))


def picture_of(visual: Mapping[str, Any]) -> str:
    """The reference of the picture that the card shows, or ""."""
    return str(visual.get("picture", ""))


def clip_of(visual: Mapping[str, Any]) -> str:
    """The reference of the clip that the card shows, or ""."""
    return str(visual.get("clip", ""))


def source_of(visual: Mapping[str, Any], illustrate: str) -> str:
    """Who makes or finds what the card shows, or "". `illustrate` is the order's, for cards that
    leave it open."""
    source = str(visual.get("source", ""))
    if visual["template"] == "statement":
        source = source or illustrate
    return "" if source == "none" else source


def _read(cls: type[Any], value: Any, where: str) -> Any:
    given = mapping(value, where)
    fields = {one.name: one for one in dataclasses.fields(cls)}
    checks.no_others(given, set(fields), where)
    for name, one in fields.items():
        if name not in given and one.default is dataclasses.MISSING:
            raise Wrong(f"{where}.{name}", "is missing")
    return cls(
        **{name: fields[name].metadata["rule"](v, f"{where}.{name}") for name, v in given.items()}
    )


def _agree(card: Visual, where: str) -> None:
    """Fields that only make sense together."""
    if isinstance(card, Statement) and card.accent not in card.text:
        raise Wrong(f"{where}.accent", "must be a part of text")
    if isinstance(card, Title) and card.accent not in card.title:
        raise Wrong(f"{where}.accent", "must be a part of title")
    if isinstance(card, Number) and card.group == card.point:
        raise Wrong(f"{where}.group", "must differ from point")
    if isinstance(card, Picture | Clip):
        _agree_source(card, where)
    if isinstance(card, Chart):
        _agree_chart(card, where)
    if isinstance(card, Comparison):
        _agree_comparison(card, where)


def _agree_source(card: Picture | Clip, where: str) -> None:
    """A reference or a source: one of both."""
    own = card.picture if isinstance(card, Picture) else card.clip
    if not own and not card.source:
        raise Wrong(f"{where}.{card.template}", "is missing, and so is a source")
    if own and (card.source or card.prompt or card.turn):
        raise Wrong(f"{where}.source", f"goes without a {card.template} of your own")
    if not own and card.source not in FOUND_BY[card.template]:
        known = " or ".join(FOUND_BY[card.template])
        raise Wrong(f"{where}.source", f"must be {known} for a {card.template}")


def _agree_chart(card: Chart, where: str) -> None:
    for name in ("values", "shown"):
        if len(getattr(card, name)) != len(card.labels):
            raise Wrong(f"{where}.{name}", "must have as many entries as labels")
    if card.kind == "bar" and len(card.labels) > MAX_BARS:
        raise Wrong(f"{where}.labels", f"has more than {MAX_BARS} entries; use a line for so many")
    if card.highlight >= len(card.labels):
        raise Wrong(f"{where}.highlight", "points past the last label")


def _agree_comparison(card: Comparison, where: str) -> None:
    rows = max(len(side.points) for side in card.sides)
    if len(card.labels) > rows:
        raise Wrong(f"{where}.labels", f"has {len(card.labels)} entries for {rows} points")
    for place, side in enumerate(card.sides):
        if not any(side.points):
            raise Wrong(f"{where}.sides[{place}].points", "is empty")
    if card.highlight >= len(card.sides):
        raise Wrong(f"{where}.highlight", "points past the last side")


def _digits_like(value: str) -> dict[int, int]:
    """Arabic, Persian or Indic digits, when the figure is written with them."""
    first = next((mark for mark in value if mark.isdecimal()), "0")
    zero = ord(first) - int(first)
    return {ord("0") + digit: zero + digit for digit in range(10)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
