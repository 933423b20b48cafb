"""A team's own files: kept as they came, by hash; stages see only what was cleaned."""

from pathlib import Path

from config.kit import files
from config.kit.database import verb
from config.kit.errors import Refused
from config.kit.models import Blob
from teams.access import Actor, team_for_edit
from videos.models import Asset, Video

MAX_BYTES = 50_000_000
_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


class NotAPicture(Refused):
    code = "not_a_picture"


def keep_picture(*, by: Actor, path: Path) -> Asset:
    """Stores the bytes and answers their row; the same bytes of one team are one asset."""
    team = team_for_edit(by, by.team_id)
    if path.stat().st_size > MAX_BYTES:
        raise NotAPicture(f"{path.name} is above {MAX_BYTES // 10**6} MB: make it smaller.")
    kind = _kind_of(path)
    sha256 = files.store(team.pk, path)
    return _keep(team.pk, path.name, sha256, kind)


def _kind_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    raise NotAPicture(f"{path.name} is no PNG, JPEG, WebP or GIF picture: save it as one.")


@verb
def _keep(team_id: int, name: str, sha256: str, content_type: str) -> Asset:
    blob = files.hold(team_id, sha256, content_type=content_type)
    asset, is_new = Asset.objects.get_or_create(
        team_id=team_id,
        sha256=sha256,
        defaults={
            "name": name[:200],
            "content_type": content_type,
            "size": blob.size,
            "source_sha256": sha256,
        },
    )
    if is_new:
        files.refer(blob, kind="videos.asset", ref_id=asset.pk, name=name[:200])
    return asset


def hold_logo(video: Video) -> None:
    """Keeps the bytes that the plan names: the channel may get another logo meanwhile."""
    sha256 = video.plan.get("brand", {}).get("logo", "")
    logo = Blob.objects.filter(team_id=video.team_id, sha256=sha256).first()
    held = {"logo": logo} if logo else {}
    files.refer_anew(held, kind="videos.video", ref_id=video.pk)
