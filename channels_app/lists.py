"""What lists of channels show, kept until something of it changes."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse

from channels_app.models import BrandKit, Channel, Upload, UploadState
from config.kit import registry
from config.kit.cache import cache_result
from config.kit.registry import Label, Labels
from teams.access import viewer


@dataclass(frozen=True)
class Listed:
    channels: list[Channel]
    number: int  # of the page
    total: int  # channels on all pages


@cache_result(ttl=300, of=(Channel,))
def names(team_id: int) -> list[Channel]:
    """All channels of the team by name, for menus; of each only its name."""
    mine = Channel.objects.visible_to(viewer(team_id))
    return list(mine.only("team_id", "name").order_by("name", "id"))


def page(team_id: int, asked: str, number: str, size: int) -> Listed:
    """With `went_out`, `failed` and `last_out_at` of each channel."""
    if asked:
        return _page(_found(team_id, asked), number, size)
    return _first_look(team_id, number[:20], size)


@cache_result(ttl=300, of=(Channel, BrandKit, Upload))
def _first_look(team_id: int, number: str, size: int) -> Listed:
    return _page(_found(team_id), number, size)


def _found(team_id: int, asked: str = "") -> QuerySet[Channel]:
    found = Channel.objects.visible_to(viewer(team_id)).select_related("brand_kit")
    if asked:
        same = Q(name__icontains=asked) | Q(slug__icontains=asked) | Q(external_id=asked)
        found = found.filter(same)
    return found.annotate(
        went_out=Count("uploads", filter=Q(uploads__state=UploadState.DONE)),
        failed=Count("uploads", filter=Q(uploads__state=UploadState.FAILED)),
        last_out_at=Max("uploads__published_at"),
    ).order_by("name", "id")


def _page(found: QuerySet[Channel], number: str, size: int) -> Listed:
    shown = Paginator(found, size).get_page(number)
    return Listed(list(shown), shown.number, shown.paginator.count)


def videos_of(team_id: int, channel_ids: list[int]) -> dict[int, int]:
    """How many videos each channel has."""
    answers = (answer(team_id, channel_ids) for answer in registry.videos_of)
    return {pk: n for answer in answers for pk, n in answer.items()}


def labels(team_id: int, ids: Collection[int]) -> dict[int, Label]:
    rows = Channel.objects.visible_to(viewer(team_id)).filter(pk__in=ids)
    named = rows.values_list("pk", "name")
    return {pk: Label(name, reverse("channels:detail", args=[pk])) for pk, name in named}


def choices(team_id: int) -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in names(team_id)]


LABELS = Labels("channel", labels, choices)
