"""The shape in which every bench writes its figures."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def options(name: str, about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"bench.{name}", description=about)
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        default="-",
        metavar="FILE",
        help="where to write; stdout without a name",
    )
    return parser


def write(name: str, figures: Mapping[str, Any], method: str, to: str) -> None:
    told = {
        "bench": name,
        "figures": dict(figures),
        "method": method,
        "commit": _commit(),
        "machine": {
            "cpus": os.cpu_count(),
            "load": os.getloadavg()[0],
            "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
            "system": platform.platform(),
            "python": platform.python_version(),
        },
    }
    text = json.dumps(told, indent=2) + "\n"
    if to == "-":
        sys.stdout.write(text)
    else:
        Path(to).write_text(text)


def _commit() -> str:
    ask = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
