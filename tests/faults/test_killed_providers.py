"""A worker that is killed (SIGKILL) at any step while the client of a real vendor buys: what is
booked and set aside is never less than the vendor's bill, ends equal to it where the vendor can be
asked, and nothing is bought twice without a person's word that is kept."""

from collections.abc import Callable

import pytest

from tests.faults.dying import ANSWERED, READ, SENDING, SENT, STATEMENT, Life, When, after, nth
from tests.faults.sellers import SELLERS, Deal, Seller
from videos import vendor_voices
from videos.providers import calling

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
HELD = (STATEMENT, 'INSERT INTO "billing_hold"', 4)
AROUND = [(SENDING, 0), (SENT, 0), (ANSWERED, 0), (READ, 3), (READ, 9)]
FEW = AROUND[1::3]
MOST_FAULTS = 20
LOOKED_UP = [one for one in SELLERS if one.can_be_asked and not one.is_free]


@pytest.fixture
def seller(request, accounts, settings, db) -> Seller:
    found: Seller = request.param
    settings.ACCOUNTS = found.led(accounts)
    if found.stage == "narration":
        vendor_voices.list_anew()
    elif found.stage == "script":
        calling.client(found.name.split()[0])  # once, and not in each process that dies
    return found


@pytest.fixture
def new(seller, ai, by_ana, channel) -> Callable[[int], Deal]:
    """Another deal with the seller for each number."""
    return lambda number: Deal.new(seller, ai, by_ana, channel, number)


def of_each(sellers: list[Seller]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("seller", sellers, indirect=True, ids=lambda one: one.name)


def killed(deal: Deal, *deaths: When) -> Life:
    """As often as there are deaths, one attempt after the other; then it comes to its end. Answers
    the last of them."""
    for when in deaths:
        deal.goes_on()
        life = deal.dies(when)
        deal.reaped()
    deal.ends()
    deal.is_fair(len(deaths))
    return life


def everywhere(new: Callable[[int], Deal], *first: Callable[[], When]) -> tuple[int, list[str]]:
    """Dies at each step there is, of a deal of its own (and at the first before that): how many
    there were, and what was wrong."""
    faults, number, died = [], 0, True
    while died and len(faults) < MOST_FAULTS:
        deal = new(number)
        try:
            life = killed(deal, *(make() for make in first), nth(number))
            died = life.died
        except AssertionError as error:
            faults.append(f"step {number}: {error}")
        number += 1
    return number - 1, faults


@of_each(SELLERS)
def test_who_is_killed_around_a_purchase_leaves_true_books(seller, new):
    is_short = seller.is_free or seller.is_slow
    points = [after(*one) for one in ([] if is_short else [HELD])]
    points += [after(kind, seller.sells_at, later) for kind, later in (FEW if is_short else AROUND)]
    for number, when in enumerate(points):
        assert killed(new(number), when).died


@pytest.mark.long
@of_each(SELLERS)
def test_who_is_killed_at_any_step_leaves_true_books(new, record_property):
    steps, faults = everywhere(new)
    record_property("steps", steps)
    assert not faults
    assert steps > 100


@pytest.mark.long
@of_each(LOOKED_UP)
def test_who_is_killed_while_it_looks_for_what_was_bought_leaves_true_books(
    seller, new, record_property
):
    steps, faults = everywhere(new, lambda: after(ANSWERED, seller.sells_at))
    record_property("steps", steps)
    assert not faults
    assert steps > 50
