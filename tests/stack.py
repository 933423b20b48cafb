"""Postgres and Redis from the installed binaries, on free loopback ports, once for a whole run.

`python -m tests.stack COMMAND..` runs a command with DATABASE_URL, DATABASE_DIRECT_URL and
REDIS_URL of a stack of its own, and ends the stack after it.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from config.pgbouncer import Pooler
from config.pgbouncer_ini import Plan

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "SHOWRUNNER_STACK"  # where the stack of this run lies; set by who will end it
ROLE, TEMPLATE = "showrunner", "showrunner_template"
CONNECTIONS = 230
STARTS_IN_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    """Debian keeps each version of Postgres in a folder of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    return Path(shutil.which("postgres") or "/usr/bin/postgres").parent


def lacking() -> list[str]:
    """A sentence for each thing that this machine needs for a stack and does not have."""
    sought = {
        "Postgres (initdb, pg_ctl)": (_binaries() / "pg_ctl", "postgresql"),
        "pgbouncer": (shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "pgbouncer"),
        "redis-server": (shutil.which("redis-server") or "", "redis-server"),
    }
    return [
        f"{name} is not installed: run bin/setup --dev, or install the package {package}."
        for name, (place, package) in sought.items()
        if not os.access(place, os.X_OK)
    ]


def _as_postgres(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Postgres refuses to run as root."""
    as_user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **as_user,
        **options,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done


@dataclass(frozen=True)
class Postgres:
    folder: str
    port: int
    password: str

    def url(self, database: str, user: str = ROLE) -> str:
        return f"postgres://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        data, password = Path(self.folder) / "data", Path(self.folder) / "password"
        Path(self.folder).chmod(0o755)
        password.write_text(self.password)
        data.mkdir()
        if os.getuid() == 0:
            shutil.chown(data, "postgres")
            shutil.chown(password, "postgres")
        _as_postgres(
            _binaries() / "initdb",
            *("-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", password),
            *("-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        settings = {
            "listen_addresses": "'127.0.0.1'",
            "port": self.port,
            "unix_socket_directories": "''",
            "max_connections": CONNECTIONS,
            "shared_buffers": "'128MB'",
            "fsync": "off",  # a kill of Postgres loses nothing all the same; of the machine, it may
            "log_min_messages": "warning",
        }
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()
        with self.admin() as admin:
            role = sql.Identifier(ROLE)
            admin.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(self.password))
            )
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(TEMPLATE), role)
            )
        _migrate(self.url(TEMPLATE))

    def start(self) -> None:
        self._ctl(
            "start", "-w", "-t", str(STARTS_IN_S), "-l", str(Path(self.folder) / "data" / "log")
        )

    def stop(self, mode: str = "fast") -> None:
        self._ctl("stop", "-m", mode)

    def restart(self) -> None:
        self._ctl("restart", "-m", "fast", "-w", "-l", str(Path(self.folder) / "data" / "log"))

    def _ctl(self, *words: str) -> None:
        _as_postgres(_binaries() / "pg_ctl", "-D", Path(self.folder) / "data", *words)

    def admin(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database, "postgres"), autocommit=True)

    def new_database(self, name: str = "") -> str:
        """The direct URL of a migrated database that nobody else has."""
        name = name or f"t{secrets.token_hex(6)}"
        with self.admin() as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                    *map(sql.Identifier, (name, TEMPLATE, ROLE))
                )
            )
        return self.url(name)

    def drop(self, url: str) -> None:
        with self.admin() as admin:
            name = sql.Identifier(url.rpartition("/")[2])
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _migrate(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True
    )


@dataclass(frozen=True)
class Redis:
    folder: str
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", self.folder, "--daemonize", "yes", "--pidfile", self._pid_file]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        ends = time.monotonic() + STARTS_IN_S
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("redis-server did not start")

    @property
    def _pid_file(self) -> str:
        return str(Path(self.folder) / "redis.pid")

    def kill(self) -> None:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(int(Path(self._pid_file).read_text()), signal.SIGKILL)


@dataclass(frozen=True)
class Stack:
    postgres: Postgres
    redis: Redis

    def environment(self) -> dict[str, str]:
        """A database of its own for whoever runs with this."""
        url = self.postgres.new_database()
        return {"DATABASE_URL": url, "DATABASE_DIRECT_URL": url, "REDIS_URL": self.redis.url}

    def end(self) -> None:
        self.redis.kill()
        with contextlib.suppress(RuntimeError):
            self.postgres.stop("immediate")


def begin() -> bool:
    """Names a folder for a stack that starts when somebody asks for it. False: there is one."""
    if FOLDER in os.environ:
        return False
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="showrunner-stack-")
    return True


def end() -> None:
    folder = Path(os.environ.pop(FOLDER))
    if (folder / "stack.json").exists():
        _read(folder).end()
    shutil.rmtree(folder, ignore_errors=True)


def running() -> Stack:
    """The stack of this run, started by whoever asks first."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "stack.json").exists():
            _write(folder, made(folder))
    return _read(folder)


def made(folder: Path) -> Stack:
    folder.chmod(0o755)
    stack = Stack(
        Postgres(str(folder), free_port(), secrets.token_hex(8)), Redis(str(folder), free_port())
    )
    try:
        stack.postgres.make()
        stack.redis.start()
    except BaseException:
        stack.end()
        raise
    return stack


def _write(folder: Path, stack: Stack) -> None:
    (folder / "stack.json").write_text(json.dumps(asdict(stack)))


def _read(folder: Path) -> Stack:
    told = json.loads((folder / "stack.json").read_text())
    return Stack(Postgres(**told["postgres"]), Redis(**told["redis"]))


@contextlib.contextmanager
def pooled(postgres: Postgres) -> Iterator[str]:
    """The URL of a new database behind a pgbouncer of its own."""
    direct = postgres.new_database()
    pooler = Pooler(direct, Plan(pool=10, reserve=10, session=2, wait_s=20, recycle_s=1800))
    pooler.start()
    try:
        yield pooler.url()
    finally:
        pooler.stop()
        postgres.drop(direct)


@contextlib.contextmanager
def stack() -> Iterator[Stack]:
    """For programs that are no test."""
    is_ours = begin()
    try:
        yield running()
    finally:
        if is_ours:
            end()


def main(command: Sequence[str]) -> int:
    with stack() as found:
        environment = {**os.environ, **found.environment()}
        return subprocess.run(list(command), env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
