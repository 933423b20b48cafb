"""Providers that fail: left alone for a while after several failures in a row, and stood in for by
the next of their route where that buys nothing twice."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from billing.models import Doubt, Hold
from config.kit.database import after, retry_db, verb
from teams.events import publish
from videos import limits, moves, readiness, routing
from videos.models import ProviderRest, RouteStep, RunPart, RunState, StageRun, Video
from videos.news import ProviderChanged
from videos.providers.catalogue import providers

log = logging.getLogger("showrunner.providers")
FAILURES = 3  # in a row, and the provider rests
SHORTEST_S, LONGEST_S = 30, 600


def is_remote(provider: str) -> bool:
    """`kind:vendor`, asked over the network by an account."""
    return provider in providers and bool(getattr(providers.get(provider), "account", ""))


@retry_db
@verb
def failed(provider: str, why: str) -> int:
    """Answers how often in a row. From the third time on it rests, longer each time."""
    ProviderRest.objects.get_or_create(provider=provider)
    row = ProviderRest.objects.select_for_update(no_key=True).get(provider=provider)
    failures = row.failures + 1
    rests_s = min(SHORTEST_S * 2.0 ** (failures - FAILURES), LONGEST_S)
    until = after(timedelta(seconds=rests_s)) if failures >= FAILURES else None
    ProviderRest.objects.filter(pk=row.pk).update(
        failures=failures, rests_until=until, why=why[:400]
    )
    if until is not None:
        log.warning("%s rests for %d s: %s", provider, rests_s, why)
    return failures


@retry_db
@verb
def worked(provider: str) -> None:
    """It answered."""
    ProviderRest.objects.filter(provider=provider, failures__gt=0).update(
        failures=0, rests_until=None, why=""
    )


@verb
def wake_up(row: ProviderRest) -> None:
    """An operator has it asked again at once."""
    ProviderRest.objects.filter(pk=row.pk).update(failures=0, rests_until=None, why="")


def resting() -> dict[str, ProviderRest]:
    """By provider, those that are left alone now."""
    found = ProviderRest.objects.filter(rests_until__gt=Now())
    return {row.provider: row for row in found}


def next_of(kind: str, name: str) -> str:
    """Who takes over for this one: the next of the route that is set up and does not rest; "" where
    it stands in no route, or last."""
    route = list(RouteStep.objects.filter(kind=kind).order_by("position").values_list("name"))
    names = [found for (found,) in route]
    at = next((place for place, one in enumerate(names) if _is_same(one, name)), None)
    if at is None:
        return ""
    rest = resting()
    for one in names[at + 1 :]:
        provider = f"{kind}:{one.partition(':')[0]}"
        if provider not in rest and is_set_up(provider):
            return one
    return ""


def _is_same(step: str, name: str) -> bool:
    """A step may name the vendor alone, for all its models."""
    return name == step or (":" not in step and name.partition(":")[0] == step)


def is_set_up(provider: str) -> bool:
    if provider not in providers:
        return False
    found = providers.get(provider)
    account = getattr(found, "account", "")
    if account:
        return bool(settings.ACCOUNTS[account].is_set)
    return bool(found.present()) if hasattr(found, "present") else True


@retry_db
@verb
def go_elsewhere(run: StageRun, kind: str, why: str) -> bool:
    """The next of the route makes what is left, from now on: written into the video's plan, so that
    later runs use it too. False: there is none, or what was bought already would not fit to it."""
    video = moves.lock(run.video_id)
    name = str(video.plan["providers"].get(kind, ""))
    instead = next_of(kind, name) if name else ""
    if not instead or (kind == routing.VOICE and _has_spoken(video)) or _is_in_doubt(run):
        return False
    gone = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=Now(),
        attempt=0,
        reason=f"{why} {instead} takes over.",
        phase="",
        eta_s=None,
    )
    if not gone:
        return False
    limits.give_back(run)
    routing.reroute(video, kind, instead)
    publish(video.team_id, ProviderChanged(video.pk, run.stage, kind, name, instead, why))
    readiness.wake(run.cluster)
    return True


def _is_in_doubt(run: StageRun) -> bool:
    """What the first was asked for may still come, and would be paid to both."""
    return Hold.objects.filter(run_id=run.pk, doubt=Doubt.OPEN).exists()


def _has_spoken(video: Video) -> bool:
    """Two voices would tell one story."""
    return RunPart.objects.filter(run__video=video, run__stage="narration").exists()
