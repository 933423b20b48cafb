"""How a video moves from state to state; every verb that moves one goes through here."""

from collections.abc import Collection

from config.kit.errors import Refused
from teams.events import publish
from videos.models import Video, VideoState
from videos.news import VideoMoved


class WrongState(Refused):
    code = "wrong_state"


def lock(video_id: int) -> Video:
    """The video's row, first in the lock order of every verb that touches its runs."""
    return Video.objects.select_for_update().get(pk=video_id)


def move(
    video: Video,
    to: VideoState,
    *,
    leaving: Collection[VideoState],
    reason: str = "",
    code: str = "",
) -> bool:
    """Leaves one of the named states. False: the video was elsewhere, and nothing changed."""
    moved = Video.objects.filter(pk=video.pk, state__in=[state.value for state in leaving]).update(
        state=to, reason=reason, reason_code=code
    )
    if moved:
        video.state, video.reason, video.reason_code = to, reason, code
        publish(video.team_id, VideoMoved(video.pk, to, reason))
    return bool(moved)
