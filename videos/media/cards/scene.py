"""Reads `scene.json` and builds the card that it describes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import skia

from videos.contracts import Brand
from videos.media.cards import charts, colours, lists, numbers, openings, photos, versus
from videos.media.cards.backdrops import Backdrop, Filmed, Haze, Light, Photo, covers
from videos.media.cards.breaks import is_rtl
from videos.media.cards.colours import Palette
from videos.media.cards.elements import Element
from videos.media.cards.layout import Sheet
from videos.media.cards.motion import Clock
from videos.media.cards.page import Page
from videos.media.cards.typeset import Tongue
from videos.writing import visuals

RTL_LANGUAGES = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ku-arab", "ps", "sd", "ug", "ur", "yi"]
)
BUILDERS: Mapping[str, Callable[[Any, Page], list[Element]]] = {
    "title": openings.title,
    "statement": openings.statement,
    "quote": openings.quote,
    "list": lists.rows_of,
    "number": numbers.number,
    "chart": charts.chart,
    "picture": photos.picture,
    "clip": photos.clip,
    "comparison": versus.comparison,
}
KEEPING = visuals.ListOf | visuals.Comparison  # under a headline, whatever their own words
ENTRANCES_S = {"list": 1.2, "chart": 2.2, "number": 1.9, "statement": 1.8, "comparison": 2.2}


@dataclasses.dataclass(frozen=True)
class Scene:
    """A card, ready to be drawn at any moment of its time."""

    look: Palette
    tongue: Tongue
    brand: Brand
    logo: skia.Image | None
    backdrop: Backdrop
    elements: tuple[Element, ...]
    natural_s: float

    def clock(self, frame: int, frames: int, delay_s: float = 0.0) -> Clock:
        return Clock(frame, frames, self.natural_s, delay_s)

    def draw(self, canvas: skia.Canvas, frame: int, frames: int, delay_s: float = 0.0) -> None:
        clock = self.clock(frame, frames, delay_s)
        self.backdrop.draw(canvas, clock)
        self.draw_words(canvas, clock)

    def draw_words(self, canvas: skia.Canvas, clock: Clock) -> None:
        for element in self.elements:
            element.draw(canvas, clock)


def build(spec: Mapping[str, Any], pictures: Mapping[str, Path], sheet: Sheet, turn: int) -> Scene:
    """`turn` is the scene's place in the video: neighbours get different light."""
    brand = Brand(**spec["brand"])
    card = visuals.read({"template": spec["template"], **spec["fields"]})
    images = {name: opened(path) for name, path in sorted(pictures.items())}
    plain = colours.palette(brand)
    shown = images.get("main")
    look = colours.over_picture(plain) if shown is not None else plain
    tongue = tongue_of(spec["language"], spec["headline"] + _text_of(card), brand.font)
    page = Page(sheet, look, tongue, *_headings(card, spec["headline"]), pictures=images)
    elements = tuple(BUILDERS[card.template](card, page))
    natural = ENTRANCES_S.get(card.template, 1.5)
    natural += 0.24 * len(card.items) if isinstance(card, visuals.ListOf) else 0.0
    return Scene(
        look,
        tongue,
        brand,
        images.get("logo"),
        _backdrop(page, shown, turn, elements, card.template),
        elements,
        natural,
    )


def tongue_of(language: str, text: str, font: str) -> Tongue:
    primary = language.lower()
    rtl = primary in RTL_LANGUAGES if primary else is_rtl(text)
    return Tongue(primary, rtl, font)


def _headings(card: visuals.Visual, headline: str) -> tuple[str, str, str]:
    """Headline, kicker and accent. A headline never repeats what the card says anyway."""
    if isinstance(card, visuals.Title | visuals.Statement):
        return "", card.kicker, card.accent
    said = _text_of(card).casefold()
    kept = "" if headline.casefold() in said and not isinstance(card, KEEPING) else headline
    if isinstance(card, visuals.Quote):
        short = kept if len(kept) <= 32 else ""
        return "", card.kicker or short, card.accent
    return kept, card.kicker, card.accent


def _text_of(card: visuals.Visual) -> str:
    """The texts of a card, for finding its direction."""
    match card:
        case visuals.Title():
            return f"{card.title} {card.subtitle}"
        case visuals.Statement() | visuals.Quote():
            return card.text
        case visuals.ListOf():
            return " ".join(item.title for item in card.items)
        case visuals.Number():
            return card.label
        case visuals.Chart():
            return f"{card.title} {' '.join(card.labels)}"
        case visuals.Picture() | visuals.Clip():
            return card.caption
        case visuals.Comparison():
            return " ".join(f"{side.title} {' '.join(side.points)}" for side in card.sides)


def _backdrop(
    page: Page,
    shown: skia.Image | None,
    turn: int,
    elements: Sequence[Element],
    template: str,
) -> Backdrop:
    if shown is None:
        return Light(page.sheet, page.look, turn)
    if template == "clip":
        return Filmed(page.sheet, page.look, shown)
    is_framed = template == "picture"
    if is_framed and not covers(shown, page.sheet):
        return Haze(page.sheet, page.look, shown)
    bare = [element.box.y for element in elements] if not is_framed else []
    start = min([*bare, page.sheet.height * 1.2]) / page.sheet.height
    return Photo(page.sheet, page.look, shown, turn, start)


def opened(path: Path) -> skia.Image:
    image = skia.Image.open(str(path))
    return image.makeRasterImage()
