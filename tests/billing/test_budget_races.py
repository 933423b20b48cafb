"""Many workers spend from one budget at once, in random order: it is never passed by a micro."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection
from django.db.models import F

from billing import budgets, commitments, ledger
from billing.balances import OverBudget
from billing.models import Balance, Budget, Commitment, Hold
from billing.places import Place
from billing.proof import mismatches
from config.kit.errors import Spend

pytestmark = pytest.mark.django_db(transaction=True)
RUNS, AT_ONCE = 64, 16
FOR_TEN = 10_000  # the budget has room for ten runs at their worst
WORST = 1_000
BATCHES = {1: (0, 3_000), 2: (2, 1_500)}  # the channel of each, and what is committed for it


class Schedule:
    """64 runs of one team, each with its own dice."""

    def __init__(self, team, seed: int) -> None:
        self.team, self.seed = team, seed

    def all(self) -> list[bool]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(self._one, range(RUNS)))

    def _one(self, number: int) -> bool:
        dice = random.Random(f"{self.seed}/{number}")  # noqa: S311 - a schedule, not a secret
        where = {"channel_id": dice.randrange(1, 4), "batch_id": dice.choice((0, *BATCHES))}
        why = ledger.Purpose(self.team.pk, dice.randrange(1, 20), number + 1, "voice", **where)
        request = ledger.Request("voice:paid", f"{self.seed}/{number}", dice.random() < 0.5)
        try:
            with suppress(OverBudget):
                held = ledger.hold(why, amount_micros=dice.randint(1, WORST), request=request)
                self._end(held, why, dice)
            if dice.random() < 1 / RUNS:
                release(dice.choice(list(BATCHES)))
            return is_within()
        finally:
            connection.close()

    def _end(self, held: Hold, why: ledger.Purpose, dice: random.Random) -> None:
        spent = [Spend("voice:paid", "call", 1, dice.randint(0, held.amount_micros))]
        ways = [
            lambda: ledger.settle(held, why, spent),
            lambda: ledger.refund(held),
            lambda: (ledger.give_up(held), ledger.book_late(held, why, spent)),
            lambda: ledger.give_up_holds(why.run_id, why.fence),
            lambda: None,  # its worker was killed: the sweep comes later
        ]
        dice.choice(ways)()


def release(batch_id: int) -> None:
    for commitment in Commitment.objects.filter(batch_id=batch_id, state="open"):
        commitments.release(commitment)


def is_within() -> bool:
    used = F("held_micros") + F("spent_micros")
    return not Balance.objects.annotate(used=used).filter(used__gt=F("limit_micros")).exists()


def spend_at_random(team, by, seed: int) -> None:
    for scope, limit in (("team", FOR_TEN), ("channel", 6_000), ("video", 3_000)):
        budgets.set_budget(by=by, scope=scope, window="month", limit_micros=limit)
    for batch_id, (channel_id, amount) in BATCHES.items():
        commitments.commit(Place(team.pk, channel_id, batch_id), amount)
    was_within = Schedule(team, seed).all()
    assert all(was_within)
    assert list(mismatches()) == []
    for run_id, fence in Hold.objects.filter(state="open").values_list("run_id", "fence"):
        ledger.give_up_holds(run_id, fence)
    assert is_within()
    assert list(mismatches()) == []
    for batch_id in BATCHES:
        release(batch_id)
    assert list(mismatches()) == []
    assert not Balance.objects.exclude(held_micros=0).exists()


@pytest.mark.parametrize("seed", range(4))
def test_a_budget_is_never_passed(team, by_ana, seed):
    spend_at_random(team, by_ana, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4, 200))
def test_a_budget_is_never_passed_in_any_of_200_schedules(team, by_ana, seed):
    spend_at_random(team, by_ana, seed)


def test_a_budget_made_while_others_spend_counts_all_of_it(team, by_ana):
    schedule = Schedule(team, 1)
    with ThreadPoolExecutor(1) as beside:
        spending = beside.submit(schedule.all)
        for limit in range(1, 6):
            for scope in ("video", "channel", "team"):
                wanted = {"scope": scope, "window": "total"}
                budgets.set_budget(by=by_ana, limit_micros=limit * 10**6, **wanted)
            budgets.remove(by=by_ana, budget=Budget.objects.order_by("?")[0])
        spending.result()
    assert list(mismatches()) == []
