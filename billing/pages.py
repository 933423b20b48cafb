"""The page of budgets: how each stands, what waits for it; owners and admins set them there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from billing import budgets, standing
from billing.balances import CURRENCY
from billing.forms import AmountForm, BudgetForm, Offered, written
from billing.models import Budget, Scope, Window
from billing.standing import Standing
from config.kit import pages, registry
from config.kit.errors import Refused
from config.kit.money import shown
from config.kit.registry import Label
from teams.access import team_for_budgets
from teams.pages import SignedIn

GROUPS = {
    Scope.TEAM: "The whole team",
    Scope.CHANNEL: "Channels",
    Scope.BATCH: "Batches",
    Scope.VIDEO: "Videos",
    Scope.CALL: "Paid requests",
}
ORDER = list(GROUPS)
OVER = {Window.DAY: "a day", Window.MONTH: "a month", Window.TOTAL: "in all"}
EACH = {Window.DAY: "Each day", Window.MONTH: "Each month", Window.TOTAL: "In all"}
NOW = {Window.DAY: "today", Window.MONTH: "this month", Window.TOTAL: "in all"}
TONES = {100: "bad", 80: "warn", 50: "accent", 0: "good"}
NAMED = 3  # of the videos that wait for a budget
SCALE = 1000  # the length of a meter


@dataclass(frozen=True)
class Row:
    """A budget as the page shows it."""

    budget: Budget
    standing: Standing
    waits: Sequence[Label]  # the longest waiting of them
    form: AmountForm
    is_open: bool

    @property
    def group(self) -> str:
        return GROUPS[Scope(self.budget.scope)]

    @property
    def name(self) -> str:
        """Within its group: budgets of the team differ by their windows alone."""
        is_teams = self.budget.scope == Scope.TEAM
        return EACH[Window(self.budget.window)] if is_teams else self.standing.label.text

    @property
    def over(self) -> str:
        is_told = self.budget.scope in (Scope.CALL, Scope.TEAM)
        return "" if is_told else OVER[Window(self.budget.window)]

    @property
    def now(self) -> str:
        return NOW[Window(self.budget.window)]

    @property
    def tone(self) -> str:
        return TONES[self.standing.mark]

    @property
    def spent(self) -> int:
        """On the meter."""
        return min(SCALE, self.standing.spent_micros * SCALE // self.standing.limit_micros)

    @property
    def held(self) -> int:
        """On the meter, behind what is spent."""
        length = self.standing.held_micros * SCALE // self.standing.limit_micros
        return min(SCALE - self.spent, length)

    @property
    def more(self) -> int:
        return len(self.standing.waiting) - len(self.waits)


class _OfCosts(SignedIn, View):
    def budget(self, pk: int) -> Budget:
        return get_object_or_404(budgets.visible_to(self.by), pk=pk)

    def page(
        self,
        *,
        new: BudgetForm | None = None,
        changed: tuple[int, AmountForm] | None = None,
        opened: str = "",
    ) -> HttpResponse:
        found = list(budgets.visible_to(self.by))
        rows = list(_rows(self.by.team_id, found, changed, opened))
        form = new or BudgetForm(offered=self.offered(), initial=self.request.GET.dict())
        context = {"rows": rows, "form": form, "currency": CURRENCY}
        status = 422 if new or changed else 200
        return render(self.request, "billing/budgets.html", context, status=status)

    def offered(self) -> Offered:
        if not self.by.may_set_budgets:
            return {}
        return {kind.kind: kind.choices(self.by.team_id) for kind in registry.label}


class Budgets(_OfCosts):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(opened=request.GET.get("raise", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        team_for_budgets(self.by, self.by.team_id)
        form = BudgetForm(request.POST, offered=self.offered())
        made = form.is_valid() and _tries(form, lambda: budgets.create(by=self.by, **form.wanted()))
        if not made:
            return self.page(new=form)
        pages.tell(request, "The budget holds from now on.")
        return _back_to(made)


class OneBudget(_OfCosts):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect(f"{reverse('billing:budgets')}?raise={pk}#amount-{pk}")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        budget, form = self.budget(pk), AmountForm(request.POST)
        if not form.is_valid():
            return self.page(changed=(pk, form))
        wanted, version = form.limit_micros, form.cleaned_data["version"]
        changed = _tries(
            form,
            lambda: budgets.change_limit(
                by=self.by, budget=budget, limit_micros=wanted, version=version
            ),
        )
        if not changed:
            return self.page(changed=(pk, form))
        pages.tell(request, f"The budget is {shown(wanted, CURRENCY)} now.")
        return _back_to(changed)


class Remove(_OfCosts):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        budget = self.budget(pk)
        budgets.remove(by=self.by, budget=budget)
        again = {
            "scope": budget.scope,
            budget.scope: str(budget.subject_id),
            "window": budget.window,
            "amount": written(budget.limit_micros),
        }
        undo: dict[str, Any] = {"undo": reverse("billing:budgets"), "fields": again}
        pages.tell(request, "The budget is gone. What waited for it goes on.", **undo)
        return redirect("billing:budgets")


def _back_to(budget: Budget) -> HttpResponse:
    return redirect(f"{reverse('billing:budgets')}#budget-{budget.pk}")


def _tries(form: AmountForm, act: Callable[[], Budget]) -> Budget | None:
    """What is refused stands at the field of the form that says the same in other words."""
    try:
        return act()
    except Refused as refusal:
        at = {"limit_micros": "amount", "subject_id": form.data.get("scope", "")}
        name, _, sentence = refusal.message.partition(": ")
        if at.get(name) in form.fields:
            form.add_error(at[name], sentence)
        else:
            form.add_error(None, refusal.message)
        return None


def _rows(
    team_id: int,
    found: Sequence[Budget],
    changed: tuple[int, AmountForm] | None,
    opened: str,
) -> Iterator[Row]:
    standings = standing.of(found)
    first = {pk: one.waiting[:NAMED] for pk, one in standings.items()}
    names = _names(team_id, first)
    edited = dict([changed] if changed else [])
    for budget in sorted(found, key=lambda one: _place(one, standings[one.pk])):
        yield Row(
            budget,
            standings[budget.pk],
            [names["video", video_id] for video_id in first[budget.pk]],
            edited.get(budget.pk) or AmountForm.of(budget),
            budget.pk in edited or opened == str(budget.pk),
        )


def _names(team_id: int, waiting: Mapping[int, Sequence[int]]) -> Mapping[tuple[str, int], Label]:
    videos = {(str(Scope.VIDEO), pk) for pks in waiting.values() for pk in pks}
    return standing.labels_of(team_id, videos)


def _place(budget: Budget, its: Standing) -> tuple[Any, ...]:
    scope = ORDER.index(Scope(budget.scope))
    return (scope, budget.subject_id > 0, its.label.text, budget.window, budget.pk)
