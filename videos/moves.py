"""How a video moves from state to state; every verb that moves one goes through here, and so it
is here that a video is counted against its team's plan: once, whatever way it goes."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.functions import Now

from billing import budgets, entitlements
from config.kit.cache import invalidate
from config.kit.errors import Refused
from config.kit.statements import row_by_key
from teams.events import publish
from videos.models import HANDED_OVER, IN_WORK, Counted, Video, VideoState
from videos.news import VideoMoved

MADE = (VideoState.REVIEW, VideoState.APPROVED, *HANDED_OVER, VideoState.PUBLISHED)
OUTCOME_UNKNOWN = "outcome_unknown"  # the reason code of what waits for a person's word
GIVEN_UP = (VideoState.FAILED, VideoState.CANCELLED)


class WrongState(Refused):
    code = "wrong_state"


def lock(video_id: int) -> Video:
    """The video's row, first in the lock order of every verb that touches its runs. So it is here
    that what was kept of the team's videos, with the progress of their runs, is let go of."""
    found = _locked(video_id)
    invalidate(Video, found.team_id)
    return found


@row_by_key
def _locked(video_id: int) -> QuerySet[Video]:
    return Video.objects.select_for_update(no_key=True).defer("source").filter(pk=video_id)


class Deleted(Refused):
    code = "deleted"


def lock_kept(video_id: int) -> Video:
    """As `lock`, for what people do: what lies in the bin is restored first. Raises Deleted."""
    video = lock(video_id)
    if video.deleted_at is not None:
        raise Deleted("This video was deleted: restore it first.")
    return video


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
        if video.state == VideoState.BLOCKED:
            budgets.unpark(video.pk)
        video.state, video.reason, video.reason_code = to, reason, code
        count(video)
        publish(video.team_id, VideoMoved(video.pk, to, reason))
    return bool(moved)


def count(video: Video) -> None:
    """Reserved while it is in work, committed once it was made, given back if it never was.

    Raises OverPlan when a video that is taken up (again) does not fit the plan any more.
    """
    is_given_up = video.state in GIVEN_UP or video.deleted_at is not None
    if is_given_up and _counts(video, Counted.RESERVED, Counted.NOT):
        entitlements.give_back(video.team, "videos")
    elif is_given_up:
        return
    elif video.state in IN_WORK and _counts(video, Counted.NOT, Counted.RESERVED):
        entitlements.take(video.team, "videos")
    elif video.state in MADE:
        _counts(video, Counted.RESERVED, Counted.COMMITTED)


def _counts(video: Video, was: Counted, becomes: Counted) -> bool:
    return bool(Video.objects.filter(pk=video.pk, counted=was).update(counted=becomes))
