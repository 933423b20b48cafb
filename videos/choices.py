"""What an order may name for its pictures, and what a picture or clip costs by the price book."""

from collections.abc import Sequence

from billing.prices import Book, Cost, PriceUnknown
from config.kit.money import shown
from teams.access import Actor
from videos import outputs, routing
from videos.contracts import Format
from videos.models import Illustrate, Scene, Video
from videos.shots import Brief
from videos.stages.illustrating import SHOWS
from videos.writing.visuals import source_of

NOTHING = ("", "Cards alone")
A_PROMPT = "x" * 300  # as long as most


def pictures_of(by: Actor) -> list[tuple[str, str]]:
    """Only what is set up here; with prices for who may see costs."""
    found = [(kind, makers[0]) for kind in Illustrate.values if (makers := routing.makers(kind))]
    book = Book() if found and by.can_see_costs else None
    return [NOTHING, *((kind, _told(kind, name, book)) for kind, name in found)]


def sources() -> list[tuple[str, str]]:
    """What a scene may ask for."""
    known = [(kind, Illustrate(kind).label) for kind in Illustrate.values]
    return [("", "As ordered"), ("none", "None"), *known]


def prices_of_another(video: Video, scenes: Sequence[Scene], by: Actor) -> dict[str, str]:
    """By who is asked for it: what another picture costs. What is free is not named."""
    asked = {source_of(scene.visual, video.illustrate) for scene in scenes} - {"", "footage"}
    if not by.can_see_costs:
        return dict.fromkeys(asked, "what it costs is shown to who may see costs")
    if not asked:
        return {}
    chosen = video.plan.get("providers", {})
    named = {kind: chosen.get(kind) or routing.usual_maker(kind) for kind in asked}
    book = Book()
    form = video.order().format
    return {kind: price_of(kind, name, form, book) for kind, name in named.items() if name}


def _told(kind: str, name: str, book: Book | None) -> str:
    label, vendor = Illustrate(kind).label, outputs.vendor_name(name.partition(":")[0])
    price = price_of(kind, name, "short", book) if book else ""
    return f"{label}, {vendor}" + (f": {price}" if price else "")


def price_of(kind: str, name: str, form: Format, book: Book) -> str:
    """`about USD 0.06 each, USD 0.10 at most`, or that it is free."""
    brief = Brief(A_PROMPT, form, SHOWS[kind])
    try:
        cost = book.cost(routing.maker(kind, name).uses(brief))
    except PriceUnknown:
        return "nobody has entered its price"
    return _price(cost)


def _price(cost: Cost) -> str:
    if not cost.high:
        return "free"
    if cost.high == cost.expected:
        return f"{shown(cost.expected, 'USD')} each"
    return f"about {shown(cost.expected, 'USD')} each, {shown(cost.high, 'USD')} at most"
