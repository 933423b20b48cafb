"""Balances: what each subject of a budget has set aside and spent, window by window.

Money is set aside on all balances that it counts on by one statement that has their limits in its
WHERE, rows in the order of their ids; what is given back or spent moves them just before the verb
commits. Whoever makes, changes or removes a budget holds the lock of the brake alone, so that the
balances that it begins with are whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Now, TruncDate

from billing.models import (
    EVER,
    Balance,
    Budget,
    Commitment,
    CommitmentState,
    CostEntry,
    Hold,
    HoldState,
    Scope,
    Window,
)
from billing.places import Counted, Place, balances_of, counted_on
from config.kit import ordered
from config.kit.endings import Asking, before_commit
from config.kit.errors import Refused
from config.kit.together import Rows, Statement
from teams import brakes
from teams.events import News, publish

CURRENCY = "USD"
TOLD_AT = (50, 80, 100)  # per cent of a limit
OVER_BUDGET = "over_budget"


@dataclass(frozen=True)
class BudgetReached(News):
    """So much of a limit is spent: 50, 80 or 100 per cent."""

    kind = "billing.budget_reached"
    budget_id: int
    scope: str
    subject_id: int
    window: str
    percent: int
    spent_micros: int
    limit_micros: int
    currency: str


class OverBudget(Refused):
    """The first budget that this would pass, the narrowest first; nothing was set aside."""

    code = OVER_BUDGET

    def __init__(self, budget: Budget, subject_id: int, amount_micros: int, used: int) -> None:
        self.budget, self.subject_id, self.amount_micros = budget, subject_id, amount_micros
        self.used_micros = used
        super().__init__(_sentence(budget))


# Everybody in the team reads it, also who may not see costs: no amounts.
_SENTENCE = (
    "The {how_often}budget for {whom} has no room for the next step. Once it is raised{or_when}, "
    "this goes on by itself."
)
_WINDOWS = {
    Window.DAY: ("daily ", ", or the next day begins"),
    Window.MONTH: ("monthly ", ", or the next month begins"),
    Window.TOTAL: ("", ""),
}


def _sentence(budget: Budget) -> str:
    how_often, or_when = _WINDOWS[Window(budget.window)]
    whom = f"this {budget.scope}" if budget.subject_id else budget.get_scope_display()
    return _SENTENCE.format(how_often=how_often, whom=whom, or_when=or_when)


def share() -> Statement | None:
    """Before anything else that moves money locks a row: until it commits no budget begins."""
    return brakes.holding_off()


_SET_ASIDE = """
UPDATE billing_balance SET held_micros = held_micros + %s WHERE id IN ({keys})
    AND (held_micros <= limit_micros - spent_micros - %s{unless}) RETURNING id
