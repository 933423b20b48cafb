"""Where the engine programs, their sockets and their logs lie."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.kit.errors import Unavailable

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SOCKET = 100  # bytes; the kernel takes 107 on Linux and 103 on macOS


@dataclass
class Places:
    """`run` holds sockets, locks and logs; `voices` one folder an engine."""

    voices: Path = ROOT / "voices"
    run: Path = ROOT / "var" / "run"
    threads: int = 1

    def python(self, engine: str) -> Path:
        return self.voices / engine / ".venv" / "bin" / "python"

    def program(self, engine: str) -> Path:
        return self.voices / engine / "main.py"

    def about(self, engine: str) -> Path:
        return self.voices / engine / "assets" / "about.json"

    def socket(self, engine: str) -> Path:
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.run.resolve() / f"voice-{engine}.sock"
        return path if len(os.fsencode(path)) <= LONGEST_SOCKET else _short(path)


places = Places()


def configure(*, run: Path, voices: Path | None = None, threads: int = 1) -> None:
    """Called once at start by whoever knows the settings."""
    places.run = run
    places.voices = voices or places.voices
    places.threads = threads


def _short(path: Path) -> Path:
    """A deep folder's socket lies in a folder of this user's own, under a name made of its path."""
    own = Path(tempfile.gettempdir()) / f"showrunner-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    seen = own.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
        raise Unavailable(f"{own} must be a folder that only this user may enter: remove it.")
    return own / (hashlib.sha256(os.fsencode(path)).hexdigest()[:20] + ".sock")
