"""Resumable uploads: rows say how much has come, a scratch file holds it, an asset comes of it."""

import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from config.kit.database import after, verb
from config.kit.errors import Refused
from teams.access import Actor, Forbidden, team_for_edit
from videos import assets
from videos.models import Asset, AssetKind, AssetUpload

KEPT = timedelta(hours=24)
PIECE = timedelta(seconds=120)  # how long one piece may take before another may try
OPEN_AT_ONCE = 200
CHUNK = 1024 * 1024
SPARE_BYTES = 500_000_000


class WrongOffset(Refused):
    code = "wrong_offset"


class NoSpace(Refused):
    code = "no_space"
    status = 507


@verb
def begin(*, by: Actor, name: str, kind: str, size: int) -> AssetUpload:
    """Raises TooLarge, NoSpace, Refused."""
    team = team_for_edit(by, by.team_id)
    if kind not in AssetKind.values:
        raise Refused(f"kind: write one of {', '.join(AssetKind.values)}.", code="invalid")
    if size <= 0:
        raise Refused("An empty file can't be used.", code="invalid")
    assets.refuse_too_large(kind, size)
    still = AssetUpload.objects.filter(team=team, asset=None, expires_at__gt=Now())
    if still.count() >= OPEN_AT_ONCE:
        raise Refused(f"{OPEN_AT_ONCE} uploads of this team are on their way: end some first.")
    if shutil.disk_usage(_folder()).free < size + SPARE_BYTES:
        raise NoSpace("This server has too little space left for this file.")
    upload = AssetUpload.objects.create(
        team=team,
        name=assets.name_of(name),
        kind=kind,
        size=size,
        created_by_id=by.user_id,
        expires_at=after(KEPT),
    )
    upload.refresh_from_db()
    return upload


def append(*, by: Actor, upload: AssetUpload, offset: int, stream: BinaryIO) -> AssetUpload:
    """Writes what comes at `offset`, which must be where the upload stands. Raises WrongOffset.

    With the last byte the file becomes an asset: `upload.asset`.
    """
    if upload.asset_id is not None and offset == upload.size:
        return upload  # the answer to the last piece was lost
    _take_turn(by, upload, offset)
    written = 0
    try:
        if offset < upload.size:
            written = _write(upload, offset, stream)
        if offset + written == upload.size:
            _finish(by, upload)
    finally:
        _moved(upload, offset, written)
    upload.refresh_from_db()
    return upload


@verb
def _take_turn(by: Actor, upload: AssetUpload, offset: int) -> None:
    team_for_edit(by, upload.team_id)
    free = Q(busy_until=None) | Q(busy_until__lt=Now())
    mine = AssetUpload.objects.filter(free, pk=upload.pk, offset=offset, asset=None)
    if not mine.update(busy_until=after(PIECE)):
        raise WrongOffset("The upload stands elsewhere: ask with HEAD and go on from there.")


def _write(upload: AssetUpload, offset: int, stream: BinaryIO) -> int:
    written = 0
    with path_of(upload.uid).open("r+b" if offset else "wb") as file:
        file.seek(offset)
        file.truncate()
        while chunk := stream.read(min(CHUNK, upload.size - offset - written + 1)):
            written += len(chunk)
            if offset + written > upload.size:
                raise assets.TooLarge("More bytes came than Upload-Length says.")
            file.write(chunk)
    return written


@verb
def _moved(upload: AssetUpload, offset: int, written: int) -> None:
    mine = AssetUpload.objects.filter(pk=upload.pk, offset=offset)
    mine.update(offset=F("offset") + written, busy_until=None, expires_at=after(KEPT))


def _finish(by: Actor, upload: AssetUpload) -> None:
    path = path_of(upload.uid)
    asset = assets.take_in(by=by, path=path, name=upload.name, kind=upload.kind)
    _note(upload, asset)
    path.unlink(missing_ok=True)


@verb
def _note(upload: AssetUpload, asset: Asset) -> None:
    AssetUpload.objects.filter(pk=upload.pk).update(asset=asset)
    upload.asset = asset


@verb
def end(*, by: Actor, upload: AssetUpload) -> None:
    """Gives up an upload; what it has become stays."""
    team_for_edit(by, upload.team_id)
    if by.user_id != upload.created_by_id and not by.may_admin:
        raise Forbidden("Only who began an upload, an owner or an admin may end it.")
    path_of(upload.uid).unlink(missing_ok=True)
    upload.delete()


@verb
def expire() -> None:
    """Called by the sweep: what stood still for a day is gone, with its bytes."""
    old = AssetUpload.objects.filter(expires_at__lt=Now())
    for uid in list(old.values_list("uid", flat=True)[:100]):
        gone, _ = AssetUpload.objects.filter(uid=uid, expires_at__lt=Now()).delete()
        if gone:
            path_of(uid).unlink(missing_ok=True)


def path_of(uid: uuid.UUID) -> Path:
    return _folder() / str(uid)


def _folder() -> Path:
    folder = Path(settings.UPLOADS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
