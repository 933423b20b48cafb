"""What was spent, asked of the ledger: by video, stage, scene, vendor, unit, channel, day, month.

Nothing is kept beside the entries, so no sum can differ from what they say.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncMonth

from billing.models import CostEntry, Estimate, Hold, HoldState, Unit
from config.kit import registry
from config.kit.money import vendor_of
from config.kit.registry import Label
from teams.access import Actor

COLUMNS = {
    "stage": "stage",
    "part": "part",
    "provider": "provider",
    "model": "model",
    "unit": "unit",
    "kind": "kind",
    "channel": "channel_id",
    "batch": "batch_id",
    "video": "video_id",
}
DAYS = {"day": TruncDate("at"), "month": TruncMonth("at")}
BY = (*COLUMNS, *DAYS)
LABELLED = ("channel", "batch", "video")
A_DAY = timedelta(days=1)
WHOLE = "whole"  # the part of a stage that is made in one
GONE = "gone"  # of scenes that a later script has no more
OF_A_SCENE = ("scene:", "picture:")
OWN = "own"  # the vendor of what the studio's own machines take
NO_SUCH = {"channel": "No channel", "batch": "No batch", "video": "No video"}


def visible_to(by: Actor) -> QuerySet[CostEntry]:
    """None of them for who may not see costs."""
    found = CostEntry.objects.visible_to(by)
    return found if by.can_see_costs else found.none()


@dataclass(frozen=True)
class Asked:
    """Which entries; days are of UTC, both of them within."""

    since: date | None = None
    until: date | None = None
    channel: int = 0
    batch: int = 0
    video: int = 0
    stage: str = ""
    provider: str = ""  # the vendor
    unit: str = ""
    kind: str = ""

    def of(self, rows: QuerySet[CostEntry]) -> QuerySet[CostEntry]:
        for column, name in (
            ("channel_id", "channel"),
            ("batch_id", "batch"),
            ("video_id", "video"),
        ):
            if wanted := getattr(self, name):
                rows = rows.filter(**{column: wanted})
        for name in ("stage", "unit", "kind"):
            if wanted := getattr(self, name):
                rows = rows.filter(**{name: wanted})
        if self.provider:
            one = rows.filter(provider=self.provider)
            rows = one | rows.filter(provider__startswith=f"{self.provider}:")
        if self.since:
            rows = rows.filter(at__gte=_begin(self.since))
        return rows.filter(at__lt=_begin(self.until + A_DAY)) if self.until else rows

    def held(self, holds: QuerySet[Hold]) -> QuerySet[Hold]:
        """What is set aside now for the same, whatever the days. Nobody sets aside by unit or by
        kind of entry, so those narrow nothing here."""
        asked: Any = replace(self, since=None, until=None, unit="", kind="")
        found: QuerySet[Hold] = asked.of(holds)  # which have the same columns
        return found

    def told(self, estimates: QuerySet[Estimate]) -> QuerySet[Estimate]:
        """Of videos made in these days what was expected of the same; none by unit or by kind of
        entry, which nobody estimates."""
        if self.unit or self.kind:
            return estimates.none()
        found = estimates.filter(actual_micros__gt=0)
        if self.since:
            found = found.filter(settled_at__gte=_begin(self.since))
        if self.until:
            found = found.filter(settled_at__lt=_begin(self.until + A_DAY))
        for name in ("stage", "provider"):
            if wanted := getattr(self, name):
                found = found.filter(**{name: wanted})
        if self.channel or self.batch or self.video:
            of = Asked(channel=self.channel, batch=self.batch, video=self.video)
            found = found.filter(_of_bought(of))
        return found


def _of_bought(asked: Asked) -> Q:
    """Of videos that entries know by channel or batch: estimates know neither."""
    mine = CostEntry.objects.filter(team=OuterRef("team"), video_id=OuterRef("video_id"))
    return Q(Exists(asked.of(mine)))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


@dataclass(frozen=True)
class Group:
    """The entries that are alike in one respect."""

    key: str
    label: Label
    amount_micros: int
    entries: int
    quantity: Decimal = Decimal()  # of one unit; a sum over several means nothing

    @property
    def counted(self) -> str:
        """`1,204` or `12.5`."""
        whole = self.quantity.quantize(Decimal("0.1"))
        return f"{whole:,.0f}" if whole == whole.to_integral_value() else f"{whole:,.1f}"


def grouped(team_id: int, rows: QuerySet[CostEntry], by: str) -> list[Group]:
    """The dearest first, days and months in their order. `by` is one of BY."""
    found = sums(rows, by)
    named = labels(team_id, by, [group.key for group in found])
    groups = [replace(group, label=named[group.key]) for group in found]
    if by in DAYS:
        return sorted(groups, key=lambda group: group.key)
    return sorted(groups, key=lambda group: (-group.amount_micros, group.label.text, group.key))


def sums(rows: QuerySet[CostEntry], by: str) -> list[Group]:
    """In no order, and without names."""
    found = rows.order_by().annotate(key=DAYS[by]) if by in DAYS else rows.order_by()
    alike = found.values_list("key" if by in DAYS else COLUMNS[by]).annotate(
        sum=Sum("amount_micros"), n=Count("pk"), used=Sum("quantity")
    )
    groups: dict[str, Group] = {}
    for value, amount, n, used in alike:
        key = key_of(by, value)
        was = groups.get(key, Group(key, Label(key), 0, 0))
        groups[key] = replace(
            was,
            amount_micros=was.amount_micros + amount,
            entries=was.entries + n,
            quantity=was.quantity + used,
        )
    return list(groups.values())


def key_of(by: str, value: Any) -> str:
    if by == "provider":
        return vendor_of(value)
    if by == "month":
        return f"{value:%Y-%m}"
    return value.isoformat() if by == "day" else str(value)


def labels(team_id: int, by: str, keys: Iterable[str]) -> Mapping[str, Label]:
    if by in LABELLED:
        ids = [int(key) for key in keys]
        known = registry.label.get(by).of(team_id, ids) if by in registry.label else {}
        return {str(pk): known.get(pk) or Label(_unnamed(by, pk)) for pk in ids}
    if by == "unit":
        return {key: Label(unit_named(key)) for key in keys}
    write = registry.written.get(by) if by in registry.written else str
    return {key: Label("Own machines" if key == OWN else write(key)) for key in keys}


def scenes(team_id: int, video_id: int) -> Callable[[str], tuple[str, Label]]:
    """Of one video: by a part of the ledger, under which part it counts and what that is called. A
    scene's picture counts under the scene, as its words do."""
    known: dict[str, tuple[str, Label]] = {}
    for places in registry.scenes:
        known |= places(team_id, video_id)

    def place(part: str) -> tuple[str, Label]:
        if part in known:
            return known[part]
        if part.startswith(OF_A_SCENE):
            return GONE, Label("Scenes that are gone")
        return WHOLE, Label("The whole video")

    return place


