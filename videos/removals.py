"""Deleting videos so that it can be undone, and for good once nobody has asked for them back."""

from datetime import timedelta

from django.db.models.functions import Now

from billing import budgets
from channels_app import actions as channel_actions
from config.kit import files, rows
from config.kit.database import after, verb
from teams.access import Actor, team_for_edit
from teams.events import publish
from videos import moves, readiness
from videos.models import IN_WORK, Video
from videos.news import VideoDeleted, VideoRestored

KEPT_FOR = timedelta(days=30)
PURGED_AT_ONCE = 100  # rows of a transaction each; the next call takes the rest


@verb
def delete_video(*, by: Actor, video: Video, version: int | None = None) -> None:
    """Into the bin: its work stops, and what waits to be published is withdrawn. What is out
    stays out. Raises GoingOut while a publisher has it, Stale."""
    team_for_edit(by, video.team_id)
    locked = moves.lock_kept(video.pk)
    rows.refuse_stale(locked, version)
    channel_actions.withdraw(locked.pk)
    readiness.halt(locked)
    budgets.unpark(locked.pk)  # restored, it asks for room anew
    Video.objects.filter(pk=locked.pk).update(deleted_at=Now())
    locked.refresh_from_db(fields=["deleted_at"])
    moves.count(locked)
    publish(locked.team_id, VideoDeleted(locked.pk))


@verb
def restore_video(*, by: Actor, video: Video) -> None:
    """Back from the bin, in the state it was in; what was in work goes on."""
    team_for_edit(by, video.team_id)
    locked = moves.lock(video.pk)
    if locked.deleted_at is None:
        return
    Video.objects.filter(pk=locked.pk).update(deleted_at=None)
    locked.deleted_at = None
    moves.count(locked)
    if locked.state in IN_WORK:
        readiness.promote(locked)
    publish(locked.team_id, VideoRestored(locked.pk))


def purge_deleted(older_than: timedelta = KEPT_FOR) -> int:
    """Removes for good what was deleted so long ago; its bytes go with `prune`."""
    gone = Video.objects.filter(deleted_at__lt=after(-older_than)).order_by("deleted_at", "id")
    found = list(gone[:PURGED_AT_ONCE])
    return sum(_purge(video.pk, older_than) for video in found)


@verb
def _purge(video_id: int, older_than: timedelta) -> bool:
    """False: it was restored meanwhile."""
    video = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
    still = Video.objects.filter(pk=video_id, deleted_at__lt=after(-older_than))
    if video is None or not still.exists():
        return False
    versions = list(video.script_versions.values_list("pk", flat=True))
    files.release("videos.scriptversion", versions)
    files.release("videos.video", [video.pk])
    still.update(script=None)  # it protects its version from the cascade
    still.delete()
    return True
