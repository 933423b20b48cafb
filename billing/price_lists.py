"""How operators change the price book: row by row, or by a list as CSV, taken whole or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime

from billing import prices
from billing.models import Price, Rate
from config.kit import rows, sweeps
from config.kit.database import verb
from config.kit.errors import Refused
from config.kit.money import MICROS, micros

R = TypeVar("R", Price, Rate)
COLUMNS = ("provider", "model", "unit", "per", "price", "currency", "valid_from", "note")
FREE = "free"
MOST_LINES = 10_000
MOST_TOLD = 5


class BadList(Refused):
    """Says which lines; nothing was taken."""

    code = "invalid"


@verb
def enter(row: R) -> R:
    """A new price or rate. What waits for one goes on. Raises Refused."""
    if not isinstance(row.valid_from, datetime):  # set by the database, which knows the time
        row.valid_from = Now()
    rows.refuse_invalid(row, unchecked={"valid_from"})
    row.save()
    sweeps.soon()
    return row


@verb
def change(row: Price | Rate, wanted: Mapping[str, Any]) -> None:
    """From now on; what was booked stays as it was. Raises Refused."""
    for name, value in wanted.items():
        setattr(row, name, value)
    rows.refuse_invalid(row)
    row.save()
    sweeps.soon()


@verb
def remove(row: Price | Rate) -> None:
    """Raises Refused for one that came with the program: it would come back."""
    if isinstance(row, Price) and row.is_seeded:
        raise Refused("This price comes with the program: change it, or enter a later one.")
    row.delete()


@dataclass(frozen=True)
class Taken:
    """How many prices of a list were new, changed, or stood in the book already."""

    new: int
    changed: int
    same: int

    def __str__(self) -> str:
        return f"{self.new} new, {self.changed} changed, {self.same} as before"


@verb
def take(text: str) -> Taken:
    """A list as `written` writes it; a line without `valid_from` holds from now on. Raises
    BadList."""
    wanted = list(_read(text))
    counts = {"new": 0, "changed": 0, "same": 0}
    for number, price in wanted:
        counts[_take(number, price)] += 1
    sweeps.soon()
    return Taken(**counts)


def _take(number: int, wanted: Price) -> str:
    alike = Price.objects.filter(provider=wanted.provider, model=wanted.model, unit=wanted.unit)
    found = alike.filter(valid_from=wanted.valid_from).first() if wanted.valid_from else None
    if found is None:
        enter(wanted)
        return "new"
    said = {name: getattr(wanted, name) for name in ("per", "amount_micros", "currency", "is_free")}
    if all(getattr(found, name) == value for name, value in said.items()):
        return "same"
    change(found, {**said, "note": wanted.note})
    return "changed"


def _read(text: str) -> Iterator[tuple[int, Price]]:
    found = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    lacking = {"provider", "unit", "price"} - set(found.fieldnames or ())
    if lacking:
        raise BadList(
            f"The first line must name the columns; it lacks {', '.join(sorted(lacking))}. "
            f"They are: {', '.join(COLUMNS)}."
        )
    wrong: list[str] = []
    read: list[tuple[int, Price]] = []
    for number, line in enumerate(_lines(found), 2):
        if number > MOST_LINES:
            raise BadList(f"A list may have {MOST_LINES:,} lines.")
        try:
            read.append((number, _price(line)))
        except (Refused, ValueError) as fault:
            wrong.append(f"line {number}: {fault}")
    if wrong:
        more = f" And {len(wrong) - MOST_TOLD} more." if len(wrong) > MOST_TOLD else ""
        raise BadList(f"Nothing was taken. {'; '.join(wrong[:MOST_TOLD])}.{more}")
    yield from read


def _lines(found: Iterable[Mapping[str, str | None]]) -> Iterator[Mapping[str, str | None]]:
    try:
        yield from found
    except csv.Error as fault:
        raise BadList(f"This is no CSV: {fault}. Is a quotation mark left open?") from None


def _price(line: Mapping[str, str | None]) -> Price:
    at = {name: (line.get(name) or "").strip() for name in COLUMNS}
    is_free = at["price"].lower() == FREE
    price = Price(
        provider=at["provider"],
        model=at["model"],
        unit=at["unit"],
        per=_per(at["per"]),
        amount_micros=0 if is_free else _amount(at["price"]),
        currency=at["currency"].upper() or "USD",
        is_free=is_free,
        note=at["note"],
    )
    if at["valid_from"]:
        price.valid_from = _moment(at["valid_from"])
    rows.refuse_invalid(price, unchecked={"valid_from"})
    return price


def _per(text: str) -> int:
    value = text.replace(",", "").replace("_", "") or "1"
    if not value.isdecimal():
        raise ValueError(f"per is {text!r}: write 1, 1000 or 1000000")
    return int(value)


def _amount(text: str) -> int:
    try:
        amount = micros(Decimal(text))
    except (InvalidOperation, ValueError):
        raise ValueError(
            f"price is {text!r}: write an amount such as 0.15 with six decimals at most, or free"
        ) from None
    if amount <= 0:
        raise ValueError(f"price is {text}: a price is above zero; what costs nothing is free")
    return amount


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text) or parse_datetime(f"{text}T00:00:00")
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"valid_from is {text!r}: write a day such as 2026-05-01")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def all_prices() -> Iterable[Price]:
    return Price.objects.order_by("provider", "model", "unit", "valid_from")


def now() -> Iterable[Price]:
    """Those that hold at this moment."""
    return sorted(prices.holding(), key=lambda one: (one.provider, one.model, one.unit))


def written(book: Iterable[Price]) -> str:
    """The list as CSV, which `take` reads."""
    into = io.StringIO()
    writer = csv.writer(into)
    writer.writerow(COLUMNS)
    for one in book:
        amount = FREE if one.is_free else f"{Decimal(one.amount_micros) / MICROS:f}"
        writer.writerow(
            [
                one.provider,
                one.model,
                one.unit,
                one.per,
                amount,
                one.currency,
                one.valid_from.isoformat(),
                one.note,
            ]
        )
    return into.getvalue()
