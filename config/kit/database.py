"""DATABASES from a URL, `verb`, the database's clock, and all SQL that differs by vendor."""

import contextlib
import functools
import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import psycopg
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from psycopg import sql

from config.kit import endings
from config.kit.addresses import Address, address

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)

RETRY_PAUSES_S = (0.05, 0.2, 0.8)
ROLE_TIMEOUTS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
OUTAGE_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0)  # a restart of Postgres takes some seconds
_PASSING_SQLSTATES = {"40001", "40P01"}  # serialization failure, deadlock detected
_UNIQUE_VIOLATION, _LOCK_NOT_AVAILABLE = "23505", "55P03"
# connection, too many connections, shutdown and start; cancelled by a time-out, lock_timeout
_AWAY_SQLSTATES = ("08", "53300", "57P")
_OUTAGE_SQLSTATES = (*_AWAY_SQLSTATES, "57014", "55P03")
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True)
class WebPool:
    """psycopg's pool of a web process, in front of its pgbouncer."""

    size: int
    wait_s: float
    recycle_s: float

    def options(self) -> dict[str, Any]:
        return {
            "min_size": 1,
            "max_size": self.size,
            "timeout": self.wait_s,
            "max_lifetime": self.recycle_s,
            "max_idle": 300,
        }


def databases(
    url: str, var_dir: Path, *, session_url: str = "", pool: WebPool | None = None
) -> dict[str, dict[str, Any]]:
    """The DATABASES setting. Empty or `sqlite:///path` is the embedded default; `pool` is for web
    processes alone: a thread of daphne's dies with its request, and its connection with it.

    On Postgres `session` stands beside `default`: a connection that keeps its server connection,
    for what transaction pooling breaks (advisory locks of a session, LISTEN).
    """
    scheme = url.partition(":")[0]
    if scheme in ("postgres", "postgresql"):
        default = _postgres(address(url))
        session = _postgres(address(session_url or url, "DATABASE_DIRECT_URL"))
        if pool:
            default["OPTIONS"]["pool"] = pool.options()
            default["CONN_MAX_AGE"] = session["CONN_MAX_AGE"] = 0
        return {"default": default, "session": {**session, "TEST": {"MIRROR": "default"}}}
    if url and not url.startswith("sqlite:///"):
        raise SystemExit(
            f"DATABASE_URL starts with {scheme!r}: write postgres://user:password@host/database, "
            "sqlite:///path, or nothing."
        )
    return {"default": _sqlite(Path(url.removeprefix("sqlite:///")) if url else None, var_dir)}


def _postgres(where: Address) -> dict[str, Any]:
    """Safe behind transaction pooling: no server-side cursors, nothing prepared, no setting that
    lives with a session."""
    return {
        "ENGINE": "config.kit.postgres",
        "HOST": where.host,
        "PORT": where.port,
        "NAME": where.name,
        "USER": where.user,
        "PASSWORD": where.password,
        "OPTIONS": {"connect_timeout": 5, **where.options},
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,  # psycopg's pool does not survive Django-Q's fork
    }


def lead_to(url: str) -> None:
    """From now on the connections of this process lead to another Postgres URL."""
    for alias, where in databases(url, Path()).items():
        connections[alias].close()
        connections[alias].settings_dict.update(where)


def _sqlite(path: Path | None, var_dir: Path) -> dict[str, Any]:
    path = path or var_dir / "showrunner.sqlite3"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"DATABASE_URL: {path.parent} can't be made: {error.strerror}.") from None
    if not path.name or path.is_dir() or not _is_sqlite(path):
        raise SystemExit(f"DATABASE_URL: {path} is no SQLite database: name another file.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # DEFERRED readers that write lose the race
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},  # a file: workers open it too
    }


def _is_sqlite(path: Path) -> bool:
    """A new file, or one that begins as SQLite's file format says (sqlite.org/fileformat2.html)."""
    try:
        with path.open("rb") as file:
            return file.read(16) in (b"", b"SQLite format 3\0")
    except FileNotFoundError:
        return True
    except OSError as error:
        raise SystemExit(f"DATABASE_URL: {path} can't be read: {error.strerror}.") from None


