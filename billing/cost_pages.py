"""The page of what was spent: a period in sums, by day and by what it was spent on, and as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import View

from billing import spending
from billing.balances import CURRENCY
from billing.models import CostEntry, Estimate, Hold, HoldState
from billing.spending import Asked, Group
from config.kit import exports
from config.kit.money import MICROS
from teams.access import team_for_costs
from teams.pages import SignedIn

SHOWN = 8  # rows of a list
LONGEST = timedelta(days=365)  # between the first and the last day of the chart
SCALE = 1000  # the width of a bar, and the height of the chart
WAYS = {
    "channel": "Channels",
    "batch": "Batches",
    "video": "Videos",
    "provider": "Vendors",
    "stage": "Steps",
    "unit": "Units",
}
NARROWS = ("channel", "batch", "video", "provider", "stage", "unit")
PERIODS = (("this", "This month"), ("last", "Last month"), ("30", "30 days"))


class PeriodForm(forms.Form):
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    period = forms.ChoiceField(required=False, choices=[*PERIODS, ("range", "Range")])
    channel = forms.IntegerField(required=False, min_value=0, max_value=2**53)
    batch = forms.IntegerField(required=False, min_value=0, max_value=2**53)
    video = forms.IntegerField(required=False, min_value=0, max_value=2**53)
    provider = forms.CharField(required=False, max_length=200)
    stage = forms.CharField(required=False, max_length=40)
    unit = forms.CharField(required=False, max_length=20)

    def asked(self) -> Asked:
        """What can't be read is left out: an old or guessed address still shows a page."""
        self.is_valid()
        given = self.cleaned_data
        narrowed = {name: given[name] for name in NARROWS if given.get(name)}
        since, until = _days(given, spending.today())
        return Asked(since=since, until=until, **narrowed)


def _days(given: Mapping[str, Any], today: date) -> tuple[date, date]:
    since, until, period = given.get("since"), given.get("until"), given.get("period")
    if since and until and min(since, until).year >= 2000 and max(since, until).year < 9000:
        return min(since, until), max(since, until)
    if period == "30":
        return today - timedelta(days=29), today
    first, last = spending.month_of(today)
    return spending.month_of(first - timedelta(days=1)) if period == "last" else (first, last)


def _shown(asked: Asked) -> Asked:
    """The last days of what is longer than the page shows; the export has all of it."""
    since, until = asked.since or date.min, asked.until or date.min
    return replace(asked, since=max(since, until - LONGEST))


@dataclass(frozen=True)
class Bar:
    """A day of the chart, in its units."""

    day: date
    amount_micros: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Row:
    """A line of a list with its share of the longest one."""

    group: Group
    width: int
    query: str  # the page narrowed to it
    percent: int | None = None  # of a video: how far it is from its estimate


@dataclass(frozen=True)
class Way:
    name: str
    title: str
    rows: Sequence[Row]
    others: int
    others_micros: int


class _Costs(SignedIn, View):
    def asked(self) -> Asked:
        """Raises Forbidden for who may not see costs."""
        team_for_costs(self.by, self.by.team_id)
        return PeriodForm(self.request.GET).asked()

    @property
    def team_id(self) -> int:
        return self.by.team_id


