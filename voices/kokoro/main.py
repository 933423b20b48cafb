# SPDX-License-Identifier: GPL-3.0-or-later
"""Speaks with Kokoro: `voices/kokoro/.venv/bin/python voices/kokoro/main.py --socket PATH`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))

import protocol  # noqa: E402

if __name__ == "__main__":
    sys.exit(protocol.run("speaker", HERE / "assets"))
