"""What can be said of a look before anything is drawn with it."""

import re
from collections.abc import Mapping

from config.kit.colours import Rgb, contrast

COLOURS = ("ink", "paper", "accent", "second", "glow")
TEXT, WORDS = 7.0, 4.5  # the least contrast of running text and of words in colour
APART = 60  # less of a distance than this, and two colours look alike in a chart


def advice(look: Mapping[str, str]) -> list[str]:
    """A sentence for each thing that will not look as chosen; none for colours half typed."""
    read = {name: _parse(look.get(name, "")) for name in COLOURS}
    seen = {name: colour for name, colour in read.items() if colour is not None}
    if len(seen) < len(COLOURS):
        return []
    ground = seen["ink"]
    told = [
        _faint("Text on this background has", contrast(seen["paper"], ground), TEXT),
        _faint("Words in the accent colour have", contrast(seen["accent"], ground), WORDS),
        _faint("Words in the second colour have", contrast(seen["second"], ground), WORDS),
    ]
    if _distance(seen["accent"], seen["second"]) < APART:
        told.append("Accent and second colour look alike: in charts they are hard to tell apart.")
    return [sentence for sentence in told if sentence]


def _faint(what: str, reached: float, needed: float) -> str:
    if reached >= needed:
        return ""
    return (
        f"{what} a contrast of {reached:.1f} and needs {needed:.1f}: "
        "videos show it lighter or darker than chosen."
    )


def _distance(one: Rgb, other: Rgb) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def _parse(text: str) -> Rgb | None:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        return None
    value = int(text[1:], 16)
    return (value >> 16, value >> 8 & 255, value & 255)
