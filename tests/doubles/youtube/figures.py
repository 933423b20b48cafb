"""How often videos are watched: the same for the same video and day."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from tests.doubles.ai import dice
from tests.doubles.youtube.world import Video

COUNTS = (
    "views",
    "estimatedMinutesWatched",
    "likes",
    "dislikes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
)
MONEY = ("estimatedRevenue", "estimatedAdRevenue", "grossRevenue", "cpm")
RATES = {  # of the views
    "likes": 0.04,
    "dislikes": 0.002,
    "comments": 0.006,
    "shares": 0.01,
    "subscribersGained": 0.008,
    "subscribersLost": 0.001,
}


def day_of(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=number) for number in range((end - start).days + 1))


def of_day(video: Video, day: date) -> dict[str, float]:
    """All counts of that day; zeros before it was out."""
    if not video.published_at or day < day_of(video.published_at):
        return dict.fromkeys((*COUNTS, *MONEY), 0.0)
    age = (day - day_of(video.published_at)).days
    views = int(
        (50 + dice.number(video.id) % 950) * (0.5 + dice.fraction(video.id, day)) / (1 + age)
    )
    found: dict[str, float] = {"views": views, "estimatedMinutesWatched": round(views * 1.7)}
    found |= {name: int(views * rate) for name, rate in RATES.items()}
    revenue = round(views * 0.0021, 3)
    money = {"estimatedRevenue": revenue, "estimatedAdRevenue": revenue}
    return {**found, **money, "grossRevenue": round(revenue / 0.55, 3), "cpm": 2.1}


def added(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    total = dict.fromkeys((*COUNTS, *MONEY), 0.0)
    for row in rows:
        for name, value in row.items():
            total[name] = round(total[name] + value, 3)
    return total


def totals(video: Video, now: float) -> dict[str, int]:
    if not video.published_at:
        return dict.fromkeys(COUNTS, 0)
    first, last = day_of(video.published_at), day_of(now)
    whole = added(of_day(video, day) for day in days(first, last))
    return {name: int(whole[name]) for name in COUNTS}