class Costs(_Costs):
    def get(self, request: HttpRequest) -> HttpResponse:
        whole = self.asked()
        asked = _shown(whole)
        mine = spending.visible_to(self.by)
        rows = asked.of(mine)
        context = {
            "asked": asked,
            "is_cut": asked != whole,
            "periods": _periods(asked),
            "currency": CURRENCY,
            "is_new": not mine.exists(),
            "narrowed": self._narrowed(asked),
            "csv": urlencode(_told(whole)),
            **self._sums(asked, rows),
        }
        return render(request, "billing/costs.html", context)

    def _sums(self, asked: Asked, rows: Any) -> dict[str, Any]:
        since, until = asked.since or date.min, asked.until or date.min
        first, last = spending.before(since, until, spending.today())
        before = replace(asked, since=first, until=last)
        days = spending.every_day(spending.grouped(self.team_id, rows, "day"), since, until)
        totals = rows.aggregate(
            sum=Sum("amount_micros"), n=Count("pk"), videos=Count("video_id", distinct=True)
        )
        spent, videos = totals["sum"] or 0, totals["videos"]
        held = asked.held(Hold.objects.visible_to(self.by).filter(state=HoldState.OPEN))
        return {
            "spent": spent,
            "entries": totals["n"],
            "videos": videos,
            "average": round(spent / videos) if videos else 0,
            "before": spending.total(before.of(spending.visible_to(self.by))),
            "before_since": first,
            "before_until": last,
            "held": held.aggregate(sum=Sum("amount_micros"))["sum"] or 0,
            "bars": bars(days),
            "days": [day for day in days if day.amount_micros],
            "most": max((day.amount_micros for day in days), default=0),
            "ways": self._ways(asked, rows),
            "forecast": self._forecast(asked),
        }

    def _ways(self, asked: Asked, rows: Any) -> list[Way]:
        """By batch only where something was made in one."""
        found = [self._way(asked, rows, way) for way in WAYS]
        batches = rows.exclude(batch_id=0).exists()
        return [way for way in found if way.name != "batch" or batches]

    def _way(self, asked: Asked, rows: Any, by: str) -> Way:
        groups = spending.grouped(self.team_id, rows, by)
        longest = max((group.amount_micros for group in groups), default=0)
        percents = self._percents(groups[:SHOWN]) if by == "video" else {}
        shown = [
            Row(
                group,
                round(SCALE * max(group.amount_micros, 0) / longest) if longest > 0 else 0,
                urlencode({**_told(asked), by: group.key}),
                percents.get(group.key),
            )
            for group in groups[:SHOWN]
        ]
        rest = groups[SHOWN:]
        return Way(by, WAYS[by], shown, len(rest), sum(group.amount_micros for group in rest))

    def _percents(self, groups: Sequence[Group]) -> Mapping[str, int | None]:
        """By video, how far what it has cost when it was made is from its estimate."""
        told = Estimate.objects.visible_to(self.by).filter(
            video_id__in=[int(group.key) for group in groups], actual_micros__isnull=False
        )
        sums = (
            told.order_by()
            .values_list("video_id")
            .annotate(expected=Sum("expected_micros"), actual=Sum("actual_micros"))
        )
        return {str(pk): spending.difference(*amounts) for pk, *amounts in sums}

    def _forecast(self, asked: Asked) -> dict[str, Any]:
        """How near estimates came: of the videos that were made in these days."""
        sums = asked.told(Estimate.objects.visible_to(self.by)).aggregate(
            expected=Sum("expected_micros"),
            actual=Sum("actual_micros"),
            videos=Count("video_id", distinct=True),
        )
        expected, actual = sums["expected"] or 0, sums["actual"] or 0
        percent = spending.difference(expected, actual)
        return {
            "videos": sums["videos"],
            "expected": expected,
            "actual": actual,
            "percent": percent,
        }

    def _narrowed(self, asked: Asked) -> list[dict[str, str]]:
        """What the page is narrowed to, and the page without that."""
        told = _told(asked)
        found = []
        for name in NARROWS:
            if name not in told:
                continue
            wider = {other: value for other, value in told.items() if other != name}
            label = spending.labels(self.team_id, name, [str(told[name])])[str(told[name])]
            found.append(
                {"name": name, "value": told[name], "label": label.text, "query": urlencode(wider)}
            )
        return found


class Export(_Costs):
    """The entries of the same period, line by line."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.asked().of(spending.visible_to(self.by)).order_by("id")
        return exports.as_csv("costs.csv", HEAD, _lines(rows.iterator(chunk_size=500)))


HEAD = (
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
    "amount",
    "currency",
    "charged",
    "charged_currency",
    "rate",
)


def _lines(entries: Iterator[CostEntry]) -> Iterator[list[exports.Cell]]:
    for one in entries:
        yield [
            one.pk,
            one.at.isoformat(timespec="seconds"),
            one.video_id,
            one.channel_id,
            one.batch_id,
            one.stage,
            one.part,
            one.provider,
            one.model,
            one.kind,
            one.unit,
            one.quantity,
            Decimal(one.amount_micros) / MICROS,
            one.currency,
            "" if one.charged_micros is None else Decimal(one.charged_micros) / MICROS,
            one.charged_currency,
            one.rate,
        ]


def _told(asked: Asked) -> dict[str, Any]:
    return {name: value for name, value in asdict(asked).items() if value}


def _periods(asked: Asked) -> list[tuple[str, str, bool]]:
    """(query, name, whether it is shown now)."""
    today = spending.today()
    rest = {name: value for name, value in _told(asked).items() if name not in ("since", "until")}
    found = []
    for period, name in PERIODS:
        is_shown = _days({"period": period}, today) == (asked.since, asked.until)
        found.append((urlencode({"period": period, **rest}), name, is_shown))
    return found


def bars(days: Sequence[Group]) -> list[Bar]:
    """Over the whole width, the highest as high as the chart."""
    most = max((day.amount_micros for day in days), default=0)
    step = SCALE / max(len(days), 1)
    found = []
    for n, day in enumerate(days):
        height = SCALE * max(day.amount_micros, 0) / most if most > 0 else 0.0
        width = max(step * 0.72, step - 12)
        x = n * step + (step - width) / 2
        at = date.fromisoformat(day.key)
        found.append(
            Bar(
                at,
                day.amount_micros,
                round(x, 2),
                round(SCALE - height, 2),
                round(width, 2),
                round(height, 2),
            )
        )
    return found
