"""Questions about many videos at once, for pages: found, shown with progress and thumbnails."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet

from channels_app.models import Channel
from config.kit.cache import cache_result
from teams.access import Actor, viewer
from videos import progress
from videos.contracts import WHOLE
from videos.models import RunPart, RunState, StageRun, Video, VideoState

GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "working": ("In work", [VideoState.QUEUED, VideoState.PRODUCING]),
    "review": ("To review", [VideoState.REVIEW]),
    "approved": ("Approved", [VideoState.APPROVED]),
    "going": ("Going out", [VideoState.SCHEDULED, VideoState.UPLOADING, VideoState.PROCESSING]),
    "published": ("Published", [VideoState.PUBLISHED]),
    "stuck": ("Needs a hand", [VideoState.FAILED, VideoState.BLOCKED]),
    "resting": ("Resting", [VideoState.DRAFT, VideoState.PAUSED, VideoState.CANCELLED]),
}
MOVING = (*GROUPS["working"][1], *GROUPS["going"][1])
SORTS = {
    "newest": ("Newest first", ["-id"]),
    "oldest": ("Oldest first", ["id"]),
    "changed": ("Last changed", ["-changed_at", "-id"]),
    "title": ("Title", ["title", "id"]),
}
SHOWN = ("source",)  # what no list shows, and may be megabytes
UNLISTED = (*SHOWN, "plan", "pictures", "clips")


@dataclass(frozen=True)
class Search:
    """What a person looks for; empty means all."""

    text: str = ""
    group: str = ""
    channel: int | None = None
    format: str = ""
    sort: str = "newest"
    is_bin: bool = False

    def of(self, by: Actor) -> QuerySet[Video]:
        mine = Video.objects.deleted_of(by) if self.is_bin else Video.objects.visible_to(by)
        found = mine.filter(self._words())
        if self.group:
            found = found.filter(state__in=GROUPS[self.group][1])
        if self.channel:
            found = found.filter(channel_id=self.channel)
        if self.format:
            found = found.filter(format=self.format)
        return found.select_related("channel").defer(*UNLISTED).order_by(*SORTS[self.sort][1])

    def _words(self) -> Q:
        if not self.text:
            return Q()
        found = Q(title__icontains=self.text) | Q(external_id__iexact=self.text)
        number = self.text.removeprefix("#")
        if number.isdecimal() and len(number) < 18:
            found |= Q(pk=int(number))
        return found


def dress(videos: Iterable[Video]) -> list[Video]:
    """Gives each video `progress` and `thumb` (a hash, or "") in two queries for them all."""
    found = list(videos)
    runs = _runs_of(found)
    thumbs = _thumbs(found)
    for video in found:
        video.progress = progress.of(runs.get(video.pk, []))  # type: ignore[attr-defined]
        video.thumb = thumbs.get(video.pk, "")  # type: ignore[attr-defined]
        video.is_moving = video.state in MOVING  # type: ignore[attr-defined]
    return found


def _runs_of(videos: Sequence[Video]) -> dict[int, list[StageRun]]:
    runs: dict[int, list[StageRun]] = {}
    for run in StageRun.objects.filter(video__in=videos).defer("reason"):
        runs.setdefault(run.video_id, []).append(run)
    return runs


def _thumbs(videos: Sequence[Video]) -> dict[int, str]:
    parts = RunPart.objects.filter(
        run__video__in=videos, run__stage="thumbnail", run__state=RunState.DONE, part=WHOLE
    )
    rows = parts.values_list("run__video_id", "artifact__files")
    return {video_id: files.get("thumbnail.jpg", "") for video_id, files in rows}


def bring_up_to_date(videos: Iterable[Video]) -> list[Video]:
    """For what was kept: a run that is at work moves on without a change of its video. One query
    for all of them, none where nothing is at work."""
    found = list(videos)
    at_work = [video for video in found if video.progress.stage]  # type: ignore[attr-defined]
    if at_work:
        runs = _runs_of(at_work)
        for video in at_work:
            video.progress = progress.of(runs.get(video.pk, []))  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class Listed:
    videos: list[Video]
    number: int  # of the page
    total: int  # videos on all pages


def page(team_id: int, search: Search, number: str, size: int) -> Listed:
    if search.text:  # what is typed comes once
        return _page(team_id, search, number, size)
    found = _kept_page(team_id, search, number[:20], size)
    bring_up_to_date(found.videos)
    return found


def _page(team_id: int, search: Search, number: str, size: int) -> Listed:
    shown = Paginator(search.of(viewer(team_id)), size).get_page(number)
    return Listed(dress(shown.object_list), shown.number, shown.paginator.count)


_kept_page = cache_result(ttl=300, of=(Video, Channel))(_page)


def per_channel(team_id: int, channel_ids: Collection[int]) -> dict[int, int]:
    """How many videos each of these channels has; those without any are left out."""
    counts = _per_channel(team_id)
    return {pk: counts[pk] for pk in channel_ids if pk in counts}


@cache_result(ttl=300, of=(Video,))
def _per_channel(team_id: int) -> dict[int, int]:
    there = Video.objects.visible_to(viewer(team_id)).order_by()
    return dict(there.values_list("channel_id").annotate(n=Count("pk")))


def moving(by: Actor, ids: Sequence[int]) -> list[Video]:
    mine = Video.objects.visible_to(by).filter(pk__in=ids)
    return dress(mine.select_related("channel").defer(*SHOWN).order_by("id"))


def home(team_id: int) -> dict[str, Any]:
    """What needs a person, what runs, and what went out, newest first."""
    found = _home(team_id)
    bring_up_to_date(found["running"])
    return found


@cache_result(ttl=300, of=(Video, Channel))
def _home(team_id: int) -> dict[str, Any]:
    visible = Video.objects.visible_to(viewer(team_id))
    mine = visible.select_related("channel").defer(*UNLISTED)
    needs = mine.filter(state__in=[VideoState.REVIEW, VideoState.FAILED, VideoState.BLOCKED])
    runs = mine.filter(state__in=MOVING)
    out = mine.filter(state=VideoState.PUBLISHED)
    lists = {
        "needs": list(needs.order_by("-changed_at", "-id")[:8]),
        "running": list(runs.order_by("-priority", "id")[:8]),
        "out": list(out.order_by("-changed_at", "-id")[:8]),
    }
    dress([video for videos in lists.values() for video in videos])
    counts = {
        "needs": needs.order_by().count(),
        "running": runs.order_by().count(),
        "out": out.order_by().count(),
    }
    return {**lists, "counts": counts, "is_new": not any(lists.values()) and not mine.exists()}
