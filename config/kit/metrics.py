"""/metrics: what all processes together have done and have before them, read from the database.

Nothing is counted in the memory of a process, so every web process tells the same truth, also of
workers on other machines. The exceptions say so in their help: connection pools are of the process
that was asked, pgbouncer is the one beside it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import OperationalError
from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Now, TruncDate
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from config.kit import jobs, pools
from config.kit import registry as ports
from config.kit.database import after
from config.kit.models import Blob, ClusterBeat, Mail, MailState, SlowQuery

log = logging.getLogger("showrunner.metrics")
STORED_EVERY_S = 60
Sample = tuple[Sequence[str], float]


def gauge(name: str, about: str, labels: Sequence[str], samples: Iterable[Sample]) -> Metric:
    family = GaugeMetricFamily(f"showrunner_{name}", about, labels=labels)
    for values, value in samples:
        family.add_metric(list(values), value)
    return family


def counter(name: str, about: str, labels: Sequence[str], samples: Iterable[Sample]) -> Metric:
    """`name` without the `_total` that is shown."""
    family = CounterMetricFamily(f"showrunner_{name}", about, labels=labels)
    for values, value in samples:
        family.add_metric(list(values), value)
    return family


class _Everything(Collector):
    """Whoever fills the port; one that fails is named, and hides nobody else's."""

    def collect(self) -> Iterator[Metric]:
        failed: dict[str, int] = {}
        is_down = False
        for measure in ports.measures:
            part = f"{measure.__module__}.{measure.__name__}"
            failed[part] = int(is_down)  # else each would wait for the database as long again
            try:
                yield from [] if is_down else list(measure())
            except (DatabaseError, psycopg.Error) as error:
                failed[part], is_down = 1, isinstance(error, OperationalError)
                log.warning("%s could not be measured: %s", part, type(error).__name__)
        about = "1 where this part of /metrics could not be read"
        yield gauge("measure_failed", about, ["part"], [([p], n) for p, n in failed.items()])


def registry() -> CollectorRegistry:
    found = CollectorRegistry(auto_describe=False)
    found.register(_Everything())
    return found


def backlogs() -> dict[str, tuple[int, float]]:
    """(how much waits, how old the oldest is in seconds) by queue."""
    found = {}
    for cluster in dict.fromkeys(jobs.cluster(name) for name in jobs.CLUSTERS):
        waits = [ask(cluster) for ask in ports.backlog]
        oldest_s = max((oldest for _, oldest in waits), default=0.0)
        found[cluster] = (sum(count for count, _ in waits), oldest_s)
    return found


def queues() -> Iterator[Metric]:
    waiting = backlogs()
    about = "Pieces of work that are due, by cluster"
    yield gauge(
        "queue_depth", about, ["cluster"], [([name], n) for name, (n, _) in waiting.items()]
    )
    about = "How long the oldest due piece of work has waited"
    ages: list[Sample] = [([name], age) for name, (_, age) in waiting.items()]
    yield gauge("queue_age_seconds", about, ["cluster"], ages)
    alive = ClusterBeat.objects.filter(beat_at__gt=after(-jobs.FRESH)).order_by()
    by_cluster = dict.fromkeys(waiting, (0, 0)) | {
        name: (clusters, workers)
        for name, clusters, workers in alive.values_list("cluster").annotate(
            n=Count("pk"), workers=Sum("workers")
        )
    }
    about = "Workers of clusters that showed life within 20 s"
    yield gauge("workers", about, ["cluster"], [([c], n) for c, (_, n) in by_cluster.items()])
    about = "qscale processes that showed life within 20 s"
    yield gauge("clusters", about, ["cluster"], [([c], n) for c, (n, _) in by_cluster.items()])
    tasks = apps.get_model("django_q", "OrmQ").objects.order_by().values_list("key")
    about = "Tasks in the broker's table, each a wake"
    held: list[Sample] = [([key], n) for key, n in tasks.annotate(n=Count("pk"))]
    yield gauge("broker_tasks", about, ["cluster"], held)


def mail() -> Iterator[Metric]:
    kept = Mail.objects.exclude(state=MailState.SENT).order_by()
    counts = dict.fromkeys((MailState.WAITING, MailState.SENDING, MailState.FAILED), 0)
    counts |= dict(kept.values_list("state").annotate(n=Count("pk")))
    yield gauge(
        "mail", "Letters in the outbox", ["state"], [([state], n) for state, n in counts.items()]
    )
    unsent = kept.exclude(state=MailState.FAILED)
    oldest = unsent.aggregate(age=Now() - Min("created_at"))["age"]
    about = "Age of the oldest letter that has not left"
    yield gauge("mail_age_seconds", about, [], [([], _seconds(oldest))])


