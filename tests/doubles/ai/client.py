"""For tests: the stand-in in a process of its own, and what it says of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.doubles.running import Running, started

KEY = "sk-double"


def environment(address: str) -> dict[str, str]:
    """What leads a studio to the stand-in, for every vendor."""
    return {
        "LLM_BASE_URL": f"{address}/v1",
        "LLM_API_KEY": KEY,
        "LLM_MODEL": "gpt-4.1-mini",
        "ANTHROPIC_BASE_URL": address,
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_MODEL": "claude-sonnet-4-5",
        "SPEECH_BASE_URL": f"{address}/v1",
        "SPEECH_API_KEY": KEY,
        "SPEECH_MODEL": "gpt-4o-mini-tts",
        "ELEVENLABS_BASE_URL": address,
        "ELEVENLABS_API_KEY": KEY,
        "ELEVENLABS_MODEL": "eleven_multilingual_v2",
        "IMAGE_BASE_URL": f"{address}/v1",
        "IMAGE_API_KEY": KEY,
        "IMAGE_MODEL": "gpt-image-1",
        "IMAGE_REPLICATE_BASE_URL": address,
        "IMAGE_REPLICATE_API_KEY": KEY,
        "CLIP_REPLICATE_BASE_URL": address,
        "CLIP_REPLICATE_API_KEY": KEY,
        "FOOTAGE_PEXELS_BASE_URL": address,
        "FOOTAGE_PEXELS_API_KEY": KEY,
        "FOOTAGE_PIXABAY_BASE_URL": address,
        "FOOTAGE_PIXABAY_API_KEY": KEY,
    }


class StandIn(Running):
    def environment(self) -> dict[str, str]:
        return environment(self.address)

    def bill(self) -> dict[str, Any]:
        """`price_micros`, `requests`, `served`, `unanswered`, `units`, and the same by vendor."""
        return self.control("bill")

    def prices(self) -> dict[str, dict[str, dict[str, int]]]:
        """Vendor -> model -> unit -> micro-USD for a million."""
        return self.control("prices")

    def reset(self) -> None:
        """No faults, no log, no jobs; what is still being answered will not be noted."""
        self.control("reset", {})


@contextmanager
def stand_in(folder: Path, *options: str) -> Iterator[StandIn]:
    """In a process that ends with this one. `options` as on its command line."""
    log = folder / "doubles.jsonl"
    with started("tests.doubles.ai", log, *options) as address:
        yield StandIn(address, log)
