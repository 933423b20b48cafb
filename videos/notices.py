"""What people are told of videos; the handler that listens to their moves."""

from collections.abc import Sequence

from teams import notices
from teams.models import Event, Membership, NoticeKind
from teams.notices import Notice
from videos.models import Video, VideoState

KIND = "videos.video_moved"
TOLD = {
    VideoState.FAILED: (NoticeKind.VIDEO_FAILED, "“{title}” failed: {reason}"),
    VideoState.BLOCKED: (NoticeKind.VIDEO_BLOCKED, "“{title}” is blocked: {reason}"),
    VideoState.REVIEW: (NoticeKind.VIDEO_REVIEW, "“{title}” waits for review."),
    VideoState.PUBLISHED: (NoticeKind.VIDEO_PUBLISHED, "“{title}” is published."),
}


def hear(team_id: int, events: Sequence[Event]) -> None:
    """What has moved on since needs nobody any more."""
    moved = [event for event in events if event.payload["state"] in TOLD]
    if not moved:
        return
    wanted = {event.payload["video_id"] for event in moved}
    kept = Video.objects.filter(team_id=team_id, deleted_at=None, pk__in=wanted)
    videos = {one.pk: one for one in kept.only("title", "state")}
    people = notices.members(team_id)
    found = []
    for event in moved:
        video = videos.get(event.payload["video_id"])
        if video is not None and video.state == event.payload["state"]:
            found.append(_notice(event, video, people))
    notices.tell(team_id, found)


def _notice(event: Event, video: Video, people: Sequence[Membership]) -> Notice:
    kind, text = TOLD[VideoState(video.state)]
    waits_for_word = video.state == VideoState.REVIEW
    to = notices.approvers(people) if waits_for_word else notices.editors(people)
    told = text.format(title=video, reason=event.payload["reason"])
    return Notice(kind, told, f"/videos/{video.pk}/", event.seq, to)
