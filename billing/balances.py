"""Balances: what each subject of a budget has set aside and spent, window by window.

Money is set aside on all balances that it counts on by one statement that has their limits in its
WHERE, rows in the order of their ids; what is given back or spent moves them just before the verb
commits. Whoever makes, changes or removes a budget holds the lock of the brake alone, so that the
balances that it begins with are whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Now, TruncDate

from billing.models import EVER, Balance, Budget, CostEntry, Hold, HoldState, Scope, Window
from config.kit import ordered
from config.kit.database import month_sql, today_sql
from config.kit.endings import before_commit
from config.kit.errors import Refused
from config.kit.money import shown
from teams import brakes
from teams.events import News, publish

CURRENCY = "USD"
TOLD_AT = (50, 80, 100)  # per cent of a limit
OVER_BUDGET = "over_budget"


@dataclass(frozen=True)
class Place:
    """Where money counts: 0 where there is no such thing."""

    team_id: int
    channel_id: int = 0
    batch_id: int = 0
    video_id: int = 0

    def subject(self, scope: str) -> int:
        """Of a budget of this scope; a request has no balance, a team but one."""
        at = {Scope.VIDEO: self.video_id, Scope.BATCH: self.batch_id}
        return {**at, Scope.CHANNEL: self.channel_id}.get(Scope(scope), 0)


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
        super().__init__(_sentence(budget, amount_micros, used))


def _sentence(budget: Budget, amount_micros: int, used: int) -> str:
    limit, step = shown(budget.limit_micros, CURRENCY), shown(amount_micros, CURRENCY)
    if budget.scope == Scope.CALL:
        return (
            f"The next request may cost {step}, and the budget for {budget.get_scope_display()} "
            f"is {limit}: raise it, and this goes on by itself."
        )
    return (
        f"The budget for {budget.get_scope_display()} is {limit} {_over(budget.window)}: "
        f"{shown(used, CURRENCY)} of it is spent or set aside, and the next step may cost {step}. "
        "Raise it, and this goes on by itself."
    )


def _over(window: str) -> str:
    return {Window.DAY: "a day", Window.MONTH: "a month"}.get(Window(window), "in all")


@dataclass(frozen=True)
class Counted:
    """A budget that money counts on, the window that runs now, and the balance for it: None where
    there is none yet, and for one that is for each request."""

    budget: Budget
    subject_id: int
    starts: date
    balance_id: int | None


# Money moves often: one round trip, and nothing for the ORM to write.
_COUNTED = """
SELECT g.id, g.scope, g.subject_id, g."window", g.limit_micros, g.subject, g.starts, b.id
FROM (
    SELECT id, scope, subject_id, "window", limit_micros,
        CASE scope WHEN 'video' THEN %(video)s WHEN 'batch' THEN %(batch)s
            WHEN 'channel' THEN %(channel)s ELSE 0 END AS subject,
        CASE "window" WHEN 'day' THEN {today} WHEN 'month' THEN {month} ELSE {ever} END AS starts
    FROM billing_budget WHERE team_id = %(team)s
) g
LEFT JOIN billing_balance b
    ON b.budget_id = g.id AND b.subject_id = g.subject AND b.starts = g.starts