"""


def setting_aside(
    counted_on: Sequence[Counted], amount_micros: int, lax: Sequence[int] = ()
) -> list[Statement | None]:
    """On the balances of these, where there is room: `check` looks whether there was. Budgets that
    are lax count and have no limit."""
    bound = balances_of(counted_on)
    if not bound:
        return [None]
    unless = f" OR budget_id IN ({_places(lax)})" if lax else ""
    statement = _SET_ASIDE.format(keys=_places(bound), unless=unless)
    said = [amount_micros, *bound, amount_micros, *lax]
    return [ordered.locking("billing_balance", bound), Statement(statement, said)]


def _places(values: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(values))


def check_request(counted_on: Iterable[Counted], amount_micros: int) -> None:
    """Raises OverBudget."""
    for one in counted_on:
        if one.is_for_each_request and amount_micros > one.limit_micros:
            raise OverBudget(_budget(one), 0, amount_micros, 0)


def check(counted_on: Iterable[Counted], amount_micros: int, moved: Rows) -> None:
    """Raises OverBudget for the narrowest that had no room, as it stands now."""
    had_room = {pk for (pk,) in moved}
    full = [one for one in counted_on if one.balance_id and one.balance_id not in had_room]
    if not full:
        return
    order = list(Scope.values)
    first = min(full, key=lambda one: (order.index(one.scope), one.budget_id))
    balance = Balance.objects.get(pk=first.balance_id or 0)
    used = balance.held_micros + balance.spent_micros
    raise OverBudget(_budget(first), first.subject_id, amount_micros, used)


def _budget(one: Counted) -> Budget:
    return Budget.objects.get(pk=one.budget_id)


@dataclass(frozen=True)
class Move:
    """What changes on the balances when the verb commits."""

    place: Place
    freed: Mapping[int, int] = field(default_factory=dict)  # by balance, micro-units
    spent_micros: int = 0
    is_of_today: bool = False  # `freed` names the balances of the windows that run now


def move(change: Move) -> None:
    """Money that was set aside is free again, or is spent; what is spent has no limit any more."""
    if change.freed or change.spent_micros:
        before_commit("billing.balances", _move, change)


_MOVE = """
UPDATE billing_balance SET held_micros = held_micros - %s, spent_micros = spent_micros + %s
WHERE id IN ({keys}) RETURNING id, spent_micros, limit_micros, told_percent
"""


def _move(changes: Sequence[Move]) -> Asking:
    alike = _summed(changes)
    every = sorted(pk for pks in alike.values() for pk in pks)
    asked = [_moving(*moved, pks) for moved, pks in alike.items()]
    _, *answers = yield [ordered.locking("billing_balance", every), *asked]
    for rows in answers:
        _tell(rows)


def _moving(freed: int, spent: int, pks: Sequence[int]) -> Statement:
    return Statement(_MOVE.format(keys=_places(pks)), [freed, spent, *pks])


def _summed(changes: Sequence[Move]) -> Mapping[tuple[int, int], list[int]]:
    """Balances by what moves on them: freed and spent. Money is spent in the window of now."""
    freed, spent, by_place = Counter[int](), Counter[int](), Counter[Place]()
    known = {change.place: change.freed for change in changes if change.is_of_today}
    for change in changes:
        freed.update(change.freed)
        by_place[change.place] += change.spent_micros
    for place, amount in by_place.items():
        if amount:
            spent.update(dict.fromkeys(known[place] if place in known else _now_at(place), amount))
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk in sorted({*freed, *spent}):
        if freed[pk] or spent[pk]:
            alike[freed[pk], spent[pk]].append(pk)
    return alike


def _now_at(place: Place) -> list[int]:
    return balances_of(counted_on(place))


def _tell(moved: Rows) -> None:
    """Once for each of the marks that a balance comes to."""
    for pk, spent, limit, told in moved:
        reached = max((mark for mark in TOLD_AT if spent * 100 >= limit * mark), default=0)
        if reached <= told:
            continue
        Balance.objects.filter(pk=pk).update(told_percent=reached)
        balance = Balance.objects.select_related("budget").get(pk=pk)
        budget = balance.budget
        of = (budget.pk, budget.scope, balance.subject_id, budget.window)
        publish(budget.team_id, BudgetReached(*of, reached, spent, limit, CURRENCY))


def starts(window: str, today: date) -> date:
    """The first day of the window that holds this one."""
    if window == Window.TOTAL:
        return EVER
    return today.replace(day=1) if window == Window.MONTH else today


def begin(budget: Budget) -> None:
    """Its balances, from what is spent in this window and what is set aside now. Nobody else moves
    money meanwhile."""
    if budget.scope == Scope.CALL:
        return
    today = Budget.objects.annotate(today=TruncDate(Now())).get(pk=budget.pk).today
    first = starts(budget.window, today)
    aside: list[Hold | Commitment] = [*_open_commitments(budget), *_open_holds(budget)]
    held = Counter[int]()
    for one in aside:
        amount = one.left_micros if isinstance(one, Commitment) else one.amount_micros
        held[_subject_of(budget, one)] += amount
    spent = spent_since(budget, first)
    made = Balance.objects.bulk_create(
        Balance(
            budget=budget,
            subject_id=subject_id,
            starts=first,
            limit_micros=budget.limit_micros,
            held_micros=held[subject_id],
            spent_micros=spent.get(subject_id, 0),
        )
        for subject_id in sorted({*held, *spent})
    )
    by_subject = {balance.subject_id: balance.pk for balance in made}
    for one in aside:
        one.balances = [*one.balances, by_subject[_subject_of(budget, one)]]
        one.save(update_fields=["balances"])


def _subject_of(budget: Budget, one: Hold | Commitment) -> int:
    video_id = one.video_id if isinstance(one, Hold) else 0
    return Place(one.team_id, one.channel_id, one.batch_id, video_id).subject(budget.scope)


def spent_since(budget: Budget, first: date) -> Mapping[int, int]:
    """By subject."""
    entries = _within(budget, CostEntry.objects.filter(team=budget.team_id, at__date__gte=first))
    column = _column(budget)
    if not column:
        return {0: entries.aggregate(sum=Sum("amount_micros"))["sum"] or 0}
    by_subject = entries.order_by().values_list(column).annotate(sum=Sum("amount_micros"))
    return dict(by_subject)


def _open_holds(budget: Budget) -> Iterable[Hold]:
    still_open = Hold.objects.filter(team=budget.team_id, state=HoldState.OPEN)
    return _within(budget, still_open).order_by("pk")


def _open_commitments(budget: Budget) -> Iterable[Commitment]:
    if budget.scope == Scope.VIDEO:  # a commitment is for none
        return ()
    still_open = Commitment.objects.filter(team=budget.team_id, state=CommitmentState.OPEN)
    return _within(budget, still_open).order_by("pk")


def _within(budget: Budget, rows_: QuerySet[Any]) -> QuerySet[Any]:
    column = _column(budget)
    if not column:
        return rows_
    some = rows_.exclude(**{column: 0})
    return some.filter(**{column: budget.subject_id}) if budget.subject_id else some


def _column(budget: Budget) -> str:
    return "" if budget.scope == Scope.TEAM else f"{budget.scope}_id"
