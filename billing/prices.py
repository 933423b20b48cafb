"""What things cost: usage becomes money by the price book, in the one currency that is counted in.

A price that nobody knows is the worst case that an operator entered for the unit; without one
nothing is bought.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import TypeVar

from django.db.models import F, Max, Model, Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from billing.balances import CURRENCY
from billing.price_book import Price, Rate, Unit
from config.kit.errors import Refused, Spend
from config.kit.money import Use, vendor_of

M = TypeVar("M", bound=Model)
PRICE_UNKNOWN = "price_unknown"
ONE = Decimal(1)
OF_A_CACHE = (Unit.TOKENS_CACHED, Unit.TOKENS_WRITTEN)


class PriceUnknown(Refused):
    """Nothing is bought that has no price."""

    code = PRICE_UNKNOWN


@dataclass(frozen=True)
class Charge:
    """A spend with its amount in the currency of its price, and what that is where all is counted:
    the conversion is fixed here for good."""

    spend: Spend
    amount_micros: int
    rate: Decimal = ONE
    price_id: int | None = None


@dataclass(frozen=True)
class Cost:
    """In micro-units of the currency that all is counted in: at least, as expected, at most."""

    low: int = 0
    expected: int = 0
    high: int = 0

    def __add__(self, other: Cost) -> Cost:
        both = (self.low + other.low, self.expected + other.expected, self.high + other.high)
        return Cost(*both)


NOTHING = Cost()


class Book:
    """All prices that hold now: two queries, however much is asked of it."""

    def __init__(self) -> None:
        self._prices = {(row.provider, row.model, row.unit): row for row in holding()}
        rates = _newest(Rate.objects.all(), "currency")
        self._rates = {CURRENCY: ONE, **{row.currency: row.rate for row in rates}}

    def price(self, provider: str, model: str, unit: str) -> Price:
        """Of the very model, of the vendor, or the worst case; tokens that a cache is told of cost
        what others do where nobody entered less. Raises PriceUnknown."""
        vendor = vendor_of(provider)
        units = (unit, Unit.TOKENS_IN) if unit in OF_A_CACHE else (unit,)
        known = [(vendor, name, one) for one in units for name in (model, "")]
        for key in [*known, *(("", "", one) for one in units)]:
            if key in self._prices:
                return self._prices[key]
        raise PriceUnknown(_unknown(vendor, model, unit))

    def rate(self, currency: str) -> Decimal:
        """Raises PriceUnknown."""
        if currency not in self._rates:
            raise PriceUnknown(
                f"No rate from {currency} to {CURRENCY} is known: an operator enters it under "
                "Rates in the admin, and this goes on by itself."
            )
        return self._rates[currency]

    def cost(self, uses: Iterable[Use]) -> Cost:
        """Of one request. Raises PriceUnknown."""
        low = expected = high = Fraction()
        for use in uses:
            each = self._each(use)
            low += Fraction(str(use.low)) * each
            expected += Fraction(str(use.expected)) * each
            high += Fraction(str(use.high)) * each
        return Cost(math.ceil(low), math.ceil(expected), math.ceil(high))

    def _each(self, use: Use) -> Fraction:
        """One unit, in micro-units of the currency that is counted in."""
        if use.quoted_micros is not None:
            return Fraction(use.quoted_micros) / Fraction(str(use.high)) if use.high else Fraction()
        price = self.price(use.provider, use.model, use.unit)
        return Fraction(price.amount_micros, price.per) * Fraction(self.rate(price.currency))

    def charge(self, spent: Sequence[Spend]) -> list[Charge]:
        """Of one request to each vendor. Raises PriceUnknown.

        What a vendor bills is rounded up once for a request, so its lines add up to that.
        """
        charges: list[Charge] = []
        for _, alike in groupby(spent, key=lambda one: (vendor_of(one.provider), one.model)):
            charges += self._request(list(alike))
        return charges

    def _request(self, spent: Sequence[Spend]) -> list[Charge]:
        found: list[Charge] = []
        sums: dict[str, Fraction] = {}  # by currency
        for one in spent:
            if one.amount_micros is not None:
                found.append(self._quoted(one))
                continue
            price = self.price(one.provider, one.model, one.unit)
            before, rate = sums.get(price.currency, Fraction()), self.rate(price.currency)
            exact = before + Fraction(str(one.quantity)) * price.amount_micros / price.per
            sums[price.currency] = exact
            amount = math.ceil(exact) - math.ceil(before)
            counted = _converted(exact, rate) - _converted(before, rate)
            named = replace(one, amount_micros=amount, currency=price.currency)
            found.append(Charge(named, counted, rate, price.pk))
        return found

    def _quoted(self, spend: Spend) -> Charge:
        rate = self.rate(spend.currency)
        return Charge(spend, _converted(Fraction(spend.amount_micros or 0), rate), rate)


def holding() -> Iterable[Price]:
    """The prices that hold now."""
    return _newest(Price.objects.all(), "provider", "model", "unit")


def charges(spent: Sequence[Spend]) -> list[Charge]:
    """What is quoted in the currency that is counted in needs no book. Raises PriceUnknown."""
    if all(one.amount_micros is not None and one.currency == CURRENCY for one in spent):
        return [Charge(one, one.amount_micros or 0) for one in spent]
    return Book().charge(spent)


def changed_at() -> datetime:
    """When the book last said something else: a row was written, or its moment came."""
    long_ago = datetime.min.replace(tzinfo=UTC)
    found = [long_ago]
    for rows in (Price.objects.all(), Rate.objects.all()):
        last = rows.aggregate(
            written=Max("changed_at"), came=Max("valid_from", filter=Q(valid_from__lte=Now()))
        )
        found += [at for at in last.values() if at]
    return max(found)


def _converted(amount: Fraction, rate: Decimal) -> int:
    return math.ceil(amount * Fraction(rate))


def _newest(rows: QuerySet[M, M], *same: str) -> Iterable[M]:
    """Of the rows that are alike in these columns the one that holds now."""
    alike = [F(name) for name in same]
    place = Window(RowNumber(), partition_by=alike, order_by=F("valid_from").desc())
    return rows.filter(valid_from__lte=Now()).annotate(place=place).filter(place=1)


def _unknown(vendor: str, model: str, unit: str) -> str:
    named = Unit(unit).label if unit in Unit.values else unit
    what = f"{vendor} {model}".strip()
    return (
        f"Nobody has said what {named} of {what} cost, so nothing was bought: an operator enters "
        "it under Prices in the admin (what costs nothing, such as a server of your own, is marked "
        "as free), and this goes on by itself."
    )
