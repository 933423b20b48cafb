"""Several rows changed in one go, never crosswise with another that changes some of them."""

from collections.abc import Sequence

from django.db import connection

from config.kit.together import Statement


def locking(table: str, keys: Sequence[int]) -> Statement | None:
    """Locks rows in the order of their keys, so that a statement that travels behind it finds them
    as they stand then, and changes them in whatever order."""
    if connection.vendor != "postgresql" or len(keys) < 2:  # SQLite lets one writer in at a time
        return None
    places = ", ".join(["%s"] * len(keys))
    sql = f"SELECT id FROM {table} WHERE id IN ({places}) ORDER BY id"  # noqa: S608 - names are ours
    return Statement(sql + locked(), keys)


def locked() -> str:
    """The end of a SELECT that keeps its rows until the verb commits."""
    return " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
