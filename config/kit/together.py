"""Several statements in one round trip. Each sees what had committed when it began, as it would in
a trip of its own: what one has waited for, the next one sees."""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

Rows = list[tuple[Any, ...]]


class Statement(NamedTuple):
    """One that answers rows, be they none."""

    sql: str
    params: Sequence[Any] = ()


def ask(*statements: Statement | None) -> list[Rows]:
    """The rows of each; None asks nothing."""
    said = [one for one in statements if one is not None]
    with connection.cursor() as cursor:
        found = iter(_at_once(cursor, said) if _takes_several() else _in_turn(cursor, said))
    return [[] if one is None else next(found) for one in statements]


def _takes_several() -> bool:
    """Parameters that the client writes into the text are no part of the protocol, so a text may
    be of several statements."""
    return connection.vendor == "postgresql"


def _at_once(cursor: Any, statements: Sequence[Statement]) -> list[Rows]:
    if not statements:
        return []
    params = [param for one in statements for param in one.params]
    cursor.execute(";\n".join(one.sql for one in statements), params)
    found = []
    for _ in statements:
        found.append(cursor.fetchall())
        cursor.nextset()
    return found


def _in_turn(cursor: Any, statements: Sequence[Statement]) -> list[Rows]:
    found = []
    for one in statements:
        cursor.execute(one.sql, one.params)
        found.append(cursor.fetchall())
    return found


def insert(row: Model) -> Statement:
    """Of a new row; `keep` reads the answer. Signals of the model hear nothing of it."""
    sql, fields, _ = _insert(type(row), _left_out(row))
    return Statement(sql, [_stored(row, field) for field in fields])


def keep(row: Model, answer: Rows) -> None:
    """As it stands in the database now."""
    _, _, returned = _insert(type(row), _left_out(row))
    for field, value in zip(returned, answer[0], strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias


def _left_out(row: Model) -> tuple[str, ...]:
    """What the database fills in."""
    columns = ((field.attname, getattr(row, field.attname)) for field in row._meta.concrete_fields)
    return tuple(
        name
        for name, value in columns
        if isinstance(value, DatabaseDefault) or (value is None and name == row._meta.pk.attname)
    )


def _stored(row: Model, field: "Field[Any, Any]") -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


@functools.cache
def _insert(
    model: type[Model], left_out: tuple[str, ...]
) -> tuple[str, list["Field[Any, Any]"], list["Field[Any, Any]"]]:
    fields = [field for field in model._meta.concrete_fields if field.attname not in left_out]
    returned = [field for field in model._meta.concrete_fields if field.attname in left_out]
    columns, answered = (
        ", ".join(f'"{field.column}"' for field in some) for some in (fields, returned)
    )
    places = ", ".join(["%s"] * len(fields))
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) RETURNING {answered}'  # noqa: S608 - names are ours
    return sql, fields, returned
