"""How verbs change the plain fields of a row: what differs, checked by the model's own rules."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from config.kit.errors import Refused


def check(row: models.Model) -> None:
    """Turns the model's own complaints into one sentence. Raises Refused."""
    try:
        row.full_clean()
    except ValidationError as error:
        fields = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
        raise Refused(" ".join(fields), code="invalid") from None


def change(row: models.Model, wanted: Mapping[str, Any], *, among: Collection[str]) -> list[str]:
    """Saves what differs, and answers the names of it. Raises Refused for what can't stand."""
    strange = set(wanted) - set(among)
    if strange:
        raise LookupError(f"nobody changes {', '.join(sorted(strange))} of {row._meta.label}")
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        check(row)
        row.save(update_fields=changed)
    return changed
