"""A database as it was at one moment, out into a file and back in."""

import contextlib
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.kit import locks
from config.kit.addresses import Address, address
from config.kit.database import told
from config.kit.errors import Refused

SQLITE, POSTGRES = "database.sqlite3", "database.dump"
AT_ONCE = 2000  # rows of blobs that are read together
_BLOBS = "SELECT team_id, sha256, size FROM kit_blob ORDER BY team_id, sha256"
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
UNHURRIED = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
LOCKS_S = 20  # how long a restore waits for tables that somebody still uses


class Dump(Protocol):
    """A moment of the database. While it is open nothing is pruned."""

    name: str

    def write(self, path: Path) -> None: ...

    def blobs(self) -> Iterator[tuple[int, str, int]]:
        """(team, sha256, bytes) of every stored file, in this order."""

    def migrations(self) -> list[list[str]]: ...

    def rows(self) -> dict[str, int]:
        """How many each table has."""


def dump() -> contextlib.AbstractContextManager[Dump]:
    """Raises Refused where the database or its tools are out of reach."""
    return _sqlite_dump() if settings.EMBEDDED else _postgres_dump()


class _SqliteDump:
    name = SQLITE

    def __init__(self, file: Path) -> None:
        self._file = file

    def _all(self, statement: str) -> Iterator[Any]:
        with contextlib.closing(sqlite3.connect(self._file)) as copy:
            yield from copy.execute(statement)

    def write(self, path: Path) -> None:
        shutil.copyfile(self._file, path)

    def blobs(self) -> Iterator[tuple[int, str, int]]:
        return self._all(_BLOBS)

    def migrations(self) -> list[list[str]]:
        return [list(row) for row in self._all(_MIGRATIONS)]

    def rows(self) -> dict[str, int]:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        tables = sorted(row[0] for row in self._all(names))
        return {name: next(self._all(f'SELECT count(*) FROM "{name}"'))[0] for name in tables}  # noqa: S608 - names of our tables


@contextlib.contextmanager
def _sqlite_dump() -> Iterator[Dump]:
    with locks.bytes_kept(None), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / SQLITE
        with (
            contextlib.closing(sqlite3.connect(_live_file(), timeout=60)) as source,
            contextlib.closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target)
        yield _SqliteDump(file)


def _live_file() -> Path:
    return Path(connection.settings_dict["NAME"])


class _PostgresDump:
    name = POSTGRES

    def __init__(self, session: "psycopg.Connection[Any]", where: Address) -> None:
        self._session, self._where = session, where
        exported = session.execute("SELECT pg_export_snapshot(), current_schema()").fetchone()
        self._snapshot, self._schema = map(str, exported or ())

    def write(self, path: Path) -> None:
        with _tool(self._where) as reached:
            _run(
                "pg_dump",
                *("--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s"),
                *(f"--schema={self._schema}", f"--snapshot={self._snapshot}", f"--file={path}"),
                f"--dbname={reached}",
            )

    def blobs(self) -> Iterator[tuple[int, str, int]]:
        with self._session.cursor("blobs") as cursor:  # rows come as they are asked for
            cursor.itersize = AT_ONCE
            yield from cursor.execute(_BLOBS)

    def migrations(self) -> list[list[str]]:
        return [list(row) for row in self._session.execute(_MIGRATIONS)]

    def rows(self) -> dict[str, int]:
        return _counted(self._session)


def _counted(session: "psycopg.Connection[Any]") -> dict[str, int]:
    found: dict[str, int] = {}
    for name in _tables(session):
        counted = session.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        ).fetchone()
        found[name] = counted[0] if counted else 0
    return found


def _tables(session: "psycopg.Connection[Any]") -> list[str]:
    rows = session.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    )
    return [row[0] for row in rows]


@contextlib.contextmanager
def _postgres_dump() -> Iterator[Dump]:
    where = _direct()
    with _connected(where) as session, locks.bytes_kept(session):
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield _PostgresDump(session, where)
        finally:
            session.execute("ROLLBACK")


