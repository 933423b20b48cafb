"""Providers that fail: left alone for a while after several failures in a row, and stood in for by
the next of their route where that buys nothing twice."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from config.kit.database import after, retry_db, verb
from config.kit.errors import Busy
from teams.events import publish
from videos import limits, moves, readiness, routing, standins
from videos.models import ProviderRest, RunPart, RunState, StageRun, Video
from videos.news import ProviderChanged

log = logging.getLogger("showrunner.providers")
FAILURES = 3  # in a row, and the provider rests
SHORTEST_S, LONGEST_S = 30, 600
PROBE_S = 900  # so long what one request finds out is waited for, if its run lives
LOOK_S = 15  # after that it is looked again whether it has found out


class Resting(Busy):
    """Nobody asks it now."""


@retry_db
@verb
def failed(provider: str, why: str, *, is_over: bool = False) -> int:
    """Answers how often in a row. From the third time on it rests, longer each time; `is_over`: it
    was borne for long enough, and rests at once."""
    ProviderRest.objects.get_or_create(provider=provider)
    row = ProviderRest.objects.select_for_update(no_key=True).get(provider=provider)
    failures = max(row.failures + 1, FAILURES if is_over else 0)
    rests_s = min(SHORTEST_S * 2.0 ** (failures - FAILURES), LONGEST_S)
    rests = failures >= FAILURES
    ProviderRest.objects.filter(pk=row.pk).update(
        failures=failures,
        rests_until=after(timedelta(seconds=rests_s)) if rests else None,
        has_stand_in=rests and standins.has_any(provider),
        probed_by=None,
        why=why[:400],
    )
    if rests:
        log.warning("%s rests for %d s: %s", provider, rests_s, why)
    return failures


@retry_db
@verb
def worked(provider: str) -> None:
    """It answered."""
    ProviderRest.objects.filter(provider=provider, failures__gt=0).update(
        failures=0, rests_until=None, probed_by=None, why=""
    )


@verb
def wake_up(row: ProviderRest) -> None:
    """An operator has it asked again at once."""
    ProviderRest.objects.filter(pk=row.pk).update(
        failures=0, rests_until=None, probed_by=None, why=""
    )


def refuse(run: StageRun, provider: str) -> bool:
    """Before a request. Raises Resting while the provider is left alone. After that one request
    goes out, and the others wait for what comes of it. True: this is the one."""
    tired = ProviderRest.objects.filter(provider=provider, failures__gte=FAILURES)
    row = tired.values_list("rests_until", Now(), "why", "probed_by", "probed_fence").first()
    if row is None:
        return False
    until, now, why, *probe = row
    if probe == [run.pk, run.fence]:
        return True  # it asks several times for one part
    if (until is None or until <= now) and _is_first(run, provider):
        return True
    is_probed = probe[0] is not None or until is None or until <= now
    left_s = LOOK_S if is_probed else (until - now).total_seconds()
    told = f"{provider.partition(':')[2]} is left alone for a while, for it failed several times"
    raise Resting(f"{told}: {why}", retry_after_s=left_s)


@retry_db
@verb
def _is_first(run: StageRun, provider: str) -> bool:
    """Of those who would ask it after its rest."""
    over = ProviderRest.objects.filter(provider=provider, failures__gte=FAILURES)
    over = over.exclude(rests_until__gt=Now())
    until = after(timedelta(seconds=PROBE_S))
    return bool(over.update(rests_until=until, probed_by=run.pk, probed_fence=run.fence))


@retry_db
@verb
def let_go(run: StageRun) -> None:
    """The run has left its worker. Where it was to find out whether a provider works again and did
    not, another one finds out."""
    probed = ProviderRest.objects.filter(probed_by=run.pk, probed_fence=run.fence)
    probed.update(rests_until=Now(), probed_by=None)


@verb
def free_probes() -> None:
    """By the sweep: of runs that no worker holds any more."""
    at_work = StageRun.objects.filter(
        pk=OuterRef("probed_by"), fence=OuterRef("probed_fence"), state=RunState.RUNNING
    )
    left = ProviderRest.objects.filter(~Exists(at_work), probed_by__isnull=False)
    left.update(rests_until=Now(), probed_by=None)


def resting() -> dict[str, ProviderRest]:
    """By provider, those that are left alone now."""
    found = ProviderRest.objects.filter(rests_until__gt=Now())
    return {row.provider: row for row in found}


@retry_db
@verb
def go_elsewhere(run: StageRun, kind: str, why: str) -> bool:
    """The next of the route makes what is left, from now on: written into the video's plan, so that
    later runs use it too. False: there is none, or another voice has spoken already. Whether
    anything is owed by the first, the caller has asked."""
    video = moves.lock(run.video_id)
    name = str(video.plan["providers"].get(kind, ""))
    instead = "" if kind == routing.VOICE and _has_spoken(video) else standins.next_of(video, kind)
    if not instead:
        return False
    gone = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=Now(),
        attempt=0,
        waits=0,
        owed_since=None,
        reason=f"{why} {instead} takes over.",
        phase="",
        eta_s=None,
    )
    if not gone:
        return False
    limits.give_back(run)
    routing.reroute(video, kind, instead)
    publish(video.team_id, ProviderChanged(video.pk, run.stage, kind, name, instead, why))
    run.refresh_from_db(fields=["cluster"])
    readiness.wake(run.cluster)
    return True


def _has_spoken(video: Video) -> bool:
    """Two voices would tell one story."""
    return RunPart.objects.filter(run__video=video, run__stage="narration").exists()
