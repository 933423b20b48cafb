"""Blobs in a bucket that all machines share, with copies of what this machine works with."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection

from config.kit.stores import Link
from config.kit.stores.address import Bucket
from config.kit.stores.cache import Cache
from config.kit.stores.names import Kept, name_of
from config.kit.stores.objects import Objects

FOLDER = "media/"
RENEW_S = 12 * 3600  # prune spares a day: what is older than half of it is made young again
REMEMBERED = 10_000


def _in_transaction() -> bool:
    return connection.in_atomic_block


class S3:
    def __init__(self, bucket: Bucket, cache: Path, limit: int) -> None:
        self.objects = Objects(bucket, in_a_hurry=_in_transaction)
        self.place = bucket.place
        self._cache = Cache(cache, limit)
        self._sent: dict[str, int] = {}

    def put(self, team_id: int, sha256: str, path: Path) -> None:
        """The copy that is sent is the one that was verified, and it stays for the next stage."""
        name = name_of(team_id, sha256)
        there = self.objects.head(FOLDER + name)
        if there and (there.age_s < RENEW_S or self.objects.renew(FOLDER + name)):
            return
        copy = self._cache.add(name, path)
        self.objects.put(FOLDER + name, copy)
        if len(self._sent) >= REMEMBERED:
            self._sent.clear()
        self._sent[name] = copy.stat().st_size

    def size(self, team_id: int, sha256: str) -> int | None:
        """What this process has just sent is not asked for: the verb that refers to it is next,
        and it holds locks."""
        name = name_of(team_id, sha256)
        if connection.in_atomic_block and name in self._sent:
            return self._sent.pop(name)
        there = self.objects.head(FOLDER + name)
        return there.size if there else None

    def path(self, team_id: int, sha256: str) -> Path:
        name = name_of(team_id, sha256)
        with contextlib.suppress(FileNotFoundError):
            return self._cache.path(name, lambda file: self.objects.fetch(FOLDER + name, file))
        return self._cache.place(name)

    @contextlib.contextmanager
    def lending(self) -> Iterator[Callable[[int, str], Path]]:
        with self._cache.lending() as lend:
            yield lambda team_id, sha256: lend(self.path(team_id, sha256))

    def age_s(self, name: str) -> float | None:
        there = self.objects.head(FOLDER + name)
        return there.age_s if there else None

    def remove(self, name: str) -> None:
        self.objects.remove([FOLDER + name])

    def all(self) -> Iterator[Kept]:
        for one in self.objects.all(FOLDER):
            name = one.key.removeprefix(FOLDER)
            if name.partition("/")[0].isdecimal():
                yield Kept(name, one.size, one.age_s)

    def link(self, team_id: int, sha256: str, told: Link) -> str:
        headers = {
            "ResponseContentType": told.content_type,
            "ResponseContentDisposition": told.disposition,
            "ResponseCacheControl": "private, max-age=3600",
        }
        return self.objects.link(FOLDER + name_of(team_id, sha256), told.lasts, headers)
