"""Real processes for tests: an installation in a folder, its commands, its clusters."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent


def until(condition: Callable[[], Any], *, within_s: float = 60, what: str = "") -> Any:
    """Waits for something to become true, and answers it."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"did not happen within {within_s} s: {what or condition}")


class Installation:
    """A Showrunner of its own: a database, media and sockets under one folder."""

    def __init__(self, folder: Path, *, run_dir: Path | None = None) -> None:
        self.folder = folder
        self.env = {**os.environ, "VAR_DIR": str(folder)}
        self.env.pop("DATABASE_URL", None)
        if run_dir is not None:
            self.env["RUN_DIR"] = str(run_dir)  # the voices stay warm from test to test

    def copy_to(self, folder: Path) -> "Installation":
        shutil.copytree(self.folder, folder, copy_function=_link_or_copy, symlinks=True)
        twin = Installation(folder)
        twin.env = {**self.env, "VAR_DIR": str(folder)}
        return twin

    def manage(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "process.log").open("ab")
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def log(self) -> str:
        path = self.folder / "process.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "showrunner.sqlite3", timeout=20) as database:
            return database.execute(sql, values).fetchall()

    def tell(self, sql: str, *values: Any) -> None:
        with sqlite3.connect(self.folder / "showrunner.sqlite3", timeout=20) as database:
            database.execute(sql, values)
            database.commit()


def _link_or_copy(source: str, target: str) -> str:
    """Stored blobs never change, so a twin may share them."""
    if "/media/" in source:
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))


def family(pid: int) -> list[psutil.Process]:
    """Every process of the session that `pid` leads, itself left out."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != pid and os.getsid(process.pid) == pid:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]
