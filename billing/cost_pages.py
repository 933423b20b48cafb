"""The page of what was spent: a period in sums, as a chart, by what it went to, and as CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import View

from billing import charts, columns, compared, spending
from billing.balances import CURRENCY
from billing.models import CostEntry, Estimate, Hold, HoldState
from billing.periods import NARROWS, SPLITS, PeriodForm, months, periods, query
from billing.spending import Asked, Group
from config.kit import exports
from teams.access import team_for_costs
from teams.pages import SignedIn

SHOWN = 8  # rows of a list
SCALE = 1000  # the width of a bar
WAYS = {
    "channel": "Channels",
    "batch": "Batches",
    "video": "Videos",
    "part": "Scenes",
    "provider": "Vendors",
    "stage": "Steps",
    "unit": "Units",
}


@dataclass(frozen=True)
class Row:
    """A line of a list with its share of the longest one."""

    group: Group
    width: int
    query: str  # the page narrowed to it; empty: it can't be
    told: compared.Told  # how near estimates came


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
        asked = self.asked()
        split = PeriodForm(request.GET).split_by()
        mine = spending.visible_to(self.by)
        rows = asked.of(mine)
        context = {
            "asked": asked,
            "periods": periods(asked, split=split),
            "months": months(asked, [one.key for one in spending.sums(mine, "month")]),
            "currency": CURRENCY,
            "is_new": not mine.exists(),
            "narrowed": self._narrowed(asked, split),
            "csv": query(asked),
            "all_time": query(asked, since=None, until=None, period="all"),
            "split": split,
            "splits": [(query(asked, split=name), told, name) for name, told in SPLITS.items()],
            "chart": charts.chart(self.team_id, asked, rows, split),
            **self._sums(asked, rows),
        }
        return render(request, "billing/costs.html", context)

    def _sums(self, asked: Asked, rows: QuerySet[CostEntry]) -> dict[str, Any]:
        totals = rows.aggregate(
            sum=Sum("amount_micros"),
            n=Count("pk"),
            videos=Count("video_id", distinct=True),
            first=Min("at"),
        )
        spent, videos = totals["sum"] or 0, totals["videos"]
        held = asked.held(Hold.objects.visible_to(self.by).filter(state=HoldState.OPEN))
        return {
            "spent": spent,
            "entries": totals["n"],
            "videos": videos,
            "first_at": totals["first"],
            "average": round(spent / videos) if videos else 0,
            "held": held.aggregate(sum=Sum("amount_micros"))["sum"] or 0,
            "ways": self._ways(asked, rows),
            "told": compared.total(asked, Estimate.objects.visible_to(self.by)),
            **self._before(asked),
        }

    def _before(self, asked: Asked) -> dict[str, Any]:
        """What to compare with; nothing came before all."""
        if asked.since is None or asked.until is None:
            return {}
        first, last = spending.before(asked.since, asked.until, spending.today())
        before = replace(asked, since=first, until=last).of(spending.visible_to(self.by))
        return {"before": spending.total(before), "before_since": first, "before_until": last}

    def _ways(self, asked: Asked, rows: QuerySet[CostEntry]) -> list[Way]:
        """By what the page is not narrowed to; by batch only where something was made in one, by
        scene only of one video."""
        wanted = [name for name in WAYS if not getattr(asked, name, None)]
        if not rows.exclude(batch_id=0).exists():
            wanted = [name for name in wanted if name != "batch"]
        if not asked.video:
            wanted.remove("part")
        return [self._way(asked, rows, name) for name in wanted]

    def _way(self, asked: Asked, rows: QuerySet[CostEntry], by: str) -> Way:
        if by == "part":
            groups = spending.by_scene(self.team_id, asked.video, rows)
        else:
            groups = spending.grouped(self.team_id, rows, by)
        longest = max((group.amount_micros for group in groups), default=0)
        told = self._told(asked, by)
        shown = [
            Row(
                group,
                round(SCALE * max(group.amount_micros, 0) / longest) if longest > 0 else 0,
                query(asked, **{by: group.key}) if by in NARROWS and group.key != "0" else "",
                told.get(group.key, compared.NOTHING_TOLD),
            )
            for group in groups[:SHOWN]
        ]
        rest = groups[SHOWN:]
        return Way(by, WAYS[by], shown, len(rest), sum(group.amount_micros for group in rest))

    def _told(self, asked: Asked, by: str) -> Mapping[str, compared.Told]:
        if by not in compared.BY:
            return {}
        return compared.told_by(asked, Estimate.objects.visible_to(self.by), by)

    def _narrowed(self, asked: Asked, split: str) -> list[dict[str, Any]]:
        """What the page is narrowed to, and the page without that."""
        found = []
        for name in NARROWS:
            value = getattr(asked, name)
            if not value:
                continue
            label = spending.labels(self.team_id, name, [str(value)])[str(value)]
            wider = query(asked, **{name: None, "split": split})
            found.append({"name": name, "value": value, "label": label, "query": wider})
        return found


class Export(_Costs):
    """The entries of the same period, line by line."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.asked().of(spending.visible_to(self.by)).order_by("id")
        told = columns.lines(columns.ENTRY, rows.iterator(chunk_size=500))
        return exports.as_csv("costs.csv", columns.head(columns.ENTRY), told)


class VideoExport(_Costs):
    """A line for each video of the same period: expected, spent, and the difference."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = compared.by_video(self.asked().of(spending.visible_to(self.by)))
        found = compared.lines(self.team_id, rows.order_by("video_id"))
        told = columns.lines(columns.VIDEO, found)
        return exports.as_csv("costs-of-videos.csv", columns.head(columns.VIDEO), told)
