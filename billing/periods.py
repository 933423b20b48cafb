"""The time that a page of costs shows, as its address names it, and what it is narrowed to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms

from billing import spending
from billing.spending import Asked

NARROWS = ("channel", "batch", "video", "provider", "stage", "unit")
PERIODS = (
    ("this", "This month"),
    ("last", "Last month"),
    ("30", "30 days"),
    ("all", "All time"),
)
SPLITS = {"provider": "Vendor", "stage": "Step", "channel": "Channel"}  # of the chart's bars
EVER = (None, None)
Days = tuple[date | None, date | None]


class PeriodForm(forms.Form):
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    month = forms.DateField(required=False, input_formats=["%Y-%m"])
    period = forms.ChoiceField(required=False, choices=PERIODS)
    split = forms.ChoiceField(required=False, choices=list(SPLITS.items()))
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

    def split_by(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("split") or "provider"


def _days(given: Mapping[str, Any], today: date) -> Days:
    since, until, period = given.get("since"), given.get("until"), given.get("period")
    if since and until and min(since, until).year >= 2000 and max(since, until).year < 9000:
        return min(since, until), max(since, until)
    month = given.get("month")
    if month and 2000 <= month.year < 9000:
        return spending.month_of(month)
    if period == "all":
        return EVER
    if period == "30":
        return today - timedelta(days=29), today
    first, last = spending.month_of(today)
    return spending.month_of(first - timedelta(days=1)) if period == "last" else (first, last)


def query(asked: Asked, **more: Any) -> str:
    """The address of the page that shows this; `more` goes before it, None takes something out."""
    told: dict[str, Any] = {name: value for name, value in asdict(asked).items() if value}
    if (asked.since, asked.until) == EVER:
        told["period"] = "all"
    told.update(more)
    return urlencode({name: value for name, value in told.items() if value is not None})


def periods(asked: Asked, **more: Any) -> list[tuple[str, str, bool]]:
    """(query, name, whether it is shown now)."""
    today = spending.today()
    found = []
    for period, name in PERIODS:
        days = {"since": None, "until": None, "period": period, **more}
        is_shown = _days({"period": period}, today) == (asked.since, asked.until)
        found.append((query(asked, **days), name, is_shown))
    return found


def months(asked: Asked, keys: Iterable[str]) -> Sequence[tuple[str, date, bool]]:
    """(key, its first day, whether it is shown now), the newest first."""
    found = []
    for key in sorted(keys, reverse=True):
        first = date.fromisoformat(f"{key}-01")
        found.append((key, first, spending.month_of(first) == (asked.since, asked.until)))
    return found
