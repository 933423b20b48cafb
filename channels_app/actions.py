"""Verbs of channels and publications."""

import itertools
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from billing import entitlements
from channels_app.models import (
    ACTIVE,
    RESTING,
    SETTINGS,
    BrandKit,
    Channel,
    Upload,
    UploadState,
)
from channels_app.news import (
    BrandKitChanged,
    BrandKitCreated,
    ChannelChanged,
    ChannelCreated,
    PublicationRequested,
    UploadChanged,
)
from channels_app.publishers import Parcel
from channels_app.signals import upload_changed
from config.kit import files, jobs, registry, rows, slots
from config.kit.database import after, retry_db, verb
from config.kit.errors import Refused
from config.kit.models import Blob
from config.kit.stores import Lend
from teams import brakes
from teams.access import Actor, team_for_approval, team_for_edit
from teams.events import publish
from teams.models import Brake, Stops, Team

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
WORK = "channels_app.tasks.work"
CLUSTER = "publish"
PUBLICATIONS = "publications"
CANDIDATES = 20  # how far down the queue a worker looks when others are faster
NOTHING: Mapping[str, Any] = MappingProxyType({})
LOOK = ("name", "ink", "paper", "accent", "second", "glow", "font", "logo_sha256")


class NotRetryable(Refused):
    code = "not_retryable"


class AlreadyOut(Refused):
    code = "already_out"


class GoingOut(Refused):
    code = "going_out"


@verb
def create_brand_kit(*, by: Actor, name: str, look: Mapping[str, str]) -> BrandKit:
    """`look` names colours, font and logo."""
    team = team_for_edit(by, by.team_id)
    kit = BrandKit(team=team, name=name, **look)
    if name in _names_of_kits(team):
        raise Refused("name: another brand kit of this team is called so.", code="name_taken")
    rows.refuse_invalid(kit)
    kit.save()
    _check_look(kit, look)
    publish(team, BrandKitCreated(kit.pk, name))
    return kit


@verb
def create_channel(
    *,
    by: Actor,
    name: str,
    slug: str,
    brand: Mapping[str, str],
    kit: BrandKit | None = None,
    settings: Mapping[str, Any] = NOTHING,
) -> Channel:
    """A channel with this brand kit; without one, with a kit of its own that looks as `brand`."""
    team = team_for_edit(by, by.team_id)
    entitlements.take(team, "channels")
    if Channel.objects.filter(team=team, slug=slug).exists():
        raise Refused("slug: another channel of this team has it already.", code="slug_taken")
    kit = kit or create_brand_kit(by=by, name=_free(name, _names_of_kits(team)), look=brand)
    channel = Channel(team=team, name=name, slug=slug, brand_kit=kit, **settings)
    _hold_kit(channel)
    rows.refuse_taken_id(channel, channel.external_id)
    rows.refuse_invalid(channel)
    channel.save()
    publish(team, ChannelCreated(channel.pk, name))
    return channel


def _names_of_kits(team: Team) -> set[str]:
    return set(BrandKit.objects.filter(team=team).values_list("name", flat=True))


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or with the first number that nobody has."""
    room = BrandKit._meta.get_field("name").max_length or 0
    names = (f"{name[: room - 5].strip()} {n}" for n in itertools.count(2))
    return next(one for one in itertools.chain([name], names) if one not in taken)


@verb
def change_channel(
    *, by: Actor, channel: Channel, settings: Mapping[str, Any], version: int | None = None
) -> Channel:
    """Videos that were ordered keep what they were ordered with."""
    team = team_for_edit(by, channel.team_id)
    locked = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    rows.refuse_taken_id(locked, settings.get("external_id", ""))
    changed = rows.change(locked, settings, among=SETTINGS, version=version)
    if "approval" in changed:
        team_for_approval(by, team.pk)  # else whoever edits could let everything out
    if "brand_kit" in changed:
        _hold_kit(locked)
    if changed:
        publish(team, ChannelChanged(locked.pk, locked.name))
    return locked


def _hold_kit(channel: Channel) -> None:
    """Until the verb commits nobody deletes the kit that the channel is about to wear."""
    kits = BrandKit.objects.select_for_update(no_key=True).filter(pk=channel.brand_kit_id)
    if (kit := kits.first()) is None:
        raise Refused("brand_kit: it was deleted meanwhile: choose another.", code="invalid")
    if kit.team_id != channel.team_id:
        raise Refused("This brand kit belongs to another team.", code="invalid")


@verb
def keep_logo(*, by: Actor, path: Path) -> str:
    """Stores a picture that was made harmless, and answers its sha256 for a brand kit's look."""
    team = team_for_edit(by, by.team_id)
    files.hold(team.pk, sha256 := files.store(team.pk, path), content_type="image/png")
    return sha256


