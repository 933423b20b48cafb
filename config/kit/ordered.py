"""Several rows changed in one statement, never crosswise with another that changes some of them."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.sql.subqueries import UpdateQuery

M = TypeVar("M", bound=Model)


def update(
    rows: QuerySet[M], *, only: Q | None = None, returning: Sequence[str], **changes: Any
) -> list[tuple[Any, ...]]:
    """Locks the rows in the order of their keys, then changes those that `only` lets: it is looked
    at as they are then, so it must name columns of theirs alone. Answers columns of the changed."""
    ordered = rows.order_by("pk").select_for_update(no_key=True).values("pk")
    changed = rows.model._default_manager.filter(only or Q(), pk__in=ordered)
    query = cast(UpdateQuery, changed.query.chain(UpdateQuery))
    query.add_update_values(changes)
    statement, values = query.get_compiler(connection=connection).as_sql()
    columns = ", ".join(map(connection.ops.quote_name, returning))
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {columns}", values)
        return cursor.fetchall()
