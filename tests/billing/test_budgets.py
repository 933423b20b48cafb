"""What a budget stops, what it counts, whom it tells, and how things go on."""

from datetime import date, timedelta

import pytest
from django.db.models import F

from billing import balances, budgets, ledger, proof
from billing.balances import OverBudget
from billing.models import Balance, CostEntry, Hold
from channels_app.actions import create_channel
from config.kit.errors import Refused, Spend
from teams.access import Actor, Forbidden
from teams.models import Event, Role

CHANNEL = 3


def purpose(team, video=7, channel=CHANNEL, run=9) -> ledger.Purpose:
    return ledger.Purpose(team.pk, video, run, "narration", "scene:aa", channel_id=channel)


def spend(amount_micros: int) -> list[Spend]:
    return [Spend("voice:paid", "characters", 1, amount_micros)]


def limit(by: Actor, scope: str, limit_micros: int, window: str = "month", subject_id: int = 0):
    wanted = {"scope": scope, "window": window, "subject_id": subject_id}
    return budgets.set_budget(by=by, limit_micros=limit_micros, **wanted)


def used(budget) -> list[tuple[int, int, int]]:
    rows = budget.balances.order_by("subject_id")
    return list(rows.values_list("subject_id", "held_micros", "spent_micros"))


@pytest.mark.parametrize("scope", ["call", "video", "channel", "team"])
def test_what_could_pass_a_budget_is_not_bought(team, by_ana, scope):
    limit(by_ana, scope, 99)
    with pytest.raises(OverBudget, match="has no room for the next step") as refused:
        ledger.hold(purpose(team), amount_micros=100)
    assert (refused.value.budget.limit_micros, refused.value.amount_micros) == (99, 100)
    assert not Hold.objects.exists()
    assert not Balance.objects.exclude(held_micros=0).exists()


def test_what_fits_to_the_last_micro_is_bought(team, by_ana):
    budget = limit(by_ana, "team", 100)
    held = ledger.hold(purpose(team), amount_micros=100)
    assert used(budget) == [(0, 100, 0)]
    ledger.settle(held, purpose(team), spend(60))
    assert used(budget) == [(0, 0, 60)]


def test_the_narrowest_budget_that_is_full_is_named(team, by_ana):
    wide, narrow = limit(by_ana, "team", 10), limit(by_ana, "video", 10)
    with pytest.raises(OverBudget) as refused:
        ledger.hold(purpose(team), amount_micros=11)
    assert refused.value.budget == narrow != wide


def test_each_video_has_its_own_balance(team, by_ana):
    budget = limit(by_ana, "video", 100)
    for video in (7, 8):
        ledger.hold(purpose(team, video), amount_micros=100)
    assert used(budget) == [(7, 100, 0), (8, 100, 0)]


def test_a_budget_of_one_channel_stops_no_other(team, by_ana, channel):
    limit(by_ana, "channel", 10, subject_id=channel.pk)
    assert ledger.hold(purpose(team, channel=channel.pk + 1), amount_micros=100)
    with pytest.raises(OverBudget, match="The monthly budget for this channel"):
        ledger.hold(purpose(team, channel=channel.pk), amount_micros=100)


def test_the_budget_of_this_one_goes_before_that_of_each(team, by_ana, channel):
    each = limit(by_ana, "channel", 10)
    limit(by_ana, "channel", 500, subject_id=channel.pk)
    ledger.hold(purpose(team, channel=channel.pk), amount_micros=100)
    assert used(each) == [(channel.pk, 100, 0)]
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team, channel=channel.pk + 1), amount_micros=100)


def test_anothers_is_not_stopped(team, by_ana, others):
    limit(by_ana, "team", 10)
    assert ledger.hold(purpose(others), amount_micros=100)


def test_a_refund_frees_what_was_set_aside(team, by_ana):
    budget = limit(by_ana, "team", 100)
    for _ in range(3):
        ledger.refund(ledger.hold(purpose(team), amount_micros=100))
    assert used(budget) == [(0, 0, 0)]


def test_what_nobody_knows_counts_in_full(team, by_ana):
    budget = limit(by_ana, "team", 100)
    ledger.give_up(ledger.hold(purpose(team), amount_micros=70))
    assert used(budget) == [(0, 0, 70)]


def test_a_correction_counts_as_well(team, by_ana):
    budget = limit(by_ana, "team", 100)
    request = ledger.Request("voice:paid", "key")
    held = ledger.hold(purpose(team), amount_micros=70, request=request)
    ledger.give_up(held)
    ledger.learn(team.pk, "key", spend(20))
    assert used(budget) == [(0, 0, 20)]


def test_a_new_budget_begins_with_what_is_spent_and_set_aside(team, by_ana):
    ledger.book(purpose(team), spend(30))
    ledger.book(purpose(team, video=8), spend(5))
    held = ledger.hold(purpose(team), amount_micros=50)
    whole, each = limit(by_ana, "team", 100), limit(by_ana, "video", 100)
    assert (used(whole), used(each)) == ([(0, 50, 35)], [(7, 50, 30), (8, 0, 5)])
    ledger.settle(held, purpose(team), spend(40))
    assert (used(whole), used(each)) == ([(0, 0, 75)], [(7, 0, 70), (8, 0, 5)])


def test_a_new_budget_below_what_is_spent_stops_everything(team, by_ana):
    ledger.book(purpose(team), spend(30))
    limit(by_ana, "team", 20)
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team), amount_micros=1)


