"""Which run goes first: by priority, the team with the fewest running, and age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, F, QuerySet, When
from django.db.models.functions import Now

from config.kit.cache import invalidate
from config.kit.database import after, lock_free_ones, skips_locked
from config.kit.statements import written_once
from teams.events import publish
from videos import limits, moves
from videos.models import ProviderLimit, RunPart, RunState, StageRun, Video, VideoState
from videos.news import StageStarted
from videos.provider_rows import asked_by_runs

LEASE = timedelta(seconds=60)


class Beaten(Exception):
    """Another worker was faster, or took the provider's last place; the claim is undone."""


@dataclass(frozen=True)
class Pick:
    """A ready run whose video this transaction holds."""

    run_id: int
    video_id: int
    team_id: int
    fence: int
    is_limited: bool  # whether it takes a place at its provider
    is_first: bool  # of its video
    now: Any  # by the database's clock, as it answers a time
    until: Any  # the end of the lease


def best(cluster: str) -> Pick | None:
    """The best ready run: one whose video nobody else holds at this moment, so that workers don't
    queue up behind a single row, else the best of all. Raises Beaten."""
    found = _picked(_best_free(cluster)) if skips_locked() else None
    if found is None and (found := _picked(_best(cluster))) is not None:
        moves.lock(found.video_id)
        if not StageRun.objects.ready().filter(pk=found.run_id).exists():
            raise Beaten
    return found


def best_free(cluster: str) -> Pick | None:
    """The best ready run whose video nobody else holds; never waits."""
    return _picked(_best_free(cluster) if skips_locked() else _best(cluster))


def _picked(found: Mapping[str, Any] | None) -> Pick | None:
    if found is None:
        return None
    names = ("run_id", "video_id", "team", "fence", "has_limit", "is_first", "now", "until")
    return Pick(*(found[name] for name in names))


_TAKE = f"""UPDATE "{StageRun._meta.db_table}"
SET state = %s, worker = %s, started_at = %s, lease_until = %s, attempt = attempt + 1,
    fence = fence + 1, ended_at = NULL, fraction = 0, phase = '', eta_s = NULL, reason = ''
WHERE id = %s AND fence = %s AND state = %s
RETURNING *, EXISTS (
    SELECT 1 FROM {RunPart._meta.db_table} part WHERE part.run_id = {StageRun._meta.db_table}.id
) AS keeps_parts
"""  # noqa: S608 - names are ours


def take(pick: Pick, worker: str) -> StageRun | None:
    """The picked run, now a worker's with a lease. None: another was faster. Raises Beaten."""
    values = [RunState.RUNNING, worker, pick.now, pick.until]
    where = [pick.run_id, pick.fence, RunState.WAITING]
    taken = list(StageRun.objects.raw(_TAKE, [*values, *where]))
    if not taken:
        return None
    if pick.is_limited and not limits.take(taken[0].provider):
        raise Beaten
    run = taken[0]
    run.is_limited, run.team_id = pick.is_limited, pick.team_id
    if pick.is_first:
        moves.move(run.video, VideoState.PRODUCING, leaving=[VideoState.QUEUED])
    invalidate(Video, pick.team_id)
    publish(pick.team_id, StageStarted(run.video_id, run.stage, run.attempt))
    return run


def _ready(cluster: str) -> QuerySet[Any]:
    limit = asked_by_runs(ProviderLimit)
    ready = StageRun.objects.ready().served_by(cluster).within_limits().best_first()
    told = ready.annotate(
        run_id=F("pk"),
        team=F("video__team"),
        has_limit=Exists(limit),
        is_first=Case(When(video__state=VideoState.QUEUED, then=True), default=False),
        now=Now(),
        until=after(LEASE),
    )
    return told.select_related("video").only("fence", "video__id")


@written_once
def _best(cluster: str) -> QuerySet[Any]:
    return _ready(cluster)


@written_once
def _best_free(cluster: str) -> QuerySet[Any]:
    return lock_free_ones(_ready(cluster), "video")
