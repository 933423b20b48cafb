from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from billing import entitlements, ledger
from billing.models import CostEntry, Hold
from config.kit import registry
from config.kit.errors import Spend
from teams.models import Event

BOUGHT = [Spend("voice:paid", "characters", 1200, 18_000), Spend("voice:local", "seconds", 4, 0)]


@pytest.fixture
def purpose(team):
    return ledger.Purpose(team.pk, video_id=7, run_id=9, stage="narration", part="scene:aa")


def test_what_was_bought_is_booked_and_the_hold_ends(team, purpose):
    held = ledger.hold(purpose, amount_micros=20_000)
    assert ledger.settle(held, purpose, BOUGHT) == 18_000
    held.refresh_from_db()
    entry = CostEntry.objects.get()
    assert held.state == "settled"
    assert (entry.amount_micros, entry.provider, entry.part) == (18_000, "voice:paid", "scene:aa")


def test_free_calls_leave_no_line(purpose):
    ledger.book(purpose, [Spend("voice:local", "seconds", 4, 0)])
    assert not CostEntry.objects.exists()


def test_a_cost_is_told(team, purpose):
    ledger.book(purpose, BOUGHT)
    told = Event.objects.get(team=team, kind="billing.cost_booked").payload
    assert told["amount_micros"] == 18_000


def test_a_hold_ends_once(purpose):
    held = ledger.hold(purpose, amount_micros=20_000)
    ledger.refund(held)
    with pytest.raises(ledger.NotOpen):
        ledger.settle(held, purpose, BOUGHT)
    assert not CostEntry.objects.exists()
    assert Hold.objects.get().state == "refunded"


class Rival:
    """Another sweep that ends one of the holds just before we do."""

    def __init__(self, held: Hold) -> None:
        self._pk, self._has_won = held.pk, False

    def __call__(self, execute, sql, params, many, context):
        if 'UPDATE "billing_hold" SET state' in sql and not self._has_won:
            self._has_won = True
            Hold.objects.filter(pk=self._pk).update(state="settled")
        return execute(sql, params, many, context)


def test_a_hold_that_another_sweep_was_faster_with_is_passed_over(purpose):
    first, second = (ledger.hold(purpose, amount_micros=amount) for amount in (1, 2))
    with connection.execute_wrapper(Rival(first)):
        given_up = ledger.give_up_holds(purpose.run_id, purpose.fence)
    assert given_up == [second]
    assert [entry.amount_micros for entry in CostEntry.objects.all()] == [2]


def test_without_plans_everything_is_allowed(team):
    entitlements.take(team, "videos", 1000)
    entitlements.give_back(team, "videos", 1000)
    assert all(gate(team.pk, "storage_bytes", 10**12) for gate in registry.gate)


def test_a_key_that_no_plan_knows_is_a_mistake(team):
    with pytest.raises(LookupError, match="videos"):
        entitlements.take(team, "vidoes")


def test_what_an_older_version_gave_up_is_in_doubt(purpose):
    request = ledger.Request("voice:paid", "1-aa")
    for amount in (1, 2):
        ledger.give_up(ledger.hold(purpose, amount_micros=amount, request=request))
    Hold.objects.update(doubt="none")
    doubts = import_module("billing.migrations.0004_doubts")
    doubts.doubt_what_stayed_unknown(apps, None)
    assert list(Hold.objects.order_by("id").values_list("doubt", flat=True)) == ["open", "none"]
