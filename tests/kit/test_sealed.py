"""Sealed columns: what lies in the database, and which keys open it."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from config import env
from config.kit.sealed import Unreadable, seal, unseal
from teams.models import Webhook


def lies(pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM teams_webhook WHERE id = %s", [pk])
        return cursor.fetchone()[0]


def test_the_database_holds_nothing_that_can_be_read(team):
    hook = Webhook.objects.create(team=team, url="https://a.example/", secret="whsec_open")
    assert "open" not in lies(hook.pk)
    assert Webhook.objects.get().secret == "whsec_open"
    assert Webhook.objects.get().old_secret == ""


def test_no_row_is_found_by_what_is_sealed(db):
    with pytest.raises(TypeError, match="sealed"):
        Webhook.objects.filter(secret="whsec_open").exists()


def test_a_new_key_goes_first_and_the_old_ones_still_open(settings):
    unset = seal("before")
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.FIELD_KEYS = [old]
    by_old = seal("then")
    settings.FIELD_KEYS = [new, old]
    by_new = seal("now")
    assert [unseal(one) for one in (unset, by_old, by_new)] == ["before", "then", "now"]
    settings.FIELD_KEYS = [new]
    with pytest.raises(Unreadable):
        unseal(by_old)


@pytest.mark.parametrize("value", ["short", "x" * 44, "ä", "A" * 43 + "=,7"])
def test_what_is_no_key_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("FIELD_KEYS", value)
    with pytest.raises(SystemExit, match="no Fernet key"):
        env.field_keys("FIELD_KEYS")
