"""How a video moves from state to state; every verb that moves one goes through here."""

from collections.abc import Collection

from django.db.models.functions import Now

from config.kit.errors import Refused
from teams.events import publish
from videos.models import Video, VideoState
from videos.news import VideoMoved


class WrongState(Refused):
    code = "wrong_state"


def lock(video_id: int) -> Video:
    """The video's row, first in the lock order of every verb that touches its runs."""
    return Video.objects.select_for_update().defer("source").get(pk=video_id)


def move(
    video: Video,
    to: VideoState,
    *,
    leaving: Collection[VideoState],
    reason: str = "",
    code: str = "",
) -> bool:
    """Leaves one of the named states. False: it was elsewhere, or there already."""
    elsewhere = Video.objects.filter(pk=video.pk, state__in=[state.value for state in leaving])
    moved = elsewhere.exclude(state=to, reason=reason, reason_code=code).update(
        state=to, reason=reason, reason_code=code, changed_at=Now()
    )
    if moved:
        video.state, video.reason, video.reason_code = to, reason, code
        publish(video.team_id, VideoMoved(video.pk, to, reason))
    return bool(moved)