def by_scene(team_id: int, video_id: int, rows: QuerySet[CostEntry]) -> list[Group]:
    """Of the entries of one video, the dearest first."""
    place, found = scenes(team_id, video_id), dict[str, Group]()
    for one in sums(rows, "part"):
        key, label = place(one.key)
        was = found.get(key, Group(key, label, 0, 0))
        amount, entries = was.amount_micros + one.amount_micros, was.entries + one.entries
        found[key] = Group(key, label, amount, entries)
    return sorted(found.values(), key=lambda group: (-group.amount_micros, group.key))


def unit_named(unit: str) -> str:
    known = {**dict(Unit.choices), "call": "requests"}
    return str(known.get(unit, unit))


def _unnamed(by: str, pk: int) -> str:
    return f"{by.capitalize()} {pk}" if pk else NO_SUCH[by]


def total(rows: QuerySet[CostEntry]) -> int:
    return rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def today() -> date:
    return datetime.now(UTC).date()


def month_of(day: date) -> tuple[date, date]:
    """Its first and its last day."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def before(since: date, until: date, today: date) -> tuple[date, date]:
    """Days to compare with, as many as have come of these: of a month the first days of the month
    before, of any other time those right before it."""
    last = since - A_DAY
    is_month = (since, until) == month_of(since)
    if is_month and until <= today:
        return month_of(last)
    days = max((min(until, today) - since).days, 0)
    first = last.replace(day=1) if is_month else last - timedelta(days=days)
    return first, min(first + timedelta(days=days), last)


# --- while it happens


@dataclass(frozen=True)
class Standing:
    """What a video has spent, by stage, and what is set aside for it now."""

    spent_micros: int
    held_micros: int
    by_stage: Mapping[str, int]


def standing(video_ids: Collection[int]) -> dict[int, Standing]:
    """Two queries, however many videos."""
    entries = CostEntry.objects.filter(video_id__in=video_ids).order_by()
    by_stage: dict[int, dict[str, int]] = {}
    for video_id, stage, amount in entries.values_list("video_id", "stage").annotate(
        sum=Sum("amount_micros")
    ):
        by_stage.setdefault(video_id, {})[stage] = amount
    open_holds = Hold.objects.filter(video_id__in=video_ids, state=HoldState.OPEN).order_by()
    held = dict(open_holds.values_list("video_id").annotate(sum=Sum("amount_micros")))
    return {
        pk: Standing(sum(by_stage.get(pk, {}).values()), held.get(pk, 0), by_stage.get(pk, {}))
        for pk in video_ids
    }


def held_by_stage(team_id: int, video_id: int) -> dict[str, int]:
    held = Hold.objects.filter(team=team_id, video_id=video_id, state=HoldState.OPEN).order_by()
    return dict(held.values_list("stage").annotate(sum=Sum("amount_micros")))


# --- before and after


@dataclass(frozen=True)
class Compared:
    """What was expected when it was ordered, and what that stage has cost at this vendor."""

    stage: str
    provider: str
    low_micros: int
    expected_micros: int
    high_micros: int
    actual_micros: int

    @property
    def percent(self) -> int | None:
        return difference(self.expected_micros, self.actual_micros)


def difference(expected_micros: int, actual_micros: int) -> int | None:
    """In per cent of what was expected; None where nothing was."""
    if not expected_micros:
        return None
    return round((actual_micros - expected_micros) * 100 / expected_micros)


def compared(told: Iterable[Estimate], spent: Mapping[tuple[str, str], int]) -> list[Compared]:
    """What was bought and not expected stands there with an expectation of nothing."""
    rows = [
        Compared(
            row.stage,
            row.provider,
            row.low_micros,
            row.expected_micros,
            row.high_micros,
            spent.get((row.stage, row.provider), 0),
        )
        for row in told
    ]
    expected = {(row.stage, row.provider) for row in rows}
    surprises = [key for key in sorted(spent) if key not in expected and spent[key]]
    return [*rows, *(Compared(*key, 0, 0, 0, spent[key]) for key in surprises)]
