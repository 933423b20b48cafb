"""Verbs of stage runs: claim, beat, settle a part, finish, put off, fail, give back, reap."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now

from billing import ledger
from billing.models import Hold, HoldState
from config.kit import files, jobs, slots
from config.kit.database import after, retry_db, verb
from config.kit.errors import Spend, Stopped
from teams.events import publish
from videos import (
    conclusions,
    limits,
    moves,
    picks,
    readiness,
    replies,
    resting,
    rules,
    scripts,
    troubles,
    waits,
)
from videos.models import IN_WORK, Artifact, RunPart, RunState, StageRun, Video, VideoState
from videos.news import PartMade, StageFinished

LEASE = picks.LEASE
MAX_ATTEMPTS = 5
CLAIM_TRIES = 5
ASIDE = timedelta(seconds=5)
OUTCOME_UNKNOWN = moves.OUTCOME_UNKNOWN
WORK = readiness.WORK
RUNS = "runs"


@dataclass(frozen=True)
class Result:
    """A part as the store holds it: file name -> sha256."""

    part: str
    position: int
    key: str
    provider: str
    files: Mapping[str, str]
    facts: Mapping[str, Any]
    spent: Sequence[Spend] = field(default_factory=tuple)


@dataclass(frozen=True)
class Claimant:
    """Who asks for runs: the cluster it serves, its qscale, and how many that does at once."""

    cluster: str
    worker: str
    at_once: int


def purpose(run: StageRun, part: str = "") -> ledger.Purpose:
    of = (run.team_id, run.video_id, run.pk, run.stage, part, run.fence)
    return ledger.Purpose(*of, channel_id=run.video.channel_id or 0)


def is_due(cluster: str) -> bool:
    return StageRun.objects.ready().served_by(cluster).exists()


def held(worker: str) -> int:
    running = StageRun.objects.filter(state=RunState.RUNNING, worker=worker)
    return running.filter(lease_until__gt=Now()).count()


def claim(cluster: str, worker: str, at_once: int) -> StageRun | None:
    """The best ready run, taken with a lease. None: nothing is ready, or this worker's cluster
    does as much as it may (one worker stays free for short tasks)."""
    for _ in range(CLAIM_TRIES):  # a transaction each: none holds the rows of two videos
        with suppress(picks.Beaten):
            run, was_beaten = _claim_best(cluster, worker, at_once)
            if not was_beaten:
                return run
    return None


@retry_db
@verb
def _claim_best(cluster: str, worker: str, at_once: int) -> tuple[StageRun | None, bool]:
    """A run or None, and whether another worker was faster."""
    if not slots.has_room(RUNS, cluster, worker, at_once):
        return None, False
    best = picks.best(cluster)
    if best is None:
        slots.offer(RUNS, cluster)
        return None, False
    run = picks.take(best, worker)
    return run, run is None


def _go_on(run: StageRun, claimant: Claimant) -> StageRun | None:
    """The next run in the transaction that ended this one. It holds the row of this run's video,
    so it must not wait for anything: what it can't have at once, `claim` asks for afterwards."""
    of = (claimant.cluster, claimant.worker, claimant.at_once)
    if run.is_limited or not slots.has_room(RUNS, *of, may_wait=False):
        return None
    best = picks.best_free(claimant.cluster)
    if best is None or best.is_limited:
        return None
    return picks.take(best, claimant.worker)


def beat(run: StageRun, *, fraction: float, phase: str, eta_s: int | None) -> bool:
    """Extends the lease and writes how far the run is. False: the lease is somebody else's now."""
    kept = StageRun.objects.held_by(run).update(
        lease_until=after(LEASE), fraction=fraction, phase=phase, eta_s=eta_s
    )
    return bool(kept)


def check_lease(run: StageRun) -> None:
    if not StageRun.objects.held_by(run).exists():
        raise Stopped(f"run {run.pk} was taken from this worker")


def _artifact(team_id: int, stage: str, made: Result) -> Artifact:
    """The row under this key. One whose bytes were lost is given the new ones."""
    artifact, _ = Artifact.objects.get_or_create(
        team_id=team_id, key=made.key, defaults={"stage": stage, "provider": made.provider}
    )
    if artifact.files and all(files.is_kept(team_id, one) for one in artifact.files.values()):
        return artifact
    blobs = {
        name: files.hold(team_id, sha256, content_type=files.content_type(name))
        for name, sha256 in made.files.items()
    }
    files.refer_anew(blobs, kind="videos.artifact", ref_id=artifact.pk)
    artifact.files, artifact.facts = dict(made.files), dict(made.facts)
    artifact.size = sum(blob.size for blob in blobs.values())
    artifact.save(update_fields=["files", "facts", "size"])
    return artifact


