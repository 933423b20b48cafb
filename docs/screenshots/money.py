"""What a studio has spent in its first weeks, booked for the pictures: nobody was paid."""

from datetime import UTC, datetime, timedelta

from billing import budgets, compared, costs, ledger
from billing.costs import Expected, Line
from billing.models import CostEntry
from billing.prices import Cost
from config.kit.errors import Spend
from config.kit.money import vendor_of
from docs.screenshots.seed import owner
from videos.models import Video

USD = 1_000_000
WEEKS = 5
# stage, part, provider, unit, units, micro-units of the currency, model
BOUGHT = [
    ("script", "whole", "anthropic", "output_tokens", 2_100, 60_000, "claude-sonnet-5-5"),
    ("narration", "scene:0", "elevenlabs:Rachel", "characters", 640, 150_000, "eleven_flash_v2_5"),
    ("visuals", "scene:0", "openai", "images", 3, 170_000, "gpt-image-2.5-flare"),
    ("visuals", "scene:1", "replicate", "images", 2, 90_000, "black-forest-labs/flux-schnell"),
    ("render", "whole", "own", "render_seconds", 88, 10_000, ""),
]


def spend() -> None:
    """On each weekday other shares of the videos, the same at every call."""
    videos = list(Video.objects.order_by("pk"))
    today = datetime.now(UTC)
    for day in range(7 * WEEKS):
        at = today - timedelta(days=day)
        if at.weekday() == 6:
            continue
        for n, video in enumerate(videos):
            _make(video, at, times=(day * day + day * 5 + n * 3) % 11 // 2)
    for n, video in enumerate(videos[:3]):
        _expect(video, percent=(88, 104, 97)[n])
    limit_all()


def _make(video: Video, at: datetime, times: int) -> None:
    first = CostEntry.objects.count()
    for n, (stage, part, provider, unit, units, amount, model) in enumerate(BOUGHT):
        share = (times + n) % 6
        if not times or not share:
            continue
        why = ledger.Purpose(video.team_id, video.pk, 1, stage, part, channel_id=video.channel_id)
        ledger.book(why, [Spend(provider, unit, units * share, amount * share, model=model)])
    booked = CostEntry.objects.order_by("pk")[first:]
    CostEntry.objects.filter(pk__in=[one.pk for one in booked]).update(at=at)


def _expect(video: Video, percent: int) -> None:
    """So many per cent of what was spent was expected."""
    spent: dict[tuple[str, str], int] = {}
    for key, amount in costs.spent_by_vendor(video.team_id, video.pk).items():
        spent[key] = amount * percent // 100
    told = [
        Line(
            stage,
            vendor_of(vendor),
            Cost(amount * 7 // 10, amount, amount * 3 // 2),
            Cost(0, 0, 0),
            3,
        )
        for (stage, vendor), amount in spent.items()
    ]
    costs.keep(video.team_id, video.pk, Expected(told))
    costs.learn(video.team_id, video.pk)


def limit_all() -> None:
    by = owner()
    channel = Video.objects.order_by("pk")[0].channel_id
    spent = compared.by_video(CostEntry.objects.filter(team=by.team_id))
    month = sum(row["spent"] for row in spent) * 8 // 10
    budgets.create(by=by, scope="team", window="month", limit_micros=_round(month * 3 // 2))
    budgets.create(
        by=by,
        scope="channel",
        window="month",
        subject_id=channel,
        limit_micros=_round(month * 3 // 4),
    )
    budgets.create(by=by, scope="video", window="total", limit_micros=_round(month * 2 // 3))
    budgets.create(by=by, scope="call", window="total", limit_micros=USD)


def _round(amount_micros: int) -> int:
    return max(amount_micros // (5 * USD), 1) * 5 * USD
