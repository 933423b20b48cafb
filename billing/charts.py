"""The chart of costs: a bar for each day or month, stacked by what the money went to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Max, Min, QuerySet, Sum

from billing import spending
from billing.models import CostEntry
from billing.periods import query
from billing.spending import COLUMNS, DAYS, Asked

SCALE = 1000  # the width and the height of the drawing
BY_DAY = 92  # days, at most; of a longer time each bar is a month
OWN_COLOUR = 5  # of the dearest; the others share one
OTHERS = "Others"


@dataclass(frozen=True)
class Piece:
    """What a bar has of one series, in the chart's units."""

    number: int
    label: str
    amount_micros: int
    y: float = 0
    height: float = 0


@dataclass(frozen=True)
class Bar:
    day: date  # of a month, its first
    amount_micros: int
    entries: int
    x: float
    width: float
    pieces: Sequence[Piece]
    amounts: Sequence[int]  # of every series


@dataclass(frozen=True)
class Series:
    number: int  # from 1 on: its colour
    label: str
    amount_micros: int
    query: str  # the page narrowed to it; empty: it is several


@dataclass(frozen=True)
class Chart:
    by: str  # day or month
    first: date
    last: date
    bars: Sequence[Bar]
    series: Sequence[Series]
    most_micros: int  # of a bar


def chart(team_id: int, asked: Asked, rows: QuerySet[CostEntry], split: str) -> Chart:
    """`split` is a name of spending.COLUMNS. Of a longer time it begins with the first entry and
    ends with the last."""
    first, last, by = _span(asked, rows)
    amounts, entries = _amounts(rows, split, by)
    series = _series(team_id, asked, amounts, split)
    shown = {one.number: one.shown for one in series}
    number_of = {one.key: one.number for one in series}
    days = [day.isoformat() for day in _bars(first, last, by)]
    stacks = {day: _stack(amounts.get(day, {}), number_of, shown) for day in days}
    most = max(
        (sum(max(p.amount_micros, 0) for p in stack) for stack in stacks.values()), default=0
    )
    step = SCALE / max(len(days), 1)
    width = max(step * 0.72, step - 12)
    bars = [
        Bar(
            date.fromisoformat(day),
            sum(amounts.get(day, {}).values()),
            entries.get(day, 0),
            round(n * step + (step - width) / 2, 2),
            round(width, 2),
            _placed(stacks[day], most),
            _of_each(stacks[day], shown),
        )
        for n, day in enumerate(days)
    ]
    return Chart(by, first, last, bars, list(shown.values()), most)


def _span(asked: Asked, rows: QuerySet[CostEntry]) -> tuple[date, date, str]:
    since, until = asked.since, asked.until
    if since and until and until - since <= timedelta(days=BY_DAY):
        return since, until, "day"
    ends = rows.aggregate(first=Min("at"), last=Max("at"))
    today = spending.today()
    first = ends["first"].date() if ends["first"] else today
    last = ends["last"].date() if ends["last"] else today
    if last - first <= timedelta(days=31):  # a bar or two would say little
        return first, last, "day"
    return first, last, "month"


def _bars(first: date, last: date, by: str) -> list[date]:
    if by == "day":
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = spending.month_of(month)[1] + timedelta(days=1)
    return found


Amounts = Mapping[str, Mapping[str, int]]  # by day, by key of the series


def _amounts(rows: QuerySet[CostEntry], split: str, by: str) -> tuple[Amounts, Mapping[str, int]]:
    alike = rows.order_by().annotate(day=DAYS[by]).values_list("day", COLUMNS[split])
    amounts: dict[str, dict[str, int]] = {}
    entries: dict[str, int] = {}
    for at, value, amount, n in alike.annotate(Sum("amount_micros"), Count("pk")):
        day = f"{at:%Y-%m-%d}"
        key = spending.key_of(split, value)
        of_day = amounts.setdefault(day, {})
        of_day[key] = of_day.get(key, 0) + amount
        entries[day] = entries.get(day, 0) + n
    return amounts, entries


@dataclass(frozen=True)
class _Keyed:
    key: str
    number: int
    shown: Series


def _series(team_id: int, asked: Asked, amounts: Amounts, split: str) -> list[_Keyed]:
    """The dearest first; those without a colour of their own are one."""
    sums: dict[str, int] = {}
    for of_day in amounts.values():
        for key, amount in of_day.items():
            sums[key] = sums.get(key, 0) + amount
    ordered = sorted(sums, key=lambda key: (-sums[key], key))
    named = spending.labels(team_id, split, ordered)
    own = ordered if len(ordered) == OWN_COLOUR + 1 else ordered[:OWN_COLOUR]
    found = [
        _Keyed(key, n, Series(n, named[key].text, sums[key], query(asked, **{split: key})))
        for n, key in enumerate(own, 1)
    ]
    rest = ordered[len(own) :]
    others = Series(OWN_COLOUR + 1, OTHERS, sum(sums[key] for key in rest), "")
    return [*found, *(_Keyed(key, others.number, others) for key in rest)]


def _stack(
    of_day: Mapping[str, int], number_of: Mapping[str, int], shown: Mapping[int, Series]
) -> list[Piece]:
    sums: dict[int, int] = {}
    for key, amount in of_day.items():
        sums[number_of[key]] = sums.get(number_of[key], 0) + amount
    return [Piece(number, shown[number].label, sums[number]) for number in sorted(sums)]


def _of_each(stack: Sequence[Piece], shown: Mapping[int, Series]) -> list[int]:
    amounts = {piece.number: piece.amount_micros for piece in stack}
    return [amounts.get(number, 0) for number in shown]


def _placed(stack: Sequence[Piece], most: int) -> list[Piece]:
    """From the ground up; a correction that is below nothing has no height."""
    found, y = [], float(SCALE)
    for piece in stack:
        height = SCALE * max(piece.amount_micros, 0) / most if most else 0.0
        y -= height
        found.append(replace(piece, y=round(y, 2), height=round(height, 2)))
    return found
