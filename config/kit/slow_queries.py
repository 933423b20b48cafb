"""Queries that take long, and queries that are asked again and again.

An execute wrapper on every connection of every process times each statement as its caller feels
it, waits for pgbouncer included. A slow one becomes a line of `showrunner.db.slow` at once (ten a
second at most: an overload makes every statement slow) and is added up in memory; at the end of a
request, or before a later statement of a command or worker, the sums go to SlowQuery over a
connection of their own, so that no caller's transaction ever holds them. Only shapes are kept:
never a parameter, never a literal. Django's BEGIN and COMMIT on Postgres pass by unseen.

Measured, as CPU time with and without in turns: a row by its key takes 1.01 times as long on SQLite
and 1.05 times on Postgres behind pgbouncer; a bare SELECT 1 past the ORM 1.2 to 1.35 times.
"""

import asyncio
import hashlib
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.functions import TruncDate

from config.kit import logs
from config.kit.database import after
from config.kit.endings import in_verb
from config.kit.models import SlowQuery

log = logging.getLogger("showrunner.db.slow")
KEPT = timedelta(days=14)
REPEATS = 10  # of one statement from one place, in one request, outside verbs
WRITE_EVERY_S = 10.0
AFTER_FAULT_S = 60.0
MOST_WAITING = 200  # shapes that one process keeps in memory
MOST_A_DAY = 1000  # shapes that the table keeps of a day
LONGEST = 4000  # characters of a statement that are kept
LINES_A_SECOND = 10  # of a process: under an overload every query is slow
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]

_ROOT = str(Path(__file__).resolve().parents[2]) + os.sep
_BELOW = [str(Path(__file__).with_name(name)) for name in ("database.py", "together.py")]
_NOT_CALLERS = ("site-packages", __file__, *_BELOW)
_SHAPES = (
    (re.compile(r"'(?:[^']|'')*'"), "?"),
    (re.compile(r"\b\d+(?:\.\d+)?\b"), "?"),
    (re.compile(r"\((?:\s*(?:%s|\?)\s*,)+\s*(?:%s|\?)\s*\)"), "(%s, ..)"),
    (re.compile(r"(?:\(%s, \.\.\)\s*,\s*)+\(%s, \.\.\)"), "(%s, ..), .."),  # rows of an INSERT
    (re.compile(r"\s+"), " "),
)
# Asked of each request's statements where it is set: in DEBUG, and in tests.
notice_repeats: Callable[[str, str, int], None] | None = None


@dataclass
class _Sum:
    """What one statement came to since the last write; milliseconds."""

    statement: str
    count: int = 0
    total_ms: int = 0
    worst_ms: int = -1
    caller: str = ""
    worst_in: str = ""

    def add(self, took_ms: int, caller: str, unit: str) -> None:
        self.count += 1
        self.total_ms += took_ms
        if took_ms > self.worst_ms:
            self.worst_ms, self.caller, self.worst_in = took_ms, caller, unit


class _Waiting:
    """The sums of this process that are not written yet."""

    def __init__(self) -> None:
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._sums: dict[str, _Sum] = {}
        self._next_at = 0.0

    def add(self, statement: str, took_ms: int, caller: str) -> None:
        unit = str(logs.current() or "")[:120]
        fingerprint = hashlib.sha256(statement.encode()).hexdigest()[:32]
        with self._lock:
            if fingerprint in self._sums or len(self._sums) < MOST_WAITING:
                found = self._sums.setdefault(fingerprint, _Sum(statement))
                found.add(took_ms, caller, unit)

    def is_due(self) -> bool:
        return bool(self._sums) and time.monotonic() >= self._next_at

    def write(self) -> None:
        """One at a time; the others go on. What can't be written is thrown away: it was logged."""
        if not self._writing.acquire(blocking=False):
            return
        try:
            self._next_at = time.monotonic() + WRITE_EVERY_S
            with self._lock:
                sums, self._sums = self._sums, {}
            _write(sums)
        except DatabaseError as error:
            self._next_at = time.monotonic() + AFTER_FAULT_S
            log.info("slow queries could not be written: %s", type(error).__name__)
        finally:
            self._writing.release()


class _Lines:
    """What this process may still log in this second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock, self._clock = threading.Lock(), clock
        self._second, self._told, self._left_out = 0, 0, 0

    def take(self) -> int | None:
        """How many were left out since the last line; None: so is this one."""
        second = int(self._clock())
        with self._lock:
            if second != self._second:
                self._second, self._told = second, 0
            if self._told >= LINES_A_SECOND:
                self._left_out += 1
                return None
            self._told += 1
            left_out, self._left_out = self._left_out, 0
            return left_out


_waiting = _Waiting()
_lines = _Lines()


def _begin_anew() -> None:
    """A child forgets what its parent will write, and locks that a thread held at the fork."""
    global _waiting, _lines
    _waiting, _lines = _Waiting(), _Lines()


os.register_at_fork(after_in_child=_begin_anew)


def install() -> None:
    connection_created.connect(_wrap, dispatch_uid="showrunner.slow_queries")
    # after Django's own receiver, which closes connections: ours is a new one
    request_finished.connect(_after_request, dispatch_uid="showrunner.slow_queries")
    if settings.DEBUG:
        watch_repeats(_warn_of_repeats)


def _wrap(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Outermost, and first in the list: Django's execute_wrapper() pops the last."""
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, watch)


