"""What the journal tells of people who work on one video together."""

from dataclasses import dataclass

from teams.events import News


@dataclass(frozen=True)
class CommentAdded(News):
    kind = "collab.comment_added"
    video_id: int
    comment_id: int
    parent_id: int | None
    author_id: int | None


@dataclass(frozen=True)
class CommentMentioned(News):
    kind = "collab.comment_mentioned"
    video_id: int
    comment_id: int
    user_id: int


@dataclass(frozen=True)
class CommentEdited(News):
    kind = "collab.comment_edited"
    video_id: int
    comment_id: int


@dataclass(frozen=True)
class CommentDeleted(News):
    kind = "collab.comment_deleted"
    video_id: int
    comment_id: int


@dataclass(frozen=True)
class ThreadResolved(News):
    kind = "collab.thread_resolved"
    video_id: int
    comment_id: int


@dataclass(frozen=True)
class ThreadReopened(News):
    kind = "collab.thread_reopened"
    video_id: int
    comment_id: int


@dataclass(frozen=True)
class SuggestionMade(News):
    kind = "collab.suggestion_made"
    video_id: int
    suggestion_id: int
    author_id: int | None


@dataclass(frozen=True)
class SuggestionDecided(News):
    kind = "collab.suggestion_decided"
    video_id: int
    suggestion_id: int
    state: str


@dataclass(frozen=True)
class ShareLinkMade(News):
    kind = "collab.share_link_made"
    video_id: int
    link_id: int
    role: str


@dataclass(frozen=True)
class ShareLinkRevoked(News):
    kind = "collab.share_link_revoked"
    video_id: int
    link_id: int
