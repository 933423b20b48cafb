"""The prices that the program comes with: what the vendors' public lists said when it was released.

A row that an operator edited stays as it is; another price begins with another row.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from billing.models import Per, Price, Unit
from config.kit.database import verb

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NOTE = "From the vendor's public list: check it against your own contract."
Row = tuple[str, Per, int]


def _tokens(paid_in: int, cached: int, out: int, written: int = 0) -> list[Row]:
    """Micro-units for a million tokens."""
    found = [(Unit.TOKENS_IN, paid_in), (Unit.TOKENS_CACHED, cached), (Unit.TOKENS_OUT, out)]
    if written:
        found.append((Unit.TOKENS_WRITTEN, written))
    return [(unit, Per.MILLION, amount) for unit, amount in found]


def _one(unit: Unit, per: Per, amount_micros: int) -> list[Row]:
    return [(unit, per, amount_micros)]


PRICES: Mapping[str, Mapping[str, list[Row]]] = {
    "openai": {
        "gpt-6-luna": _tokens(100_000, 10_000, 500_000, 125_000),
        "gpt-4.1": _tokens(2_000_000, 500_000, 8_000_000),
        "gpt-4.1-mini": _tokens(400_000, 100_000, 1_600_000),
        "gpt-4o-mini": _tokens(150_000, 75_000, 600_000),
        "gpt-5-mini": _tokens(250_000, 25_000, 2_000_000),
        "tts-1": _one(Unit.CHARACTERS, Per.MILLION, 15_000_000),
        "tts-1-hd": _one(Unit.CHARACTERS, Per.MILLION, 30_000_000),
        "gpt-4o-mini-tts": _one(Unit.SECONDS, Per.ONE, 250),
        "gpt-image-2.5-flare": [
            (Unit.TOKENS_IN, Per.MILLION, 5_000_000),
            (Unit.TOKENS_OUT, Per.MILLION, 30_000_000),
        ],
        "gpt-image-1": [
            (Unit.TOKENS_IN, Per.MILLION, 5_000_000),
            (Unit.TOKENS_OUT, Per.MILLION, 40_000_000),
        ],
        "dall-e-3": _one(Unit.IMAGES, Per.ONE, 40_000),
    },
    "anthropic": {
        "claude-sonnet-5-5": _tokens(2_000_000, 100_000, 10_000_000, 2_500_000),
        "claude-sonnet-4-6": _tokens(3_000_000, 300_000, 15_000_000, 3_750_000),
        "claude-sonnet-4-5": _tokens(3_000_000, 300_000, 15_000_000, 3_750_000),
        "claude-haiku-4-5": _tokens(1_000_000, 100_000, 5_000_000, 1_250_000),
    },
    "elevenlabs": {
        "eleven_multilingual_v2": _one(Unit.CHARACTERS, Per.THOUSAND, 100_000),
        "eleven_flash_v2_5": _one(Unit.CHARACTERS, Per.THOUSAND, 100_000),
    },
    "replicate": {
        "black-forest-labs/flux-schnell": _one(Unit.IMAGES, Per.ONE, 3_000),
        "black-forest-labs/flux-dev": _one(Unit.IMAGES, Per.ONE, 25_000),
        "wan-video/wan-2.2-t2v-fast": _one(Unit.SECONDS, Per.ONE, 12_000),
        "wan-video/wan-2.2-i2v-fast": _one(Unit.SECONDS, Per.ONE, 10_000),
    },
}


def _rows() -> Iterator[dict[str, Any]]:
    for provider, models in PRICES.items():
        for model, rows in models.items():
            for unit, per, amount_micros in rows:
                key = {"provider": provider, "model": model, "unit": unit, "valid_from": SINCE}
                price = {"per": per, "amount_micros": amount_micros, "note": NOTE}
                yield {**key, "defaults": {**price, "is_seeded": True}}


@verb
def write() -> None:
    for row in _rows():
        Price.objects.get_or_create(**row)


def after_migrate(**_: Any) -> None:
    write()
