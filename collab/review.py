"""The comments on a rendered video as people review it: threads in the order of the picture."""

from dataclasses import dataclass

from django.db.models import Prefetch

from collab import moments
from collab.models import Comment
from teams.access import Actor
from videos.models import Video

MOST = 500  # threads on a page; of more, the newest


@dataclass(frozen=True)
class Thread:
    comment: Comment
    replies: list[Comment]

    @property
    def timecode(self) -> str:
        frame = self.comment.frame
        return "" if frame is None else moments.timecode(frame)

    @property
    def stamp(self) -> str:
        """Another one as soon as anything in it reads otherwise."""
        return ".".join(f"{one.pk}v{one.version}" for one in (self.comment, *self.replies))


def threads(by: Actor, video: Video) -> list[Thread]:
    """What is about the whole video first, then by frame."""
    said = Comment.objects.visible_to(by).filter(video=video).select_related("author")
    replies = Prefetch("replies", queryset=said.order_by("id"), to_attr="answers")
    rows = said.threads().on_the_video().select_related("resolved_by").prefetch_related(replies)
    found = sorted(rows.order_by("-id")[:MOST], key=_place)
    return [Thread(one, one.answers) for one in found]  # type: ignore[attr-defined]


def _place(comment: Comment) -> tuple[int, int]:
    return (-1 if comment.at_ms is None else comment.at_ms), comment.pk


def open_in_text(by: Actor, video: Video) -> int:
    """How many threads wait beside the script."""
    waiting = Comment.objects.visible_to(by).threads().filter(video=video, resolved_at=None)
    return waiting.exclude(pk__in=waiting.on_the_video().values("pk")).count()
