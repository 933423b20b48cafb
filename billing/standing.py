"""How budgets stand now: what is spent, set aside and left, how they are called, what waits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, DateField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Now, TruncDate, TruncMonth

from billing.balances import CURRENCY, TOLD_AT
from billing.models import EVER, Balance, Budget, Parked, Scope, Window
from config.kit import registry
from config.kit.money import shown
from config.kit.registry import Label

NAMES = {
    Scope.CALL: "Each paid request",
    Scope.VIDEO: "Each video",
    Scope.BATCH: "Each batch",
    Scope.CHANNEL: "Each channel",
    Scope.TEAM: "The whole team",
}
Subject = tuple[str, int]  # a scope, and the id of one of its kind


@dataclass(frozen=True)
class Standing:
    """Of a budget for each of a kind: as it stands for the one that has used most of it."""

    label: Label
    limit_micros: int
    held_micros: int = 0
    spent_micros: int = 0
    fullest_id: int = 0  # which of its kind that is; 0: none has used any, or it is for one alone
    fullest: Label | None = None
    starts: date | None = None  # the first day of the window of now; None: it counts in all
    waiting: Sequence[int] = ()  # videos, the longest waiting first

    @property
    def left_micros(self) -> int:
        return max(0, self.limit_micros - self.held_micros - self.spent_micros)

    @property
    def over_micros(self) -> int:
        return max(0, self.spent_micros - self.limit_micros)

    @property
    def percent(self) -> int:
        """Of the limit, spent."""
        return self.spent_micros * 100 // self.limit_micros

    @property
    def mark(self) -> int:
        """The highest of those that people are told of; 0 below all."""
        return max((mark for mark in TOLD_AT if self.percent >= mark), default=0)


@dataclass(frozen=True)
class _Now:
    """The window that runs, and the fullest balance in it."""

    starts: date
    fullest: Balance | None


def of(budgets: Iterable[Budget]) -> dict[int, Standing]:
    """By the ids of budgets of one team; a handful of queries however many there are."""
    found = list(budgets)
    if not found:
        return {}
    now, waiting = _now(found), _waiting(found)
    subjects = {(one.scope, one.subject_id) for one in found}
    subjects |= {
        (one.scope, balance.subject_id)
        for one in found
        if (balance := now[one.pk].fullest) is not None
    }
    labels = labels_of(found[0].team_id, subjects)
    return {one.pk: _standing(one, now[one.pk], labels, waiting[one.pk]) for one in found}


def _standing(
    budget: Budget, now: _Now, labels: Mapping[Subject, Label], waiting: Sequence[int]
) -> Standing:
    whose = now.fullest.subject_id if now.fullest and not budget.subject_id else 0
    return Standing(
        label=labels[budget.scope, budget.subject_id],
        limit_micros=budget.limit_micros,
        held_micros=now.fullest.held_micros if now.fullest else 0,
        spent_micros=now.fullest.spent_micros if now.fullest else 0,
        fullest_id=whose,
        fullest=labels[budget.scope, whose] if whose else None,
        starts=now.starts if budget.window != Window.TOTAL else None,
        waiting=waiting,
    )


def _now(budgets: Sequence[Budget]) -> dict[int, _Now]:
    first = Case(
        When(window=Window.DAY, then=TruncDate(Now())),
        When(window=Window.MONTH, then=TruncDate(TruncMonth(Now()))),
        default=Value(EVER),
        output_field=DateField(),
    )
    mine = Balance.objects.filter(budget=OuterRef("pk"), starts=OuterRef("first"))
    by_use = mine.order_by((F("held_micros") + F("spent_micros")).desc(), "pk")
    rows = Budget.objects.filter(pk__in=[one.pk for one in budgets]).annotate(first=first)
    told = rows.annotate(fullest=Subquery(by_use.values("pk")[:1]))
    found = list(told.values_list("pk", "first", "fullest"))
    balances = Balance.objects.in_bulk([fullest for _, _, fullest in found if fullest])
    return {pk: _Now(starts, balances.get(fullest)) for pk, starts, fullest in found}


def _waiting(budgets: Sequence[Budget]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    parked = Parked.objects.filter(budget__in=budgets).order_by("at", "pk")
    for budget_id, video_id in parked.values_list("budget_id", "video_id"):
        found[budget_id].append(video_id)
    return found


def labels_of(team_id: int, subjects: Collection[Subject]) -> dict[Subject, Label]:
    """A query for each kind. What is gone is called by its number."""
    by_scope: dict[str, set[int]] = defaultdict(set)
    for scope, subject_id in subjects:
        by_scope[scope].add(subject_id)
    found = {}
    for scope, ids in by_scope.items():
        there = _known(team_id, scope, ids - {0})
        for subject_id in ids:
            usual = f"{scope} {subject_id}".capitalize() if subject_id else NAMES[Scope(scope)]
            found[scope, subject_id] = there.get(subject_id, Label(usual))
    return found


def _known(team_id: int, scope: str, ids: Collection[int]) -> Mapping[int, Label]:
    return registry.label.get(scope).of(team_id, ids) if ids and scope in registry.label else {}


def parked_at(video_id: int) -> Parked | None:
    """The budget that a video waits for; None: it waits for none."""
    return Parked.objects.filter(video_id=video_id).select_related("budget").first()


def shortage(parked: Parked) -> str:
    """What lacks, in figures: for who may see costs."""
    budget = parked.budget
    limit, step = shown(budget.limit_micros, CURRENCY), shown(parked.amount_micros, CURRENCY)
    if budget.scope == Scope.CALL:
        return f"The next request may cost {step}; {limit} is the most that one may."
    first = _now([budget])[budget.pk].starts
    balance = budget.balances.filter(subject_id=parked.subject_id, starts=first).first()
    used = balance.held_micros + balance.spent_micros if balance else 0
    spent = shown(used, CURRENCY)
    return f"{spent} of {limit} is spent or set aside, and the next step may cost {step}."
