"""How much one client may ask, and how many may sit in one place.

Places are counted over all processes where Redis answers, and in this one where it does not: a
Redis that is away must not keep people out.
"""

import contextlib
import threading
import time
from collections import defaultdict

from django.conf import settings

from config.kit import redis

MESSAGES_A_S, MESSAGES_AT_ONCE = 30.0, 60.0
BYTES_A_S = 256 * 1024.0
HANDSHAKES_WITHIN_S = 10.0
LEASE_S = 60.0  # a process that dies frees its places in so long
RENEWED_EVERY_S = 20.0


class Bucket:
    """Lets `rate` a second through, and `at_once` after a rest."""

    def __init__(self, rate: float, at_once: float) -> None:
        self._rate, self._at_once, self._left = rate, at_once, at_once
        self._seen = time.monotonic()

    def take(self, n: float = 1.0) -> bool:
        now = time.monotonic()
        self._left = min(self._at_once, self._left + (now - self._seen) * self._rate)
        self._seen = now
        if n > self._left:
            return False
        self._left -= n
        return True


class Flow:
    """What one socket may send."""

    def __init__(self) -> None:
        self._messages = Bucket(MESSAGES_A_S, MESSAGES_AT_ONCE)
        self._bytes = Bucket(BYTES_A_S, BYTES_A_S)

    def lets_through(self, size: int) -> bool:
        return self._messages.take() and self._bytes.take(size)


# Of two who ask for the last place, one gets it. Redis' own clock: those of machines differ.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2])
then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.max(ARGV[3], redis.call('PTTL', KEYS[1])))
return 1
"""
_ALL = 2**53  # more than anybody: a place that is held stays


class Places:
    """Who sits where. All of it may wait for Redis, so it is called in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rooms: dict[str, dict[str, float]] = defaultdict(dict)
        self._kept: set[tuple[str, str]] = set()

    def take(self, room: str, who: str, most: int, lease_s: float = LEASE_S) -> bool:
        """False: all places are taken."""
        with self._lock:
            here = self._rooms[room]
            now = time.monotonic()
            for gone in [one for one, ends in here.items() if ends <= now]:
                del here[gone]
            if who not in here and len(here) >= most:
                return False
            here[who] = now + lease_s
        if not self._take_everywhere(room, who, most, lease_s):
            self._forget(room, who)
            return False
        return True

    def keep(self, room: str, who: str) -> None:
        """A place that was taken is held until `leave`."""
        with self._lock:
            self._kept.add((room, who))

    def leave(self, room: str, who: str) -> None:
        self._forget(room, who)
        if settings.REDIS_URL:
            try:
                redis.client("places").zrem(redis.key("places", room), who)
            except redis.away():
                return  # the lease ends

    def renew(self) -> None:
        with self._lock:
            kept, now = sorted(self._kept), time.monotonic()
            for room, who in kept:
                self._rooms[room][who] = now + LEASE_S
            self._drop_empty(now)
        if not settings.REDIS_URL or not kept:
            return
        with redis.client("places").pipeline(transaction=False) as all_at_once:
            for room, who in kept:
                key = redis.key("places", room)
                all_at_once.eval(_TAKE, 1, key, who, _ALL, int(LEASE_S * 1000))
            with contextlib.suppress(*redis.away()):
                all_at_once.execute()

    def _drop_empty(self, now: float) -> None:
        for room in [r for r, here in self._rooms.items() if all(e <= now for e in here.values())]:
            del self._rooms[room]

    def _forget(self, room: str, who: str) -> None:
        with self._lock:
            self._kept.discard((room, who))
            here = self._rooms.get(room, {})
            here.pop(who, None)
            if not here:
                self._rooms.pop(room, None)

    def _take_everywhere(self, room: str, who: str, most: int, lease_s: float) -> bool:
        if not settings.REDIS_URL:
            return True
        try:
            key, lease_ms = redis.key("places", room), int(lease_s * 1000)
            return bool(redis.client("places").eval(_TAKE, 1, key, who, most, lease_ms))
        except redis.away():
            return True


places = Places()
