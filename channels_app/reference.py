"""The quota rules of YouTube that the program comes with. Rows that an operator edited stay so.

Source: developers.google.com/youtube/v3/determine_quota_cost and its revision history, as of
November 2026: since 2026-06-01 uploads and searches have buckets of their own.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from channels_app.models import QuotaBucket, QuotaRule
from config.kit.database import verb

SINCE = date(2026, 6, 1)
POOL = "units"
KEPT_PERCENT = 10
BUCKETS: Mapping[str, tuple[str, int, int]] = {
    "uploads": ("uploads", 100, 0),
    "searches": ("searches", 100, 0),
    "stats": ("looks at statistics", 10_000, 0),
    POOL: ("quota units", 10_000, KEPT_PERCENT),
}
OWN_BUCKETS: Mapping[str, str] = {
    "videos.insert": "uploads",
    "search.list": "searches",
    "videos.batchGetStats": "stats",
}
POOLED: Mapping[str, int] = {
    "channels.list": 1,
    "videos.list": 1,
    "playlists.list": 1,
    "playlistItems.list": 1,
    "videoCategories.list": 1,
    "i18nLanguages.list": 1,
    "videos.update": 50,
    "videos.delete": 50,
    "thumbnails.set": 50,
    "playlists.insert": 50,
    "playlists.update": 50,
    "playlists.delete": 50,
    "playlistItems.insert": 50,
    "playlistItems.update": 50,
    "playlistItems.delete": 50,
    "captions.list": 50,
    "captions.insert": 400,
    "captions.update": 450,
    "captions.delete": 50,
}


@verb
def write() -> None:
    buckets = {}
    for name, (title, units, kept) in BUCKETS.items():
        told = {"title": title, "units_a_day": units, "kept_percent": kept, "is_seeded": True}
        buckets[name], _ = QuotaBucket.objects.get_or_create(name=name, defaults=told)
    costs = {**{method: (name, 1) for method, name in OWN_BUCKETS.items()}}
    costs |= {method: (POOL, cost) for method, cost in POOLED.items()}
    for method, (name, cost) in costs.items():
        told = {"bucket": buckets[name], "cost": cost, "is_seeded": True}
        QuotaRule.objects.get_or_create(method=method, valid_from=SINCE, defaults=told)


def after_migrate(**_: Any) -> None:
    write()