def storage() -> Iterator[Metric]:
    """Counted once a minute: it reads the whole table."""
    stored = cache.get_or_set("metrics.stored", _stored, STORED_EVERY_S) or _stored()
    about = "Bytes of all stored files, counted once a minute"
    yield gauge("storage_bytes", about, [], [([], stored["bytes"] or 0)])
    yield gauge("storage_files", "Stored files", [], [([], stored["count"])])


def _stored() -> dict[str, Any]:
    return Blob.objects.aggregate(bytes=Sum("size"), count=Count("pk"))


def slow_queries() -> Iterator[Metric]:
    today = SlowQuery.objects.filter(day=TruncDate(Now())).aggregate(
        n=Sum("count"), total=Sum("total_ms"), worst=Max("worst_ms")
    )
    about = "Queries of SLOW_QUERY_MS and more since midnight UTC, of all processes"
    yield gauge("slow_queries_today", about, [], [([], today["n"] or 0)])
    about = "Seconds that they took together"
    yield gauge("slow_query_seconds_today", about, [], [([], (today["total"] or 0) / 1000)])
    about = "Seconds of the slowest"
    yield gauge("slow_query_worst_seconds_today", about, [], [([], (today["worst"] or 0) / 1000)])


def pool() -> Iterator[Metric]:
    """psycopg's pool, which web processes have."""
    told = pools.stats()

    def sample(*names: str, per: float = 1) -> list[Sample]:
        return [([], sum(told.get(name, 0) for name in names) / per)] if told else []

    of = ", in the pool of the web process that answers"
    yield gauge("db_pool_size", f"Connections{of}", [], sample("pool_size"))
    yield gauge("db_pool_available", f"Idle connections{of}", [], sample("pool_available"))
    yield gauge("db_pool_waiting", f"Waiting requests{of}", [], sample("requests_waiting"))
    waited = sample("requests_wait_ms", per=1000)
    yield counter("db_pool_wait_seconds", f"Time waited for connections{of}", [], waited)
    refused = sample("requests_errors", "connections_errors")
    yield counter("db_pool_errors", f"Connections not got{of}", [], refused)


def pgbouncer() -> Iterator[Metric]:
    rows: Sequence[pools.Row] = ()
    totals: Sequence[pools.Row] = ()
    if settings.PGBOUNCER_CONSOLE_URL:
        rows, totals = pools.console("SHOW POOLS", "SHOW STATS")
    of = "of the pgbouncer beside this process"
    for side, prefix, states in (
        ("clients", "cl", ("active", "waiting")),
        ("servers", "sv", ("active", "idle", "used", "login")),
    ):
        samples = _by_state(rows, prefix, states)
        yield gauge(f"pgbouncer_{side}", f"{side} {of}", ["database", "state"], samples)
    about = f"How long the first in the queue has waited, {of}"
    waits = {str(row["database"]): pools.waits(row) for row in rows}
    yield gauge("pgbouncer_maxwait_seconds", about, ["database"], _by(waits))
    for name, column, per in (
        ("pgbouncer_wait_seconds", "total_wait_time", 1e6),
        ("pgbouncer_transactions", "total_xact_count", 1),
    ):
        sums = {str(row["database"]): float(row[column]) / per for row in totals}
        yield counter(name, f"{column} {of}", ["database"], _by(sums))


def _by(values: Mapping[str, float]) -> list[Sample]:
    return [([name], value) for name, value in values.items()]


def _by_state(rows: Sequence[pools.Row], prefix: str, states: Sequence[str]) -> list[Sample]:
    """Summed over the users of a database."""
    sums: dict[tuple[str, str], float] = {}
    for row in rows:
        for state in states:
            key = (str(row["database"]), state)
            sums[key] = sums.get(key, 0) + float(row.get(f"{prefix}_{state}", 0))
    return [(list(key), value) for key, value in sums.items()]


def _seconds(age: timedelta | None) -> float:
    return age.total_seconds() if age else 0.0


MEASURES: tuple[Callable[[], Iterator[Metric]], ...] = (
    *(pool, pgbouncer),  # first: they speak also while the database does not
    *(queues, mail, storage, slow_queries),
)
