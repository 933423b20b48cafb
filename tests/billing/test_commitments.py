"""What is set aside for a batch, and how its videos take from that."""

from datetime import timedelta

import pytest
from django.db.models import F

from billing import budgets, commitments, ledger, proof
from billing.balances import OverBudget
from billing.commitments import AlreadyCommitted
from billing.models import Balance, Budget, Commitment, Hold
from billing.places import Place
from config.kit.errors import Spend
from teams import brakes

BATCH, CHANNEL, OTHER = 5, 3, 4


def purpose(team, *, video=7, channel=CHANNEL, batch=BATCH, run=9) -> ledger.Purpose:
    where = {"channel_id": channel, "batch_id": batch}
    return ledger.Purpose(team.pk, video, run, "narration", "scene:aa", **where)


def spend(amount_micros: int) -> list[Spend]:
    return [Spend("voice:paid", "characters", 1, amount_micros)]


def limit(by, scope: str, limit_micros: int, window: str = "month") -> Budget:
    return budgets.set_budget(by=by, scope=scope, window=window, limit_micros=limit_micros)


def commit(team, amount_micros: int, *, channel=CHANNEL) -> Commitment:
    return commitments.commit(Place(team.pk, channel, BATCH), amount_micros)


def used(budget: Budget) -> list[tuple[int, int, int]]:
    """By subject: set aside and spent. Nothing that is proved wrong is answered."""
    assert list(proof.mismatches()) == []
    rows = budget.balances.order_by("subject_id", "starts")
    return list(rows.values_list("subject_id", "held_micros", "spent_micros"))


def left() -> int:
    return Commitment.objects.values_list("left_micros", flat=True).get()


def test_what_a_batch_may_cost_is_set_aside_on_all_its_budgets(team, by_ana):
    wide, channel, batch = (limit(by_ana, scope, 100) for scope in ("team", "channel", "batch"))
    video = limit(by_ana, "video", 10)
    commit(team, 60)
    assert used(wide) == [(0, 60, 0)]
    assert used(channel) == [(CHANNEL, 60, 0)]
    assert used(batch) == [(BATCH, 60, 0)]
    assert used(video) == []


@pytest.mark.parametrize("scope", ["team", "channel", "batch"])
def test_a_batch_that_could_pass_a_budget_is_not_committed(team, by_ana, scope):
    limit(by_ana, "team", 1000)
    narrow = limit(by_ana, scope, 59)
    with pytest.raises(OverBudget) as refused:
        commit(team, 60)
    assert refused.value.budget == narrow
    assert not Commitment.objects.exists()
    assert not Balance.objects.exclude(held_micros=0).exists()


def test_while_spending_is_stopped_nothing_is_committed(team, by_ana):
    brakes.pull(by=by_ana, what="spending")
    with pytest.raises(brakes.Braked):
        commit(team, 60)


def test_a_batch_has_one_commitment_at_a_time(team):
    first = commit(team, 60)
    with pytest.raises(AlreadyCommitted):
        commit(team, 10)
    commitments.release(first)
    assert commit(team, 10).left_micros == 10


def test_a_run_takes_from_the_commitment_and_adds_nothing(team, by_ana):
    budget = limit(by_ana, "team", 60)
    commit(team, 60)
    ledger.hold(purpose(team), amount_micros=20)
    assert left() == 40
    assert used(budget) == [(0, 60, 0)]


def test_others_find_only_what_is_not_committed(team, by_ana):
    limit(by_ana, "team", 100)
    commit(team, 60)
    ledger.hold(purpose(team, batch=0), amount_micros=40)
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team, batch=0), amount_micros=1)
    assert ledger.hold(purpose(team), amount_micros=60)


