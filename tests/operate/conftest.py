"""A real stack, and installations that speak to it."""

import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.processes import ROOT

SECRET = secrets.token_urlsafe(64)
OWN = ("DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_SESSION_URL", "REDIS_URL", "VAR_DIR")


@dataclass
class Doctor:
    """`manage.py doctor` of a production whose settings are all well."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    through: list[str] = field(default_factory=list)

    def manage(self, *words: str, **changed: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name not in OWN}
        return subprocess.run(
            [*self.through, sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**environment, "VAR_DIR": str(self.folder), **self.settings, **changed},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, **changed: str) -> subprocess.CompletedProcess[str]:
        return self.manage("doctor", **changed)

    def says(self, **changed: str) -> dict[str, tuple[str, str]]:
        """Verdict and sentence by what it is about. No trace of a fault that it tells of."""
        done = self.run(**changed)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
        found = {line[1][:20].strip(): (line[0], line[1][20:].strip()) for line in lines}
        assert done.returncode == any(verdict == "FAIL" for verdict, _ in found.values())
        return found


@pytest.fixture
def embedded(tmp_path) -> Doctor:
    return Doctor(tmp_path / "var")


@pytest.fixture(scope="session")
def empty_studio(tmp_path_factory) -> Path:
    """What `manage.py migrate` leaves, made once: it takes seconds."""
    folder = tmp_path_factory.mktemp("studio") / "var"
    assert Doctor(folder).manage("migrate", "-v", "0").returncode == 0
    return folder


@pytest.fixture
def migrated(embedded, empty_studio) -> Doctor:
    shutil.copytree(empty_studio, embedded.folder)
    return embedded


@pytest.fixture
def production(tmp_path, database, stack) -> Doctor:
    settings = {
        "DATABASE_URL": database,
        "REDIS_URL": stack.redis.url,
        "SECRET_KEY": SECRET,
        "PUBLIC_URL": "https://studio.example",
        "ALLOWED_HOSTS": "studio.example",
        "TRUST_PROXY": "1",
        "SINGLE_HOST": "1",
    }
    return Doctor(tmp_path / "var", settings, ["bin/with-pgbouncer"])
