"""A worker makes uploads harmless: claimed with a lease, cleaned in a confined child, settled."""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from config.kit import files, jobs, logs, slots
from config.kit.database import after, retry_db, unless_away, verb
from config.kit.errors import Refused, Rejected, Stopped, Unavailable
from teams.events import publish
from videos import assets
from videos.media import takes
from videos.models import Asset, AssetKind, AssetState
from videos.news import AssetReady, AssetRefused

log = logging.getLogger("showrunner.assets")
ASSETS = "assets"
LEASE = timedelta(seconds=180)
MAX_ATTEMPTS = 3
PAUSE = timedelta(seconds=30)
TELL_EVERY_S = 1.0


def is_due(cluster: str) -> bool:
    return cluster == jobs.cluster("render") and _due().exists()


def backlog(cluster: str) -> tuple[int, float]:
    return jobs.backlog(_due()) if cluster == jobs.cluster("render") else (0, 0.0)


def held(worker: str) -> int:
    return Asset.objects.filter(worker=worker, lease_until__gt=Now()).count()


def wake(cluster: str) -> None:
    jobs.enqueue(assets.WORK, to=cluster)


@unless_away(log)
def work() -> None:
    """Prepares what is due, one after the other."""
    while not jobs.stopping():
        asset = _claim(jobs.worker_name(), jobs.long_runs_at_once())
        if asset is None:
            return
        with logs.work("prepare asset", team=asset.team_id, asset=asset.pk):
            _prepare(asset)


def sweep() -> None:
    if _due().exists():
        wake("render")


def _due() -> QuerySet[Asset]:
    preparing = Asset.objects.filter(state=AssetState.PREPARING)
    waits = Q(lease_until=None, due_at__lte=Now())
    return preparing.filter(waits | Q(lease_until__lt=Now()))


@retry_db
@verb
def _claim(worker: str, at_once: int) -> Asset | None:
    cluster = jobs.cluster("render")
    if not slots.has_room(ASSETS, cluster, worker, at_once):
        return None
    for found in _due().order_by("due_at", "id")[:5]:
        if found.attempt >= MAX_ATTEMPTS:  # its workers died of it
            _give_up(found)
            continue
        taken = (
            _due()
            .filter(pk=found.pk, fence=found.fence)
            .update(
                attempt=F("attempt") + 1,
                fence=F("fence") + 1,
                lease_until=after(LEASE),
                worker=worker,
                fraction=0,
            )
        )
        if taken:
            return Asset.objects.get(pk=found.pk)
    slots.offer(ASSETS, cluster)
    return None


class _Lease:
    """Kept alive by what the child tells; once it is lost, the child is stopped."""

    def __init__(self, asset: Asset) -> None:
        self.asset, self.is_lost, self._told_at = asset, False, time.monotonic()

    def stopping(self) -> bool:
        return self.is_lost or jobs.stopping()

    def beat(self, fraction: float) -> None:
        if time.monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = time.monotonic()
        self.is_lost = not _beat(self.asset, fraction)


@retry_db
def _beat(asset: Asset, fraction: float) -> bool:
    return bool(_mine(asset).update(fraction=fraction, lease_until=after(LEASE)))


def _mine(asset: Asset) -> QuerySet[Asset]:
    """The row, if the caller's lease was neither given back nor taken."""
    held = Asset.objects.filter(pk=asset.pk, fence=asset.fence, state=AssetState.PREPARING)
    return held.exclude(lease_until=None)


def _prepare(asset: Asset) -> None:
    lease = _Lease(asset)
    try:
        with _room(asset) as room, files.lending() as lend:
            kept = lend(asset.team_id, asset.source_sha256)
            cleaned = _clean(asset, kept, room, lease)
            _settle(asset, cleaned)
    except (Rejected, Refused) as refusal:
        _refuse(asset, refusal.message)
    except Stopped:
        _give_back(asset)
    except Unavailable as error:
        log.warning("asset %s could not be prepared: %s", asset.pk, error.message)
        _put_off(asset, error.message)


@contextmanager
def _room(asset: Asset) -> Iterator[Path]:
    room = Path(settings.ROOMS_DIR) / f"asset-{asset.pk}-{asset.fence}"
    room.mkdir(parents=True)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _clean(asset: Asset, kept: Path, room: Path, lease: _Lease) -> takes.Cleaned:
    source = room / "source"  # a name of ours: theirs never reaches a program
    if not kept.exists():
        raise Rejected("The bytes of this file are lost: upload it again.")
    source.symlink_to(kept.resolve())
    if asset.kind == AssetKind.PICTURE:
        return assets.picture(source, room, stop=lease.stopping)
    if asset.kind == AssetKind.MUSIC:
        return takes.track(source, room, stop=lease.stopping, beat=lease.beat)
    threads = settings.RENDER_THREADS
    return takes.clip(source, room, threads=threads, stop=lease.stopping, beat=lease.beat)


def _settle(asset: Asset, cleaned: takes.Cleaned) -> None:
    """The bytes are in the store before the row names them."""
    found = {"file": (files.store(asset.team_id, cleaned.path), cleaned.content_type)}
    if cleaned.poster is not None:
        found["poster"] = (files.store(asset.team_id, cleaned.poster), "image/jpeg")
    _write(asset, found, cleaned.facts)


@retry_db
@verb
def _write(asset: Asset, found: dict[str, tuple[str, str]], facts: dict[str, Any]) -> None:
    blobs = {
        name: files.hold(asset.team_id, sha256, content_type=kind)
        for name, (sha256, kind) in found.items()
    }
    kept = _mine(asset).update(
        state=AssetState.READY,
        sha256=blobs["file"].sha256,
        content_type=blobs["file"].content_type,
        size=blobs["file"].size,
        facts={**facts, **({"poster": blobs["poster"].sha256} if "poster" in blobs else {})},
        fraction=1,
        lease_until=None,
        reason="",
    )
    if kept:
        files.refer_anew(blobs, kind=assets.HOLDER, ref_id=asset.pk)  # the upload is let go
        publish(asset.team_id, AssetReady(asset.pk))


@retry_db
@verb
def _refuse(asset: Asset, reason: str) -> None:
    if _mine(asset).update(state=AssetState.REFUSED, reason=reason, lease_until=None, size=0):
        files.release(assets.HOLDER, [asset.pk])
        publish(asset.team_id, AssetRefused(asset.pk, reason))


def _give_up(asset: Asset) -> None:
    lost = _due().filter(pk=asset.pk, fence=asset.fence)
    reason = "It could not be prepared here: save it as another format and upload it again."
    if lost.update(state=AssetState.REFUSED, reason=reason, lease_until=None, size=0):
        files.release(assets.HOLDER, [asset.pk])
        publish(asset.team_id, AssetRefused(asset.pk, reason))


@retry_db
@verb
def _give_back(asset: Asset) -> None:
    """Told to stop: the attempt does not count."""
    _mine(asset).update(lease_until=None, attempt=F("attempt") - 1, worker="", due_at=Now())


@retry_db
@verb
def _put_off(asset: Asset, reason: str) -> None:
    if asset.attempt >= MAX_ATTEMPTS:
        _refuse(asset, f"It could not be prepared here: {reason}")
        return
    _mine(asset).update(lease_until=None, due_at=after(PAUSE), reason=reason)
