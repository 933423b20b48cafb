"""DATABASES from a URL, `verb`, the database's clock, and all SQL that differs by vendor."""

import contextlib
import functools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from django.db import DatabaseError, connection, transaction
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

P = ParamSpec("P")
R = TypeVar("R")
Flush = Callable[[Sequence[Any]], None]

RETRY_PAUSES_S = (0.05, 0.2, 0.8)
_PASSING_SQLSTATES = {"40001", "40P01"}  # serialization failure, deadlock detected
_UNIQUE_VIOLATION = "23505"


def databases(url: str, var_dir: Path) -> dict[str, dict[str, Any]]:
    """The DATABASES setting. Empty or `sqlite:///path` is the embedded default."""
    if url and not url.startswith("sqlite:///"):
        raise SystemExit(
            f"DATABASE_URL starts with {url.split(':')[0]!r}: write sqlite:///path, or nothing."
        )
    path = Path(url.removeprefix("sqlite:///")) if url else var_dir / "showrunner.sqlite3"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"DATABASE_URL: {path.parent} can't be made: {error.strerror}.") from None
    if not path.name or path.is_dir() or not _is_sqlite(path):
        raise SystemExit(f"DATABASE_URL: {path} is no SQLite database: name another file.")
    return {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",  # DEFERRED readers that write lose the race
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            "TEST": {"NAME": str(path.with_name("test.sqlite3"))},  # a file: workers open it too
        }
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


@dataclass
class _Buffer:
    """What the verbs of one connection want written just before the outermost commit."""

    depth: int = 0
    items: list[tuple[str, Flush, Any]] = field(default_factory=list)

    def flush(self) -> None:
        keys = sorted({key for key, _, _ in self.items})
        for key in keys:
            mine = [(flush, item) for name, flush, item in self.items if name == key]
            mine[0][0]([item for _, item in mine])


def _buffer() -> _Buffer:
    found = getattr(connection, "showrunner_buffer", None)
    if found is None:
        found = connection.showrunner_buffer = _Buffer()  # type: ignore[attr-defined]
    return cast(_Buffer, found)


def before_commit(key: str, flush: Flush, item: Any) -> None:
    """Calls `flush` once with all items of `key` as the last act of the outermost verb."""
    buffer = _buffer()
    if not buffer.depth:
        raise RuntimeError(f"{key}: only a verb may change things and tell of them")
    buffer.items.append((key, flush, item))


def in_verb() -> bool:
    return _buffer().depth > 0


def _once(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    buffer = _buffer()
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
