"""What the vendors bill: micro-USD for a million of each unit.

The rates are of the order of the vendors' own and are no copy of their lists: what a test asks is
whether the studio's book agrees with this one.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

MILLION = 1_000_000
Rates = Mapping[str, int]


def _tokens(paid_in: int, cached: int, out: int, **more: int) -> Rates:
    return {"tokens_in": paid_in, "tokens_cached": cached, "tokens_out": out, **more}


RATES: Mapping[str, Mapping[str, Rates]] = {
    "openai": {
        "gpt-4.1": _tokens(2_000_000, 500_000, 8_000_000),
        "gpt-4.1-mini": _tokens(400_000, 100_000, 1_600_000),
        "gpt-4o-mini": _tokens(150_000, 75_000, 600_000),
        "gpt-5-mini": _tokens(250_000, 25_000, 2_000_000),
        "plain-1": _tokens(100_000, 100_000, 300_000),  # knows no structured outputs
        "tts-1": {"characters": 15_000_000},
        "tts-1-hd": {"characters": 30_000_000},
        "gpt-4o-mini-tts": {"seconds": 250_000_000},
        "gpt-image-1": {"tokens_in": 5_000_000, "tokens_out": 40_000_000},
        "dall-e-3": {"images": 40_000_000_000},
    },
    "anthropic": {
        "claude-sonnet-4-5": _tokens(3_000_000, 300_000, 15_000_000, tokens_written=3_750_000),
        "claude-haiku-4-5": _tokens(1_000_000, 100_000, 5_000_000, tokens_written=1_250_000),
    },
    "elevenlabs": {
        "eleven_multilingual_v2": {"characters": 100_000_000},
        "eleven_flash_v2_5": {"characters": 100_000_000},  # at half a credit a character
    },
    "replicate": {
        "black-forest-labs/flux-schnell": {"images": 3_000_000_000},
        "black-forest-labs/flux-dev": {"images": 25_000_000_000},
        "wan-video/wan-2.2-t2v-fast": {"seconds": 12_000_000_000},
        "wan-video/wan-2.2-i2v-fast": {"seconds": 10_000_000_000},
        "kelp-lab/underwater-sketches": {"machine_seconds": 1_400_000_000},  # not official
    },
}


def micros(vendor: str, model: str, units: Mapping[str, int | float]) -> int:
    """Rounded up to a whole micro, once for the request."""
    rates = RATES.get(vendor, {}).get(model, {})
    exact = sum((Fraction(str(n)) * rates.get(unit, 0) for unit, n in units.items()), Fraction())
    return math.ceil(exact / MILLION)


def models(vendor: str, unit: str = "") -> list[str]:
    """Those that bill by that unit."""
    return [name for name, rates in RATES.get(vendor, {}).items() if not unit or unit in rates]
