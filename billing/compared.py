"""What videos cost beside what was expected of them: each by itself, and in sums.

An expectation is kept when a video is ordered, and learns what that cost when it is made. Until
then there is no difference to tell.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate, TruncMonth

from billing import spending
from billing.balances import CURRENCY
from billing.models import CostEntry, Estimate
from billing.spending import Asked

AT_ONCE = 500  # videos that are asked about together
SUMS = {
    "low_micros": Sum("low_micros"),
    "expected_micros": Sum("expected_micros"),
    "high_micros": Sum("high_micros"),
    "actual_micros": Sum("actual_micros"),
}


@dataclass(frozen=True)
class Bill:
    """Of one video. Amounts in micro-units; `spent` is all that it has cost so far."""

    low_micros: int
    expected_micros: int
    high_micros: int
    spent_micros: int
    is_made: bool  # once, so that the difference says something
    currency: str = field(default=CURRENCY)

    @property
    def difference_micros(self) -> int | None:
        is_known = self.is_made and self.expected_micros
        return self.spent_micros - self.expected_micros if is_known else None

    @property
    def percent(self) -> int | None:
        if not self.is_made:
            return None
        return spending.difference(self.expected_micros, self.spent_micros)


def bills(video_ids: Collection[int]) -> dict[int, Bill]:
    """Of each of these; two queries, however many. The caller may see their costs."""
    told = Estimate.objects.filter(video_id__in=video_ids).order_by().values_list("video_id")
    sums = told.annotate(
        low=Sum("low_micros"),
        expected=Sum("expected_micros"),
        high=Sum("high_micros"),
        unsettled=Count("pk", filter=Q(settled_at=None)),
    )
    expected = {pk: (*amounts, not unsettled) for pk, *amounts, unsettled in sums}
    entries = CostEntry.objects.filter(video_id__in=video_ids).order_by().values_list("video_id")
    spent = dict(entries.annotate(sum=Sum("amount_micros")))
    found = {}
    for pk in video_ids:
        low, usual, high, is_made = expected.get(pk, (0, 0, 0, False))
        found[pk] = Bill(low, usual, high, spent.get(pk, 0), is_made)
    return found


# --- scene by scene


@dataclass(frozen=True)
class OfStage:
    stage: str
    amount_micros: int


@dataclass(frozen=True)
class Part:
    """A scene of a video, or what is made for all of it; its stages, the dearest first."""

    part: str
    label: str
    amount_micros: int
    entries: int
    stages: Sequence[OfStage]


def parts(team_id: int, video_id: int, rows: QuerySet[CostEntry]) -> list[Part]:
    """Of the entries of one video, the dearest first."""
    place = spending.scenes(team_id, video_id)
    alike = rows.order_by().values_list("part", "stage").annotate(sum=Sum("amount_micros"))
    stages: dict[str, Counter[str]] = {}
    for part, stage, amount in alike:
        stages.setdefault(place(part)[0], Counter())[stage] += amount
    return [
        Part(one.key, one.label.text, one.amount_micros, one.entries, _ordered(stages[one.key]))
        for one in spending.by_scene(team_id, video_id, rows)
    ]


def _ordered(stages: Counter[str]) -> list[OfStage]:
    return [OfStage(*one) for one in sorted(stages.items(), key=lambda one: (-one[1], one[0]))]


# --- a line for each video


@dataclass(frozen=True)
class Line:
    """A video for which something was spent: `spent` in the days asked for, `actual` in all."""

    video_id: int
    title: str
    channel_id: int
    channel: str
    batch_id: int
    batch: str  # empty: it was made in none
    month: str  # of the first entry of these days, as 2026-11
    low_micros: int
    expected_micros: int
    high_micros: int
    spent_micros: int
    actual_micros: int
    difference_micros: int | None
    percent: int | None
    currency: str


def by_video(entries: QuerySet[CostEntry]) -> QuerySet[Any, Any]:
    """One row for each video, for `lines`; in no order."""
    return (
        entries.order_by()
        .values("video_id")
        .annotate(
            spent=Sum("amount_micros"),
            first_at=Min("at"),
            of_channel=Max("channel_id"),
            of_batch=Max("batch_id"),
        )
    )


def lines(team_id: int, rows: QuerySet[Any, dict[str, Any]]) -> Iterator[Line]:
    """Of the rows of `by_video`, a few queries for every 500 of them."""
    found = rows.iterator(chunk_size=AT_ONCE)
    while some := list(islice(found, AT_ONCE)):
        yield from dressed(team_id, some)


def dressed(team_id: int, rows: Collection[dict[str, Any]]) -> Iterator[Line]:
    named = {
        by: spending.labels(team_id, by, {str(row[column]) for row in rows})
        for by, column in (("video", "video_id"), ("channel", "of_channel"), ("batch", "of_batch"))
    }
    known = bills([row["video_id"] for row in rows])
    for row in rows:
        video, channel, batch = row["video_id"], row["of_channel"], row["of_batch"]
        bill = known[video]
        yield Line(
            video_id=video,
            title=named["video"][str(video)].text,
            channel_id=channel,
            channel=named["channel"][str(channel)].text,
            batch_id=batch,
            batch=named["batch"][str(batch)].text if batch else "",
            month=f"{row['first_at']:%Y-%m}",
            low_micros=bill.low_micros,
            expected_micros=bill.expected_micros,
            high_micros=bill.high_micros,
            spent_micros=row["spent"],
            actual_micros=bill.spent_micros,
            difference_micros=bill.difference_micros,
            percent=bill.percent,
            currency=bill.currency,
        )


# --- how near estimates came


@dataclass(frozen=True)
class Told:
    """Of videos that were made: what was expected of them, and what that cost."""

    videos: int
    low_micros: int
    expected_micros: int
    high_micros: int
    actual_micros: int

    @property
    def percent(self) -> int | None:
        return spending.difference(self.expected_micros, self.actual_micros)


NOTHING_TOLD = Told(0, 0, 0, 0, 0)
_OF_ENTRY = {"channel": "channel_id", "batch": "batch_id"}
_OWN = {"stage": "stage", "provider": "provider", "video": "video_id"}
_DAYS = {"day": TruncDate("settled_at"), "month": TruncMonth("settled_at")}
BY = (*_OF_ENTRY, *_OWN, *_DAYS)  # nobody estimates by unit, part, model or kind of entry


def total(asked: Asked, estimates: QuerySet[Estimate]) -> Told:
    """Of the videos that were made in these days."""
    found = asked.told(estimates).aggregate(videos=Count("video_id", distinct=True), **SUMS)
    return Told(**{name: amount or 0 for name, amount in found.items()})


def told_by(asked: Asked, estimates: QuerySet[Estimate], by: str) -> dict[str, Told]:
    """By the keys of `spending.grouped`. `by` is one of BY."""
    rows = asked.told(estimates).order_by()
    if by in _OF_ENTRY:
        mine = CostEntry.objects.filter(team=OuterRef("team"), video_id=OuterRef("video_id"))
        rows = rows.annotate(key=Subquery(mine.order_by("-id").values(_OF_ENTRY[by])[:1]))
    elif by in _DAYS:
        rows = rows.annotate(key=_DAYS[by])
    column = _OWN.get(by, "key")
    alike = rows.values(column).annotate(videos=Count("video_id", distinct=True), **SUMS)
    return {spending.key_of(by, row.pop(column)): Told(**row) for row in alike}


def with_told(
    team_id: int, groups: list[spending.Group], told: Mapping[str, Told], by: str
) -> list[spending.Group]:
    """Those for which nothing was spent in these days as well: what was expected of them was."""
    missing = [key for key in told if key not in {group.key for group in groups}]
    named = spending.labels(team_id, by, missing)
    found = [*groups, *(spending.Group(key, named[key], 0, 0) for key in sorted(missing))]
    return sorted(found, key=lambda group: group.key) if by in _DAYS else found
