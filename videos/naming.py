"""What videos are called where floors below read of them."""

from collections.abc import Collection

from django.urls import reverse

from config.kit.registry import Label, Labels
from teams.access import viewer
from videos.models import Video

OFFERED = 100  # in a menu, the newest


def labels(team_id: int, ids: Collection[int]) -> dict[int, Label]:
    rows = Video.objects.visible_to(viewer(team_id)).filter(pk__in=ids).only("title")
    return {row.pk: Label(str(row), reverse("videos:detail", args=[row.pk])) for row in rows}


def choices(team_id: int) -> list[tuple[int, str]]:
    newest = Video.objects.visible_to(viewer(team_id)).order_by("-id").only("title")
    return [(row.pk, f"{row} (#{row.pk})") for row in newest[:OFFERED]]


LABELS = Labels("video", labels, choices)
