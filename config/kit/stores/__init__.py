"""Where the bytes of blobs lie: a folder of this machine, or a bucket that all machines share.

A blob is a team's file by the hash of its bytes; its name is `<team>/<2 digits>/<sha256>`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from config.kit.stores.address import Bucket
from config.kit.stores.folder import Folder
from config.kit.stores.names import Kept, name_of

__all__ = ["Kept", "Lend", "Link", "Store", "at", "bucket_objects", "current", "name_of"]

Lend = Callable[[int, str], Path]


@dataclass(frozen=True)
class Link:
    """What a signed address is to answer with."""

    content_type: str
    disposition: str
    lasts: timedelta


class Store(Protocol):
    """Every call may raise Unavailable: nothing has changed then, and it may be made again."""

    place: str  # to show and to write down; without secrets

    def put(self, team_id: int, sha256: str, path: Path) -> None:
        """Keeps a file that has this hash; one that is kept already is made young again."""

    def size(self, team_id: int, sha256: str) -> int | None:
        """In bytes; None: it is not there."""

    def path(self, team_id: int, sha256: str) -> Path:
        """Where it can be read on this machine, for ten minutes; no file where it is gone."""

    def lending(self) -> AbstractContextManager[Lend]:
        """Like `path`, for as long as the context is open."""

    def age_s(self, name: str) -> float | None:
        """Since it was put away last, by `name_of`; None: it is not there."""

    def remove(self, name: str) -> None: ...

    def all(self) -> Iterator[Kept]:
        """What lies there, team by team, with what was left unfinished."""

    def link(self, team_id: int, sha256: str, told: Link) -> str | None:
        """A signed address for a browser; None: this store has none."""


def current() -> Store:
    """The store of this installation."""
    bucket: Bucket | None = settings.MEDIA_S3
    if bucket is None:
        return Folder(Path(settings.MEDIA_DIR))
    return at(bucket, Path(settings.MEDIA_CACHE_DIR), settings.MEDIA_CACHE_MB * 1_000_000)


def at(bucket: Bucket, cache: Path, limit: int) -> Store:
    """The blobs below a bucket's prefix; copies of them are kept in `cache`, `limit` bytes."""
    return _at(bucket, cache, limit, os.getpid())


def bucket_objects() -> Any:
    """The Objects of MEDIA_S3_URL; None where it is unset."""
    store: Any = current() if settings.MEDIA_S3 else None
    return store and store.objects


@lru_cache(maxsize=8)
def _at(bucket: Bucket, cache: Path, limit: int, pid: int) -> Store:
    """A process that was forked has connections of its own. By name: boto3 takes as long to import
    as all of Django, and who has no bucket never needs it."""
    made: Store = import_string("config.kit.stores.s3.S3")(bucket, cache, limit)
    return made
