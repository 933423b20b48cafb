"""A process that is killed (SIGKILL) before any of its statements while it buys, gives up or
learns: the sweep books what it held, and balances stay what holds and entries add up to."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.models import Sum

from billing import budgets, commitments, ledger
from billing.models import Balance, Commitment, CostEntry, Hold
from billing.places import Place
from billing.proof import mismatches
from config.kit.errors import Spend

pytestmark = pytest.mark.django_db(transaction=True)
WORST, PRICE, BATCH, CHANNEL = 100, 80, 5, 3
SPENT = [Spend("voice:paid", "call", 1, PRICE)]


class Death:
    """Comes at the nth step of this process: a statement, or what `step` is called for."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self) -> None:
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def __call__(self, execute, sql, params, many, context):
        self.step()
        return execute(sql, params, many, context)


def dies(at: int, act: Callable[[Death], object]) -> bool:
    """In a process of its own. False: it was through before that."""
    connections.close_all()
    child = os.fork()
    if not child:
        code = 1
        try:
            death = Death(at)
            with connection.execute_wrapper(death):
                act(death)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert died or os.waitstatus_to_exitcode(status) == 0
    return died


@dataclass(frozen=True)
class Buyer:
    """One run that buys one thing of a vendor who bills a key once."""

    team_id: int
    bills: Path
    number: int
    batch_id: int = 0

    @property
    def request(self) -> ledger.Request:
        return ledger.Request("voice:paid", f"key-{self.number}", is_repeatable=True)

    def why(self, fence: int = 1) -> ledger.Purpose:
        run = (self.number, "narration", "scene:aa", fence)
        return ledger.Purpose(self.team_id, 7, *run, CHANNEL, self.batch_id)

    def hold(self, fence: int = 1) -> Hold:
        return ledger.hold(self.why(fence), amount_micros=WORST, request=self.request)

    def buy(self, death: Death) -> None:
        held = self.hold()
        death.step()
        self.ask()
        death.step()
        ledger.settle(held, self.why(), SPENT)

    def ask(self) -> None:
        (self.bills / str(self.number)).touch()

    def sweep(self) -> None:
        ledger.give_up_holds(self.number, 1)

    def buy_again(self) -> None:
        """The next attempt, which the vendor does not bill again."""
        held = self.hold(fence=2)
        self.ask()
        ledger.settle(held, self.why(2), SPENT)

    def booked(self) -> int:
        entries = CostEntry.objects.filter(request=self.request.key)
        return entries.aggregate(sum=Sum("amount_micros"))["sum"] or 0

    def billed(self) -> int:
        return PRICE if (self.bills / str(self.number)).exists() else 0


@pytest.fixture(params=[0, BATCH], ids=["alone", "in a batch"])
def buyers(request, team, by_ana, tmp_path) -> Callable[[int], Buyer]:
    for scope in ("team", "channel", "video"):
        budgets.set_budget(by=by_ana, scope=scope, window="month", limit_micros=10**6)
    commitments.commit(Place(team.pk, CHANNEL, BATCH), 10**5)
    return lambda number: Buyer(team.pk, tmp_path, number, request.param)


def balances_are_right() -> None:
    """And nothing is set aside but what the batch has left."""
    assert list(mismatches()) == []
    assert not Hold.objects.filter(state="open").exists()
    left = Commitment.objects.values_list("left_micros", flat=True).get()
    held = Balance.objects.exclude(held_micros=0).values_list("held_micros", flat=True)
    assert set(held) == {left}


def test_who_is_killed_while_it_buys_leaves_a_true_ledger(buyers):
    number, died = 0, True
    while died:
        number += 1
        buyer = buyers(number)
        died = dies(number - 1, buyer.buy)
        assert list(mismatches()) == []
        buyer.sweep()
        balances_are_right()
        assert buyer.booked() >= buyer.billed()
        buyer.buy_again()
        assert buyer.booked() == buyer.billed() == PRICE
    balances_are_right()
    assert number > 5


@pytest.mark.parametrize("ways", ["sweep", "settle late", "refund"])
def test_who_is_killed_while_it_ends_a_hold_is_followed_by_another(buyers, ways):
    number, died = 0, True
    while died:
        number += 1
        buyer = buyers(number)
        held = buyer.hold()
        acts = {
            "sweep": lambda buyer=buyer: buyer.sweep(),
            "settle late": lambda buyer=buyer, held=held: late(buyer, held),
            "refund": lambda held=held: ledger.refund(held),
        }
        died = dies(number - 1, lambda death, act=acts[ways]: act())
        assert list(mismatches()) == []
        buyer.sweep()
        balances_are_right()
    assert number > 2


def late(buyer: Buyer, held: Hold) -> None:
    ledger.give_up(held)
    ledger.book_late(held, buyer.why(), SPENT)


def test_who_is_killed_while_it_learns_a_price_learns_it_again(buyers):
    number, died = 0, True
    while died:
        number += 1
        buyer = buyers(number)
        ledger.give_up(buyer.hold())
        learn = lambda buyer=buyer: ledger.learn(buyer.team_id, buyer.request.key, SPENT)  # noqa: E731
        died = dies(number - 1, lambda death, learn=learn: learn())
        balances_are_right()
        assert buyer.booked() in (WORST, PRICE)
        learn()
        assert buyer.booked() == PRICE
        balances_are_right()
    assert number > 2
