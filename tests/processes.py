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
import psycopg

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


def own_programs() -> list[psutil.Process]:
    """Those that this process has started and that still run, but for the stand-ins for vendors."""
    children = psutil.Process().children(recursive=True)
    doubles = {"tests.doubles.ai", "tests.doubles.youtube"}
    return [one for one in children if not doubles & set(one.cmdline())]


class Installation:
    """A Showrunner of its own: a database, media and sockets under one folder."""

    def __init__(
        self, folder: Path, *, run_dir: Path | None = None, database_url: str = ""
    ) -> None:
        """`database_url` leads to Postgres; each process then brings its own pgbouncer."""
        self.folder = folder
        self.database_url = database_url
        self.env = {**os.environ, "VAR_DIR": str(folder), "DATABASE_URL": database_url}
        for name in ("DATABASE_DIRECT_URL", "DATABASE_SESSION_URL"):
            self.env.pop(name, None)
        if run_dir is not None:
            self.env["RUN_DIR"] = str(run_dir)  # the voices stay warm from test to test

    def copy_to(self, folder: Path) -> "Installation":
        shutil.copytree(self.folder, folder, copy_function=_link_or_copy, symlinks=True)
        twin = Installation(folder)
        twin.env = {**self.env, "VAR_DIR": str(folder)}
        return twin

    def manage(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._through(), sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )

    def start(
        self, *arguments: str, under: tuple[str, ...] = (), stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        """`under` is a command that runs the process, such as faketime."""
        log = (self.folder / "process.log").open("ab")
        return subprocess.Popen(
            [*self._through(), *under, sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            stdout=stdout or log,
            stderr=log,
            start_new_session=True,
        )

    def _through(self) -> list[str]:
        return ["bin/with-pgbouncer"] if self.database_url else []

    def log(self) -> str:
        path = self.folder / "process.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a SELECT with `?` for values."""
        with self._database() as database:
            return database.execute(self._spoken(sql), values).fetchall()

    def tell(self, sql: str, *values: Any) -> None:
        with self._database() as database:
            database.execute(self._spoken(sql), values)
            database.commit()

    def _database(self) -> Any:
        if self.database_url:
            return psycopg.connect(self.database_url)
        return sqlite3.connect(self.folder / "showrunner.sqlite3", timeout=20)

    def _spoken(self, sql: str) -> str:
        return sql.replace("?", "%s") if self.database_url else sql


def _link_or_copy(source: str, target: str) -> str:
    """Stored blobs never change, so a twin may share them. SQLite removes the files beside its
    database when who read it last closes it."""
    if "/media/" in source:
        os.link(source, target)
        return target
    try:
        return str(shutil.copy2(source, target))
    except FileNotFoundError:
        if source.endswith(("-shm", "-wal")):
            return target
        raise


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
