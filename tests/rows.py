"""Rows of any model with all that they refer to, each reference a row of its own."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import models

_numbers = itertools.count(1000)
VALUES = {
    models.EmailField: lambda field, n: f"person{n}@example.org",
    models.BooleanField: lambda field, n: False,
    models.DateTimeField: lambda field, n: datetime.now(UTC),
    models.DateField: lambda field, n: datetime.now(UTC).date(),
    models.JSONField: lambda field, n: {},
    models.CharField: lambda field, n: f"{field.name}-{n}"[-(field.max_length or 99) :],
    models.TextField: lambda field, n: f"{field.name} {n}",
    models.IntegerField: lambda field, n: n,
    models.DecimalField: lambda field, n: n,
    models.FloatField: lambda field, n: 0.5,
}


def make(model: type[models.Model], inside: tuple[type[models.Model], ...] = ()) -> Any:
    """Fills what has no default, and every reference that leads to no row that is being made."""
    number = next(_numbers)
    values = {}
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target and not _leads_back(field, (*inside, model)):
            values[field.name] = make(target, (*inside, model))
        elif not target and not field.null and not field.has_default() and not field.primary_key:
            values[field.name] = _value(field, number)
    row = model(**values)
    row.save()
    return row


def _leads_back(field: models.Field, inside: tuple[type[models.Model], ...]) -> bool:
    needs = [one.related_model for one in field.related_model._meta.concrete_fields if not one.null]
    return field.related_model in inside or (field.null and inside[-1] in needs)


def _value(field: models.Field, number: int) -> Any:
    if field.choices:
        return field.choices[0][0]
    return next(make(field, number) for kind, make in VALUES.items() if isinstance(field, kind))
