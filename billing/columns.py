"""The columns of what was spent, one list for programs and spreadsheets.

Programs read amounts in micro-units under the names given here; a spreadsheet has them in whole
units of the currency, under the same name without `_micros`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from config.kit.exports import Cell
from config.kit.money import MICROS

AMOUNT = "_micros"
ENTRY = (
    "id",
    "at",
    "video_id",
    "channel_id",
    "batch_id",
    "stage",
    "part",
    "provider",
    "model",
    "kind",
    "unit",
    "quantity",
    "amount_micros",
    "currency",
    "charged_micros",
    "charged_currency",
    "rate",
)
BILL = (
    "low_micros",
    "expected_micros",
    "high_micros",
    "spent_micros",
    "difference_micros",
    "percent",
    "currency",
)
VIDEO = (
    "video_id",
    "title",
    "channel_id",
    "channel",
    "batch_id",
    "batch",
    "month",
    "low_micros",
    "expected_micros",
    "high_micros",
    "spent_micros",
    "actual_micros",
    "difference_micros",
    "percent",
    "currency",
)


def head(columns: Iterable[str]) -> list[str]:
    return [name.removesuffix(AMOUNT) for name in columns]


def lines(columns: Sequence[str], rows: Iterable[Any]) -> Iterator[list[Cell]]:
    """What has no value is an empty cell."""
    for row in rows:
        yield [_cell(name, getattr(row, name)) for name in columns]


def _cell(name: str, value: Any) -> Cell:
    if value is None:
        return ""
    if name.endswith(AMOUNT):
        return Decimal(value) / MICROS
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    found: Cell = value
    return found