def _is_settled(run: StageRun, made: Result, held: Hold | None) -> bool:
    """A part that cost nothing can be settled twice; what was paid is booked once."""
    if held is None or not Hold.objects.filter(pk=held.pk, state=HoldState.SETTLED).exists():
        return False
    return RunPart.objects.filter(run=run, part=made.part, artifact__key=made.key).exists()


@retry_db
@verb
def settle_part(run: StageRun, made: Result, held: Hold | None) -> None:
    """Keeps a finished part with its cost. Raises Stopped when the lease is lost."""
    video = moves.lock(run.video_id)
    check_lease(run)
    if _is_settled(run, made, held):
        return  # the answer to the first commit was lost with the connection
    artifact = _artifact(video.team_id, run.stage, made)
    _stand_for(run, made.part, made.position, artifact, was_made=True)
    why = purpose(run, made.part)
    if held is None:
        ledger.book(why, made.spent)
    else:
        ledger.settle(held, why, made.spent)
    replies.forget(video.team_id, made.key)
    publish(video.team_id, PartMade(video.pk, run.stage, made.part))


@retry_db
@verb
def adopt_part(run: StageRun, part: str, position: int, artifact: Artifact) -> None:
    """The part is there already under the same key: no work, no cost."""
    moves.lock(run.video_id)
    check_lease(run)
    _stand_for(run, part, position, artifact, was_made=False)


def _stand_for(
    run: StageRun, part: str, position: int, artifact: Artifact, *, was_made: bool
) -> None:
    RunPart.objects.update_or_create(
        run=run,
        part=part,
        defaults={"position": position, "artifact": artifact, "was_made": was_made},
    )


@retry_db
@verb
def finish(
    run: StageRun, parts: Sequence[str], claimant: Claimant | None = None
) -> StageRun | None:
    """The run is done. What it made ready is woken once, and the last run concludes the video.

    A `claimant` asks for its next run as soon as this is over, so its cluster needs one wake less;
    where there is a run to be had at once it is claimed here, and answered.
    """
    video = moves.lock(run.video_id)
    done = StageRun.objects.held_by(run).update(
        state=RunState.DONE,
        lease_until=None,
        attempt=0,
        ended_at=Now(),
        fraction=1,
        phase="",
        eta_s=None,
    )
    if not done and not _is_finished(run):
        raise Stopped(f"run {run.pk} was taken from this worker")
    if not done:  # the answer to the first commit was lost with the connection
        return run.went_on_to
    limits.give_back(run)
    if run.keeps_parts:
        RunPart.objects.filter(run=run).exclude(part__in=parts).delete()
    if run.stage == "script":
        scripts.take_over(video, run)
    publish(video.team_id, StageFinished(video.pk, run.stage, RunState.DONE))
    goes_on = readiness.promote(video, claimant.cluster if claimant else "")
    if run.stage == "script":
        rules.hold_back(video)
    if not goes_on:
        conclusions.conclude(video)
        return None
    run.went_on_to = _go_on(run, claimant) if claimant else None
    return run.went_on_to


def _is_finished(run: StageRun) -> bool:
    return StageRun.objects.filter(pk=run.pk, fence=run.fence, state=RunState.DONE).exists()


@retry_db
@verb
def put_off(run: StageRun, reason: str, *, at_least_s: float = 0, is_attempt: bool = True) -> bool:
    """Tries the run again later; attempts used up is a failure. False: the lease was lost."""
    if is_attempt and run.attempt >= MAX_ATTEMPTS:
        return fail(run, reason)
    video = moves.lock(run.video_id)
    pause_s = waits.pause_s(at_least_s, 2.0**run.attempt)
    changed = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=after(timedelta(seconds=pause_s)),
        attempt=F("attempt") - (0 if is_attempt else 1),
        reason=reason,
    )
    if changed:
        limits.give_back(run)
        publish(video.team_id, StageFinished(video.pk, run.stage, RunState.WAITING))
    return bool(changed)


@retry_db
@verb
def fail(run: StageRun, reason: str) -> bool:
    video = moves.lock(run.video_id)
    changed = StageRun.objects.held_by(run).update(
        state=RunState.FAILED, lease_until=None, due_at=None, ended_at=Now(), reason=reason
    )
    if changed:
        limits.give_back(run)
        _fail_video(video, run.stage, reason)
    return bool(changed)


def _fail_video(video: Video, stage: str, reason: str) -> None:
    publish(video.team_id, StageFinished(video.pk, stage, RunState.FAILED))
    moves.move(video, VideoState.FAILED, leaving=IN_WORK, reason=reason, code=stage)


