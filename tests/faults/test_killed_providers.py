"""A worker that is killed (SIGKILL) at any step while the client of a real vendor buys: what is
booked and set aside is never less than the vendor's bill, ends equal to it where the vendor can be
asked, and nothing is bought twice without a person's word that is kept."""

import pytest

from tests.faults import dying
from tests.faults.dying import NEVER, Life
from tests.faults.sellers import SELLERS, Deal, Seller
from videos import vendor_voices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
SPREAD = 3


@pytest.fixture(params=SELLERS, ids=lambda seller: seller.name)
def seller(request, accounts, settings) -> Seller:
    settings.ACCOUNTS = request.param.led(accounts)
    vendor_voices.list_anew()
    return request.param


class Shop:
    """Makes one deal after the other, each of its own."""

    def __init__(self, seller, ai, by, channel) -> None:
        self._of, self._made = (seller, ai, by, channel), 0
        self.new().ends()  # what is loaded once is loaded
        deal = self.new()
        self.life = deal.dies(NEVER)
        assert deal.is_done()
        self.usual = deal.sold()

    def new(self) -> Deal:
        self._made += 1
        return Deal.new(*self._of, self._made)


@pytest.fixture
def shop(seller, ai, by_ana, channel) -> Shop:
    return Shop(seller, ai, by_ana, channel)


def killed_once(shop: Shop, at: int) -> Life:
    deal = shop.new()
    life = deal.dies(at)
    deal.reaped()
    deal.ends()
    deal.is_fair(shop.usual)
    return life


def killed_twice(shop: Shop, first: int, second: int) -> Life:
    """Who goes on is killed as well."""
    deal = shop.new()
    deal.dies(first)
    deal.reaped()
    deal.goes_on()
    life = deal.dies(second)
    deal.reaped()
    deal.ends()
    deal.is_fair(shop.usual, deaths=2)
    return life


def told(at: int, life: Life, error: AssertionError) -> str:
    return f"step {at}, {life_at(life, at)}: {error}"


def life_at(life: Life, at: int) -> str:
    return life.steps[at] if at < len(life.steps) else "its end"


def around_a_purchase(shop: Shop) -> list[int]:
    """What matters most, and some of the rest."""
    life, paid = shop.life, shop._of[0].is_paid_at
    most = [life.first(kind, paid) for kind in (dying.SENDING, dying.SENT, dying.ANSWERED)]
    rest = range(most[-1] + 1, len(life.steps))
    return [*most, *rest[:: max(1, len(rest) // SPREAD)][:SPREAD]]


def test_who_is_killed_around_a_purchase_leaves_true_books(shop):
    for at in around_a_purchase(shop):
        try:
            assert killed_once(shop, at).died
        except AssertionError as error:
            raise AssertionError(told(at, shop.life, error)) from error
