"""Removes stored bytes that nobody refers to any more, a day after that was first seen.

1. Blobs without a reference are marked, marked ones that are held again are unmarked.
2. What has been marked for a day goes: row first, then bytes, both under the row's lock.
3. Files without a row (a crash between the two) go once they are a day old.

Nobody is outrun: `files.store` renews the time of a file that it finds, and files that are younger
than a day stay. While a backup is made nothing goes.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from config.kit import locks, stores
from config.kit.database import after, verb
from config.kit.models import Blob, BlobRef
from config.kit.stores import Kept

KEPT = timedelta(hours=24)
AT_ONCE = 500


@dataclass
class Pruned:
    """What went, or would go."""

    count: int = 0
    size: int = 0  # bytes

    def add(self, size: int) -> None:
        self.count += 1
        self.size += size


def prune(*, is_rehearsal: bool = False) -> Pruned:
    found = Pruned()
    if not is_rehearsal:
        _mark()
    for blob in _loose().order_by("id").iterator(chunk_size=500):
        if is_rehearsal or _remove(blob):
            found.add(blob.size)
    for kept in _orphans():
        if is_rehearsal or _remove_orphan(kept):
            found.add(kept.size)
    return found


def _held() -> Exists:
    return Exists(BlobRef.objects.filter(blob=OuterRef("pk")))


@verb
def _mark() -> None:
    Blob.objects.filter(~_held(), loose_since=None).update(loose_since=Now())
    Blob.objects.filter(_held()).exclude(loose_since=None).update(loose_since=None)


def _loose() -> QuerySet[Blob]:
    return Blob.objects.filter(~_held(), loose_since__lt=after(-KEPT))


@verb
def _remove(blob: Blob) -> bool:
    """False: somebody has taken hold of it meanwhile, it was put away anew, or is backed up."""
    locked = Blob.objects.select_for_update().filter(pk=blob.pk).first()
    name = stores.name_of(blob.team_id, blob.sha256)
    with locks.may_prune() as may:
        if not may or locked is None or not _loose().filter(pk=blob.pk).exists():
            return False
        if _is_young(name):
            return False
        locked.delete()
        stores.current().remove(name)
    return True


def _is_young(name: str) -> bool:
    age_s = stores.current().age_s(name)
    return age_s is not None and age_s < KEPT.total_seconds()


@verb
def _remove_orphan(kept: Kept) -> bool:
    """False: somebody put the same bytes away meanwhile."""
    known = Blob.objects.filter(team_id=kept.team_id, sha256=kept.sha256)
    with locks.may_prune() as may:
        if not may or _is_young(kept.name) or known.exists():
            return False
        stores.current().remove(kept.name)
    return True


def _orphans() -> Iterator[Kept]:
    """Whole files without a row, and unfinished ones, that are a day old."""
    old = (kept for kept in stores.current().all() if kept.age_s >= KEPT.total_seconds())
    for team_id, of_team in itertools.groupby(old, key=lambda kept: kept.team_id):
        while some := {kept.sha256: kept for kept in itertools.islice(of_team, AT_ONCE)}:
            known = Blob.objects.filter(team_id=team_id, sha256__in=some)
            for sha256 in set(some) - set(known.values_list("sha256", flat=True)):
                yield some[sha256]
