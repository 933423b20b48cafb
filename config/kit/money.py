"""Money: integers of micro-units (a millionth of the currency's unit) and how they are shown."""

from dataclasses import dataclass
from decimal import Decimal

MICROS = 1_000_000


def micros(amount: Decimal | int | str) -> int:
    """Whole micro-units of an exact amount. Floats are refused: they are not what was meant."""
    if isinstance(amount, float):
        raise TypeError("money is never a float")
    exact = Decimal(amount) * MICROS
    if exact != exact.to_integral_value():
        raise ValueError(f"{amount} is finer than a micro-unit")
    return int(exact)


def shown(amount_micros: int, currency: str) -> str:
    """`USD 1.23`; below a cent as many digits as it takes, so that small spending is seen."""
    amount = Decimal(amount_micros) / MICROS
    digits = 2 if amount_micros % 10_000 == 0 else 6
    return f"{currency} {amount:,.{digits}f}"


def about(amount_micros: int, currency: str) -> str:
    """Of what nobody knows to the micro-unit: whole cents, below ten of them tenths, and below one
    two digits."""
    return f"{currency} {_rounded(amount_micros)}"


def between(low_micros: int, high_micros: int) -> str:
    """`0.30 to 0.80`; the currency stands before it already."""
    return f"{_rounded(low_micros)} to {_rounded(high_micros)}"


def _rounded(amount_micros: int) -> str:
    if not amount_micros:
        return "0.00"
    amount = Decimal(amount_micros) / MICROS
    digits = 2 if amount >= Decimal("0.1") else 3 if amount >= Decimal("0.01") else 4
    return f"{amount:,.{digits}f}"


@dataclass(frozen=True)
class Use:
    """What a request may use of a unit: at least, as expected, and at most, which is a true bound.
    A vendor that names its own price quotes it, for the most; else the price book knows it."""

    provider: str
    unit: str
    low: float
    expected: float
    high: float
    model: str = ""
    quoted_micros: int | None = None


def exactly(provider: str, unit: str, quantity: float, model: str = "") -> Use:
    return Use(provider, unit, quantity, quantity, quantity, model)


def vendor_of(provider: str) -> str:
    """As the price book names it: `elevenlabs` of the voice `elevenlabs:Rachel`."""
    return provider.partition(":")[0]