WHERE g.subject_id IN (0, g.subject) AND (g.subject <> 0 OR g.scope IN ('call', 'team'))
ORDER BY g.id
"""


def _counted_on(place: Place) -> list[Counted]:
    """Balances of windows that are new are made."""
    found = _look(place)
    lacking = [one for one in found if not one.balance_id and one.budget.scope != Scope.CALL]
    if not lacking:
        return found
    Balance.objects.bulk_create(
        (
            Balance(
                budget=one.budget,
                subject_id=one.subject_id,
                starts=one.starts,
                limit_micros=one.budget.limit_micros,
            )
            for one in lacking
        ),
        ignore_conflicts=True,
    )
    return _look(place)


def _look(place: Place) -> list[Counted]:
    today = today_sql()
    statement = _COUNTED.format(today=today, month=month_sql(), ever=f"'{EVER}'")
    asked = {
        "team": place.team_id,
        "channel": place.channel_id,
        "batch": place.batch_id,
        "video": place.video_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows = cursor.fetchall()
    return [_counted(place.team_id, row) for row in rows]


def _counted(team_id: int, row: tuple[Any, ...]) -> Counted:
    names = ("pk", "scope", "subject_id", "window", "limit_micros")
    budget = Budget(team_id=team_id, **dict(zip(names, row, strict=False)))
    _, _, _, _, _, subject_id, first, balance_id = row
    first = date.fromisoformat(first) if isinstance(first, str) else first
    return Counted(budget, subject_id, first, balance_id)


def share() -> None:
    """Before anything else that moves money locks a row: until it commits no budget begins."""
    brakes.hold_off()


def bind(place: Place, amount_micros: int) -> list[int]:
    """Sets so much aside and answers on which balances. Raises OverBudget."""
    counted_on = _counted_on(place)
    for one in counted_on:
        if one.budget.scope == Scope.CALL and amount_micros > one.budget.limit_micros:
            raise OverBudget(one.budget, 0, amount_micros, 0)
    by_balance = {one.balance_id: one for one in counted_on if one.balance_id is not None}
    if not by_balance:
        return []
    fits = Q(held_micros__lte=F("limit_micros") - F("spent_micros") - amount_micros)
    lax = _overruled(one.budget for one in counted_on)
    moved = ordered.update(
        Balance.objects.filter(pk__in=list(by_balance)),
        only=fits | Q(budget_id__in=lax) if lax else fits,
        held_micros=F("held_micros") + amount_micros,
        returning=("id",),
    )
    if len(moved) < len(by_balance):
        full = [by_balance[pk] for pk in by_balance.keys() - {row[0] for row in moved}]
        _refuse(full, amount_micros)
    return list(by_balance)


def _refuse(full: Iterable[Counted], amount_micros: int) -> NoReturn:
    """Names the narrowest that has no room, as it stands now."""
    order = list(Scope.values)
    first = min(full, key=lambda one: (order.index(one.budget.scope), one.budget.pk))
    balance = Balance.objects.get(
        budget=first.budget.pk, subject_id=first.subject_id, starts=first.starts
    )
    used = balance.held_micros + balance.spent_micros
    raise OverBudget(first.budget, first.subject_id, amount_micros, used)


@dataclass(frozen=True)
class Move:
    """What changes on the balances when the verb commits."""

    place: Place
    bound: tuple[int, ...] = ()  # the balances on which it was set aside
    freed_micros: int = 0
    spent_micros: int = 0
    is_of_today: bool = False  # `bound` are the balances of the windows that run now


def move(change: Move) -> None:
    """Money that was set aside is free again, or is spent; what is spent has no limit any more."""
    if change.freed_micros or change.spent_micros:
        before_commit("billing.balances", _move, change)


def _move(changes: Sequence[Move]) -> None:
    alike = _summed(changes)
    if len(alike) > 1:  # several statements: all rows first, in their order
        every = Balance.objects.filter(pk__in=[pk for pks in alike.values() for pk in pks])
        list(every.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    for (free, spend), pks in alike.items():
        moved = ordered.update(
            Balance.objects.filter(pk__in=pks),
            held_micros=F("held_micros") - free,
            spent_micros=F("spent_micros") + spend,
            returning=("id", "spent_micros", "limit_micros", "told_percent"),
        )
        _tell(moved)


def _now_at(place: Place) -> list[int]:
    return [one.balance_id for one in _counted_on(place) if one.balance_id is not None]


def _summed(changes: Sequence[Move]) -> Mapping[tuple[int, int], list[int]]:
    """Balances by what moves on them: freed and spent. Money is spent in the window of now."""
    freed, spent, by_place = Counter[int](), Counter[int](), Counter[Place]()
    known = {change.place: change.bound for change in changes if change.is_of_today}
    for change in changes:
        freed.update(dict.fromkeys(change.bound, change.freed_micros))
        by_place[change.place] += change.spent_micros
    for place, amount in by_place.items():
        if amount:
            spent.update(dict.fromkeys(known.get(place) or _now_at(place), amount))
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk in sorted({*freed, *spent}):
        alike[freed[pk], spent[pk]].append(pk)
    return alike


def _tell(moved: Iterable[tuple[int, int, int, int]]) -> None:
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


def _overruled(all_of_them: Iterable[Budget]) -> list[int]:
    """A budget for each of a kind says nothing where there is one for this very one."""
    budgets = list(all_of_them)
    own = {(budget.scope, budget.window) for budget in budgets if budget.subject_id}
    alike = [budget for budget in budgets if not budget.subject_id]
    return [budget.pk for budget in alike if (budget.scope, budget.window) in own]


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
    held, spent = _sums(budget, _open_holds(budget)), spent_since(budget, first)
    made = Balance.objects.bulk_create(
        Balance(
            budget=budget,
            subject_id=subject_id,
            starts=first,
            limit_micros=budget.limit_micros,
            held_micros=held.get(subject_id, 0),
            spent_micros=spent.get(subject_id, 0),
        )
        for subject_id in sorted({*held, *spent})
    )
    by_subject = {balance.subject_id: balance.pk for balance in made}
    for hold in _open_holds(budget).order_by("pk"):
        hold.balances = [*hold.balances, by_subject[_subject_of(budget, hold)]]
        hold.save(update_fields=["balances"])


def _subject_of(budget: Budget, hold: Hold) -> int:
    at = Place(hold.team_id, hold.channel_id, hold.batch_id, hold.video_id)
    return at.subject(budget.scope)


def spent_since(budget: Budget, first: date) -> Mapping[int, int]:
    """By subject."""
    entries = CostEntry.objects.filter(team=budget.team_id, at__date__gte=first)
    return _sums(budget, _within(budget, entries))


def _open_holds(budget: Budget) -> QuerySet[Hold]:
    return _within(budget, Hold.objects.filter(team=budget.team_id, state=HoldState.OPEN))


def _within(budget: Budget, rows_: QuerySet[Any]) -> QuerySet[Any]:
    column = _column(budget)
    if not column:
        return rows_
    some = rows_.exclude(**{column: 0})
    return some.filter(**{column: budget.subject_id}) if budget.subject_id else some


def _column(budget: Budget) -> str:
    return "" if budget.scope == Scope.TEAM else f"{budget.scope}_id"


def _sums(budget: Budget, rows_: QuerySet[Any]) -> dict[int, int]:
    column = _column(budget)
    if not column:
        return {0: rows_.aggregate(sum=Sum("amount_micros"))["sum"] or 0}
    by_subject = rows_.order_by().values_list(column).annotate(sum=Sum("amount_micros"))
    return dict(by_subject)
