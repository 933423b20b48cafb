"""Tells those who are mentioned in a comment."""

from collections.abc import Sequence

from collab.models import Comment
from collab.news import CommentMentioned
from teams import notices
from teams.models import Event, NoticeKind
from teams.notices import Notice

KIND = CommentMentioned.kind


def hear(team_id: int, events: Sequence[Event]) -> None:
    """Nobody is told of what was deleted since, nor of their own words."""
    wanted = {event.payload["comment_id"] for event in events}
    kept = Comment.objects.filter(team_id=team_id, deleted_at=None, video__deleted_at=None)
    comments = kept.select_related("video", "author", "parent").in_bulk(wanted)
    found = []
    for event in events:
        comment = comments.get(event.payload["comment_id"])
        if comment is not None and comment.author_id != event.payload["user_id"]:
            found.append(_notice(event, comment))
    notices.tell(team_id, found)


def _notice(event: Event, comment: Comment) -> Notice:
    text = f"{comment.said_by} mentions you on “{comment.video}”: {comment.text}"
    to = frozenset({event.payload["user_id"]})
    return Notice(NoticeKind.MENTIONED, text, _place(comment), event.seq, to)


def _place(comment: Comment) -> str:
    """The page on which it is read: beside the picture, or beside the text."""
    thread = comment.parent or comment
    if thread.is_in_text:
        return f"/videos/{comment.video_id}/script/"
    at = "" if thread.frame is None else f"?frame={thread.frame}"
    return f"/videos/{comment.video_id}/{at}#comment-{comment.pk}"
