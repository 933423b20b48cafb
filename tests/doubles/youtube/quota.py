"""What Google charges, and to which bucket: the table of June 2026.

`videos.insert` and `search.list` have buckets of their own, of 100 calls a day each;
`videos.batchGetStats` has one of 10,000; all else draws on a pool of 10,000 units. A day is one in
California.
Source: developers.google.com/youtube/v3/determine_quota_cost and its revision history.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.doubles.youtube.faults import POOL, QUOTA
from tests.doubles.youtube.talk import Refusal

PACIFIC = ZoneInfo("America/Los_Angeles")
LIMITS = {"uploads": 100, "searches": 100, "stats": 10_000, "pool": 10_000}
BUCKETS = {
    "youtube.videos.insert": "uploads",
    "youtube.search.list": "searches",
    "youtube.videos.batchGetStats": "stats",
}
METRICS = {"uploads": "Video Uploads", "searches": "Search Queries", "stats": "Batch Get Stats"}
UNITS: Mapping[str, int] = {
    "youtube.captions.list": 50,
    "youtube.captions.insert": 400,
    "youtube.captions.update": 450,
    "youtube.captions.delete": 50,
    "youtube.channels.update": 50,
    "youtube.playlists.insert": 50,
    "youtube.playlists.update": 50,
    "youtube.playlists.delete": 50,
    "youtube.playlistItems.insert": 50,
    "youtube.playlistItems.update": 50,
    "youtube.playlistItems.delete": 50,
    "youtube.thumbnails.set": 50,
    "youtube.videos.update": 50,
    "youtube.videos.delete": 50,
    "youtube.videos.rate": 50,
}


def bucket_of(method: str) -> str:
    """Empty for what the quota of YouTube does not count: Analytics."""
    return BUCKETS.get(method, "pool" if method.startswith("youtube.") else "")


@dataclass
class Quota:
    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    used: Counter[tuple[str, str]] = field(default_factory=Counter)  # day and bucket
    per_minute: int = 0  # requests of one user; 0: as many as come
    _minutes: Counter[tuple[str, int]] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def day(self, now: float) -> str:
        return datetime.fromtimestamp(now, PACIFIC).date().isoformat()

    def charge(self, method: str, user: str, now: float) -> dict[str, int]:
        """What the method costs, taken from its bucket. Raises Refusal; nothing is taken then."""
        bucket, units = bucket_of(method), UNITS.get(method, 1)
        if not bucket:
            return {}
        with self._turn:
            self._minutes[user, int(now // 60)] += 1
            if self.per_minute and self._minutes[user, int(now // 60)] > self.per_minute:
                text = QUOTA.format(metric="Queries", span="minute per user")
                raise Refusal(429, "rateLimitExceeded", text)
            place = (self.day(now), bucket)
            if self.used[place] + units > self.limits[bucket]:
                raise _exceeded(bucket)
            self.used[place] += units
        return {bucket: units}

    def give_back_all_but_one(self, charged: dict[str, int], now: float) -> dict[str, int]:
        """A request that is refused as it stands costs one unit, whatever it would have cost."""
        with self._turn:
            for bucket, units in charged.items():
                self.used[self.day(now), bucket] -= units - 1
        return dict.fromkeys(charged, 1)

    def told(self, now: float) -> dict[str, dict[str, int]]:
        with self._turn:
            return {
                bucket: {"limit": limit, "used": self.used[self.day(now), bucket]}
                for bucket, limit in self.limits.items()
            }

    def forget(self) -> None:
        with self._turn:
            self.used.clear()
            self._minutes.clear()
            self.limits, self.per_minute = dict(LIMITS), 0


def _exceeded(bucket: str) -> Refusal:
    if bucket == "pool":
        return Refusal(403, "quotaExceeded", POOL, "youtube.quota")
    return Refusal(429, "rateLimitExceeded", QUOTA.format(metric=METRICS[bucket], span="day"))
