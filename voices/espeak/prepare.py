# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists the languages that the library has words for."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))

import preparing  # noqa: E402
from espeak_library import Espeak  # noqa: E402

PROGRAM = 1  # raise it when the sound or the times change


def main() -> None:
    library = Espeak()
    preparing.write_about(
        HERE / "assets",
        {
            "name": "espeak",
            "version": f"espeak-ng-{library.release} program-{PROGRAM}",
            "licence": f"eSpeak NG {library.release} (GPL-3.0-or-later)",
            "asks": ["say"],
            "voices": [{"name": "default", "languages": library.languages(), "about": "synthetic"}],
        },
    )


if __name__ == "__main__":
    main()