def test_what_a_run_does_not_spend_goes_back_to_the_commitment(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commit(team, 60)
    held = ledger.hold(purpose(team), amount_micros=20)
    ledger.settle(held, purpose(team), spend(15))
    assert left() == 45
    assert used(budget) == [(0, 45, 15)]


def test_what_costs_more_than_was_held_takes_nothing_more_from_the_commitment(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commit(team, 60)
    held = ledger.hold(purpose(team), amount_micros=20)
    ledger.settle(held, purpose(team), spend(25))
    assert left() == 40
    assert used(budget) == [(0, 40, 25)]


def test_a_refund_goes_back_to_the_commitment(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commit(team, 60)
    ledger.refund(ledger.hold(purpose(team), amount_micros=20))
    assert left() == 60
    assert used(budget) == [(0, 60, 0)]


@pytest.mark.parametrize("repeatable", [True, False])
def test_what_nobody_knows_is_taken_from_the_commitment_in_full(team, by_ana, repeatable):
    budget = limit(by_ana, "team", 100)
    commit(team, 60)
    request = ledger.Request("voice:paid", "key", is_repeatable=repeatable)
    ledger.give_up(ledger.hold(purpose(team), amount_micros=20, request=request))
    assert left() == 40
    assert used(budget) == [(0, 40, 20)]
    ledger.learn(team.pk, "key", spend(5))
    assert left() == 40  # the budgets have the rest back
    assert used(budget) == [(0, 40, 5)]


def test_a_request_that_is_billed_once_gives_the_second_hold_back(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commit(team, 60)
    request = ledger.Request("voice:paid", "key", is_repeatable=True)
    for amount in (20, 30):
        held = ledger.hold(purpose(team), amount_micros=amount, request=request)
        ledger.settle(held, purpose(team), spend(12))
    assert left() == 48
    assert used(budget) == [(0, 48, 12)]


def test_a_step_that_costs_more_than_is_left_counts_on_the_budgets(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commit(team, 10)
    held = ledger.hold(purpose(team), amount_micros=11)
    assert (left(), held.commitment_id) == (10, None)
    assert used(budget) == [(0, 21, 0)]
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team), amount_micros=80)
    ledger.settle(held, purpose(team), spend(5))
    assert left() == 10
    assert used(budget) == [(0, 10, 5)]


def test_a_videos_own_budget_still_stops_it(team, by_ana):
    commit(team, 60)
    budget = limit(by_ana, "video", 20)
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team), amount_micros=21)
    assert left() == 60
    held = ledger.hold(purpose(team), amount_micros=20)
    assert used(budget) == [(7, 20, 0)]
    ledger.settle(held, purpose(team), spend(15))
    assert used(budget) == [(7, 0, 15)]
    assert left() == 45


def test_the_budget_of_each_request_still_stops_it(team, by_ana):
    limit(by_ana, "call", 10)
    commit(team, 60)
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team), amount_micros=11)
    assert left() == 60


def test_a_batch_of_several_channels_counts_on_a_channel_by_the_run(team, by_ana):
    wide, each = limit(by_ana, "team", 60), limit(by_ana, "channel", 30)
    commit(team, 60, channel=0)
    ledger.hold(purpose(team), amount_micros=30)
    with pytest.raises(OverBudget):
        ledger.hold(purpose(team), amount_micros=1)
    held = ledger.hold(purpose(team, channel=OTHER), amount_micros=30)
    assert used(each) == [(CHANNEL, 30, 0), (OTHER, 30, 0)]
    ledger.settle(held, purpose(team, channel=OTHER), spend(10))
    assert used(each) == [(CHANNEL, 30, 0), (OTHER, 0, 10)]
    assert used(wide) == [(0, 50, 10)]
    assert left() == 20


def test_a_run_in_another_channel_takes_what_was_committed_for_this_one(team, by_ana):
    each = limit(by_ana, "channel", 100)
    commit(team, 60)
    elsewhere = purpose(team, channel=OTHER)
    held = ledger.hold(elsewhere, amount_micros=20)
    assert used(each) == [(CHANNEL, 60, 0), (OTHER, 20, 0)]
    meanwhile = limit(by_ana, "channel", 200, "total")
    assert used(meanwhile) == [(CHANNEL, 40, 0), (OTHER, 20, 0)]
    ledger.settle(held, elsewhere, spend(15))
    assert used(each) == [(CHANNEL, 45, 0), (OTHER, 0, 15)]
    assert used(meanwhile) == [(CHANNEL, 45, 0), (OTHER, 0, 15)]


