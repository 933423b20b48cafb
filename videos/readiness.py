"""Which runs may start, and which must start again."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from config.kit import jobs
from config.kit.database import after
from config.kit.statements import by_key
from videos.models import RunState, StageRun, Video

WORK = "videos.tasks.work"
OVER = (RunState.DONE, RunState.SKIPPED)


def wake(cluster: str) -> None:
    served = jobs.cluster(cluster)
    jobs.enqueue(WORK, served, to=served)


def wake_enough(cluster: str, due: int) -> None:
    """As many wakes as there are runs, less those that wait already: one alone would have a single
    worker do what a dead machine left behind."""
    most = settings.WORKERS[jobs.cluster(cluster)][1]
    for _ in range(min(due, most) - jobs.queued(cluster)):
        wake(cluster)


def before(video: Video, stage: str) -> set[str]:
    """The stages that the stored plan wants done first."""
    return set(video.plan["stages"].get(stage, {}).get("after", []))


def promote(video: Video, comes_back: str = "", *, quiet: timedelta | None = None) -> bool:
    """Gives a due time to every run whose stages before it are done, and wakes its cluster for it.
    False: there is nothing left to do.

    The video's row is locked: of two runs that end together, the second sees the first. A worker
    that comes back to its cluster for the next run needs no wake for one of them. With `quiet` they
    are due so much later, when the sweep wakes for them; what changes again till then starts anew.
    """
    runs = _runs(video.pk)
    over = {run["stage"] for run in runs if run["state"] in OVER}
    for run in runs:
        is_waiting = run["state"] == RunState.WAITING and not run["due_at"]
        if not is_waiting or not before(video, run["stage"]) <= over:
            continue
        waiting = StageRun.objects.filter(pk=run["id"], state=RunState.WAITING, due_at=None)
        if not waiting.update(due_at=after(quiet) if quiet else Now()) or quiet:
            continue
        if jobs.cluster(run["cluster"]) == comes_back:
            comes_back = ""
        else:
            wake(run["cluster"])
    return len(over) < len(runs)


@by_key
def _runs(video_id: int) -> QuerySet[Any, Any]:
    runs = StageRun.objects.filter(video=video_id).order_by("position")
    return runs.values("id", "stage", "state", "due_at", "cluster")


def send_back(video: Video, stages: Collection[str]) -> int:
    """The runs of these stages start anew; a worker that still holds one loses its lease."""
    return StageRun.objects.filter(video=video, stage__in=stages).update(
        state=RunState.WAITING,
        due_at=None,
        fence=F("fence") + 1,
        attempt=0,
        waits=0,
        owed_since=None,
        lease_until=None,
        fraction=0,
        phase="",
        eta_s=None,
        reason="",
    )


def hurry(video: Video) -> None:
    """What waits until nobody writes any more is due now."""
    waiting = StageRun.objects.filter(
        video=video, state=RunState.WAITING, due_at__gt=Now(), attempt=0
    )
    clusters = set(waiting.values_list("cluster", flat=True))
    waiting.update(due_at=Now())
    for cluster in sorted(clusters):
        wake(cluster)


def halt(video: Video) -> None:
    """What is not over stops and waits for `promote`; a worker that holds a run loses its lease."""
    unfinished = video.runs.exclude(state__in=OVER).values_list("stage", flat=True)
    send_back(video, list(unfinished))


def skip(video: Video, stage: str) -> None:
    """The stage's work was done otherwise; a worker that still holds it loses its lease."""
    StageRun.objects.filter(video=video, stage=stage).update(
        state=RunState.SKIPPED, due_at=None, fence=F("fence") + 1, lease_until=None, reason=""
    )


def broken(video: Video) -> list[str]:
    """Stages that nobody would take up again by themselves."""
    states = (RunState.FAILED, RunState.BLOCKED)
    return list(video.runs.filter(state__in=states).values_list("stage", flat=True))


def behind(video: Video, stage: str) -> list[str]:
    """Every stage that waits for this one, directly or not."""
    found: set[str] = set()
    left = [stage]
    while left:
        done = left.pop()
        for name in video.plan["stages"]:
            if name not in found and done in before(video, name):
                found.add(name)
                left.append(name)
    return sorted(found)
