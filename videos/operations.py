"""What an operator asks of all teams together: what runs, what is stuck, what failed, who works.

Each answer takes a number of queries that does not grow with what there is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Now

from billing.models import CostEntry
from channels_app.models import Upload
from config.kit import jobs
from config.kit.database import after
from config.kit.models import Blob, ClusterBeat, Mail
from videos import routing
from videos.models import IN_WORK, Artifact, RunState, StageRun
from videos.providers.catalogue import providers
from videos.runs import LEASE, backlog
from videos.stages import catalogue

SILENCE = timedelta(seconds=20)  # a worker that lives beats every second
LEFT_ALONE = timedelta(minutes=5)
LATELY = timedelta(hours=24)
SEEN = timedelta(days=30)
SHOWN = 8

TROUBLES = {
    "lost": "Its worker is gone: the lease ran out",
    "silent": "Its worker shows no sign of life",
    "alone": "It is due, and nobody works for its cluster",
    "blocked": "It waits for a person",
}


def troubled(runs: QuerySet[StageRun]) -> QuerySet[Any]:
    """The runs, each with a `trouble`: a key of TROUBLES, or nothing."""
    alone = Q(state=RunState.WAITING, due_at__lt=after(-LEFT_ALONE), video__state__in=IN_WORK)
    deleted = Q(video__deleted_at__isnull=False)
    trouble = Case(
        When(deleted, then=Value("")),
        When(state=RunState.BLOCKED, then=Value("blocked")),
        When(state=RunState.RUNNING, lease_until__lt=Now(), then=Value("lost")),
        When(state=RunState.RUNNING, lease_until__lt=after(LEASE - SILENCE), then=Value("silent")),
        When(alone & ~Q(cluster__in=_at_work()), then=Value("alone")),
        default=Value(""),
    )
    return runs.annotate(trouble=trouble)


def stuck(runs: QuerySet[StageRun]) -> QuerySet[Any]:
    unended = (RunState.BLOCKED, RunState.RUNNING, RunState.WAITING)
    return troubled(runs.filter(state__in=unended)).exclude(trouble="")


def _at_work() -> list[str]:
    """Clusters that are served by somebody alive, and not by somebody who only looks on."""
    alive = _served_by(ClusterBeat.objects.filter(beat_at__gt=after(-jobs.FRESH)))
    running = StageRun.objects.filter(state=RunState.RUNNING, lease_until__gt=Now())
    return sorted(alive & _served_by(running))


def _served_by(rows: QuerySet[Any]) -> set[str]:
    queues = set(rows.order_by().values_list("cluster", flat=True).distinct())
    known = {name: jobs.cluster(name) for name in (*jobs.CLUSTERS, jobs.STUDIO)}
    queues |= {known[name] for name in queues if name in known}
    return {name for name, queue in known.items() if name in queues or queue in queues}


@dataclass(frozen=True)
class Line:
    """What is on a cluster's hands: runs by state, and how long the oldest has waited."""

    cluster: str
    running: int
    due: int
    blocked: int
    waiting: int
    oldest_s: float


@dataclass(frozen=True)
class Overview:
    lines: list[Line]
    stuck: int
    failed: int
    failures: list[StageRun]
    clusters: list[ClusterBeat]
    mail: Mapping[str, int]
    publications: Mapping[str, int]
    stored_bytes: int
    blobs: int
    providers: int

    @property
    def running(self) -> int:
        return sum(line.running for line in self.lines)

    @property
    def due(self) -> int:
        return sum(line.due for line in self.lines)

    @property
    def alive(self) -> int:
        return sum(beat.silence <= jobs.FRESH for beat in self.clusters)  # type: ignore[attr-defined]


def overview() -> Overview:
    failed = StageRun.objects.filter(
        state=RunState.FAILED, ended_at__gt=after(-LATELY), video__deleted_at=None
    )
    latest = failed.select_related("video__team").defer("video__source", "video__plan")
    stored = Blob.objects.aggregate(bytes=Sum("size"), count=Count("pk"))
    return Overview(
        lines=_lines(),
        stuck=stuck(StageRun.objects.all()).count(),
        failed=failed.count(),
        failures=list(latest.order_by("-ended_at", "-id")[:SHOWN]),
        clusters=list(
            ClusterBeat.objects.annotate(silence=Now() - F("beat_at")).order_by("cluster", "id")
        ),
        mail=_by_state(Mail.objects.exclude(state="sent")),
        publications=_by_state(Upload.objects.exclude(state__in=["done", "cancelled"])),
        stored_bytes=stored["bytes"] or 0,
        blobs=stored["count"],
        providers=len(providers.names()),
    )