def test_a_released_commitment_gives_back_what_is_left(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commitment = commit(team, 60)
    held = ledger.hold(purpose(team), amount_micros=20)
    for _ in range(2):
        commitments.release(commitment)
    assert used(budget) == [(0, 20, 0)]
    ledger.settle(held, purpose(team), spend(15))
    assert used(budget) == [(0, 0, 15)]
    assert ledger.hold(purpose(team), amount_micros=85).commitment_id is None


def test_anothers_commitment_is_not_taken_from(team, others, by_ana):
    commit(team, 60)
    ledger.hold(purpose(others), amount_micros=20)
    assert left() == 60


def test_a_budget_made_meanwhile_counts_what_is_committed(team, by_ana):
    commit(team, 60)
    ledger.hold(purpose(team), amount_micros=20)
    wide, batch, video = (limit(by_ana, scope, 70) for scope in ("team", "batch", "video"))
    assert used(wide) == [(0, 60, 0)]
    assert used(batch) == [(BATCH, 60, 0)]
    assert used(video) == [(7, 20, 0)]
    ledger.settle(Hold.objects.get(), purpose(team), spend(5))
    assert used(wide) == [(0, 55, 5)]
    assert used(video) == [(7, 0, 5)]
    commitments.release(Commitment.objects.get())
    assert used(batch) == [(BATCH, 0, 5)]


def test_a_budget_removed_meanwhile_is_no_trouble(team, by_ana):
    wide, batch = limit(by_ana, "team", 70), limit(by_ana, "batch", 70)
    commitment = commit(team, 60)
    budgets.remove(by=by_ana, budget=batch)
    ledger.settle(ledger.hold(purpose(team), amount_micros=20), purpose(team), spend(5))
    commitments.release(commitment)
    assert used(wide) == [(0, 0, 5)]


def age(budget: Budget) -> None:
    """As if all that stands there stood there since last month."""
    budget.balances.update(starts=F("starts") - timedelta(days=31))
    Commitment.objects.update(created_at=F("created_at") - timedelta(days=31))


def test_what_was_committed_last_month_counts_there_until_it_is_spent(team, by_ana):
    budget = limit(by_ana, "team", 60)
    commit(team, 60)
    age(budget)
    held = ledger.hold(purpose(team), amount_micros=20)
    assert used(budget) == [(0, 60, 0), (0, 0, 0)]
    ledger.settle(held, purpose(team), spend(15))
    assert used(budget) == [(0, 45, 0), (0, 0, 15)]
    commitments.release(Commitment.objects.get())
    assert used(budget) == [(0, 0, 0), (0, 0, 15)]


def test_a_released_commitment_of_last_month_leaves_its_holds_there(team, by_ana):
    budget = limit(by_ana, "team", 60)
    commitment = commit(team, 60)
    age(budget)
    held = ledger.hold(purpose(team), amount_micros=20)
    commitments.release(commitment)
    assert used(budget) == [(0, 20, 0), (0, 0, 0)]
    ledger.settle(held, purpose(team), spend(15))
    assert used(budget) == [(0, 0, 0), (0, 0, 15)]


def test_a_committed_balance_that_is_wrong_is_put_right(team, by_ana):
    budget = limit(by_ana, "team", 100)
    commit(team, 60)
    ledger.hold(purpose(team), amount_micros=20)
    budget.balances.update(held_micros=7)
    proof.prove()
    assert used(budget) == [(0, 60, 0)]


@pytest.mark.parametrize("place", [Place(1, 2), Place(1, 2, 3, 4)])
def test_a_commitment_is_a_batchs(db, place):
    with pytest.raises(ValueError, match="batch"):
        commitments.commit(place, 10)
