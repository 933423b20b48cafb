"""Runs every bench that has limits and prints figure, limit, verdict."""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

LIMITS = Path(__file__).with_name("limits.toml")


def main() -> int:
    wanted = tomllib.loads(LIMITS.read_text())
    missed = 0
    for name, limits in wanted.items():
        figures = _figures(name)
        for figure, limit in limits.items():
            holds = _holds(figures.get(figure), limit)
            missed += not holds
            bound = " ".join(f"{side} {value}" for side, value in limit.items())
            verdict = "holds" if holds else "MISSED"
            print(f"{name:<10} {figure:<28} {figures.get(figure)!s:>12}  {bound:<12} {verdict}")
    return 1 if missed else 0


def _figures(name: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [sys.executable, "-m", f"bench.{name}", "--json", report.name]
        subprocess.run(command, check=True)
        return dict(json.loads(Path(report.name).read_text())["figures"])


def _holds(value: Any, limit: dict[str, float]) -> bool:
    if value is None:
        return False
    return value <= limit.get("most", value) and value >= limit.get("least", value)


if __name__ == "__main__":
    raise SystemExit(main())
