"""The database: whether it answers, is migrated, has room for the pools and our time-outs."""

import shutil
import time
from collections.abc import Iterator
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config.kit.addresses import Address, address
from config.kit.database import ROLE_TIMEOUTS, told
from config.kit.doctor.told import fail, warn, well
from config.kit.registry import Finding

LEAST_VERSION = 140_000
BESIDE = 10  # connections for migrations, backups and who looks after the server
CLOCKS_APART_S = 5.0
_UNITS_MS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def check() -> Iterator[Finding]:
    if settings.EMBEDDED:
        yield from _sqlite()
        return
    where = address(settings.DATABASE_DIRECT_URL, "DATABASE_DIRECT_URL")
    try:
        with psycopg.connect(**where.libpq(), autocommit=True) as direct:
            yield from _postgres(direct)
    except psycopg.Error as error:
        yield fail("Postgres", unreachable(where, error))
        return
    yield from _as_django()


def unreachable(where: Address, error: psycopg.Error) -> str:
    """One sentence: what is wrong, and what to do about it."""
    said = _said(error)
    place = f"{where.host}:{where.port or 5432}"
    if "authentication failed" in said or "no password" in said:
        return f"{place} refuses user {where.user!r} and its password: correct the URL."
    if "does not exist" in said:
        return f"{said} at {place}: create it, or correct the URL."
    if "too many clients" in said or "connection slots" in said:
        return (
            f"{place} has no connection left: raise its max_connections, or lower "
            "PGBOUNCER_POOL and PGBOUNCER_RESERVE."
        )
    return f"Nobody answers at {place} ({said}): start it, or correct the URL."


def _said(error: psycopg.Error) -> str:
    """Without the address, which libpq repeats, and the advice, which is ours to give."""
    text = str(error).strip()
    if "FATAL" in text and isinstance(error, psycopg.OperationalError):
        return told(error)
    return text.partition("\n")[0].rpartition("failed: ")[2]


def _sqlite() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            whole = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    except DatabaseError as error:
        yield fail("SQLite", f"{settings.DATABASES['default']['NAME']}: {error}.")
        return
    if whole != "ok":
        yield fail("SQLite", f"The file is damaged ({whole}): restore a backup.")
    elif mode != "wal":
        yield warn("SQLite", f"It writes in mode {mode}, not WAL: is it on a network disk?")
    else:
        yield well("SQLite", "whole, and written ahead (WAL)")
    yield _migrated()


def _postgres(direct: "psycopg.Connection[Any]") -> Iterator[Finding]:
    yield _version(direct)
    yield _is_direct(direct)
    yield _clock(direct)


def _version(direct: "psycopg.Connection[Any]") -> Finding:
    version = direct.info.server_version
    if version < LEAST_VERSION:
        return fail("Postgres", f"It is version {version // 10_000}: 14 is the oldest that does.")
    return well("Postgres", f"answers, version {version // 10_000}.{version % 10_000}")


def _one(asked: "psycopg.Connection[Any]", question: str) -> Any:
    row = asked.execute(question.encode()).fetchone()
    return row[0] if row else None


def _is_direct(direct: "psycopg.Connection[Any]") -> Finding:
    """A pooler makes up the process id that it greets with."""
    if direct.info.backend_pid != _one(direct, "SELECT pg_backend_pid()"):
        return fail(
            "DATABASE_DIRECT_URL",
            "It leads through a pooler, which breaks migrations and backups: name the server "
            "itself.",
        )
    return well("DATABASE_DIRECT_URL", "leads to the server itself")


def _room_for_the_pools(session: "psycopg.Connection[Any]") -> Finding:
    limits = {
        "max_connections": int(_one(session, "SHOW max_connections"))
        - int(_one(session, "SHOW superuser_reserved_connections")),
        "CONNECTION LIMIT of the role": int(
            _one(session, "SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user")
        ),
        "CONNECTION LIMIT of the database": int(
            _one(session, "SELECT datconnlimit FROM pg_database WHERE datname = current_database()")
        ),
    }
    name, least = min(
        ((name, limit) for name, limit in limits.items() if limit >= 0), key=lambda one: one[1]
    )
    wanted = settings.MOST_CONNECTIONS
    if wanted + BESIDE > least:
        return fail(
            "Connections",
            f"The pools may open {wanted} and {BESIDE} are needed beside them, but {name} leaves "
            f"{least}: raise it, or lower PGBOUNCER_POOL and PGBOUNCER_RESERVE.",
        )
    return well("Connections", f"the pools may open {wanted} of {least}")


def _timeouts(session: "psycopg.Connection[Any]") -> Finding:
    for setting, wanted in ROLE_TIMEOUTS.items():
        if _ms(str(_one(session, f"SHOW {setting}"))) != _ms(wanted):
            return warn(
                "Time-outs",
                f"{setting} is {_one(session, f'SHOW {setting}')} instead of {wanted}: run "
                "manage.py release.",
            )
    return well("Time-outs", ", ".join(f"{name} {for_}" for name, for_ in ROLE_TIMEOUTS.items()))


def _ms(shown: str) -> float:
    number = shown.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(number) * _UNITS_MS[shown.removeprefix(number) or "ms"]


def _clock(direct: "psycopg.Connection[Any]") -> Finding:
    theirs = float(_one(direct, "SELECT extract(epoch FROM clock_timestamp())"))
    apart_s = abs(time.time() - theirs)
    if apart_s > CLOCKS_APART_S:
        return warn(
            "Clock", f"This machine's is {apart_s:.0f} s off the database's: let NTP set both."
        )
    return well("Clock", "runs with the database's")


def sizes() -> Iterator[Finding]:
    """Whether Postgres lets in as many as the pools may open. Asked as web and workers come,
    through the pooler: their role may have a limit of its own."""
    if settings.EMBEDDED:
        return
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield fail("DATABASE_URL", f"The way through it is closed: {told(error)}.")
    else:
        yield _room_for_the_pools(_raw())


def _raw() -> "psycopg.Connection[Any]":
    return cast("psycopg.Connection[Any]", connection.connection)


def _as_django() -> Iterator[Finding]:
    yield from sizes()
    if connection.connection is not None:
        yield _migrated()
        yield _pooled()
        yield _timeouts(_raw())


def _migrated() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        first = missing[0][0]
        do = "bin/setup" if settings.EMBEDDED else "manage.py release"
        return fail(
            "Migrations",
            f"{len(missing)} are missing, the first is {first.app_label} {first.name}: run {do}.",
        )
    return well("Migrations", "all are there")


def _pooled() -> Finding:
    default = settings.DATABASES["default"]
    if not default.get("DISABLE_SERVER_SIDE_CURSORS") or "options" in default["OPTIONS"]:
        return fail(
            "Pooling",
            "Server-side cursors or start-up options do not pass a pooler: leave `options` out of "
            "DATABASE_URL.",
        )
    if _raw().info.backend_pid != _one(_raw(), "SELECT pg_backend_pid()"):
        return well("Pooling", "through pgbouncer")
    why = "" if shutil.which("pgbouncer") else " and install pgbouncer"
    return warn(
        "Pooling",
        f"This process speaks to Postgres directly: start it with bin/with-pgbouncer{why}.",
    )
