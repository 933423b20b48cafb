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
from config.kit import registry, rows, sweeps
from config.kit.database import verb
from config.kit.errors import Refused, Stale
from teams import brakes
from teams.access import Actor, TeamQuerySet, team_for_budgets, team_for_costs
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


class BudgetExists(Refused):
    code = "budget_exists"


def visible_to(by: Actor) -> TeamQuerySet[Budget]:
    """Raises Forbidden for who may not see costs."""
    team_for_costs(by, by.team_id)
    return Budget.objects.visible_to(by)


@verb
def create(*, by: Actor, scope: str, window: str, limit_micros: int, subject_id: int = 0) -> Budget:
    """Begins with what is spent in its window already. Raises Refused, BudgetExists."""
    wanted = _wanted(by, scope, window, subject_id)
    wanted.limit_micros = limit_micros
    rows.refuse_invalid(wanted, unchecked=["team"])
    brakes.alone()
    if _found(wanted) is not None:
        raise BudgetExists("There is such a budget already: change its limit.")
    wanted.save()
    balances.begin(wanted)
    publish(wanted.team_id, _changed(wanted, limit_micros, by))
    sweeps.soon()
    return wanted


@verb
def change_limit(
    *, by: Actor, budget: Budget, limit_micros: int, version: int | None = None
) -> Budget:
    """What waits for the room goes on. Raises Refused, Stale."""
    team = team_for_budgets(by, budget.team_id)
    brakes.alone()
    changed = _there(budget, version)
    was, changed.limit_micros = changed.limit_micros, limit_micros
    rows.refuse_invalid(changed, unchecked=["team"])
    if limit_micros == was:
        return changed
    Budget.objects.filter(pk=changed.pk).update(limit_micros=limit_micros, version=F("version") + 1)
    # another limit has marks of its own to be told
    changed.balances.update(limit_micros=limit_micros, told_percent=0)
    publish(team, _changed(changed, limit_micros, by))
    sweeps.soon()
    changed.version += 1
    return changed


@verb
def set_budget(
    *, by: Actor, scope: str, window: str, limit_micros: int, subject_id: int = 0
) -> Budget:
    """Makes it, or gives the one that there is another limit."""
    there = _found(_wanted(by, scope, window, subject_id))
    if there is not None:
        return change_limit(by=by, budget=there, limit_micros=limit_micros)
    return create(
        by=by, scope=scope, window=window, limit_micros=limit_micros, subject_id=subject_id
    )


@verb
def remove(*, by: Actor, budget: Budget, version: int | None = None) -> None:
    """What waited for it goes on. Raises Stale."""
    team = team_for_budgets(by, budget.team_id)
    brakes.alone()
    gone = _there(budget, version)
    publish(team, _changed(gone, None, by))
    gone.delete()
    sweeps.soon()


def _wanted(by: Actor, scope: str, window: str, subject_id: int) -> Budget:
    team = team_for_budgets(by, by.team_id)
    if subject_id < 0 or (subject_id and scope in (Scope.CALL, Scope.TEAM)):
        raise Refused("subject_id: a budget of this scope is for no single one.", code="invalid")
    if subject_id and not _is_known(team.pk, scope, subject_id):
        raise Refused(f"subject_id: There is no such {scope} in this team.", code="invalid")
    window = Window.TOTAL if scope == Scope.CALL else window
    return Budget(team=team, scope=scope, window=window, subject_id=subject_id)


def _is_known(team_id: int, scope: str, subject_id: int) -> bool:
    """Nobody is asked about a kind that no app has."""
    if scope not in registry.label:
        return True
    return subject_id in registry.label.get(scope).of(team_id, [subject_id])


def _there(budget: Budget, version: int | None) -> Budget:
    found = Budget.objects.filter(pk=budget.pk).first()
    if found is None:
        raise Stale("Somebody else has removed this budget meanwhile.")
    rows.refuse_stale(found, version)
    return found


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
