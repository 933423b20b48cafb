"""For tests: the stand-in in a process of its own, and what it says of itself."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
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


class StandIn:
    """One that runs. Its log lies in `log_file`; `log()` asks it."""

    def __init__(self, address: str, log_file: Path) -> None:
        self.address, self.log_file = address, log_file

    def environment(self) -> dict[str, str]:
        return environment(self.address)

    def fail(self, how: str, path: str = "*", **more: Any) -> None:
        """The next request there goes wrong: see tests.doubles.ai.faults for how."""
        self._control("faults", [{"how": how, "path": path, **more}])

    def faults(self) -> list[dict[str, Any]]:
        return self._control("faults")

    def log(self) -> list[dict[str, Any]]:
        """A line for each request since the reset, in the order of their answers."""
        return self._control("log")

    def bill(self) -> dict[str, Any]:
        """`price_micros`, `requests`, `served`, `unanswered`, `units`, and the same by vendor."""
        return self._control("bill")

    def prices(self) -> dict[str, dict[str, dict[str, int]]]:
        """Vendor -> model -> unit -> micro-USD for a million."""
        return self._control("prices")

    def asked(self, number: int) -> Any:
        """The body of the request that has this id in the log."""
        return self._control(f"asked/{number}")

    def reset(self) -> None:
        """No faults, no log, no jobs; what is still being answered will not be noted."""
        self._control("reset", {})

    def _control(self, place: str, content: Any = None) -> Any:
        raw = None if content is None else json.dumps(content).encode()
        asks = urllib.request.Request(f"{self.address}/_control/{place}", raw)  # noqa: S310 - our own
        with urllib.request.urlopen(asks, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())


@contextmanager
def stand_in(folder: Path, *options: str) -> Iterator[StandIn]:
    """In a process that ends with this one. `options` as on its command line."""
    log = folder / "doubles.jsonl"
    words = [sys.executable, "-m", "tests.doubles.ai", "--log", str(log), "--with-parent", *options]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield StandIn(json.loads(process.stdout.readline())["address"], log)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
