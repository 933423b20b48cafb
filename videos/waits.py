"""Runs whose provider asks to wait: tried again later, longer each time."""

import random
from datetime import timedelta

from django.db.models import F

from config.kit.database import after, retry_db, verb
from teams.events import publish
from videos import limits, moves
from videos.models import RunState, StageRun
from videos.news import StageFinished

LONGEST_S = 120.0
BORNE = 8  # answers in a row, which come over some four minutes at least


def pause_s(told_s: float, grown_s: float) -> float:
    """Never shorter than what was told, and not the same for all who were told it."""
    told = told_s * random.uniform(1.0, 1.2)  # noqa: S311 - jitter
    return max(told, grown_s * random.uniform(0.8, 1.3))  # noqa: S311 - jitter


@retry_db
@verb
def wait(run: StageRun, reason: str, told_s: float) -> bool:
    """This is no attempt. False: the lease was lost."""
    video = moves.lock(run.video_id)
    grown_s = min(2.0 ** (run.waits + 1), LONGEST_S)
    changed = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=after(timedelta(seconds=pause_s(told_s, grown_s))),
        attempt=F("attempt") - 1,
        waits=F("waits") + 1,
        reason=reason,
        phase="",
        eta_s=None,
    )
    if changed:
        limits.give_back(run)
        publish(video.team_id, StageFinished(video.pk, run.stage, RunState.WAITING))
    return bool(changed)


def is_borne(run: StageRun) -> bool:
    """Whether so many answers in a row are no trouble yet."""
    return run.waits + 1 < BORNE


@retry_db
@verb
def forget(run: StageRun) -> None:
    """It was answered."""
    StageRun.objects.held_by(run).update(waits=0, owed_since=None)
    run.waits, run.owed_since = 0, None
