# SPDX-License-Identifier: MIT
"""Listens with Whisper: `voices/whisper/.venv/bin/python voices/whisper/main.py --socket PATH`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))

import protocol  # noqa: E402

if __name__ == "__main__":
    sys.exit(protocol.run("hearer", HERE / "assets"))
