"""Which voice speaks a text: what was wanted, or the best one here for the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.kit.errors import Rejected

BEST = ("kokoro", "piper", "espeak")
QUICK = ("piper", "kokoro", "espeak")
ORDERS = {"": BEST, "hd": BEST, "fast": QUICK}


@dataclass(frozen=True)
class Offer:
    """A voice that is set up here; its languages are tags such as `en-gb` or `de`."""

    engine: str
    name: str
    languages: tuple[str, ...]
    about: str = ""
    label: str = ""  # what people call it, where that is not its name
    is_sold: bool = False  # never chosen unless somebody names it
    minute: str = ""  # what it costs, for who may see that
    preview_url: str = ""  # where a vendor lets one hear it for nothing

    @property
    def full_name(self) -> str:
        return f"{self.engine}:{self.name}"

    @property
    def short(self) -> str:
        """For a label: the name, or the engine where that has one voice for all."""
        return self.engine if self.name == "default" else self.label or self.name

    @property
    def can_be_heard(self) -> bool:
        return bool(self.preview_url) or not self.is_sold

    def fit(self, language: str) -> int:
        """2 for the very tag, 1 for the same language, 0 for another."""
        wanted = language.lower()
        if wanted in self.languages:
            return 2
        return int(any(_primary(tag) == _primary(wanted) for tag in self.languages))


def speakers(offers: Sequence[Offer], language: str) -> list[Offer]:
    """Those that speak the language, the best fit first, else in the order given."""
    fitting = [offer for offer in offers if offer.fit(language)]
    return sorted(fitting, key=lambda offer: -offer.fit(language))


def best_first(offers: Sequence[Offer], language: str) -> list[Offer]:
    """Those that speak the language, the best engine first, for a person to choose from."""
    return sorted(speakers(offers, language), key=lambda offer: _rank(offer, BEST))


def choose_voice(wanted: str, language: str, offers: Sequence[Offer]) -> str:
    """`engine:name`. `wanted` is that, an engine, `fast`, `hd`, or empty for the best; what is sold
    is chosen by its name alone."""
    able = speakers(offers, language)
    if wanted in ORDERS:
        free = [offer for offer in able if not offer.is_sold]
        if not free:
            raise Rejected(_nobody(language, offers, able))
        return min(free, key=lambda offer: _rank(offer, ORDERS[wanted])).full_name
    for offer in able:
        if wanted in (offer.full_name, offer.engine):
            return offer.full_name
    raise Rejected(_unfit(wanted, language, offers, able))


def _rank(offer: Offer, order: Sequence[str]) -> int:
    """Engines that the order does not name come last; `min` keeps the best fit of an engine."""
    return order.index(offer.engine) if offer.engine in order else len(order)


def _primary(tag: str) -> str:
    return tag.lower().split("-")[0]


def _nobody(language: str, offers: Sequence[Offer], sold: Sequence[Offer]) -> str:
    if sold:
        instead = ", ".join(offer.full_name for offer in sold[:4])
        return (
            f"Only voices that cost money speak the language {language!r} here: choose one by "
            f"name, such as {instead}."
        )
    if not offers:
        return "No voice is set up here: run bin/setup-voices."
    return (
        f"No voice here speaks the language {language!r}: set the video's language, "
        "or give the text in another one."
    )


def _unfit(wanted: str, language: str, offers: Sequence[Offer], able: Sequence[Offer]) -> str:
    instead = ", ".join(offer.full_name for offer in able[:4])
    advice = f" Choose one of: {instead}." if able else " No voice here does."
    if any(wanted in (offer.full_name, offer.engine) for offer in offers):
        return f"The voice {wanted} does not speak the language {language!r}.{advice}"
    engine = wanted.split(":")[0]
    if engine in BEST and not any(offer.engine == engine for offer in offers):
        return f"The voice {wanted} is not set up here: run bin/setup-voices {engine}.{advice}"
    return f"There is no voice {wanted!r}.{advice}"
