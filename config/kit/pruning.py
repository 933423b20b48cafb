"""Removes stored bytes that nobody refers to any more, a day after that was first seen.

1. Blobs without a reference are marked, marked ones that are held again are unmarked.
2. What has been marked for a day goes: row first, then bytes, both under the row's lock.
3. Files without a row (a crash between the two) go once they are a day old.

Nobody is outrun: `files.store` renews the time of a file that it finds, and files that are younger
than a day stay.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from config.kit import files
from config.kit.database import after, verb
from config.kit.models import Blob, BlobRef

KEPT = timedelta(hours=24)


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
    for team_id, path in _orphans():
        size = path.stat().st_size
        if is_rehearsal or _unlink(team_id, path):
            found.add(size)
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
    """False: somebody has taken hold of it meanwhile, or it was put away anew."""
    locked = Blob.objects.select_for_update().filter(pk=blob.pk).first()
    path = files.path_of(blob.team_id, blob.sha256)
    if locked is None or not _loose().filter(pk=blob.pk).exists() or _is_young(path):
        return False
    locked.delete()
    path.unlink(missing_ok=True)
    return True


def _is_young(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime < KEPT.total_seconds()
    return False


@verb
def _unlink(team_id: int, path: Path) -> bool:
    """False: somebody put the same bytes away meanwhile."""
    if _is_young(path) or Blob.objects.filter(team_id=team_id, sha256=path.name).exists():
        return False
    path.unlink(missing_ok=True)
    return True


def _orphans() -> Iterator[tuple[int, Path]]:
    """Whole files without a row, and unfinished ones, that are a day old."""
    root = Path(settings.MEDIA_DIR)
    for team in root.iterdir() if root.is_dir() else ():
        for shelf in team.iterdir() if team.name.isdecimal() else ():
            names = {path.name: path for path in shelf.iterdir() if not _is_young(path)}
            known = Blob.objects.filter(team_id=int(team.name), sha256__in=names)
            for name in set(names) - set(known.values_list("sha256", flat=True)):
                yield int(team.name), names[name]
