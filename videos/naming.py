"""What videos are called where floors below read of them."""

from collections.abc import Collection

from django.urls import reverse

from config.kit.registry import Label, Labels
from teams.access import viewer
from videos.contracts import scene_part
from videos.models import Scene, Video

OFFERED = 100  # in a menu, the newest


def labels(team_id: int, ids: Collection[int]) -> dict[int, Label]:
    rows = Video.objects.visible_to(viewer(team_id)).filter(pk__in=ids).only("title")
    return {row.pk: Label(str(row), reverse("videos:detail", args=[row.pk])) for row in rows}


def choices(team_id: int) -> list[tuple[int, str]]:
    newest = Video.objects.visible_to(viewer(team_id)).order_by("-id").only("title")
    return [(row.pk, f"{row} (#{row.pk})") for row in newest[:OFFERED]]


def parts(team_id: int, video_id: int) -> dict[str, Label]:
    """The scenes of a video, in their order."""
    scenes = Scene.objects.filter(video__in=Video.objects.visible_to(viewer(team_id)))
    rows = scenes.filter(video=video_id).order_by("position")
    return {
        scene_part(row.uid): Label(f"{row.position + 1}. {row.headline}".strip())
        for row in rows.only("position", "uid", "headline")
    }


LABELS = Labels("video", labels, choices)
