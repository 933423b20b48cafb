"""Checks a row before it is written, says in one sentence what is wrong, writes what differs."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from config.kit.errors import Refused


def storable(text: str) -> None:
    """A validator: PostgreSQL stores no NUL, and half a surrogate pair is no character."""
    if "\0" in text or any("\ud800" <= mark <= "\udfff" for mark in text):
        raise ValidationError("This is not text: it holds bytes that are no characters.")


def refuse_invalid(row: models.Model, *, unchecked: Collection[str] = ()) -> None:
    """Raises Refused with what the model's own rules say against the row."""
    try:
        row.full_clean(exclude=set(unchecked))
    except ValidationError as error:
        raise Refused(_sentence(error), code="invalid") from None


def change(row: models.Model, wanted: Mapping[str, Any], *, among: Collection[str]) -> list[str]:
    """Saves what differs, and answers the names of it. Raises Refused for what can't stand."""
    strange = set(wanted) - set(among)
    if strange:
        raise LookupError(f"nobody changes {', '.join(sorted(strange))} of {row._meta.label}")
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        refuse_invalid(row)
        row.save(update_fields=changed)
    return changed


def _sentence(error: ValidationError) -> str:
    told = [
        " ".join(texts) if name == NON_FIELD_ERRORS else f"{name}: {' '.join(texts)}"
        for name, texts in error.message_dict.items()
    ]
    return " ".join(told)
