"""What people are told of budgets; the handler that listens to what was reached."""

from collections.abc import Iterable, Sequence

from django.urls import reverse

from billing import standing
from billing.balances import BudgetReached
from billing.models import Budget, Window
from config.kit.money import shown
from config.kit.registry import Label
from teams import notices
from teams.models import Event, Membership, NoticeKind
from teams.notices import Notice

KIND = BudgetReached.kind
WHEN = {Window.DAY: " today", Window.MONTH: " this month", Window.TOTAL: ""}


def hear(team_id: int, events: Sequence[Event]) -> None:
    """Of what a budget has reached at once, the most alone; of one that is gone, nothing."""
    last = {(event.payload["budget_id"], event.payload["subject_id"]): event for event in events}
    budgets = Budget.objects.filter(team_id=team_id).in_bulk([budget_id for budget_id, _ in last])
    to = _who_sees_costs(notices.members(team_id))
    named = {(budgets[pk].scope, subject) for pk, subject in last if pk in budgets}
    named |= {(budget.scope, budget.subject_id) for budget in budgets.values()}
    labels = standing.labels_of(team_id, named)
    found = [
        Notice(
            NoticeKind.BUDGET_REACHED,
            _sentence(budgets[pk], event, labels[budgets[pk].scope, subject]),
            f"{reverse('billing:budgets')}#budget-{pk}",
            event.seq,
            to,
        )
        for (pk, subject), event in last.items()
        if pk in budgets
    ]
    notices.tell(team_id, found)


def _who_sees_costs(people: Iterable[Membership]) -> frozenset[int]:
    return frozenset(one.user_id for one in people if one.can_see_costs)


def _sentence(budget: Budget, event: Event, subject: Label) -> str:
    told = event.payload
    spent, limit = (
        shown(told[name], told["currency"]) for name in ("spent_micros", "limit_micros")
    )
    whom = f"{budget.scope} “{subject.text}”" if told["subject_id"] else "the whole team"
    when = WHEN[Window(budget.window)]
    stops = " What would pass it waits." if told["percent"] >= 100 else ""
    return (
        f"{told['percent']} % of the budget for {whom} is spent{when}: {spent} of {limit}.{stops}"
    )