@verb
def change_brand_kit(
    *, by: Actor, kit: BrandKit, look: Mapping[str, str], version: int | None = None
) -> BrandKit:
    """Videos that were ordered keep the look that they were ordered with."""
    team = team_for_edit(by, kit.team_id)
    locked = BrandKit.objects.select_for_update(no_key=True).get(pk=kit.pk)
    changed = rows.change(locked, look, among=LOOK, version=version)
    _check_look(locked, changed)
    if changed:
        publish(team, BrandKitChanged(locked.pk, locked.name))
    return locked


def _check_look(kit: BrandKit, changed: Collection[str]) -> None:
    if "font" in changed and not all(is_there(kit.font) for is_there in registry.has_font):
        raise Refused(f"font: {kit.font} is not installed on this server.", code="no_such_font")
    if "logo_sha256" in changed:
        _hold_logo(kit)


def _hold_logo(kit: BrandKit) -> None:
    """Keeps the bytes of the logo for as long as the kit names them."""
    pictures = Blob.objects.filter(team_id=kit.team_id, content_type__startswith="image/")
    logo = pictures.filter(sha256=kit.logo_sha256).first()
    if kit.logo_sha256 and logo is None:
        raise Refused("logo_sha256: this team has no such picture.", code="no_such_logo")
    held = {"logo": logo} if logo else {}
    files.refer_anew(held, kind="channels_app.brandkit", ref_id=kit.pk)


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
        raise AlreadyOut(
            "Another version of this video has gone out to this channel: "
            "duplicate the video to publish this one as well."
        )
    for failed in same.filter(state=UploadState.FAILED).order_by("id"):
        _cancel(failed)
    upload = Upload.objects.create(
        team_id=channel.team_id,
        channel=channel,
        video_id=video_id,
        title=title,
        description=str(metadata.get("description", "")),
        files=dict(files),
        metadata=dict(metadata),
        due_at=Now(),
    )
    publish(channel.team_id, PublicationRequested(upload.pk, video_id, channel.pk))
    wake()
    return upload


def wake(_cluster: str = CLUSTER) -> None:
    jobs.enqueue(WORK, to=CLUSTER)


def is_due(cluster: str) -> bool:
    return cluster == jobs.cluster(CLUSTER) and Upload.objects.due().exists()


def backlog(cluster: str) -> tuple[int, float]:
    served = cluster == jobs.cluster(CLUSTER)
    return jobs.backlog(Upload.objects.due()) if served else (0, 0.0)


def held(worker: str) -> int:
    return Upload.objects.leased_to(worker).count()


@retry_db
@verb
def claim(worker: str, at_once: int) -> Upload | None:
    """The oldest upload that is due, taken with a lease and a new fence. None: nothing is due, or
    this worker's cluster does as much as it may (one worker stays free for short tasks)."""
    cluster = jobs.cluster(CLUSTER)
    if not slots.has_room(PUBLICATIONS, cluster, worker, at_once):
        return None
    brakes.hold_off()
    for upload in Upload.objects.due().order_by("due_at", "id")[:CANDIDATES]:
        if not _goes_out(upload):
            _cancel(upload)
        elif _take(upload, worker):
            return Upload.objects.select_related("channel").get(pk=upload.pk)
    slots.offer(PUBLICATIONS, cluster)
    return None


def _take(upload: Upload, worker: str) -> bool:
    """False: another worker was faster."""
    taken = (
        Upload.objects.due()
        .filter(pk=upload.pk)
        .update(
            state=UploadState.RUNNING,
            attempt=F("attempt") + 1,
            fence=F("fence") + 1,
            lease_until=after(LEASE),
            worker=worker,
        )
    )
    return _told(upload, taken)


