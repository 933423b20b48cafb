"""Where things may stand: safe areas of the three formats and the box kept free for captions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def middle(self) -> float:
        return self.y + self.h / 2

    def holds(self, other: Box, slack: float = 1.0) -> bool:
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def touches(self, other: Box, slack: float = 1.0) -> bool:
        return (
            other.x < self.right - slack
            and self.x < other.right - slack
            and other.y < self.bottom - slack
            and self.y < other.bottom - slack
        )

    def inset(self, across: float, down: float | None = None) -> Box:
        down = across if down is None else down
        return Box(self.x + across, self.y + down, self.w - 2 * across, self.h - 2 * down)

    def moved(self, across: float = 0, down: float = 0) -> Box:
        return Box(self.x + across, self.y + down, self.w, self.h)

    def mirrored(self, within: Box) -> Box:
        return Box(within.x + within.right - self.right, self.y, self.w, self.h)


@dataclass(frozen=True)
class Sheet:
    """The page: `content` ends above `captions`; `bar` and `brand` stay where they are."""

    width: int
    height: int
    content: Box
    captions: Box
    bar: Box
    brand: Box

    @property
    def is_wide(self) -> bool:
        return self.width > self.height * 1.2

    @property
    def is_tall(self) -> bool:
        return self.height > self.width * 1.2

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.width, self.height)


# Shorts put their own buttons over the right column and the lowest fifth, and icons at the top.
SHORT = Sheet(
    1080,
    1920,
    content=Box(72, 288, 904, 960),
    captions=Box(92, 1276, 864, 256),
    bar=Box(72, 158, 904, 8),
    brand=Box(72, 188, 904, 52),
)
LANDSCAPE = Sheet(
    1920,
    1080,
    content=Box(104, 176, 1712, 640),
    captions=Box(240, 838, 1440, 186),
    bar=Box(104, 54, 1712, 8),
    brand=Box(104, 86, 1712, 52),
)
SQUARE = Sheet(
    1080,
    1080,
    content=Box(64, 152, 952, 660),
    captions=Box(90, 832, 900, 200),
    bar=Box(64, 48, 952, 7),
    brand=Box(64, 76, 952, 48),
)
LOWER_THIRD = {SHORT: 0.44, LANDSCAPE: 0.56, SQUARE: 0.5}  # of the content, at most
SPARE = 56  # rows around what is drawn, for shadows and for what overshoots


@dataclass(frozen=True)
class Band:
    """Rows of the page in which something is drawn over a clip; even, as the encoder's colours."""

    y: int
    h: int


def lower_third(sheet: Sheet) -> Box:
    room = sheet.content
    high = room.h * LOWER_THIRD[sheet]
    return Box(room.x, room.bottom - high, room.w, high)


def bands(sheet: Sheet, *, has_words: bool) -> tuple[Band, ...]:
    """The mark with the progress bar; then the captions, from the lower third on if it is there."""
    top = _even(sheet.bar.y - 10), _even(sheet.brand.bottom + 10)
    start = lower_third(sheet).y if has_words else sheet.captions.y
    low = _even(start - SPARE), min(sheet.height, _even(sheet.captions.bottom + SPARE))
    return (Band(top[0], top[1] - top[0]), Band(low[0], low[1] - low[0]))


def _even(value: float) -> int:
    return round(value / 2) * 2


SHEETS = {(sheet.width, sheet.height): sheet for sheet in (SHORT, LANDSCAPE, SQUARE)}


def sheet_for(width: int, height: int) -> Sheet:
    """Raises LookupError for a size that is none of the three formats."""
    return SHEETS[width, height]
