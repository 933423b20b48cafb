"""Days as Google counts them: by the clock of California, summer time and all. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def pacific_day(now: datetime) -> date:
    return now.astimezone(PACIFIC).date()


def starts_at(day: date) -> datetime:
    """Its first moment, in UTC: 07:00 or 08:00."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def resets_at(now: datetime) -> datetime:
    """The next midnight in California, in UTC."""
    return starts_at(pacific_day(now) + timedelta(days=1))
