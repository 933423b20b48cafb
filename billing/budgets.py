"""Budgets: what a team, a channel, a batch, a video or one request may cost. Never passed.

What a full budget stops waits for room: it goes on once the limit is raised, the budget is removed,
or the next day or month begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now, TruncDate

from billing import balances
from billing.balances import CURRENCY, OverBudget, starts
from billing.models import Budget, Parked, Scope, Window
from billing.places import Place
from config.kit import rows, sweeps
from config.kit.database import verb
from config.kit.errors import Refused
from teams import brakes
from teams.access import Actor, team_for_admin
from teams.events import News, publish


@dataclass(frozen=True)
class BudgetChanged(News):
    """`limit_micros` is None: it was removed."""

    kind = "billing.budget_changed"
    budget_id: int
    scope: str
    subject_id: int
    window: str
    limit_micros: int | None
    currency: str
    by_id: int | None


@verb
def set_budget(
    *, by: Actor, scope: str, window: str, limit_micros: int, subject_id: int = 0
) -> Budget:
    """Makes it, or gives it another limit; what waits for the room goes on. Raises Refused."""
    team = team_for_admin(by, by.team_id)
    if subject_id < 0 or (subject_id and scope in (Scope.CALL, Scope.TEAM)):
        raise Refused("subject_id: a budget of this scope is for no single one.", code="invalid")
    window = Window.TOTAL if scope == Scope.CALL else window
    wanted = Budget(
        team=team, scope=scope, window=window, limit_micros=limit_micros, subject_id=subject_id
    )
    rows.refuse_invalid(wanted, unchecked={"team"} if _found(wanted) else ())
    brakes.alone()
    budget = _found(wanted)
    if budget is None:
        wanted.save()
        budget = wanted
        balances.begin(budget)
    else:
        Budget.objects.filter(pk=budget.pk).update(
            limit_micros=limit_micros, version=F("version") + 1
        )
        budget.limit_micros = limit_micros
        # another limit has marks of its own to be told
        budget.balances.update(limit_micros=limit_micros, told_percent=0)
    publish(team, _changed(budget, limit_micros, by))
    sweeps.soon()
    return budget


@verb
def remove(*, by: Actor, budget: Budget) -> None:
    """What waited for it goes on."""
    team = team_for_admin(by, budget.team_id)
    brakes.alone()
    publish(team, _changed(budget, None, by))
    Budget.objects.filter(pk=budget.pk).delete()
    sweeps.soon()


def _changed(budget: Budget, limit_micros: int | None, by: Actor) -> BudgetChanged:
    of = (budget.pk, budget.scope, budget.subject_id, budget.window)
    return BudgetChanged(*of, limit_micros, CURRENCY, by.user_id)


def _found(like: Budget) -> Budget | None:
    alike = Budget.objects.filter(team=like.team, scope=like.scope, window=like.window)
    return alike.filter(subject_id=like.subject_id).first()


@verb
def park(place: Place, refusal: OverBudget) -> None:
    """In the verb that blocks the video."""
    Parked.objects.update_or_create(
        video_id=place.video_id,
        defaults={
            "team_id": place.team_id,
            "budget": refusal.budget,
            "subject_id": refusal.subject_id,
            "amount_micros": refusal.amount_micros,
        },
    )


@verb
def unpark(video_id: int) -> None:
    """In the verb that lets the video go on."""
    Parked.objects.filter(video_id=video_id).delete()


def freed(waiting: QuerySet[Any]) -> list[int]:
    """Of these videos, those whose next step fits now, the longest waiting first, no more than
    there is room for; one whose budget was removed fits."""
    parked = Parked.objects.filter(video_id__in=waiting.values("pk"))
    found = parked.select_related("budget").annotate(today=TruncDate(Now()))
    room: dict[tuple[int, int], int] = {}
    free = list(waiting.exclude(pk__in=parked.values("video_id")).values_list("pk", flat=True))
    for one in found.order_by("at", "pk"):
        budget, of = one.budget, (one.budget_id, one.subject_id)
        if budget.scope == Scope.CALL:
            fits = one.amount_micros <= budget.limit_micros
        else:
            if of not in room:
                room[of] = _room(budget, one.subject_id, starts(budget.window, one.today))
            fits = one.amount_micros <= room[of]
            room[of] -= one.amount_micros if fits else 0
        if fits:
            free.append(one.video_id)
    return free


def _room(budget: Budget, subject_id: int, first: date) -> int:
    at = budget.balances.filter(subject_id=subject_id, starts=first).first()
    used = at.held_micros + at.spent_micros if at else 0
    return budget.limit_micros - used
