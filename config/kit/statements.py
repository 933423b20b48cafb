"""Statements that Django writes once: it takes longer to write one of several joins, or of thirty
columns, than the database to answer it. For what every run of a pipeline asks, and for nothing
else: the rest reads better as it is.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Row = Mapping[str, Any]
KEY = -1  # stands where the key will


def written_once(build: Callable[[str], QuerySet[Any]]) -> Callable[[str], Row | None]:
    """Answers the first row of a query by column, and keeps its SQL by the argument: the query may
    hang on nothing else; times are the database's."""

    @functools.cache
    def statement(of: str) -> tuple[str, Sequence[Any]]:
        return build(of)[:1].query.sql_with_params()

    def first(of: str) -> Row | None:
        return next(iter(_asked(*statement(of))), None)

    return first


def by_key(build: Callable[[int], QuerySet[Any]]) -> Callable[[int], list[Row]]:
    """Answers the rows of a query that hangs on one number, which it names once."""
    statement = _keyed(build)

    def rows(key: int) -> list[Row]:
        sql, params = statement()
        return _asked(sql, [key if one == KEY else one for one in params])

    return rows


def row_by_key(build: Callable[[int], QuerySet[M]]) -> Callable[[int], M]:
    """Answers the one row of such a query as its model. Raises its DoesNotExist."""
    statement = _keyed(build)
    model = functools.cache(lambda: build(KEY).model)

    def row(key: int) -> M:
        sql, params = statement()
        rows = model()._default_manager
        for found in rows.raw(sql, [key if one == KEY else one for one in params]):
            return found
        return rows.get(pk=key)  # it is not there, and this says so

    return row


def _keyed(build: Callable[[int], QuerySet[Any]]) -> Callable[[], tuple[str, Sequence[Any]]]:
    @functools.cache
    def statement() -> tuple[str, Sequence[Any]]:
        sql, params = build(KEY).query.sql_with_params()
        if list(params).count(KEY) != 1:
            raise AssertionError(f"the key stands not once in {sql}")
        return sql, params

    return statement


def _asked(sql: str, params: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
