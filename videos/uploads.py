"""Resumable uploads: rows say how much has come, pieces hold it, an asset comes of it."""

import contextlib
from datetime import timedelta
from typing import BinaryIO

from django.db.models import F, Q
from django.db.models.functions import Now

from config.kit.database import after, verb
from config.kit.errors import Refused, Unavailable
from config.kit.stores.pieces import Piece, pieces
from teams.access import Actor, Forbidden, team_for_edit
from videos import assets
from videos.models import Asset, AssetKind, AssetUpload

KEPT = timedelta(hours=24)
PIECE = timedelta(seconds=120)  # how long one piece may take before another may try
LAST = timedelta(seconds=300)  # the last piece: the file is put together, hashed and stored
STRAY = timedelta(days=2)
OPEN_AT_ONCE = 200


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
    if pieces().free_bytes() < size:
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
    """Writes what comes at `offset`, which must be where the upload stands. Raises WrongOffset,
    Lost, Unavailable.

    With the last byte the file becomes an asset: `upload.asset`.
    """
    if upload.asset_id is not None and offset == upload.size:
        return upload  # the answer to the last piece was lost
    _take_turn(by, upload, offset)
    came = 0  # a last piece that the store did not take is sent anew: clients end at the last byte
    try:
        written = _write(upload, offset, stream) if offset < upload.size else 0
        if offset + written == upload.size:
            _finish(by, upload)
        came = written
    finally:
        _moved(upload, offset, came)
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
    piece = Piece(str(upload.uid), offset, upload.size - offset)
    written = pieces().add(piece, stream)
    if written > piece.most:
        raise assets.TooLarge("More bytes came than Upload-Length says.")
    return written


@verb
def _moved(upload: AssetUpload, offset: int, written: int) -> None:
    mine = AssetUpload.objects.filter(pk=upload.pk, offset=offset)
    mine.update(offset=F("offset") + written, busy_until=None, expires_at=after(KEPT))


def _finish(by: Actor, upload: AssetUpload) -> None:
    AssetUpload.objects.filter(pk=upload.pk).update(busy_until=after(LAST))
    uid = str(upload.uid)
    with pieces().whole(uid, upload.size) as path:
        asset = assets.take_in(by=by, path=path, name=upload.name, kind=upload.kind)
    _note(upload, asset)
    _drop(uid)


def _drop(uid: str) -> None:
    """What can't be dropped now is a stray, which goes later."""
    with contextlib.suppress(Unavailable):
        pieces().drop(uid)


@verb
def _note(upload: AssetUpload, asset: Asset) -> None:
    AssetUpload.objects.filter(pk=upload.pk).update(asset=asset)
    upload.asset = asset


def end(*, by: Actor, upload: AssetUpload) -> None:
    """Gives up an upload; what it has become stays."""
    _end(by, upload)
    _drop(str(upload.uid))


@verb
def _end(by: Actor, upload: AssetUpload) -> None:
    team_for_edit(by, upload.team_id)
    if by.user_id != upload.created_by_id and not by.may_admin:
        raise Forbidden("Only who began an upload, an owner or an admin may end it.")
    AssetUpload.objects.filter(pk=upload.pk).delete()


def expire() -> None:
    """Called by the sweep: what stood still for a day is gone, with its bytes."""
    for uid in _expired():
        _drop(uid)


@verb
def _expired() -> list[str]:
    old = AssetUpload.objects.filter(expires_at__lt=Now())
    uids = list(old.values_list("uid", flat=True)[:100])
    return [str(uid) for uid in uids if old.filter(uid=uid).delete()[0]]


def drop_strays() -> int:
    """Bytes whose row is gone; how many uploads they were of. Raises Unavailable."""
    found = pieces().strays(STRAY.total_seconds())
    known = AssetUpload.objects.filter(asset=None).values_list("uid", flat=True)
    kept = {str(uid) for uid in known}
    strays = [uid for uid in found if uid not in kept]
    for uid in strays:
        pieces().drop(uid)
    return len(strays)
