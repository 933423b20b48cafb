"""Amounts of money on their way to webhooks: for as long as who made one may see costs."""

import json
from datetime import timedelta

import pytest

from billing.balances import BudgetReached
from billing.entries import CostBooked
from config.kit.database import after, verb
from teams import deliveries, listening, webhooks
from teams.actions import change_role, remove_member
from teams.events import publish
from teams.models import Delivery, Event, Membership, Role, Webhook
from tests.conftest import acting, member
from tests.doubles.receiver import receiver

BOOKED = CostBooked(7, "narration", "elevenlabs", 1_500, "USD")
FIGURES = {"amount_micros": 1_500, "currency": "USD"}


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True


@pytest.fixture
def there():
    with receiver() as found:
        yield found


@pytest.fixture
def dan(team, ana):
    """An admin, who may be another than the last owner."""
    return member(team, "Dan", Role.ADMIN)


@pytest.fixture
def hook(dan, there) -> Webhook:
    return webhooks.create(by=acting(dan), url=there.url, kinds=[BOOKED.kind])[0]


@verb
def tell(team, news) -> None:
    publish(team, news)


def deliver(team, news=BOOKED) -> None:
    tell(team, news)
    listening.work(team.pk)
    deliveries.work()


def last(there) -> dict:
    return json.loads(there.got[-1][1])["data"]


def of(user) -> Membership:
    return Membership.objects.get(user=user)


def loses_right(by, user) -> None:
    change_role(by=by, membership=of(user), role=Role.ADMIN, rights={"can_see_costs": False})


def is_demoted(by, user) -> None:
    change_role(by=by, membership=of(user), role=Role.VIEWER, rights={"can_see_costs": False})


def leaves(by, user) -> None:
    remove_member(by=by, membership=of(user))


LOSSES = pytest.mark.parametrize("loss", [loses_right, is_demoted, leaves])


def test_amounts_are_sent_to_who_may_see_them(team, hook, there):
    deliver(team)
    assert FIGURES.items() <= last(there).items()


@LOSSES
def test_from_then_on_they_are_left_out(team, by_ana, dan, hook, there, loss):
    loss(by_ana, dan)
    deliver(team)
    assert last(there) == {"video_id": 7, "stage": "narration", "provider": "elevenlabs"}


@LOSSES
def test_what_is_sent_again_leaves_them_out(team, by_ana, dan, hook, there, loss):
    deliver(team)
    loss(by_ana, dan)
    webhooks.replay(by=by_ana, delivery=Delivery.objects.get())
    deliveries.work()
    assert FIGURES.keys().isdisjoint(last(there))
    seq = Event.objects.get(kind=BOOKED.kind).seq
    webhooks.replay_range(by=by_ana, webhook=hook, since_seq=seq, until_seq=seq)
    deliveries.work()
    assert len(there.got) == 3
    assert FIGURES.keys().isdisjoint(last(there))


def test_what_is_on_its_way_already_leaves_them_out(team, by_ana, dan, hook, there):
    there.status = 500
    deliver(team)
    loses_right(by_ana, dan)
    Delivery.objects.update(due_at=after(-timedelta(seconds=1)))
    Webhook.objects.update(rests_until=None)
    deliveries.work()
    assert len(there.got) == 2
    assert FIGURES.keys().isdisjoint(last(there))


def test_one_that_is_switched_on_again_leaves_them_out(team, by_ana, dan, hook, there):
    webhooks.change(by=by_ana, webhook=hook, settings={"is_active": False})
    loses_right(by_ana, dan)
    webhooks.change(by=by_ana, webhook=hook, settings={"is_active": True})
    deliver(team)
    assert FIGURES.keys().isdisjoint(last(there))


def test_the_right_given_back_shows_them_again(team, by_ana, dan, hook, there):
    loses_right(by_ana, dan)
    change_role(by=by_ana, membership=of(dan), role=Role.ADMIN, rights={"can_see_costs": True})
    deliver(team)
    assert FIGURES.items() <= last(there).items()


def test_how_full_a_budget_is_counts_as_an_amount(team, by_ana, dan, there):
    webhooks.create(by=acting(dan), url=there.url, kinds=[BudgetReached.kind])
    loses_right(by_ana, dan)
    deliver(team, BudgetReached(1, "team", 0, "month", 80, 8, 10, "USD"))
    assert last(there) == {"budget_id": 1, "scope": "team", "subject_id": 0, "window": "month"}