def _goes_out(upload: Upload) -> bool:
    return all(may(upload.video_id) for may in registry.goes_out)


def _cancel(upload: Upload) -> None:
    resting = Upload.objects.filter(pk=upload.pk, state__in=RESTING)
    _told(upload, resting.update(state=UploadState.CANCELLED, reason="", due_at=None))


@verb
def withdraw(video_id: int) -> None:
    """A video that is cancelled or made again must not go out as it was. Raises GoingOut."""
    for upload in Upload.objects.filter(video_id=video_id, state__in=RESTING).order_by("id"):
        _cancel(upload)
    if Upload.objects.filter(video_id=video_id, state=UploadState.RUNNING).exists():
        raise GoingOut("This video is going out right now: wait until that has ended.")


def parcel_of(upload: Upload, lend: Lend) -> Parcel:
    """Its paths stay as long as `lend` serves. Raises Unavailable."""
    paths = {name: lend(upload.team_id, sha256) for name, sha256 in upload.files.items()}
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
    return _told(upload, Upload.objects.held_by(upload).update(lease_until=None, **fields))


def _told(upload: Upload, changed: int) -> bool:
    """Tells of a row that was changed; False: it was elsewhere."""
    if changed:
        upload.refresh_from_db()
        news = UploadChanged(
            upload.pk, upload.video_id, upload.state, upload.reason, upload.address
        )
        publish(upload.team_id, news)
        upload_changed.send(sender=Upload, video_id=upload.video_id)
    return bool(changed)


@retry_db
@verb
def settle(upload: Upload, address: str) -> bool:
    return _leave_running(
        upload, state=UploadState.DONE, address=address, reason="", published_at=Now()
    )


@retry_db
@verb
def put_off(upload: Upload, reason: str, delay: timedelta) -> bool:
    """Tries again later, or fails when the attempts are used up."""
    if upload.attempt >= MAX_ATTEMPTS:
        return fail(upload, reason)
    return _leave_running(upload, state=UploadState.WAITING, reason=reason, due_at=after(delay))


@retry_db
@verb
def fail(upload: Upload, reason: str) -> bool:
    return _leave_running(upload, state=UploadState.FAILED, reason=reason)


@retry_db
@verb
def give_back(upload: Upload) -> bool:
    """The worker must go: the upload waits for the next one, and this attempt does not count."""
    given = _leave_running(
        upload, state=UploadState.WAITING, attempt=F("attempt") - 1, due_at=Now()
    )
    if given:
        wake()
    return given


@verb
def retry_upload(*, by: Actor, upload: Upload) -> None:
    """Raises Braked while publishing is stopped."""
    team_for_edit(by, upload.team_id)
    brakes.refuse(upload.team_id, Stops.PUBLISHING)
    if not _goes_out(upload):
        raise NotRetryable("This video was cancelled or changed since: publish it anew.")
    failed = Upload.objects.filter(pk=upload.pk, state=UploadState.FAILED)
    changed = failed.update(state=UploadState.WAITING, attempt=0, reason="", due_at=Now())
    if not _told(upload, changed):
        raise NotRetryable("Only a failed publication can be tried again.")
    wake()


@verb
def _reap_one(upload: Upload) -> bool:
    expired = Upload.objects.held_by(upload).filter(lease_until__lt=Now())
    if not expired.update(lease_until=None):  # from here a late beat finds the row locked
        return False
    return put_off(upload, "The worker died while it published this.", timedelta(0))


def reap() -> int:
    """Gives back what died with its worker, and wakes the cluster for what is due."""
    expired = Upload.objects.filter(state=UploadState.RUNNING, lease_until__lt=Now())
    reaped = sum(_reap_one(upload) for upload in expired.order_by("id"))
    if Upload.objects.due().exists():
        wake()
    return reaped


@verb
def beat(upload: Upload) -> bool:
    """Keeps the lease of an upload that moves on. False: it is somebody else's now, or publishing
    was stopped."""
    if Brake.objects.over(upload.team_id, Stops.PUBLISHING).exists():
        return False
    return bool(Upload.objects.held_by(upload).update(lease_until=after(LEASE)))
