"""Checks a row before it is written, says in one sentence what is wrong, writes what differs."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from config.kit import cache
from config.kit.errors import Refused, Stale


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


class ExternalIdTaken(Refused):
    code = "external_id_taken"


def refuse_taken_id(row: models.Model, wanted: str) -> None:
    """`external_id` is one row's within a team. Raises ExternalIdTaken naming whose it is."""
    same = type(row)._base_manager.filter(team_id=row.team_id, external_id=wanted)  # type: ignore[attr-defined]
    found = same.exclude(pk=row.pk).first() if wanted else None
    if found is not None:
        raise ExternalIdTaken(
            f"external_id: {row._meta.verbose_name} {found.pk} of this team has it already."
        )


def refuse_stale(row: models.Model, version: int | None) -> None:
    """`version` is the one that the person saw; None: they did not say. Raises Stale."""
    if version is not None and row.version != version:  # type: ignore[attr-defined]
        raise Stale("Somebody else has changed this meanwhile: look at it again, then change it.")


def change(
    row: models.Model,
    wanted: Mapping[str, Any],
    *,
    among: Collection[str],
    version: int | None = None,
    unchecked: Collection[str] = (),
) -> list[str]:
    """Writes what differs, counts the row's `version` up and answers the names of what changed.

    Raises Refused for what can't stand, Stale when the row has another version than `version`.
    """
    strange = set(wanted) - set(among)
    if strange:
        raise LookupError(f"nobody changes {', '.join(sorted(strange))} of {row._meta.label}")
    refuse_stale(row, version)
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        refuse_invalid(row, unchecked=unchecked)
        write(row, changed)
    return changed


def write(row: models.Model, changed: Collection[str]) -> None:
    """Writes these fields and counts the row's `version` up, if it has one. Raises Stale when
    another writer was faster."""
    if not hasattr(row, "version"):
        row.save(update_fields=changed)
        return
    seen = row.version
    rows = type(row)._base_manager.filter(pk=row.pk, version=seen)
    values = {row._meta.get_field(name).name: getattr(row, name) for name in changed}
    touched = {one.name: Now() for one in row._meta.fields if getattr(one, "auto_now", False)}
    if not rows.update(**values, **touched, version=F("version") + 1):
        refuse_stale(row, -1)
    cache.invalidate_row(row)  # a base manager's update sends no signal
    row.version = seen + 1


def _sentence(error: ValidationError) -> str:
    told = [
        " ".join(texts) if name == NON_FIELD_ERRORS else f"{name}: {' '.join(texts)}"
        for name, texts in error.message_dict.items()
    ]
    return " ".join(told)
