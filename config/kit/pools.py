"""Connections to Postgres as operators see them: `showrunner.db.pool`, and pgbouncer's gauges.

Told as they happen: connections that a process opens, closes, recycles or is refused, and waits
above a second. pgbouncer's own side is read from its console (`SHOW POOLS`, `SHOW STATS`): by every
qscale with its sweep, by /metrics when it is asked.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.rows import dict_row

log = logging.getLogger("showrunner.db.pool")
SLOW_S = 1.0
LOOK_EVERY_S = 5.0
Row = Mapping[str, Any]
_seen: dict[str, Mapping[str, int]] = {}  # by alias: what psycopg's pool had counted when we looked
_looked_at: dict[str, float] = {}


def opened(alias: str, took_s: float, *, is_kept: bool) -> None:
    """A connection of the process's own; `is_kept`: it outlives the request or task."""
    log.log(
        logging.INFO if is_kept else logging.DEBUG,
        "%s: opened in %d ms",
        *(alias, took_s * 1000),
        extra={"event": "opened", "alias": alias, "ms": round(took_s * 1000)},
    )
    _tell_of_wait(alias, took_s)


def closed(alias: str, *, is_kept: bool) -> None:
    level = logging.INFO if is_kept else logging.DEBUG
    log.log(level, "%s: closed", alias, extra={"event": "closed", "alias": alias})


def recycled(alias: str, age_s: float) -> None:
    log.info(
        "%s: recycled after %d s", *(alias, age_s), extra={"event": "recycled", "alias": alias}
    )


def refused(alias: str, took_s: float, error: Exception) -> None:
    log.warning(
        "%s: refused after %d ms: %s",
        *(alias, took_s * 1000, str(error).strip().partition("\n")[0]),
        extra={
            "event": "refused",
            "alias": alias,
            "ms": round(took_s * 1000),
            "reason": type(error).__name__,
        },
    )


def taken(alias: str, took_s: float, pool: Any) -> None:
    """One was lent by psycopg's pool, which opens and drops connections in threads of its own."""
    _tell_of_wait(alias, took_s)
    if time.monotonic() - _looked_at.get(alias, -LOOK_EVERY_S) < LOOK_EVERY_S:
        return
    _looked_at[alias] = time.monotonic()
    before, now = _seen.get(alias, {}), pool.get_stats()
    _seen[alias] = now
    made = now.get("connections_num", 0) - before.get("connections_num", 0)
    gone = made - (now.get("pool_size", 0) - before.get("pool_size", 0))
    failed = now.get("connections_errors", 0) - before.get("connections_errors", 0)
    if made or gone or failed:
        log.info(
            "%s: the pool opened %d, closed or recycled %d, was refused %d; it has %d",
            *(alias, made, gone, failed, now.get("pool_size", 0)),
            extra={"event": "pool", "alias": alias, "opened": made, "closed": gone},
        )


def _tell_of_wait(alias: str, took_s: float) -> None:
    if took_s >= SLOW_S:
        log.warning(
            "%s: waited %.1f s for a connection",
            *(alias, took_s),
            extra={"event": "waited", "alias": alias, "ms": round(took_s * 1000)},
        )


def stats(alias: str = "default") -> Mapping[str, int]:
    """What psycopg's pool of this process counts; empty where there is none."""
    pool = getattr(connections[alias], "pool", None)
    return pool.get_stats() if pool else {}


def console(*questions: str) -> list[list[Row]]:
    """pgbouncer's answers to SHOW commands. Raises psycopg.Error.

    The console speaks the simple protocol alone and knows no transactions.
    """
    with psycopg.connect(
        settings.PGBOUNCER_CONSOLE_URL,
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=2,
        row_factory=dict_row,
    ) as asked:
        return [list(asked.execute(question.encode())) for question in questions]


def waits(row: Row) -> float:
    """Seconds that the first client in the queue of a pool has waited."""
    return float(row["maxwait"]) + float(row.get("maxwait_us", 0)) / 1e6


def look() -> None:
    """A sweep: warns of clients that wait for a server, and of a console that is gone."""
    if not settings.PGBOUNCER_CONSOLE_URL:
        return
    try:
        (rows,) = console("SHOW POOLS")
    except psycopg.Error as error:
        log.warning("pgbouncer's console does not answer: %s", type(error).__name__)
        return
    for row in rows:
        if waits(row) >= SLOW_S:
            log.warning(
                "pgbouncer: %d clients of %s wait for a connection, the first for %.1f s",
                *(row["cl_waiting"], row["database"], waits(row)),
                extra={"event": "queued", "waiting": row["cl_waiting"], "busy": row["sv_active"]},
            )
