"""What a video is expected to cost, before: by the price book, corrected by what others cost.

History is the ratio of what was paid to what the price book alone expected, for each stage and
vendor, over the team's last videos, or where it has made few, over everybody's. Its median moves
the expectation; few videos move it a little.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

from django.db.models import QuerySet, Sum
from django.db.models.functions import Now

from billing.balances import CURRENCY
from billing.models import CostEntry, Estimate
from billing.prices import NOTHING, Book, Cost, PriceUnknown
from config.kit.database import verb
from config.kit.money import Use, about, between, vendor_of

LAST = 50  # videos that are learnt from
ENOUGH = 5  # of its own, and a team goes by them alone
CAUTION = 2.0  # as many videos as if they had cost just what the book expects
SURE = 8  # videos, and the spread is what was seen rather than what is possible
MOST_FACTOR = 10.0


@dataclass(frozen=True)
class Request:
    """What one part of a stage may use; its `low` to `high` is what is possible."""

    stage: str
    part: str
    uses: Sequence[Use]


@dataclass(frozen=True)
class Line:
    """What a stage is expected to buy of one vendor. `plain` is by the price book alone."""

    stage: str
    provider: str
    cost: Cost
    plain: Cost
    requests: int
    learnt_from: int = 0
    factor: float = 1.0


@dataclass(frozen=True)
class Expected:
    """`unknown` says what has no price: that much is missing in the figures."""

    lines: Sequence[Line] = ()
    unknown: Sequence[str] = ()
    currency: str = field(default=CURRENCY)

    @property
    def cost(self) -> Cost:
        return sum((line.cost for line in self.lines), NOTHING)

    @property
    def is_free(self) -> bool:
        return not self.unknown and not self.cost.high

    @property
    def told(self) -> str:
        """`USD 0.42 (0.30 to 0.80)`; what has no price is not in it."""
        cost = self.cost
        if cost.low == cost.high:
            return about(cost.expected, self.currency)
        return f"{about(cost.expected, self.currency)} ({between(cost.low, cost.high)})"


NOTHING_BOUGHT = Expected()
UNIQUE = ["team", "video_id", "stage", "provider"]
TOLD_ANEW = [
    "low_micros",
    "expected_micros",
    "high_micros",
    "plain_micros",
    "made_of",
    "actual_micros",
    "settled_at",
]
Key = tuple[str, str]  # stage and vendor


def expect(team_id: int, requests: Iterable[Request]) -> Expected:
    wanted = [request for request in requests if request.uses]
    if not wanted:
        return NOTHING_BOUGHT
    plain, counts, unknown = _priced(wanted)
    lines = [
        _corrected(key, plain[key], counts[key], _ratios(team_id, *key)) for key in sorted(plain)
    ]
    return Expected(lines, tuple(dict.fromkeys(unknown)))


def _priced(
    wanted: Iterable[Request],
) -> tuple[Mapping[Key, Cost], Mapping[Key, int], Sequence[str]]:
    book = Book()
    plain: dict[Key, Cost] = {}
    counts: dict[Key, int] = {}
    unknown: list[str] = []
    for request in wanted:
        by_vendor = sorted(request.uses, key=lambda use: vendor_of(use.provider))
        for vendor, uses in groupby(by_vendor, key=lambda use: vendor_of(use.provider)):
            key = (request.stage, vendor)
            try:
                cost = book.cost(uses)
            except PriceUnknown as refusal:
                unknown.append(refusal.message)
                continue
            plain[key] = plain.get(key, NOTHING) + cost
            counts[key] = counts.get(key, 0) + 1
    return {key: cost for key, cost in plain.items() if cost.high}, counts, unknown


def _ratios(team_id: int, stage: str, provider: str) -> list[float]:
    """Paid to expected, the newest videos first."""
    learnt = Estimate.objects.filter(
        stage=stage, provider=provider, actual_micros__gt=0, plain_micros__gt=0
    )
    own = _newest(learnt.filter(team=team_id))
    return own if len(own) >= ENOUGH else _newest(learnt)


def _newest(learnt: QuerySet[Estimate]) -> list[float]:
    rows = learnt.order_by("-settled_at", "-id").values_list("actual_micros", "plain_micros")
    return [actual / plain for actual, plain in rows[:LAST] if actual is not None]


def _corrected(key: Key, plain: Cost, requests: int, ratios: Sequence[float]) -> Line:
    """What was seen moves the expectation and narrows the range, which stays within what is
    possible."""
    n = len(ratios)
    usual = min(median(ratios), MOST_FACTOR) if ratios else 1.0
    factor = (usual * n + CAUTION) / (n + CAUTION)
    expected = round(plain.expected * factor)
    low, high = min(plain.low, expected), max(plain.high, expected)
    if n >= SURE:
        ordered = sorted(ratios)
        low = max(low, round(plain.expected * ordered[n // 10]))
        high = min(high, round(plain.expected * ordered[-1 - n // 10]))
    cost = Cost(min(low, expected), expected, max(high, expected))
    return Line(*key, cost, plain, requests, n, factor)


# --- kept with the video, and learnt from


@verb
def keep(team_id: int, video_id: int, expected: Expected) -> None:
    """In the place of what was expected of an earlier order."""
    rows = [_row(team_id, video_id, line) for line in expected.lines]
    told = Estimate.objects.filter(team=team_id, video_id=video_id)
    ids = [(row.stage, row.provider) for row in rows]
    for row in told.order_by("id"):
        if (row.stage, row.provider) not in ids:
            row.delete()
    if rows:
        Estimate.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=UNIQUE, update_fields=TOLD_ANEW
        )


def _row(team_id: int, video_id: int, line: Line) -> Estimate:
    return Estimate(
        team_id=team_id,
        video_id=video_id,
        stage=line.stage,
        provider=line.provider,
        low_micros=line.cost.low,
        expected_micros=line.cost.expected,
        high_micros=line.cost.high,
        plain_micros=line.plain.expected,
        made_of={
            "requests": line.requests,
            "factor": round(line.factor, 4),
            "learnt_from": line.learnt_from,
            "most_micros": line.plain.high,
        },
    )


@verb
def learn(team_id: int, video_id: int) -> None:
    """The video is made for the first time: what that cost is what its order cost."""
    told = Estimate.objects.filter(team=team_id, video_id=video_id, settled_at=None)
    rows = list(told.select_for_update(no_key=True).order_by("id"))
    if not rows:
        return
    spent = spent_by_vendor(team_id, video_id)
    for row in rows:
        actual = spent.get((row.stage, row.provider), 0)
        told.filter(pk=row.pk).update(actual_micros=actual, settled_at=Now())


def spent_by_vendor(team_id: int, video_id: int) -> Mapping[Key, int]:
    """By stage and vendor, in the currency that all is counted in."""
    entries = CostEntry.objects.filter(team=team_id, video_id=video_id).order_by()
    found: dict[Key, int] = {}
    for stage, provider, sum_ in entries.values_list("stage", "provider").annotate(
        sum=Sum("amount_micros")
    ):
        key = (stage, vendor_of(provider))
        found[key] = found.get(key, 0) + sum_
    return found
