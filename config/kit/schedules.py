"""What is done once a day, as rows that Django-Q reads; an operator may move their times."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connection
from django_q.models import Schedule

from config.kit import jobs, registry
from config.kit.database import verb

OURS = "showrunner: "


@verb
def install() -> None:
    """Writes what is missing, brings the others to the task and cluster of this version, and
    removes what it no longer knows. Time and rhythm of a row that is there are the operator's."""
    known = {OURS + daily.name: daily for daily in registry.daily}
    for name, daily in known.items():
        fixed = {"func": daily.task, "cluster": jobs.cluster(daily.to)}
        there = Schedule.objects.filter(name=name).order_by("id")
        if first := there.first():
            there.exclude(pk=first.pk).delete()
            there.exclude(**fixed).update(**fixed)
        else:
            first_run = _next(daily.hour, daily.minute)
            Schedule.objects.create(
                name=name, schedule_type=Schedule.DAILY, repeats=-1, next_run=first_run, **fixed
            )
    Schedule.objects.filter(name__startswith=OURS).exclude(name__in=known).delete()


def _next(hour: int, minute: int) -> datetime:
    now = datetime.now(tz=UTC)
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def missing() -> list[str]:
    """Those of this version that no cluster would run."""
    wanted = {OURS + daily.name for daily in registry.daily}
    known = Schedule.objects.filter(name__in=wanted, cluster__in=list(settings.WORKERS))
    return sorted(wanted - set(known.values_list("name", flat=True)))


def _is_there() -> bool:
    return Schedule._meta.db_table in connection.introspection.table_names()


def after_migrate(**_: Any) -> None:
    if _is_there():
        install()


def check(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """A schedule without a cluster, or of one that nobody runs, would wait for ever unnoticed."""
    if not databases or "default" not in databases or not _is_there():
        return []
    known = list(settings.WORKERS)
    lost = Schedule.objects.exclude(cluster__in=known).order_by("id")
    return [
        checks.Error(
            f"The schedule {row.name or row.func!r} names "
            + (
                f"the cluster {row.cluster!r}, which nobody runs." if row.cluster else "no cluster."
            ),
            hint=f"Write one of {', '.join(known)}.",
            id="kit.E001",
        )
        for row in lost
    ]