def watch(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """The execute wrapper."""
    if _waiting.is_due() and _may_write_here():
        _waiting.write()  # before: what runs now may be a BEGIN, which nobody has noted yet
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        _look(sql, (time.perf_counter() - began) * 1000)


def _look(sql: object, took_ms: float) -> None:
    statement = sql if isinstance(sql, str) else "(composed)"  # psycopg.sql, which Django passes on
    unit = logs.current()
    count = unit.saw(statement) if unit else 1
    if notice_repeats and unit and unit.is_request:
        _look_for_repeats(unit, statement)
    if took_ms >= settings.SLOW_QUERY_MS:
        _tell(statement, round(took_ms), count)


def _tell(statement: str, took_ms: int, count: int) -> None:
    shown, caller = shape(statement), caller_of_query()
    _waiting.add(shown, took_ms, caller)
    if (left_out := _lines.take()) is None:
        return
    log.warning(
        "%d ms, %s time here, from %s%s: %s",
        *(took_ms, f"{count}.", caller, f" (after {left_out} untold)" if left_out else "", shown),
        extra={"ms": took_ms, "count": count, "caller": caller, "statement": shown}
        | ({"left_out": left_out} if left_out else {}),
    )


@lru_cache(maxsize=1000)
def shape(statement: str) -> str:
    """The statement without literals, with lists of any length alike."""
    for found, instead in _SHAPES:
        statement = found.sub(instead, statement)
    return statement.strip()[:LONGEST]


def caller_of_query() -> str:
    """`path:line function` of the innermost frame of ours; empty: none is."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_ROOT) and not any(part in name for part in _NOT_CALLERS):
            return f"{name.removeprefix(_ROOT)}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _may_write_here() -> bool:
    """In a command or a worker, between two statements. Requests do it after their answer, and a
    transaction of the caller's must not wait for us, nor we for its locks."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and not connection.in_atomic_block


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _after_request(**_: Any) -> None:
    if _is_in_event_loop():
        return  # an event loop does not wait for a database: a later request writes them
    if _waiting.is_due() and not connection.in_atomic_block:
        _waiting.write()
        close_old_connections()


def _write(sums: Mapping[str, _Sum]) -> None:
    own = _own_connection()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT fingerprint FROM kit_slowquery WHERE day = CURRENT_DATE")
            known = {row[0] for row in cursor.fetchall()}
            room = max(0, MOST_A_DAY - len(known))
            new = [one for one in sums if one not in known][:room]
            if kept := {one: found for one, found in sums.items() if one in known or one in new}:
                cursor.execute(*_upsert(kept))
    finally:
        own.close()


def _own_connection() -> Any:
    """Beside the caller's, never from the pool that the caller may be waiting for, soon tired."""
    own = connections["default"].copy()
    options = own.settings_dict["OPTIONS"]
    options.pop("pool", None)
    options.update({"timeout": 1} if own.vendor == "sqlite" else {"connect_timeout": 2})
    own.settings_dict["CONN_MAX_AGE"] = 0
    own.ensure_connection()
    own.execute_wrappers.clear()  # what we write is not watched
    return own


def _upsert(sums: Mapping[str, _Sum]) -> tuple[str, list[Any]]:
    """One statement, in one order everywhere: two processes never wait for each other in a ring."""
    columns = "fingerprint, statement, caller, worst_in, count, worst_ms, total_ms"
    values: list[Any] = []
    for fingerprint, found in sorted(sums.items()):
        values += [fingerprint, found.statement, found.caller[:200], found.worst_in]
        values += [found.count, found.worst_ms, found.total_ms]
    rows = ", ".join(["(CURRENT_DATE, %s, %s, %s, %s, %s, %s, %s)"] * len(sums))
    worse = "excluded.worst_ms > kit_slowquery.worst_ms"
    return (
        f"INSERT INTO kit_slowquery (day, {columns}) VALUES {rows} "  # noqa: S608 - names are ours
        "ON CONFLICT (day, fingerprint) DO UPDATE SET "
        "count = kit_slowquery.count + excluded.count, "
        "total_ms = kit_slowquery.total_ms + excluded.total_ms, "
        + ", ".join(
            f"{name} = CASE WHEN {worse} THEN excluded.{name} ELSE kit_slowquery.{name} END"
            for name in ("caller", "worst_in", "worst_ms")
        ),
        values,
    )


def prune() -> None:
    SlowQuery.objects.filter(day__lt=TruncDate(after(-KEPT))).delete()


def watch_repeats(notice: Callable[[str, str, int], None] | None) -> None:
    """`notice(statement, caller, count)` hears of each reading statement that one place of a
    request asks the tenth time. Verbs are left out: they change one row after the other."""
    global notice_repeats
    notice_repeats = notice


def _look_for_repeats(unit: logs.Unit, statement: str) -> None:
    if not statement.startswith("SELECT") or in_verb():
        return
    key = (statement, caller_of_query())
    unit.repeats[key] = unit.repeats.get(key, 0) + 1
    if unit.repeats[key] == REPEATS and notice_repeats:
        notice_repeats(shape(statement), key[1], REPEATS)


def _warn_of_repeats(statement: str, caller: str, count: int) -> None:
    log.warning("asked %d times in one request from %s: %s", count, caller, statement)
