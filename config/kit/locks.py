"""Locks that belong to no row: of bytes, which `prune` takes from nobody while `backup` reads
them, on whatever machine; and by number.

That of bytes is one of the database server, or of a file beside an SQLite database: it ends with
who has it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection

from config.kit.together import Statement, ask

_KEY = 5_217_330_418  # of no table; pg_locks shows it


@contextmanager
def bytes_kept(session: psycopg.Connection | None) -> Iterator[None]:
    """Until it is left nothing is pruned. `session` keeps its server connection (not a pooled
    one); None with SQLite. Waits for the removal that is going on."""
    if session is None:
        with _beside_database().open("w") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield
        return
    session.execute("SELECT pg_advisory_lock_shared(%s)", [_KEY])
    try:
        yield
    finally:
        session.execute("SELECT pg_advisory_unlock_shared(%s)", [_KEY])


@contextmanager
def may_prune() -> Iterator[bool]:
    """Inside a verb, around one removal; False: a backup is being made."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_KEY])
            yield cursor.fetchone() == (True,)
        return
    with _beside_database().open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _beside_database() -> Path:
    return Path(f"{connection.settings_dict['NAME']}.keep")


def lock(number: int, *, alone: bool = False) -> None:
    """Until the verb commits: together with others, or alone once they have committed. What it
    guards is to be asked for in a later statement."""
    ask(locking(number, alone=alone))


def locking(number: int, *, alone: bool = False) -> Statement | None:
    """The statement that does it, to travel before those that ask for what it guards."""
    if connection.vendor != "postgresql":  # SQLite lets one writer in at a time anyway
        return None
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    return Statement(f"SELECT {function}(%s)", [number])
