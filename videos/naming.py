"""What videos are called where floors below read of them."""

from collections.abc import Collection

from django.urls import reverse

from config.kit.registry import Label, Labels
from teams.access import viewer
from videos.contracts import scene_part
from videos.models import Scene, Video
from videos.stages import illustrating

STAGES = {
    "script": "Script",
    "narration": "Narration",
    "visuals": "Pictures",
    "captions": "Captions",
    "thumbnail": "Thumbnail",
    "render": "Render",
    "quality": "Quality check",
}
OFFERED = 100  # in a menu, the newest


def labels(team_id: int, ids: Collection[int]) -> dict[int, Label]:
    rows = Video.objects.visible_to(viewer(team_id)).filter(pk__in=ids).only("title")
    return {row.pk: Label(str(row), reverse("videos:detail", args=[row.pk])) for row in rows}


def choices(team_id: int) -> list[tuple[int, str]]:
    newest = Video.objects.visible_to(viewer(team_id)).order_by("-id").only("title")
    return [(row.pk, f"{row} (#{row.pk})") for row in newest[:OFFERED]]


def stage(name: str) -> str:
    return STAGES.get(name, name)


def scenes(team_id: int, video_id: int) -> dict[str, tuple[str, Label]]:
    """By the parts that are made for each of them: the scene's own part, and its name."""
    named: dict[str, tuple[str, Label]] = {}
    found = Scene.objects.filter(video__in=Video.objects.visible_to(viewer(team_id)))
    rows = found.filter(video=video_id).order_by("position")
    for row in rows.only("position", "uid", "headline"):
        place = (scene_part(row.uid), Label(f"{row.position + 1}. {row.headline}".strip()))
        named |= {scene_part(row.uid): place, illustrating.part_of(row.uid): place}
    return named


LABELS = Labels("video", labels, choices)
