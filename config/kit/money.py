"""Money: integers of micro-units (a millionth of the currency's unit) and how they are shown."""

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
