"""Whether somebody works: each cluster alive and moving, schedules in their places."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, Q

from config.kit import jobs, registry, schedules
from config.kit.database import after
from config.kit.doctor.told import fail, warn, well
from config.kit.models import ClusterBeat
from config.kit.qscale import STUCK_S
from config.kit.registry import Finding


def check() -> Iterator[Finding]:
    try:
        for name in settings.WORKERS:
            yield _cluster(name)
        yield _schedules()
    except DatabaseError:
        yield warn("Clusters", "Unknown while the database is away or not migrated.")


def _cluster(name: str) -> Finding:
    about = f"Cluster {name}"
    alive = ClusterBeat.objects.filter(cluster=name, beat_at__gt=after(-jobs.FRESH))
    found = list(alive.order_by("host", "pid"))
    if not found:
        told = f"Nobody works for it: start manage.py qscale {name}."
        return warn(about, told) if settings.EMBEDDED else fail(about, told)
    unanswered = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    silent = alive.filter(unanswered, asked_at__lt=after(-timedelta(seconds=STUCK_S))).first()
    if silent is not None:
        return warn(
            about,
            f"{silent.host}:{silent.pid} has answered no probe for {STUCK_S:.0f} s: all its "
            "workers are busy, or it is stuck and is replaced by itself.",
        )
    workers = sum(one.workers for one in found)
    count, oldest_s = _backlog(name)
    if count and oldest_s > settings.READY_QUEUE_S:
        return warn(
            about,
            f"{workers} workers, and work has waited {oldest_s / 60:.0f} min: raise "
            f"WORKERS_{name.upper()}, or add a machine.",
        )
    return well(about, f"{workers} workers on {len(found)} machines or processes; {count} waiting")


def _backlog(name: str) -> tuple[int, float]:
    asked = [backlog(name) for backlog in registry.backlog]
    return sum(count for count, _ in asked), max((age for _, age in asked), default=0.0)


def _schedules() -> Finding:
    missing = schedules.missing()
    if missing:
        return fail("Schedules", f"{missing[0]} is missing: run manage.py release.")
    return well("Schedules", f"{len(list(registry.daily))}, each with its cluster")
