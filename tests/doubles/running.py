"""For tests: a stand-in in a process of its own, and what it says of itself."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """One that runs. Its log lies in `log_file`; `log()` asks it."""

    def __init__(self, address: str, log_file: Path) -> None:
        self.address, self.log_file = address, log_file

    def fail(self, how: str, path: str = "*", **more: Any) -> None:
        """The next request there goes wrong: see the stand-in's faults for how."""
        self.control("faults", [{"how": how, "path": path, **more}])

    def faults(self) -> list[dict[str, Any]]:
        return self.control("faults")

    def log(self) -> list[dict[str, Any]]:
        """A line for each request since the reset, in the order of their answers."""
        return self.control("log")

    def asked(self, number: int) -> Any:
        """The body of the request that has this id in the log."""
        return self.control(f"asked/{number}")

    def control(self, place: str, content: Any = None) -> Any:
        raw = None if content is None else json.dumps(content).encode()
        asks = urllib.request.Request(f"{self.address}/_control/{place}", raw)  # noqa: S310 - our own
        with urllib.request.urlopen(asks, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())


@contextmanager
def started(module: str, log: Path, *options: str) -> Iterator[str]:
    """Its address. It ends with this process. `options` as on its command line."""
    words = [sys.executable, "-m", module, "--log", str(log), "--with-parent", *options]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["address"]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
