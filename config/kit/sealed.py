"""A text column whose values lie encrypted: a copy of the database alone reads none of them.

FIELD_KEYS holds Fernet keys; the first one encrypts, all of them decrypt, so a new key is put
before the old ones. Without FIELD_KEYS the key is made of SECRET_KEY, which then opens what was
written before FIELD_KEYS was set, too.
"""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """A value was sealed with a key that is in FIELD_KEYS no longer."""


def _box() -> MultiFernet:
    derived = hashlib.sha256(b"showrunner fields\0" + settings.SECRET_KEY.encode()).digest()
    keys: list[Any] = [*settings.FIELD_KEYS, base64.urlsafe_b64encode(derived)]
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    try:
        return _box().decrypt(sealed).decode()
    except InvalidToken:
        raise Unreadable("FIELD_KEYS lacks the key with which this was written.") from None


class SealedField(models.TextField):  # type: ignore[type-arg]
    """Encrypted on its way to the database. Each sealing differs, so nothing finds a row by it;
    the empty text stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return unseal(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull",):
            raise TypeError(f"{self.name} is sealed: no row is found by it")
        return super().get_lookup(lookup_name)
