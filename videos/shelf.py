"""What people do with their team's files: name them, let them go, see where they are used."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast

from channels_app.models import BrandKit
from config.kit import files, rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, team_for_edit
from teams.events import publish
from videos.models import Asset, Video
from videos.news import AssetDeleted, AssetRenamed


class InUse(Refused):
    code = "asset_in_use"


@dataclass(frozen=True)
class Usage:
    """Bytes: of the team's own files, of all that is kept for it, and what the disk has left (None:
    the store has no end)."""

    own: int
    kept: int
    free: int | None

    @property
    def made(self) -> int:
        return max(0, self.kept - self.own)

    @property
    def room(self) -> int:
        return self.kept + (self.free or 0)


def usage(by: Actor) -> Usage:
    own = Asset.objects.visible_to(by).aggregate(n=Sum("size"))["n"] or 0
    kept = files.kept_of(by.team_id)
    return Usage(own, kept, files.free_bytes())


def used_by(asset: Asset) -> QuerySet[Video]:
    """Those in the bin count too: they may be brought back."""
    if not asset.sha256:
        return Video.objects.none()
    written = {name: Cast(name, TextField()) for name in ("pictures", "clips")}
    named = Video.objects.filter(team_id=asset.team_id).alias(
        pictures_written=written["pictures"], clips_written=written["clips"]
    )
    return named.filter(
        Q(pictures_written__contains=asset.sha256)
        | Q(clips_written__contains=asset.sha256)
        | Q(track=asset.sha256)
    )


@verb
def rename_asset(*, by: Actor, asset: Asset, name: str) -> Asset:
    team = team_for_edit(by, asset.team_id)
    locked = Asset.objects.select_for_update(no_key=True).get(pk=asset.pk)
    # what it is, is known once it is ready
    if rows.change(locked, {"name": name}, among=("name",), unchecked=("content_type",)):
        publish(team, AssetRenamed(locked.pk, name))
    return locked


@verb
def delete_asset(*, by: Actor, asset: Asset) -> None:
    """Raises InUse naming who uses it. The bytes go once nothing else refers to them."""
    team = team_for_edit(by, asset.team_id)
    locked = Asset.objects.select_for_update(no_key=True).get(pk=asset.pk)
    if locked.lease_until is not None:
        raise Refused("This file is being prepared right now: delete it when that has ended.")
    video = used_by(locked).order_by("id").first()
    if video is not None:
        raise InUse(f"“{video}” uses this file: delete that video, or take the file out of it.")
    kit = BrandKit.objects.filter(team=team, logo_sha256=locked.sha256).first()
    if locked.sha256 and kit is not None:
        raise InUse(f"The brand kit “{kit}” has this picture as its logo: change that first.")
    news = AssetDeleted(locked.pk, locked.name)
    files.release("videos.asset", [locked.pk])
    locked.delete()
    publish(team, news)