def _by_state(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def _lines() -> list[Line]:
    states = (RunState.RUNNING, RunState.BLOCKED, RunState.WAITING)
    kept = StageRun.objects.filter(state__in=states, video__deleted_at=None)
    counted = kept.order_by().values_list("cluster", "state").annotate(n=Count("pk"))
    by_cluster: dict[str, dict[str, int]] = {}
    for cluster, state, count in counted:
        by_cluster.setdefault(jobs.cluster(cluster), {}).setdefault(state, 0)
        by_cluster[jobs.cluster(cluster)][state] += count
    queues = dict.fromkeys(jobs.cluster(name) for name in jobs.CLUSTERS)
    return [_line(queue, by_cluster.get(queue, {})) for queue in queues]


def _line(cluster: str, counts: Mapping[str, int]) -> Line:
    due, oldest_s = backlog(cluster)
    return Line(
        cluster=cluster,
        running=counts.get(RunState.RUNNING, 0),
        due=due,
        blocked=counts.get(RunState.BLOCKED, 0),
        waiting=max(0, counts.get(RunState.WAITING, 0) - due),
        oldest_s=oldest_s,
    )


@dataclass(frozen=True)
class ProviderRow:
    name: str
    kind: str
    is_keyless: bool
    is_present: bool
    stages: list[str]
    clusters: list[str]
    recovery: str
    made: int
    booked: int
    unknown: int
    last_used_at: Any


@dataclass(frozen=True)
class Use:
    """What rows of one kind tell of a provider under one of the names that it goes by there."""

    name: str
    made: int
    booked: int
    unknown: int
    at: Any

    def is_of(self, registered: str) -> bool:
        """Voices go by `engine:voice`, whatever their kind; others as they are registered."""
        short = registered.partition(":")[2]
        return self.name == registered or self.name.partition(":")[0] == short


def provider_rows() -> list[ProviderRow]:
    """Every provider that is registered, with what the last 30 days tell of it."""
    seen = [*_made(), *_booked()]
    return [
        _provider_row(name, [use for use in seen if use.is_of(name)]) for name in providers.names()
    ]


def _made() -> Iterator[Use]:
    lately = Artifact.objects.filter(created_at__gt=after(-SEEN)).exclude(provider="").order_by()
    counted = lately.values_list("provider").annotate(made=Count("pk"), last=Max("created_at"))
    for name_and_version, made, last in counted:
        yield Use(name_and_version.split(" ")[0], made, 0, 0, last)


def _booked() -> Iterator[Use]:
    lately = CostEntry.objects.filter(at__gt=after(-SEEN)).order_by()
    counted = lately.values_list("provider").annotate(
        booked=Count("pk", filter=Q(kind=CostEntry.Kind.USAGE)),
        unknown=Count("pk", filter=Q(kind=CostEntry.Kind.UNKNOWN)),
        last=Max("at"),
    )
    for name, booked, unknown, last in counted:
        yield Use(name, 0, booked, unknown, last)


def _provider_row(name: str, uses: list[Use]) -> ProviderRow:
    kind = name.partition(":")[0]
    provider = providers.get(name)
    stages = [one for one in map(catalogue.get, catalogue.in_order()) if one.provider == kind]
    is_keyless = not routing.is_paid(provider)
    return ProviderRow(
        name=name,
        kind=kind,
        is_keyless=is_keyless,
        is_present=bool(provider.present()) if hasattr(provider, "present") else True,
        stages=[one.name for one in stages],
        clusters=sorted({one.cluster for one in stages}),
        recovery="" if is_keyless else str(getattr(provider, "recovery", "none")),
        made=sum(use.made for use in uses),
        booked=sum(use.booked for use in uses),
        unknown=sum(use.unknown for use in uses),
        last_used_at=max((use.at for use in uses), default=None),
    )