def test_a_raised_budget_lets_things_through(team, by_ana):
    limit(by_ana, "team", 99)
    limit(by_ana, "team", 100)
    assert ledger.hold(purpose(team), amount_micros=100)


def test_a_removed_budget_stops_nothing(team, by_ana):
    budget = limit(by_ana, "team", 99)
    held = ledger.hold(purpose(team), amount_micros=50)
    budgets.remove(by=by_ana, budget=budget)
    assert ledger.hold(purpose(team), amount_micros=100)
    ledger.settle(held, purpose(team), spend(50))
    assert CostEntry.objects.count() == 1


def test_a_new_day_begins_at_nothing(team, by_ana):
    budget = limit(by_ana, "team", 100, "day")
    ledger.book(purpose(team), spend(100))
    budget.balances.update(starts=F("starts") - timedelta(days=1))
    assert ledger.hold(purpose(team), amount_micros=100)


def test_what_is_settled_on_another_day_is_spent_on_that_day(team, by_ana):
    budget = limit(by_ana, "team", 100, "day")
    held = ledger.hold(purpose(team), amount_micros=100)
    budget.balances.update(starts=F("starts") - timedelta(days=1))
    Hold.objects.update(created_at=F("created_at") - timedelta(days=1))
    ledger.settle(held, purpose(team), spend(90))
    by_day = budget.balances.order_by("starts").values_list("held_micros", "spent_micros")
    assert list(by_day) == [(0, 0), (0, 90)]


@pytest.mark.parametrize(
    ("window", "first"),
    [("day", date(2026, 2, 28)), ("month", date(2026, 2, 1)), ("total", date(1970, 1, 1))],
)
def test_the_window_of_a_day(window, first):
    assert balances.starts(window, date(2026, 2, 28)) == first


def test_the_marks_that_are_passed_are_told_once(team, by_ana):
    limit(by_ana, "team", 100)
    for amount in (49, 1, 29, 1, 20):
        ledger.book(purpose(team), spend(amount))
    told = Event.objects.filter(kind="billing.budget_reached").order_by("seq")
    assert [event.payload["percent"] for event in told] == [50, 80, 100]


@pytest.mark.parametrize("amount", [0, -5])
def test_a_limit_of_nothing_or_less_is_refused(by_ana, amount):
    with pytest.raises(Refused, match="greater than or equal to 1"):
        limit(by_ana, "team", amount)


@pytest.mark.parametrize(("scope", "window"), [("galaxy", "day"), ("team", "year")])
def test_what_no_budget_is_for_is_refused(by_ana, scope, window):
    with pytest.raises(Refused, match="not a valid choice"):
        limit(by_ana, scope, 100, window)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_budgets_are_an_admins(team, role):
    with pytest.raises(Forbidden):
        limit(Actor(team.pk, role, can_see_costs=True), "team", 100)


def test_who_sees_no_costs_sets_no_budget(team):
    with pytest.raises(Forbidden, match="see costs"):
        limit(Actor(team.pk, Role.OWNER), "team", 100)


def test_a_budget_for_a_channel_that_is_not_there_is_refused(by_ana, others):
    theirs = create_channel(by=Actor(others.pk, Role.OWNER), name="Theirs", slug="theirs", brand={})
    with pytest.raises(Refused, match="no such channel in this team"):
        limit(by_ana, "channel", 100, subject_id=theirs.pk)


def test_anotherss_budget_is_left_alone(by_ana, others):
    theirs = limit(Actor(others.pk, Role.OWNER, can_see_costs=True), "team", 100)
    with pytest.raises(Forbidden):
        budgets.remove(by=by_ana, budget=theirs)
    theirs.refresh_from_db()


def test_a_balance_that_is_wrong_is_told_and_put_right(team, by_ana, caplog):
    budget = limit(by_ana, "team", 100)
    ledger.book(purpose(team), spend(30))
    ledger.hold(purpose(team), amount_micros=20)
    budget.balances.update(held_micros=7, spent_micros=99)
    proof.prove()
    assert used(budget) == [(0, 20, 30)]
    assert "says (7, 99), holds and entries say (20, 30)" in caplog.text


def test_balances_that_are_right_are_left_alone(team, by_ana, caplog):
    limit(by_ana, "team", 100)
    ledger.book(purpose(team), spend(30))
    proof.prove()
    assert not caplog.text


def test_what_is_set_aside_since_yesterday_is_no_mistake_of_today(team, by_ana, caplog):
    budget = limit(by_ana, "team", 100, "day")
    ledger.hold(purpose(team), amount_micros=20)
    budget.balances.update(starts=F("starts") - timedelta(days=1))
    ledger.hold(purpose(team), amount_micros=30)
    proof.prove()
    assert not caplog.text
    assert list(budget.balances.order_by("starts").values_list("held_micros")) == [(20,), (30,)]


def test_another_limit_has_marks_of_its_own(team, by_ana):
    limit(by_ana, "team", 100)
    ledger.book(purpose(team), spend(100))
    limit(by_ana, "team", 1000)
    ledger.book(purpose(team), spend(700))
    told = Event.objects.filter(kind="billing.budget_reached").order_by("seq")
    assert [event.payload["percent"] for event in told] == [100, 80]


@pytest.mark.parametrize(("scope", "subject"), [("team", 5), ("call", 5), ("video", -1)])
def test_a_subject_that_a_budget_can_not_have_is_refused(by_ana, scope, subject):
    with pytest.raises(Refused, match="no single one"):
        limit(by_ana, scope, 100, subject_id=subject)
