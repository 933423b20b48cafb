"""On which day money counts: the database's clock says it, whatever the clock of a process says."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from billing import ledger
from billing.models import Balance, CostEntry, Hold
from billing.proof import mismatches
from config.kit.database import Began, verb
from config.kit.errors import Spend
from tests.billing.spending import USD, limit, purpose, spend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("days", [-40, -1, 1, 40])
def test_a_process_whose_clock_is_wrong_spends_today(by_ana, video, monkeypatch, days):
    limit(by_ana, "team", 10, window="day")
    limit(by_ana, "team", 10, window="month")
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=days))
    spend(video, 2)
    held = ledger.hold(purpose(video), amount_micros=3 * USD)
    ledger.settle(held, purpose(video), [Spend("voice:paid", "characters", 1, 3 * USD)])
    assert list(mismatches()) == []
    assert set(Balance.objects.values_list("spent_micros", flat=True)) == {5 * USD}
    monkeypatch.undo()
    limit(by_ana, "channel", 10, window="day")
    begun = Balance.objects.exclude(budget__scope="team").get()
    assert begun.spent_micros == 5 * USD


@verb
def moments(video) -> list[datetime]:
    """Of a transaction that has waited before its money moves: its beginning, of its hold and of
    its entry."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")
    held = ledger.hold(purpose(video), amount_micros=USD)
    spend(video, 2)
    found = Hold.objects.annotate(began=Began()).get(pk=held.pk)
    return [found.began, found.created_at, CostEntry.objects.get().at]


def test_what_waits_over_midnight_counts_on_one_day(video):
    """Its balances are those of the day on which its transaction began: so are hold and entry."""
    found = moments(video)
    if connection.vendor == "postgresql":  # where nobody waits there is no such moment
        assert len(set(found)) == 1
    assert len({at.tzinfo for at in found}) == 1