@retry_db
@verb
def block_unsure(run: StageRun, held: Hold) -> bool:
    """Waits for a person: the request may have been billed. Less than an operator said is asked for
    again without one. False: the lease was lost."""
    if 0 < held.amount_micros <= settings.AUTO_RETRY_UNKNOWN_MICROS:
        ledger.accept_alike(held)
        return put_off(run, f"No answer came from {held.provider or run.stage}: asked once more.")
    video = moves.lock(run.video_id)
    reason = (
        f"Nobody knows whether {held.provider or run.stage} was paid for the last request. "
        "Try again (it may be billed again)."
    )
    changed = StageRun.objects.held_by(run).update(
        state=RunState.BLOCKED, lease_until=None, due_at=None, ended_at=Now(), reason=reason
    )
    if changed:
        limits.give_back(run)
        publish(video.team_id, StageFinished(video.pk, run.stage, RunState.BLOCKED))
        moves.move(video, VideoState.BLOCKED, leaving=IN_WORK, reason=reason, code=OUTCOME_UNKNOWN)
        ledger.ask(held, video.pk)
    return bool(changed)


@retry_db
@verb
def give_back(run: StageRun) -> bool:
    """The worker must go: the run waits for the next one, and this attempt does not count."""
    moves.lock(run.video_id)
    changed = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=Now(),
        attempt=F("attempt") - 1,
        phase="",
        eta_s=None,
    )
    if changed:
        limits.give_back(run)
        readiness.wake(run.cluster)
    return bool(changed)


def step_aside(run: StageRun, reason: str) -> None:
    """Inside a verb that has locked the video: what the run needs is on its way. This attempt does
    not count."""
    changed = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=after(ASIDE),
        attempt=F("attempt") - 1,
        reason=reason,
        phase="",
        eta_s=None,
    )
    if changed:
        limits.give_back(run)
        publish(run.team_id, StageFinished(run.video_id, run.stage, RunState.WAITING))


@verb
def reap_one(run: StageRun) -> bool:
    """Takes a run from a worker that no longer beats; too many deaths are a failure."""
    moves.lock(run.video_id)
    expired = StageRun.objects.held_by(run).filter(lease_until__lt=Now())
    if not expired.update(lease_until=None):  # from here a late beat finds the row locked
        return False
    for held in ledger.give_up_holds(run.pk, run.fence):
        if not held.is_repeatable and not replies.found(held.team_id, held.request):
            return block_unsure(run, held)
    if run.attempt >= MAX_ATTEMPTS:
        return fail(
            run,
            f"The worker died {run.attempt} times during {run.stage}: see the logs, then retry.",
        )
    waiting = {"state": RunState.WAITING, "lease_until": None, "due_at": Now(), "eta_s": None}
    return bool(StageRun.objects.held_by(run).update(**waiting))


def reap() -> int:
    """Every expired lease, money that no lease stands behind any more, places at providers, and
    for each cluster as many wakes as it has runs due."""
    expired = StageRun.objects.filter(state=RunState.RUNNING, lease_until__lt=Now())
    reaped = 0
    for run in expired.order_by("id"):
        if reap_one(run):
            reaped += 1
            troubles.count(run.stage, "worker_lost")
    for run_id, fence in left_holds():
        ledger.give_up_holds(run_id, fence)
    limits.recount()
    resting.free_probes()
    due = StageRun.objects.ready().within_limits().order_by().values_list("cluster")
    waiting = Counter[str]()
    for cluster, count in due.annotate(n=Count("pk")):
        waiting[jobs.cluster(cluster)] += count
    for cluster, count in waiting.items():
        readiness.wake_enough(cluster, count)
    return reaped


def left_holds(**which: Any) -> list[tuple[int, int]]:
    """Runs by fence that were taken from their worker (cancelled, edited, done again) while it
    held money. A run never comes back to a fence, so these stay without a lease."""
    at_work = StageRun.objects.filter(
        pk=OuterRef("run_id"), fence=OuterRef("fence"), state=RunState.RUNNING
    )
    leased = StageRun.objects.filter(
        pk=OuterRef("run_id"), state=RunState.RUNNING, lease_until__gt=Now()
    )
    before_fences = Q(Exists(leased), fence=0)  # written by a version that did not know them
    open_holds = Hold.objects.filter(~Exists(at_work), state=HoldState.OPEN, **which)
    open_holds = open_holds.exclude(run_id=0)  # of no run: who holds them ends them
    left = open_holds.exclude(before_fences)
    return list(left.order_by("run_id", "fence").values_list("run_id", "fence").distinct())


def backlog(cluster: str) -> tuple[int, float]:
    """How many runs of a cluster are ready, and for how many seconds the oldest has waited."""
    return jobs.backlog(StageRun.objects.ready().served_by(cluster).within_limits())