def _once(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    buffer = endings.buffer()
    began = len(buffer.items)
    buffer.depth += 1
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            if buffer.depth == 1:
                buffer.flush()
        return result
    except BaseException:
        del buffer.items[began:]  # else news of rolled-back work survives in the outer verb
        raise
    finally:
        buffer.depth -= 1
        if not buffer.depth:
            buffer.items.clear()


def _passes(error: DatabaseError) -> bool:
    sqlstate = getattr(error.__cause__, "sqlstate", "")
    return sqlstate in _PASSING_SQLSTATES or "database is locked" in str(error)


def _is_duplicate(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == _UNIQUE_VIOLATION


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """One change of state in one transaction.

    A deadlock or a serialization error repeats the whole verb, but only where nothing was open
    around it: otherwise half of somebody else's work would be repeated or lost. So does the first
    unique violation: of two that write one name at once, the second now sees the row of the first
    and refuses it with the sentence that it has for that.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        repeatable = not connection.in_atomic_block
        for attempt, pause_s in enumerate(RETRY_PAUSES_S):
            try:
                return _once(function, *args, **kwargs)
            except DatabaseError as error:
                is_raced = attempt == 0 and _is_duplicate(error)
                if not repeatable or not (_passes(error) or is_raced):
                    raise
            time.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        return _once(function, *args, **kwargs)

    return run


def is_unavailable(error: BaseException | None) -> bool:
    """Whether this says that the database can't be had now: full, starting, restarting, gone.

    pgbouncer's own refusals (query_wait_timeout, max_client_conn, a server that logs nobody in)
    carry no SQLSTATE; a restart shows itself in a COMMIT as InternalError, too.
    """
    return _says(error, _OUTAGE_SQLSTATES)


def is_away(error: BaseException | None) -> bool:
    """Whether this says that the database itself can't be had; a statement that took too long, or
    waited too long for a lock, says something about what was asked."""
    return _says(error, _AWAY_SQLSTATES)


def _says(error: BaseException | None, sqlstates: tuple[str, ...]) -> bool:
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return False
    if connection.vendor == "sqlite":
        return "database is locked" in str(error)
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return not sqlstate or sqlstate.startswith(sqlstates)


def waited_out(told_to_go: Callable[[], bool]) -> bool:
    """Outside any transaction, after `is_away`: returns when the database answers again. False:
    told to go meanwhile."""
    connection.close()
    while not told_to_go():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError) as error:
            if not is_away(error):
                raise
            connection.close()
            time.sleep(LOOK_AGAIN_S)
        else:
            return True
    return False


def was_locked(error: DatabaseError) -> bool:
    """Whether a lock was not to be had within lock_timeout."""
    return getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE


def comes_back(error: Exception) -> bool:
    """Whether waiting may help: a server that starts, not a password that is wrong, nor a database
    that nobody has migrated."""
    text = str(error)
    hopeless = (
        "authentication failed",
        "does not exist",
        "no pg_hba.conf entry",
        "could not trans",
        "no such table",
    )
    return not any(one in text for one in hopeless)


def told(error: Exception) -> str:
    """What libpq says, in one line without the address that it repeats."""
    last = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    return last.rpartition("FATAL:")[2].strip() or last


def set_role_timeouts(direct: "psycopg.Connection[Any]") -> None:
    """For every later connection of this role in this database, pooled ones too: a start-up option
    does not pass a pgbouncer in transaction mode."""
    rows = direct.execute("SELECT current_user, current_database()").fetchall()
    role, name = map(sql.Identifier, rows[0])
    for setting, value in ROLE_TIMEOUTS.items():
        change = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
        direct.execute(change.format(role, name, sql.Identifier(setting), sql.Literal(value)))


def retry_db(function: Callable[P, R]) -> Callable[P, R]:
    """For a whole act of a worker that may be done twice, outside any transaction: waits out a
    restart of the database. An answer that was lost with the connection is asked for anew, so what
    it changes has to name the state that it leaves."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for pause_s in OUTAGE_PAUSES_S:
            try:
                return function(*args, **kwargs)
            except (DatabaseError, InterfaceError) as error:
                if connection.in_atomic_block or not is_unavailable(error):
                    raise
                connection.close()
            time.sleep(pause_s * random.uniform(0.7, 1.3))  # noqa: S311 - jitter, not a secret
        return function(*args, **kwargs)

    return run


@contextlib.contextmanager
def unless_away(log: logging.Logger) -> Iterator[None]:
    """For a task whose work a sweep finds again once the database is back."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        log.warning("the database is away: %s", told(error))


class _Undone(Exception):
    pass


def rehearse(act: Callable[[], object]) -> None:
    """Does something and undoes it: what it would raise is raised, and nothing is left behind."""

    @verb
    def undone() -> None:
        act()
        raise _Undone

    with contextlib.suppress(_Undone):
        undone()


def after(delay: timedelta) -> Combinable:
    """A moment by the database's clock, to be written inside the statement."""
    return cast(Combinable, Now() + delay)


class Began(Now):
    """When the transaction began, by the database's clock: the moment whose day `today_sql` tells,
    where `Now` goes on while a transaction waits. SQLite knows no such moment, and lets nobody wait
    between the statements of one."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="CURRENT_TIMESTAMP", **context)


def today_sql() -> str:
    """The day of UTC on which the transaction began, for statements that are written by hand."""
    return "date('now')" if connection.vendor == "sqlite" else "(now() AT TIME ZONE 'UTC')::date"


def month_sql() -> str:
    """The first day of its month."""
    if connection.vendor == "sqlite":
        return "date('now', 'start of month')"
    return "date_trunc('month', now() AT TIME ZONE 'UTC')::date"


def skips_locked() -> bool:
    """SQLite can't, and needn't: it lets one transaction write at a time."""
    return connection.features.has_select_for_update_skip_locked


def lock_free_ones(rows: QuerySet[M], *of: str) -> QuerySet[M]:
    """Locks what it reads, and passes over what another transaction holds; `skips_locked` says
    whether the database can."""
    return rows.select_for_update(skip_locked=True, of=of, no_key=True)


def advance(table: str, column: str, key: str, key_value: int, by: int) -> int:
    """Moves a counter and answers where it stands: one statement, so two callers never meet."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table)} SET {quote(column)} = {quote(column)} + %s "  # noqa: S608 - names are ours
            f"WHERE {quote(key)} = %s RETURNING {quote(column)}",
            [by, key_value],
        )
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"{table} has no row {key_value}")
    return int(row[0])
