"""Every command in the runbook and in the README's deploy section exists, with its flags."""

import os
import re
import shlex
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.core.management import get_commands, load_command_class

from config.kit.addresses import address
from config.pgbouncer import Pooler
from config.pgbouncer_ini import Plan
from tests import stack as stacks
from tests.processes import ROOT

ALONE = ("manage.py", "bin/with-pgbouncer python manage.py")  # what the others begin with
TOOLS = {"kill", "pkill", "pgrep", "psql", "du", "sort", "git", "cp"}


def texts() -> dict[str, str]:
    readme = (ROOT / "README.md").read_text()
    deploy = readme[readme.index("## Deploy") :]
    return {
        "docs/runbook.md": (ROOT / "docs/runbook.md").read_text(),
        "README.md": deploy[: deploy.index("\n## ", 5)],
    }


def lines() -> list[tuple[str, str]]:
    """Lines of code blocks, and spans in backquotes that begin as a command does."""
    found = []
    for place, text in texts().items():
        blocks = re.findall(r"```\w*\n(.*?)```", text, re.S)
        spans = re.findall(r"`((?:manage\.py|bin/|git )[^`]*)`", text)
        for line in [*"\n".join(blocks).splitlines(), *spans]:
            command = line.strip()
            if command and not command.startswith("#") and command not in ALONE:
                found.append((place, command))
    return found


def commands(line: str) -> list[list[str]]:
    """The commands of a line, also those of a pipe and of $(..)."""
    inner = re.findall(r"\$\(([^)]*)\)", line)
    outer = re.sub(r"\$\([^)]*\)", "1", line)
    quoted = re.split(r"\s(?:\||&&)\s", outer)
    return [shlex.split(part, comments=True) for part in [*quoted, *inner]]


def check(words: list[str]) -> None:
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        name = words.pop(0).partition("=")[0]
        assert re.search(rf"^#? ?{name}=", (ROOT / ".env.example").read_text(), re.M), name
    if not words:
        return
    program, *rest = words
    if program.startswith("bin/"):
        assert os.access(ROOT / program, os.X_OK), program
        if program == "bin/with-pgbouncer":
            check(rest)
    elif "manage.py" in words[:2]:
        name, *arguments = words[words.index("manage.py") + 1 :]
        app = get_commands()[name]
        command = app if not isinstance(app, str) else load_command_class(app, name)
        command.create_parser("manage.py", name).parse_args(arguments)
    else:
        assert program in TOOLS, program


@pytest.mark.parametrize(("place", "line"), lines())
def test_a_command_exists_with_its_flags(place, line):
    for words in commands(line):
        check(words)


def test_there_are_commands_to_look_at():
    assert len(lines()) > 30
    assert all(shutil.which(tool) for tool in ("pkill", "pgrep", "kill"))


def test_links_lead_to_what_is_there():
    text = texts()["docs/runbook.md"]
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / "docs" / target).exists(), target


NAMED = ["KEEP_INTERMEDIATES_DAYS", "MEDIA_CACHE_MB", "DYNOS", "WORKERS_AI"]


@pytest.mark.parametrize("name", NAMED)
def test_settings_that_it_names_are_settings(name):
    assert name in texts()["docs/runbook.md"]
    assert re.search(rf"^# {name}=", (ROOT / ".env.example").read_text(), re.M)


class Writers:
    """Four clients that write, each in one transaction after the other."""

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self.written: list[float] = []
        self.failed: list[psycopg.Error] = []
        self._threads = [threading.Thread(target=self._write) for _ in range(4)]

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _write(self) -> None:
        row = "INSERT INTO kit_ratebucket VALUES (gen_random_uuid(), now())"
        try:
            with psycopg.connect(**address(self._url).libpq(), autocommit=True) as client:
                while not self._stop.is_set():
                    with client.transaction():
                        client.execute(row)
                    self.written.append(time.monotonic())
        except psycopg.Error as error:
            self.failed.append(error)


@pytest.fixture
def own():
    """A Postgres that is nobody else's."""
    with tempfile.TemporaryDirectory(prefix="showrunner-own-") as folder:
        made = stacks.made(Path(folder))
        yield made.postgres
        made.end()


@pytest.mark.processes
def test_postgres_restarts_unnoticed_between_pause_and_resume(own):
    """By the signals of the runbook."""
    pooler = Pooler(own.new_database(), Plan(10, 10, 2, wait_s=20, recycle_s=1800))
    pooler.start()
    try:
        with Writers(pooler.url()) as writers:
            os.kill(pooler.pid, signal.SIGUSR1)
            time.sleep(0.5)
            paused_at = time.monotonic()
            own.restart()
            assert not [at for at in writers.written if at > paused_at]
            os.kill(pooler.pid, signal.SIGUSR2)
            resumed_at = time.monotonic()
            time.sleep(2)
    finally:
        pooler.stop()
    assert writers.failed == []
    assert [at for at in writers.written if at < paused_at]
    assert [at for at in writers.written if at > resumed_at]
