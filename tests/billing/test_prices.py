"""What usage costs by the price book, in which currency, and what has no price."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from billing import ledger, prices, reference
from billing.models import CostEntry, Per, Price, Rate, Unit
from billing.prices import Book, Cost, PriceUnknown
from config.kit.database import after
from config.kit.errors import Spend
from config.kit.money import Use, exactly
from tests.doubles.ai.prices import MILLION, RATES

pytestmark = pytest.mark.django_db


def price(model: str = "", amount_micros: int = 3, per: int = Per.ONE, **more) -> Price:
    of = {"provider": "acme", "unit": Unit.TOKENS_IN, **more}
    return Price.objects.create(model=model, per=per, amount_micros=amount_micros, **of)


def used(quantity: float, unit: str = Unit.TOKENS_IN, model: str = "m") -> Spend:
    return Spend("acme:someone", unit, quantity, model=model)


def charged(*spent: Spend) -> int:
    return sum(one.amount_micros for one in prices.charges(spent))


@pytest.fixture
def purpose(team):
    return ledger.Purpose(team.pk, video_id=7, run_id=9, stage="script")


def test_a_model_has_its_own_price_and_the_others_that_of_the_vendor():
    price("m", 5)
    price("", 3)
    assert charged(used(2)) == 10
    assert charged(used(2, model="other")) == 6


def test_a_price_holds_from_its_moment_on():
    price("m", 5, valid_from=after(timedelta(days=-2)))
    price("m", 7, valid_from=after(timedelta(days=-1)))
    price("m", 9, valid_from=after(timedelta(days=1)))
    assert charged(used(1)) == 7


def test_a_request_is_rounded_up_once_however_many_units_it_has():
    price("m", 1, Per.MILLION)
    price("m", 1, Per.MILLION, unit=Unit.TOKENS_OUT)
    assert charged(used(400_000), used(500_000, Unit.TOKENS_OUT)) == 1
    assert charged(used(600_000), used(600_000, Unit.TOKENS_OUT)) == 2


@pytest.mark.parametrize("unit", [Unit.TOKENS_CACHED, Unit.TOKENS_WRITTEN])
def test_tokens_of_a_cache_without_a_price_cost_what_others_do(unit):
    price("m", 5)
    price("", 3)
    assert (charged(used(2, unit)), charged(used(2, unit, "other"))) == (10, 6)
    price("", 1, unit=unit)
    assert charged(used(2, unit)) == 2


def test_what_nobody_priced_is_not_bought():
    with pytest.raises(PriceUnknown, match="tokens in of acme m"):
        Book().cost([exactly("acme:someone", Unit.TOKENS_IN, 10, "m")])


def test_what_nobody_priced_costs_the_worst_case_where_one_is_entered():
    price("", 50, provider="")
    assert Book().cost([exactly("acme", Unit.TOKENS_IN, 10, "m")]) == Cost(500, 500, 500)


def test_a_use_has_a_least_a_usual_and_a_highest_cost():
    price("m", 2, Per.THOUSAND)
    uses = [Use("acme", Unit.TOKENS_IN, 100, 1_000, 2_600, "m")]
    assert Book().cost(uses) == Cost(1, 2, 6)


def test_a_vendor_that_quotes_needs_no_price():
    assert Book().cost([Use("acme", "scene", 1, 1, 2, quoted_micros=80)]) == Cost(40, 40, 80)


def test_another_currency_is_converted_at_the_rate_of_the_day_for_good(team, purpose):
    price("m", 10, currency="EUR")
    Rate.objects.create(currency="EUR", rate=Decimal("1.15"))
    ledger.book(purpose, [used(10)])
    Rate.objects.create(currency="EUR", rate=Decimal(2), valid_from=Now())
    entry = CostEntry.objects.get()
    assert (entry.amount_micros, entry.currency) == (115, "USD")
    assert (entry.charged_micros, entry.charged_currency) == (100, "EUR")
    assert entry.rate == Decimal("1.15")


def test_a_currency_without_a_rate_buys_nothing():
    price("m", 10, currency="EUR")
    with pytest.raises(PriceUnknown, match="EUR"):
        Book().cost([exactly("acme", Unit.TOKENS_IN, 1, "m")])


def test_what_lost_its_price_after_the_hold_costs_all_that_was_set_aside(team, purpose):
    held = ledger.hold(purpose, amount_micros=700)
    assert ledger.settle(held, purpose, [used(10)]) == 700


@pytest.mark.parametrize("amount_micros", [0, -5])
def test_a_price_of_zero_or_below_is_refused(amount_micros):
    wrong = Price(provider="acme", unit=Unit.TOKENS_IN, amount_micros=amount_micros)
    with pytest.raises(ValidationError, match="marked as free"):
        wrong.full_clean()


def test_what_is_said_to_be_free_leaves_no_line(purpose):
    price("m", 0, is_free=True)
    assert ledger.book(purpose, [used(10)]) == 0
    assert not CostEntry.objects.exists()


def test_an_edited_price_stays_as_it_is_when_the_program_is_updated():
    edited = Price.objects.filter(model="tts-1")
    edited.update(amount_micros=1)
    reference.write()
    assert edited.get().amount_micros == 1


def test_the_book_knows_each_model_of_the_stand_in_at_its_price():
    book, without = Book(), {"plain-1", "kelp-lab/underwater-sketches"}  # of no public list
    for vendor, models in RATES.items():
        for model, rates in models.items():
            for unit, for_a_million in rates.items() if model not in without else ():
                cost = book.cost([exactly(vendor, unit, MILLION, model)])
                assert cost.expected == for_a_million, (vendor, model, unit)
