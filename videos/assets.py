"""A team's own files: taken in as they came, made harmless by a worker, then used.

What was uploaded is seen by nobody: stages, pages and programs get the clean file alone. The same
bytes of one team and kind are one asset.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.db.models.functions import Now

from config.kit import files, jobs
from config.kit.database import verb
from config.kit.errors import Refused, Rejected
from config.kit.models import Blob
from teams.access import Actor, team_for_edit
from teams.events import publish
from videos.contracts import Stop
from videos.media import pictures, takes
from videos.models import Asset, AssetKind, AssetState, Video
from videos.news import AssetAdded

WORK = "videos.tasks.prepare_assets"
HOLDER = "videos.asset"
MB = 1_000_000
MAX_BYTES: Mapping[str, int] = {
    AssetKind.PICTURE: 40 * MB,
    AssetKind.CLIP: 1000 * MB,
    AssetKind.MUSIC: 300 * MB,
}
LONGEST_NAME = 200


class NotAPicture(Refused):
    code = "not_a_picture"


class TooLarge(Refused):
    code = "too_large"
    status = 413


def name_of(given: str) -> str:
    """A name to show: no path, no control or direction marks, never empty, 200 characters."""
    base = given.replace("\\", "/").rpartition("/")[2]
    plain = "".join(mark for mark in base if mark.isprintable()).strip(" .")
    if len(plain) > LONGEST_NAME:
        ending = Path(plain).suffix[:10]
        plain = plain[: LONGEST_NAME - len(ending)] + ending
    return plain or "file"


def refuse_too_large(kind: str, size: int) -> None:
    most = MAX_BYTES[kind]
    if size > most:
        raise TooLarge(f"A {kind} has at most {most // MB} MB; this has {size / MB:.0f} MB.")


def take_in(*, by: Actor, path: Path, name: str, kind: str) -> Asset:
    """Stores the bytes of an upload and has a worker make them harmless. Raises TooLarge."""
    team = team_for_edit(by, by.team_id)
    refuse_too_large(kind, path.stat().st_size)
    sha256 = files.store(team.pk, path)
    return _take_in(by=by, name=name_of(name), kind=kind, sha256=sha256)


@verb
def _take_in(*, by: Actor, name: str, kind: str, sha256: str) -> Asset:
    team = team_for_edit(by, by.team_id)
    blob = files.hold(team.pk, sha256, content_type="application/octet-stream")
    asset, is_new = Asset.objects.get_or_create(
        team=team,
        source_sha256=sha256,
        kind=kind,
        defaults={
            "name": name,
            "state": AssetState.PREPARING,
            "content_type": "",
            "size": blob.size,
            "created_by_id": by.user_id,
            "due_at": Now(),
        },
    )
    again = not is_new and asset.state == AssetState.REFUSED
    if again:  # another version of us may think better of it
        waiting = {"state": AssetState.PREPARING, "reason": "", "attempt": 0, "due_at": Now()}
        Asset.objects.filter(pk=asset.pk, state=AssetState.REFUSED).update(**waiting)
    if is_new or again:
        files.refer_anew({"source": blob}, kind=HOLDER, ref_id=asset.pk)
        publish(team, AssetAdded(asset.pk, asset.name, kind))
        jobs.enqueue(WORK, to="render")
    asset.refresh_from_db()
    return asset


def keep_picture(*, by: Actor, path: Path) -> Asset:
    """A picture made harmless at once, while somebody waits. Raises NotAPicture."""
    team = team_for_edit(by, by.team_id)
    source = files.sha256_of(path)
    mine = Asset.objects.visible_to(by).ready()
    found = mine.filter(source_sha256=source, kind=AssetKind.PICTURE).first()
    if found is not None:
        return found
    with tempfile.TemporaryDirectory() as folder:
        cleaned = picture(path, Path(folder), name=path.name)
        sha256 = files.store(team.pk, cleaned.path)
    return _keep(by=by, name=name_of(path.name), source=source, sha256=sha256, facts=cleaned.facts)


@verb
def _keep(*, by: Actor, name: str, source: str, sha256: str, facts: Mapping[str, object]) -> Asset:
    team = team_for_edit(by, by.team_id)
    blob = files.hold(team.pk, sha256, content_type="image/jpeg")
    ready = {
        "name": name,
        "state": AssetState.READY,
        "reason": "",
        "sha256": sha256,
        "content_type": "image/jpeg",
        "size": blob.size,
        "facts": facts,
        "created_by_id": by.user_id,
    }
    asset, is_new = Asset.objects.update_or_create(
        team=team, source_sha256=source, kind=AssetKind.PICTURE, defaults=ready
    )
    files.refer_anew({"file": blob}, kind=HOLDER, ref_id=asset.pk)
    if is_new:
        publish(team, AssetAdded(asset.pk, name, AssetKind.PICTURE))
    return asset


def picture(
    source: Path, room: Path, *, name: str = "", stop: Stop = lambda: False
) -> takes.Cleaned:
    """Raises NotAPicture with what is wrong with it."""
    target = room / "picture.jpg"
    try:
        pictures.prepare(source, target, form=None, name=name, stop=stop)
    except Rejected as error:
        raise NotAPicture(error.message) from None
    width, height = pictures.size_of(target)
    return takes.Cleaned(target, "image/jpeg", {"width": width, "height": height})


def hold_logo(video: Video) -> None:
    """Keeps the bytes that the plan names: the channel may get another logo meanwhile."""
    sha256 = video.plan.get("brand", {}).get("logo", "")
    logo = Blob.objects.filter(team_id=video.team_id, sha256=sha256).first()
    held = {"logo": logo} if logo else {}
    files.refer_anew(held, kind="videos.video", ref_id=video.pk)


def ready_track(by_team: int, reference: str) -> Asset:
    """The music that an order names as `asset:<id>`. Raises Refused."""
    number = reference.removeprefix("asset:")
    found = None
    if number.isdecimal() and len(number) < 18:
        mine = Asset.objects.ready().filter(team_id=by_team, kind=AssetKind.MUSIC)
        found = mine.filter(pk=int(number)).first()
    if found is None:
        raise Refused("music: choose a track of the team's library that is ready.", code="invalid")
    return found
