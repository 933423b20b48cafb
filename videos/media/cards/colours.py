"""Colours that can be read: a brand's palette, adjusted until its texts have enough contrast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.kit.colours import Rgb as Rgb
from config.kit.colours import contrast as contrast
from config.kit.colours import luminance as luminance
from videos.contracts import Brand

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)
ENOUGH = 4.5  # WCAG AA for normal text
COMFORT = 7.0
DEEP = 0.03  # luminance of a shade on which light text stands even when some picture shows


def parse(text: str, default: Rgb = BLACK) -> Rgb:
    found = re.fullmatch(r"#?([0-9a-fA-F]{6})", text.strip())
    if not found:
        return default
    value = int(found.group(1), 16)
    return (value >> 16, value >> 8 & 255, value & 255)


def argb(colour: Rgb, alpha: float = 1.0) -> int:
    """The integer that Skia takes."""
    opacity = round(255 * min(1.0, max(0.0, alpha)))
    return opacity << 24 | colour[0] << 16 | colour[1] << 8 | colour[2]


def mix(under: Rgb, over: Rgb, alpha: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * alpha) for a, b in zip(under, over, strict=True))
    return (red, green, blue)


def worst(colour: Rgb, grounds: Sequence[Rgb]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def readable(colour: Rgb, grounds: Sequence[Rgb], ratio: float = ENOUGH) -> Rgb:
    """`colour`, moved no further towards white or black than it takes to stand on all grounds."""
    ends = sorted((WHITE, BLACK), key=lambda end: -worst(end, grounds))
    for step in range(51):
        moved = mix(colour, ends[0], step / 50)
        if worst(moved, grounds) >= ratio:
            return moved
    return ends[0]


def on(ground: Rgb, *choices: Rgb) -> Rgb:
    """The first choice that can be read on `ground`, else black or white."""
    for choice in choices:
        if contrast(choice, ground) >= ENOUGH:
            return choice
    return max((BLACK, WHITE), key=lambda end: contrast(end, ground))


@dataclass(frozen=True)
class Palette:
    """`ground` is the background, `text` stands on it; accents are for shapes and for words."""

    ground: Rgb
    text: Rgb
    muted: Rgb
    accent: Rgb
    accent_text: Rgb
    on_accent: Rgb
    second: Rgb
    second_text: Rgb
    glow: Rgb
    glass: Rgb
    is_dark: bool
    strength: float  # of the glows; weaker where the text would suffer

    @property
    def glows(self) -> tuple[tuple[Rgb, float], ...]:
        """Each light's colour and its opacity at the core."""
        return (
            (self.glow, 0.56 * self.strength),
            (self.second, 0.30 * self.strength),
            (self.accent, 0.11 * self.strength),
        )

    @property
    def on_second(self) -> Rgb:
        return on(self.second, self.ground, self.text)

    @property
    def raised(self) -> Rgb:
        """A sheet that stands out from the ground without a colour of its own."""
        return mix(self.glass, WHITE if self.is_dark else BLACK, 0.1)

    @property
    def on_raised(self) -> Rgb:
        return on(self.raised, self.text)

    @property
    def hairline(self) -> Rgb:
        return mix(self.glass, self.text, 0.2)

    @property
    def texts(self) -> tuple[Rgb, ...]:
        return (self.text, self.muted, self.accent_text, self.second_text)

    @property
    def grounds(self) -> tuple[Rgb, ...]:
        """What text may stand on: the plain ground, the core of each light, a glass card."""
        lit = tuple(mix(self.ground, colour, alpha) for colour, alpha in self.glows)
        return (self.ground, *lit, self.glass)


def palette(brand: Brand) -> Palette:
    ground, paper = parse(brand.ink, (11, 15, 23)), parse(brand.paper, WHITE)
    accent = parse(brand.accent, (255, 178, 36))
    is_dark = luminance(ground) < 0.18
    draft = Palette(
        ground=ground,
        text=paper,
        muted=paper,
        accent=accent,
        accent_text=accent,
        on_accent=on(accent, ground, paper),
        second=parse(brand.second, accent),
        second_text=parse(brand.second, accent),
        glow=parse(brand.glow, accent),
        glass=mix(ground, WHITE, 0.06 if is_dark else 0.62),
        is_dark=is_dark,
        strength=1.0,
    )
    return _with_texts(_calmed(draft), 0.72)


def _calmed(draft: Palette) -> Palette:
    """Lights as strong as black or white text on them allows."""
    for strength in (1.0 if draft.is_dark else 0.5, 0.5, 0.3, 0.15, 0.0):
        draft = replace(draft, strength=strength)
        if _best(draft) >= COMFORT:
            break
    # A ground of middling lightness has nothing to spare for glass.
    return draft if _best(draft) >= ENOUGH else replace(draft, glass=draft.ground)


def _best(draft: Palette) -> float:
    return max(worst(WHITE, draft.grounds), worst(BLACK, draft.grounds))


def _with_texts(draft: Palette, quiet: float, grounds: Sequence[Rgb] = ()) -> Palette:
    grounds = grounds or draft.grounds
    text = readable(draft.text, grounds, COMFORT)
    return replace(
        draft,
        text=text,
        muted=readable(mix(draft.ground, text, quiet), grounds),
        accent_text=readable(draft.accent, grounds),
        second_text=readable(draft.second, grounds),
    )


def over_picture(look: Palette) -> Palette:
    """The palette for text on a darkened photograph, whatever the brand's own ground is."""
    hue = 1.0 if look.is_dark else 0.06
    while luminance(shade := mix(BLACK, look.ground, hue)) > DEEP:
        hue *= 0.9
    text = look.text if look.is_dark else WHITE
    draft = replace(look, ground=shade, text=text, glass=shade, is_dark=True)
    return _with_texts(draft, 0.84, (shade, mix(shade, WHITE, 0.22)))
