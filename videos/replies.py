"""Answers of paid services, kept as they came until the part that was made of them is settled."""

from pathlib import Path

from config.kit import files
from config.kit.database import verb
from videos.models import Reply

KIND = "videos.reply"


def found(team_id: int, request: str) -> Path | None:
    reply = Reply.objects.filter(team=team_id, request=request).first()
    if reply is None or not files.is_kept(team_id, reply.sha256):
        return None
    return files.path_of(team_id, reply.sha256)


def keep(team_id: int, request: str, key: str, reply: Path) -> None:
    """Also for a worker that has lost its lease: what was bought is kept. Raises Unavailable."""
    _refer(team_id, request, key, files.store(team_id, reply))


@verb
def _refer(team_id: int, request: str, key: str, sha256: str) -> None:
    row, _ = Reply.objects.update_or_create(
        team_id=team_id, request=request, defaults={"key": key, "sha256": sha256}
    )
    blob = files.hold(team_id, sha256, content_type="application/octet-stream")
    files.refer_anew({"reply": blob}, kind=KIND, ref_id=row.pk)


@verb
def forget(team_id: int, key: str) -> None:
    """The part is settled: it is found by its key from now on."""
    for reply in Reply.objects.filter(team=team_id, key=key).order_by("id"):
        files.refer_anew({}, kind=KIND, ref_id=reply.pk)
        reply.delete()