def _direct() -> Address:
    return address(settings.DATABASE_DIRECT_URL, "DATABASE_DIRECT_URL")


@contextlib.contextmanager
def _connected(where: Address) -> Iterator["psycopg.Connection[Any]"]:
    try:
        session = psycopg.connect(**{**where.libpq(), "options": UNHURRIED}, autocommit=True)
    except psycopg.OperationalError as error:
        raise Refused(f"DATABASE_DIRECT_URL: {told(error)}") from None
    with contextlib.closing(session):
        yield session


@contextlib.contextmanager
def _tool(where: Address) -> Iterator[str]:
    """What pg_dump and psql are told; the password goes by a file, not by the list of processes."""
    named: dict[str, Any] = {**where.libpq(), "options": UNHURRIED}
    named.pop("prepare_threshold")
    password = named.pop("password", "")
    with tempfile.NamedTemporaryFile("w") as file:  # private to us
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        file.write(f"*:*:*:*:{escaped}\n")
        file.flush()
        yield make_conninfo(**named, passfile=file.name)


def _program(name: str) -> str:
    """The newest of those that are installed; an old one refuses a newer server."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    found = str(installed[-1]) if installed else shutil.which(name)
    if not found:
        raise Refused(f"{name} is not installed: add Postgres' client programs.")
    return found


def _version(path: Path) -> int:
    number = path.parent.parent.name
    return int(number) if number.isdecimal() else 0


def _run(name: str, *words: str) -> None:
    done = subprocess.run(
        [_program(name), *words], capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise Refused(f"{name} failed: {_last_line(done.stderr)}")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def name_here() -> str:
    """What a dump is called that this installation can take."""
    return SQLITE if settings.EMBEDDED else POSTGRES


def load(file: Path) -> None:
    """Puts a dump in place of all that the database has; all of it, or nothing is changed. Raises
    Refused."""
    connections.close_all()
    if settings.EMBEDDED:
        with (
            contextlib.closing(sqlite3.connect(file)) as source,
            contextlib.closing(sqlite3.connect(_live_file(), timeout=LOCKS_S)) as target,
        ):
            source.backup(target)
        return
    _load_postgres(file)


def _load_postgres(file: Path) -> None:
    where = _direct()
    with _connected(where) as session, _tool(where) as reached:
        (schema,) = session.execute("SELECT current_schema()").fetchone() or ("public",)
        begin = sql.SQL("BEGIN; SET LOCAL lock_timeout = {};").format(f"{LOCKS_S}s")
        drops = [
            sql.SQL("DROP TABLE IF EXISTS {} CASCADE;").format(sql.Identifier(schema, name))
            for name in _tables(session)
        ]
        head = sql.SQL("\n").join([begin, *drops]).as_string(session) + "\n"
        with subprocess.Popen(
            [_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", reached],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
        ) as psql:
            _feed(psql, head, file, schema)


def _feed(psql: "subprocess.Popen[bytes]", head: str, file: Path, schema: str) -> None:
    """Only who has read the whole dump writes COMMIT: one that ends early changes nothing."""
    assert psql.stdin is not None and psql.stderr is not None  # noqa: PT018, S101 - for mypy
    restore = [_program("pg_restore"), "--no-owner", "--no-privileges", f"--schema={schema}"]
    failed = ""
    with contextlib.suppress(BrokenPipeError), psql.stdin as commands:  # psql says why it ended
        commands.write(head.encode())
        commands.flush()
        done = subprocess.run(
            [*restore, "--file=-", str(file)], stdout=commands, stderr=subprocess.PIPE, check=False
        )
        failed = done.stderr.decode(errors="replace") if done.returncode else ""
        if not failed:
            commands.write(b"\nCOMMIT;\n")
    said = psql.stderr.read().decode(errors="replace")
    if psql.wait() or failed:
        raise Refused(f"The database was not changed: {_last_line(said or failed)}")


def rows_now() -> Mapping[str, int]:
    """How many each table of the live database has."""
    if settings.EMBEDDED:
        return _SqliteDump(_live_file()).rows()
    with _connected(_direct()) as session:
        return _counted(session)
