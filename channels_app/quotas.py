"""What YouTube lets this installation do in a day: reserved before each call, settled after it.

Google counts by the day of California, for all channels of a project together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.db.models.functions import Now

from channels_app.models import QuotaBucket, QuotaDay, QuotaLedger, QuotaRule, Use
from config.kit import rows
from config.kit.database import after, retry_db, verb
from config.kit.errors import Refused, Unavailable

PACIFIC = ZoneInfo("America/Los_Angeles")
LOST_AFTER = timedelta(minutes=15)  # longer than any call takes


class NoRule(Refused):
    code = "no_quota_rule"


class UsedUp(Unavailable):
    """Nothing more of a bucket today; `retry_after_s` leads past the midnight of California."""

    def __init__(self, bucket: str, now: datetime) -> None:
        self.bucket, self.resets_at = bucket, resets_at(now)
        super().__init__(
            f"YouTube lets no more {bucket} through today: it goes on by itself at "
            f"{self.resets_at:%H:%M} UTC, when a new day begins in California.",
            retry_after_s=(self.resets_at - now).total_seconds(),
        )


def pacific_day(now: datetime) -> date:
    return now.astimezone(PACIFIC).date()


def resets_at(now: datetime) -> datetime:
    """The next midnight in California, in UTC: 07:00 or 08:00."""
    tomorrow = pacific_day(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)


@retry_db
@verb
def reserve(
    method: str, *, request: str, channel_id: int = 0, is_by_hand: bool = False
) -> QuotaLedger:
    """Sets the units of one call aside. `request` names this one call: asked again before it ended,
    the same row is answered. What people do by hand may take what is kept for them. Raises UsedUp,
    NoRule.
    """
    now = _now()
    rule = _rule(method, pacific_day(now))
    known = QuotaLedger.objects.filter(request=request, state=Use.RESERVED).first()
    if known is not None:
        return known
    day = _locked(rule.bucket, now)
    bucket = rule.bucket
    room = bucket.units_a_day if is_by_hand else bucket.units_for_machines
    if day.is_used_up or day.spent + day.reserved + rule.cost > room:
        raise UsedUp(bucket.title, now)
    QuotaDay.objects.filter(pk=day.pk).update(reserved=F("reserved") + rule.cost)
    return QuotaLedger.objects.create(
        day=day, request=request, method=method, units=rule.cost, channel_id=channel_id
    )


@retry_db
@verb
def spend(call: QuotaLedger) -> None:
    """The call was made, whatever was answered: also an invalid one counts."""
    _end(call, Use.SPENT, spent=call.units)


@retry_db
@verb
def release(call: QuotaLedger) -> None:
    """The call never left this machine."""
    _end(call, Use.RELEASED, spent=0)


def _end(call: QuotaLedger, state: Use, *, spent: int) -> None:
    open_one = QuotaLedger.objects.filter(pk=call.pk, state=Use.RESERVED)
    if open_one.update(state=state):
        QuotaDay.objects.filter(pk=call.day_id).update(
            reserved=F("reserved") - call.units, spent=F("spent") + spent
        )


@contextmanager
def counted(
    method: str, *, request: str, channel_id: int = 0, is_by_hand: bool = False
) -> Iterator[QuotaLedger]:
    """Around one call of the network. It counts unless it raises NotSent."""
    call = reserve(method, request=request, channel_id=channel_id, is_by_hand=is_by_hand)
    try:
        yield call
    except NotSent:
        release(call)
        raise
    except BaseException:
        spend(call)
        raise
    spend(call)


class NotSent(Unavailable):
    """No connection came about, so nothing was counted."""


@retry_db
@verb
def close(method: str) -> UsedUp:
    """Google says that the bucket of a method is used up for today. Answers what to raise."""
    now = _now()
    rule = _rule(method, pacific_day(now))
    day = _locked(rule.bucket, now)
    QuotaDay.objects.filter(pk=day.pk).update(is_used_up=True)
    return UsedUp(rule.bucket.title, now)


@verb
def reopen(day: QuotaDay) -> None:
    """An operator knows better, for instance since the quota was raised."""
    QuotaDay.objects.filter(pk=day.pk).update(is_used_up=False)


@verb
def change(row: QuotaBucket | QuotaRule, wanted: Mapping[str, Any]) -> None:
    """By an operator; the next call counts so. Raises Refused."""
    for name, value in wanted.items():
        setattr(row, name, value)
    rows.refuse_invalid(row)
    row.save()


@verb
def enter(rule: QuotaRule) -> QuotaRule:
    """A new rule, from its day on. Raises Refused."""
    rows.refuse_invalid(rule)
    rule.save()
    return rule


@verb
def remove(rule: QuotaRule) -> None:
    """Raises Refused for one that came with the program: it would come back."""
    if rule.is_seeded:
        raise Refused("This rule comes with the program: change it, or enter a later one.")
    rule.delete()


@verb
def settle_lost() -> int:
    """Calls whose worker died with them may have been made: they count. Answers how many."""
    lost = QuotaLedger.objects.filter(state=Use.RESERVED, at__lt=after(-LOST_AFTER))
    found = list(lost.order_by("day_id", "id"))
    for call in found:
        _end(call, Use.SPENT, spent=call.units)
    return len(found)


@dataclass(frozen=True)
class Left:
    """Of one bucket, today, in units."""

    bucket: str
    title: str
    units_a_day: int
    for_machines: int
    spent: int
    reserved: int
    is_used_up: bool
    resets_at: datetime

    @property
    def left(self) -> int:
        """For publications."""
        taken = self.spent + self.reserved
        return 0 if self.is_used_up else max(0, self.for_machines - taken)


def today() -> list[Left]:
    """Every bucket, by name."""
    now = _now()
    days = {row.bucket_id: row for row in QuotaDay.objects.filter(day=pacific_day(now))}
    return [
        _left(bucket, days.get(bucket.pk), now) for bucket in QuotaBucket.objects.order_by("name")
    ]


def _left(bucket: QuotaBucket, day: QuotaDay | None, now: datetime) -> Left:
    return Left(
        bucket=bucket.name,
        title=bucket.title,
        units_a_day=bucket.units_a_day,
        for_machines=bucket.units_for_machines,
        spent=day.spent if day else 0,
        reserved=day.reserved if day else 0,
        is_used_up=bool(day and day.is_used_up),
        resets_at=resets_at(now),
    )


def costs(day: date) -> dict[str, tuple[str, int]]:
    """By method, the bucket that it counts in and what it costs on that day."""
    rules = QuotaRule.objects.filter(valid_from__lte=day).select_related("bucket")
    newest_last = rules.order_by("valid_from", "id")
    return {rule.method: (rule.bucket.name, rule.cost) for rule in newest_last}


def _now() -> datetime:
    """By the database's clock."""
    found: datetime | None = QuotaBucket.objects.values_list(Now(), flat=True).first()
    if found is None:
        raise NoRule("No quota of YouTube is known here: run manage.py migrate once more.")
    return found


def _rule(method: str, day: date) -> QuotaRule:
    rules = QuotaRule.objects.filter(method=method, valid_from__lte=day)
    rule = rules.select_related("bucket").order_by("-valid_from", "-id").first()
    if rule is None:
        raise NoRule(f"No quota rule says what {method} costs: an operator adds one.")
    return rule


def _locked(bucket: QuotaBucket, now: datetime) -> QuotaDay:
    """Whoever else would take of this bucket waits until the verb commits."""
    day, _ = QuotaDay.objects.get_or_create(bucket=bucket, day=pacific_day(now))
    return QuotaDay.objects.select_for_update(no_key=True).get(pk=day.pk)
