"""`reports.query` of Analytics v2: by day, by video, by viewer, and how far they watch.

What is known ends two days before today. Source:
developers.google.com/youtube/analytics/channel_reports.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tests.doubles.ai import dice
from tests.doubles.youtube import figures
from tests.doubles.youtube.talk import Answer, Asked, Refusal, told
from tests.doubles.youtube.world import Channel, Video, World

LAG_DAYS = 2
AVERAGES = ("averageViewDuration", "averageViewPercentage")
METRICS = {*figures.COUNTS, *figures.MONEY, *AVERAGES, "engagedViews"}
SHARES: Mapping[str, tuple[str, ...]] = {
    "country": ("US", "DE", "IN", "GB", "BR"),
    "insightTrafficSourceType": ("YT_SEARCH", "SUBSCRIBER", "RELATED_VIDEO", "EXT_URL"),
    "deviceType": ("MOBILE", "DESKTOP", "TV", "TABLET"),
}
AGES = ("age18-24", "age25-34", "age35-44", "age45-54")
RETENTION = {"audienceWatchRatio", "relativeRetentionPerformance"}
MONETARY = "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"
UNSUPPORTED = (
    "The query is not supported. Check the documentation at "
    "https://developers.google.com/youtube/analytics/v2/available_reports for supported queries."
)


def query(asked: Asked, world: World, channel: Channel | None, scopes: set[str]) -> Answer:
    for name in ("ids", "startDate", "endDate", "metrics"):
        if not asked.value(name):
            raise asked.violation(f"Required parameter: {name}", "required", place=name)
    owner = asked.value("ids").removeprefix("channel==")
    if channel is None or owner not in ("MINE", channel.id):
        raise Refusal(403, "forbidden", "Forbidden")
    metrics, by = asked.values("metrics"), asked.value("dimensions")
    if set(metrics) & set(figures.MONEY) and MONETARY not in scopes:
        text = "Insufficient permission to access this report."
        raise Refusal(403, "forbidden", text)
    start, end = _day(asked, "startDate"), _day(asked, "endDate")
    if start > end:
        raise Refusal(400, "invalid", "Invalid value for end-date.")
    chosen = _chosen(asked, world, channel)
    if by == "elapsedVideoTimeRatio":
        return _retention(asked, metrics, chosen)
    if by == "ageGroup,gender":
        return _viewers(metrics, chosen)
    last = min(end, figures.day_of(world.now()) - timedelta(days=LAG_DAYS))
    return _counted(asked, by, chosen, list(figures.days(start, last)))


def _counted(asked: Asked, by: str, chosen: list[Video], days: list[date]) -> Answer:
    metrics = asked.values("metrics")
    if set(metrics) - METRICS:
        unknown = sorted(set(metrics) - METRICS)[0]
        raise asked.violation(f"Unknown identifier ({unknown}) given in field parameters.metrics.")
    keyed = _keyed(asked, by, chosen, days)
    rows = [[*key, *(_metric(name, counts) for name in metrics)] for key, counts in keyed]
    return _table(by.split(",") if by else [], metrics, _sorted(asked, by, metrics, rows))


def _day(asked: Asked, name: str) -> date:
    try:
        return date.fromisoformat(asked.value(name))
    except ValueError:
        raise asked.violation(f"Invalid value for {name}.", "invalid", place=name) from None


def _chosen(asked: Asked, world: World, channel: Channel) -> list[Video]:
    own = world.uploads_of(channel)
    for one in own:
        world.freshen(one)
    for clause in filter(None, asked.value("filters").split(";")):
        name, _, value = clause.partition("==")
        if name != "video":
            raise Refusal(400, "badRequest", UNSUPPORTED)
        own = [one for one in own if one.id in value.split(",")]
    return own


def _keyed(
    asked: Asked, by: str, chosen: list[Video], days: list[date]
) -> list[tuple[tuple[str, ...], dict[str, float]]]:
    whole = [(one, day) for one in chosen for day in days]
    if by == "":
        return [((), figures.added(figures.of_day(*one) for one in whole))] if chosen else []
    if by == "day":
        by_day = ((day, [figures.of_day(one, day) for one in chosen]) for day in days)
        return [((day.isoformat(),), figures.added(rows)) for day, rows in by_day if rows]
    if by == "video":
        # a report on top videos is a sorted one, and has two hundred rows at most
        if not asked.value("sort") or not 0 < int(asked.value("maxResults", "0")) <= 200:
            raise Refusal(400, "badRequest", UNSUPPORTED)
        by_video = ((one.id, [figures.of_day(one, day) for day in days]) for one in chosen)
        return [((name,), figures.added(rows)) for name, rows in by_video]
    if by in SHARES:
        total = figures.added(figures.of_day(*one) for one in whole)
        parts = SHARES[by]
        return [
            ((part,), {name: value // len(parts) for name, value in total.items()})
            for part in parts
        ]
    raise Refusal(400, "badRequest", UNSUPPORTED)


def _metric(name: str, counts: Mapping[str, float]) -> float:
    if name == "averageViewDuration":
        return round(60 * counts["estimatedMinutesWatched"] / max(1, counts["views"]))
    if name == "averageViewPercentage":
        return 54.2
    value = counts["views" if name == "engagedViews" else name]
    return value if name in figures.MONEY else int(value)


def _sorted(asked: Asked, by: str, metrics: list[str], rows: list[list[Any]]) -> list[list[Any]]:
    names = [*(by.split(",") if by else []), *metrics]
    for told_of in reversed(asked.values("sort")):
        name = told_of.removeprefix("-")
        if name not in names:
            raise Refusal(400, "invalid", f"Unknown identifier ({name}) given in field sort.")
        at = names.index(name)
        rows.sort(key=lambda row, at=at: row[at], reverse=told_of.startswith("-"))
    start = int(asked.value("startIndex", "1")) - 1
    return rows[start : start + int(asked.value("maxResults", "1000"))]


def _retention(asked: Asked, metrics: list[str], chosen: list[Video]) -> Answer:
    if len(chosen) != 1 or not re.fullmatch(r"video==[\w-]{11}", asked.value("filters")):
        raise Refusal(400, "badRequest", UNSUPPORTED)
    if set(metrics) - RETENTION:
        raise Refusal(400, "badRequest", UNSUPPORTED)
    rows = []
    for step in range(1, 101):
        at = step / 100
        ratio = round(max(0.05, 1.1 - at + 0.1 * dice.fraction(chosen[0].id, step)), 4)
        known = {"audienceWatchRatio": ratio, "relativeRetentionPerformance": round(ratio / 2, 4)}
        rows.append([at, *(known[name] for name in metrics)])
    return _table(["elapsedVideoTimeRatio"], metrics, rows)


def _viewers(metrics: list[str], chosen: list[Video]) -> Answer:
    if metrics != ["viewerPercentage"]:
        raise Refusal(400, "badRequest", UNSUPPORTED)
    rows = [[age, kind, 12.5] for age in AGES for kind in ("female", "male")] if chosen else []
    return _table(["ageGroup", "gender"], metrics, rows)


def _table(dimensions: list[str], metrics: list[str], rows: list[list[Any]]) -> Answer:
    heads = [
        {
            "name": name,
            "columnType": "DIMENSION",
            "dataType": "FLOAT" if name == "elapsedVideoTimeRatio" else "STRING",
        }
        for name in dimensions
    ]
    floats = {*figures.MONEY, *RETENTION, "averageViewPercentage", "viewerPercentage"}
    heads += [
        {
            "name": name,
            "columnType": "METRIC",
            "dataType": "FLOAT" if name in floats else "INTEGER",
        }
        for name in metrics
    ]
    return told({"kind": "youtubeAnalytics#resultTable", "columnHeaders": heads, "rows": rows})
