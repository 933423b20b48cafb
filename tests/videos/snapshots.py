"""A video made once for all tests of a run, and copies of its installation to try things on."""

import fcntl
import json
from pathlib import Path
from typing import Any

from tests.processes import Installation

TEXT = """# Kelp forests

Kelp grows half a metre a day in cold clear water. It shelters 800 species of fish and crabs.

## Who guards it

Sea otters eat the urchins that eat the kelp. Without otters the forest becomes a bare floor.

## What helps

Divers replanted 40 hectares near Monterey in 2019. The water grew calmer behind the new forest.
"""
ARGUMENTS = ["--seconds", "18", "--format", "square", "--voice", "piper:joe", "--json"]


def make(installation: Installation, source: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Runs make_video; answers its exit code and its JSON line."""
    answer = installation.manage(
        "make_video", str(source), "--out", str(source.parent / "out"), *arguments
    )
    assert answer.stdout, answer.stderr + installation.log()
    return answer.returncode, json.loads(answer.stdout)


def snapshot(shared: Path, empty: Installation) -> Installation:
    """Made by whichever test process comes first; the others wait for it."""
    folder = shared / "snapshot"
    with (shared / "snapshot.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = Installation(folder / "var", run_dir=shared / "run")
        if not (folder / "result.json").exists():
            folder.mkdir()
            made = _make_in(folder, empty, shared / "run")
        return made


def _make_in(folder: Path, empty: Installation, run_dir: Path) -> Installation:
    made = empty.copy_to(folder / "var")
    made.env["RUN_DIR"] = str(run_dir)
    source = folder / "kelp.md"
    source.write_text(TEXT)
    code, result = make(made, source, *ARGUMENTS)
    assert code == 0, result
    (folder / "result.json").write_text(json.dumps(result))
    return made
