"""Which run goes first: by priority, the team with the fewest running, and age."""

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from config.kit.database import lock_free_ones, skips_locked, written_once
from videos import moves
from videos.models import ProviderLimit, StageRun


class Beaten(Exception):
    """Another worker was faster, or took the provider's last place; the claim is undone."""


def best(cluster: str) -> StageRun | None:
    """The best ready run, with its video locked: one that nobody else holds at this moment, so
    that workers don't queue up behind a single row, else the best of all. Raises Beaten."""
    found = _best_free(cluster) if skips_locked() else None
    if found is None:
        found = _best(cluster)
        if found is None:
            return None
        moves.lock(found["video_id"])
        if not StageRun.objects.ready().filter(pk=found["run_id"]).exists():
            raise Beaten
    run = StageRun.objects.select_related("video__channel__brand_kit").get(pk=found["run_id"])
    run.is_limited = bool(found["has_limit"])
    return run


def _ready(cluster: str) -> QuerySet[Any]:
    limit = ProviderLimit.objects.filter(provider=OuterRef("provider"))
    ready = StageRun.objects.ready().served_by(cluster).within_limits().best_first()
    told = ready.annotate(run_id=F("pk"), has_limit=Exists(limit))
    return told.select_related("video").only("video__id")


@written_once
def _best(cluster: str) -> QuerySet[Any]:
    return _ready(cluster)


@written_once
def _best_free(cluster: str) -> QuerySet[Any]:
    return lock_free_ones(_ready(cluster), "video")
