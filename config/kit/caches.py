"""Where caches lie: in Redis, else in files of the one machine, else in a table of the database.

All processes share them, so that what one changes no other shows as it was. Sessions, limits,
budgets and locks that must hold are in the database, never here: any entry may be gone.
"""

import fcntl
import logging
import os
import pickle
import random
import time
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache
from django_redis.cache import RedisCache

from config.kit.logs import NowAndThen

TABLE = "kit_cache"
MOST_FILES, MOST_ROWS = 10_000, 20_000
_SWEEPS = 64  # one write of so many looks for files that are over


def caches(
    redis_url: str, var_dir: Path, *, prefix: str, is_one_machine: bool
) -> dict[str, dict[str, Any]]:
    """The CACHES setting.

    On one machine files serve rather than a table: there a found answer is still a query, and
    keeping one is four that wait for the other writers of SQLite (docs/decisions/cache.md).
    """
    if redis_url:
        return {"default": _redis(redis_url, prefix)}
    if is_one_machine:
        return {
            "default": {
                "BACKEND": "config.kit.caches.Files",
                "LOCATION": str(var_dir / "kept"),
                "KEY_PREFIX": prefix,
                "OPTIONS": {"MAX_ENTRIES": MOST_FILES},
            }
        }
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": TABLE,
            "KEY_PREFIX": prefix,
            "OPTIONS": {"MAX_ENTRIES": MOST_ROWS},
        }
    }


def _redis(url: str, prefix: str) -> dict[str, Any]:
    return {
        "BACKEND": "config.kit.caches.InRedis",
        "LOCATION": url,
        "KEY_PREFIX": prefix,
        "OPTIONS": {
            "CONNECTION_FACTORY": "config.kit.redis_pools.CachePool",
            "IGNORE_EXCEPTIONS": True,
            "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
        },
    }


logger = logging.getLogger("showrunner.cache")
logger.addFilter(NowAndThen("the cache was not there: %s"))


class InRedis(RedisCache):
    """Faults are logged and taken for an empty cache. `clear` leaves the keys of others alone."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._log_ignored_exceptions, self.logger = True, logger

    def clear(self) -> None:
        self.delete_pattern("*", itersize=1000)


class Files(FileBasedCache):
    """Django's, with an `add` of which one of many succeeds, and a sweep now and then.

    A file's time of change is when it is over, so that a sweep need not open it.
    """

    _dir: str

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        os.makedirs(self._dir, mode=0o700, exist_ok=True)
        with (Path(self._dir) / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.has_key(key, version):
                return False
            self.set(key, value, timeout, version)
            return True

    def _write_content(self, file: BinaryIO, timeout: float | None, value: Any) -> None:
        ends = self.get_backend_timeout(timeout)
        file.write(pickle.dumps(ends, self.pickle_protocol))
        file.write(zlib.compress(pickle.dumps(value, self.pickle_protocol), 1))
        file.flush()
        ends_ns = int((ends if ends is not None else time.time() + 10 * 365 * 86400) * 1e9)
        os.utime(file.fileno(), ns=(ends_ns, ends_ns))

    def _cull(self) -> None:
        if random.randrange(_SWEEPS) == 0:  # noqa: S311 - no secret
            self.sweep()

    def sweep(self) -> None:
        """Drops what is over; while there are too many, those that end soonest."""
        ends: list[tuple[float, str]] = []
        with os.scandir(self._dir) as found:
            for entry in found:
                if entry.name.endswith(self.cache_suffix):
                    try:
                        ends.append((entry.stat().st_mtime, entry.path))
                    except FileNotFoundError:
                        continue
        ends.sort()
        now, surplus = time.time(), len(ends) - self._max_entries
        for place, (end, path) in enumerate(ends):
            if end >= now and place >= surplus:
                break
            Path(path).unlink(missing_ok=True)
