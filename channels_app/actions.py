"""Verbs of channels and publications."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now

from billing import entitlements
from channels_app.models import ACTIVE, BrandKit, Channel, Upload, UploadState
from channels_app.publishers import Parcel
from channels_app.signals import upload_changed
from config.kit import files, jobs
from config.kit.database import after, verb
from config.kit.errors import Refused
from config.kit.rows import refuse_invalid
from teams.access import Actor, team_for_edit
from teams.events import News, publish
from teams.models import Team

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
WORK = "channels_app.tasks.work"


@dataclass(frozen=True)
class ChannelCreated(News):
    kind = "channels.channel_created"
    channel_id: int
    name: str


@dataclass(frozen=True)
class PublicationRequested(News):
    kind = "channels.publication_requested"
    upload_id: int
    video_id: int
    channel_id: int


@dataclass(frozen=True)
class UploadChanged(News):
    kind = "channels.upload_changed"
    upload_id: int
    video_id: int
    state: str
    reason: str
    address: str


class NotRetryable(Refused):
    code = "not_retryable"


class AlreadyOut(Refused):
    code = "already_out"


@verb
def create_channel(*, by: Actor, name: str, slug: str, brand: Mapping[str, str]) -> Channel:
    """A channel with a brand kit of its own; `brand` names colours and font of the kit."""
    team = team_for_edit(by, by.team_id)
    entitlements.take(team, "channels")
    kit = BrandKit(team=team, name=name, **brand)
    refuse_invalid(kit)
    kit.save()
    channel = Channel(team=team, name=name, slug=slug, brand_kit=kit)
    refuse_invalid(channel)
    channel.save()
    publish(team, ChannelCreated(channel.pk, name))
    return channel


@verb
def home_channel(*, by: Actor) -> Channel:
    """The team's first channel, made when there is none: where commands put their videos."""
    found = Channel.objects.visible_to(by).order_by("id").first()
    if found:
        return found
    team = Team.objects.get(pk=by.team_id)
    return create_channel(by=by, name=team.name[:60], slug=team.slug, brand={})


@verb
def request_publication(
    *,
    channel: Channel,
    video_id: int,
    title: str,
    files: Mapping[str, str],
    metadata: Mapping[str, Any],
) -> Upload:
    """Hands a finished video over; asked twice for the same files it answers the same row."""
    same = Upload.objects.filter(channel=channel, video_id=video_id)
    found = same.filter(state__in=ACTIVE).first()
    if found and found.files == dict(files):
        return found
    if found:
        raise AlreadyOut("Another version of this video has gone out to this channel.")
    same.filter(state=UploadState.FAILED).update(state=UploadState.CANCELLED)
    upload = Upload.objects.create(
        team_id=channel.team_id,
        channel=channel,
        video_id=video_id,
        title=title,
        files=dict(files),
        metadata=dict(metadata),
        due_at=Now(),
    )
    publish(channel.team_id, PublicationRequested(upload.pk, video_id, channel.pk))
    jobs.enqueue(WORK, to="publish")
    return upload


@verb
def claim() -> Upload | None:
    """The oldest upload that is due, taken with a lease and a new fence, or None."""
    due = Q(state=UploadState.WAITING, due_at__lte=Now())
    found = Upload.objects.filter(due).order_by("due_at", "id").first()
    if found is None:
        return None
    taken = Upload.objects.filter(due, pk=found.pk).update(
        state=UploadState.RUNNING,
        attempt=F("attempt") + 1,
        fence=F("fence") + 1,
        lease_until=after(LEASE),
    )
    if not taken:
        return None
    upload = Upload.objects.select_related("channel").get(pk=found.pk)
    _tell(upload)
    return upload


def parcel_of(upload: Upload) -> Parcel:
    paths: dict[str, Path] = {
        name: files.path_of(upload.team_id, sha256) for name, sha256 in upload.files.items()
    }
    return Parcel(
        uid=str(upload.uid),
        fence=upload.fence,
        shelf=f"{upload.team_id}/{upload.channel_id}",
        title=upload.title,
        files=paths,
        metadata=upload.metadata,
    )


def _leave_running(upload: Upload, **fields: Any) -> bool:
    """False when another worker has taken over: what this one did no longer counts."""
    changed = Upload.objects.filter(
        pk=upload.pk, fence=upload.fence, state=UploadState.RUNNING
    ).update(lease_until=None, **fields)
    if changed:
        upload.refresh_from_db()
        _tell(upload)
    return bool(changed)


def _tell(upload: Upload) -> None:
    publish(
        upload.team_id,
        UploadChanged(upload.pk, upload.video_id, upload.state, upload.reason, upload.address),
    )
    upload_changed.send(sender=Upload, video_id=upload.video_id)


@verb
def settle(upload: Upload, address: str) -> bool:
    return _leave_running(
        upload, state=UploadState.DONE, address=address, reason="", published_at=Now()
    )


@verb
def put_off(upload: Upload, reason: str, delay: timedelta) -> bool:
    """Tries again later, or fails when the attempts are used up."""
    if upload.attempt >= MAX_ATTEMPTS:
        return fail(upload, reason)
    return _leave_running(upload, state=UploadState.WAITING, reason=reason, due_at=after(delay))


@verb
def fail(upload: Upload, reason: str) -> bool:
    return _leave_running(upload, state=UploadState.FAILED, reason=reason)


@verb
def retry_upload(*, by: Actor, upload: Upload) -> None:
    team_for_edit(by, upload.team_id)
    changed = Upload.objects.filter(pk=upload.pk, state=UploadState.FAILED).update(
        state=UploadState.WAITING, attempt=0, reason="", due_at=Now()
    )
    if not changed:
        raise NotRetryable("Only a failed publication can be tried again.")
    upload.refresh_from_db()
    _tell(upload)
    jobs.enqueue(WORK, to="publish")


@verb
def _reap_one(upload: Upload) -> bool:
    if not Upload.objects.filter(pk=upload.pk, fence=upload.fence, lease_until__lt=Now()).exists():
        return False
    return put_off(upload, "The worker died while it published this.", timedelta(0))


def reap() -> int:
    """Gives back what died with its worker, and wakes the cluster for what is due."""
    expired = Upload.objects.filter(state=UploadState.RUNNING, lease_until__lt=Now())
    reaped = sum(_reap_one(upload) for upload in expired.order_by("id"))
    if Upload.objects.filter(state=UploadState.WAITING, due_at__lte=Now()).exists():
        jobs.enqueue(WORK, to="publish")
    return reaped


@verb
def beat(upload: Upload) -> bool:
    """Keeps the lease of an upload that moves on. False: it is somebody else's now."""
    kept = Upload.objects.filter(pk=upload.pk, fence=upload.fence, state=UploadState.RUNNING)
    return bool(kept.update(lease_until=after(LEASE)))
