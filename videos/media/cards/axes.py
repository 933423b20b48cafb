"""Sensible axes: round steps, and amounts written short in the language of the video."""

from __future__ import annotations

import math
from collections.abc import Sequence

from babel import Locale, UnknownLocaleError, numbers

MIN_STEP, MAX_AMOUNT = 1e-5, 1e15  # beyond these, digits would fill the page


def ticks(values: Sequence[float], wanted: int = 5) -> list[float]:
    """Round amounts from the lowest to the highest, zero among them."""
    low, high = min(0.0, *values), max(0.0, *values)
    if high == low:
        high = low + 1.0
    step = _nice((high - low) / wanted)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * place for place in range(first, last + 1)]


def _nice(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if rough <= factor * power * (1 + 1e-9):
            return factor * power
    return 10.0 * power


def written(amount: float, step: float, language: str, prefix: str = "", suffix: str = "") -> str:
    """`$20K`: short from ten thousand on, and with no more decimals than the step has."""
    locale = _locale(language)
    if step < MIN_STEP or abs(amount) >= MAX_AMOUNT:
        return f"{prefix}{amount:.2g}{suffix}".strip()
    if step >= 1000 and abs(amount) >= 1000:
        text = numbers.format_compact_decimal(amount, locale=locale, fraction_digits=1)
    else:
        decimals = next((d for d in range(6) if abs(round(step, d) - step) < step * 1e-6), 6)
        plain = "#,##0" + ("." + "0" * decimals if decimals else "")
        text = numbers.format_decimal(amount + 0.0, format=plain, locale=locale)
    return f"{prefix}{text}{suffix}".strip()


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_") or "en")
    except (ValueError, UnknownLocaleError):
        return Locale("en")
