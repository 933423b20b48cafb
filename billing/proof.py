"""The nightly proof: each balance is what holds and entries add up to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Now, TruncDate

from billing import balances
from billing.models import Balance, Budget, Commitment, CommitmentState, Hold, HoldState, Scope
from config.kit.database import verb
from teams import brakes

log = logging.getLogger("showrunner.billing")


@dataclass(frozen=True)
class Mismatch:
    """What a balance says, and what is true: set aside and spent, in micro-units."""

    balance_id: int
    told: tuple[int, int]
    true: tuple[int, int]


def mismatches() -> Iterator[Mismatch]:
    """Of the windows that run now, budget by budget."""
    budgets = Budget.objects.exclude(scope=Scope.CALL).order_by("pk")
    for budget_id in list(budgets.values_list("pk", flat=True)):
        yield from _of(budget_id)


@verb
def _of(budget_id: int) -> list[Mismatch]:
    """Alone, so that nothing moves between the reading of one and of the other. The day is that of
    this statement, not of the transaction: it may have waited over midnight for those whose entries
    it counts. A budget that is gone meanwhile has none."""
    brakes.alone()
    budget = Budget.objects.filter(pk=budget_id).annotate(today=TruncDate(Now())).first()
    if budget is None:
        return []
    first = balances.starts(budget.window, budget.today)
    spent, held = balances.spent_since(budget, first), _held(budget.team_id)
    found = []
    for one in budget.balances.filter(starts=first).order_by("pk"):
        told = (one.held_micros, one.spent_micros)
        true = (held[one.pk], spent.get(one.subject_id, 0))
        if told != true:
            found.append(Mismatch(one.pk, told, true))
    return found


def _held(team_id: int) -> Counter[int]:
    """By balance, as open holds and commitments say: one of yesterday stands in yesterday's
    window. What a hold took from a commitment is left there no more."""
    held = Counter[int]()
    holds = Hold.objects.filter(team=team_id, state=HoldState.OPEN)
    left = Commitment.objects.filter(team=team_id, state=CommitmentState.OPEN)
    for bound, amount in [
        *holds.values_list("balances", "amount_micros"),
        *left.values_list("balances", "left_micros"),
    ]:
        held.update(dict.fromkeys(bound, amount))
    return held


def prove() -> None:
    """A task. A balance that is wrong is a bug of ours: it is told, and put right by what was
    really bought."""
    for found in mismatches():
        log.error(
            "balance %s says %s, holds and entries say %s", found.balance_id, found.told, found.true
        )
        correct(found)


@verb
def correct(found: Mismatch) -> None:
    """By the difference, since money has moved meanwhile."""
    held, spent = (true - told for told, true in zip(found.told, found.true, strict=True))
    Balance.objects.filter(pk=found.balance_id).update(
        held_micros=F("held_micros") + held, spent_micros=F("spent_micros") + spent
    )
