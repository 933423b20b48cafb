"""`enqueue`, the only door to Django-Q, and what a worker knows of its cluster.

Every task is a wake: its work is a row of ours with a due time and a lease, so a broker row that is
lost loses nothing. The row goes in with the caller's transaction (ORM broker, same database).
"""

import os
import socket
from datetime import timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db.models.functions import Now
from django_q.tasks import async_task

from config.kit.database import after
from config.kit.models import ClusterBeat

STUDIO = "studio"
CLUSTERS = ("ai", "render", "publish", "batch")
FRESH = timedelta(seconds=20)


class Flag(Protocol):
    """A shared boolean without a lock: a worker that is killed can't take it along."""

    value: bool


# Set by qscale before it forks, so that every worker shares them.
_stop: Flag | None = None
_name = ""
_workers = 0


def cluster(name: str) -> str:
    """The queue that serves a cluster here: on the embedded default one queue serves them all."""
    if name not in (*CLUSTERS, STUDIO):
        raise ValueError(f"no cluster is called {name!r}; there are {', '.join(CLUSTERS)}")
    return STUDIO if settings.EMBEDDED else name


def enqueue(task: str, *args: Any, to: str) -> None:
    """`task` is a dotted path; `to` a cluster. Inside a verb it is rolled back with it."""
    async_task(task, *args, cluster=cluster(to))


def share(stop: Flag, *, name: str, workers: int) -> None:
    """What the workers that are about to be forked know of their cluster."""
    global _stop, _name, _workers
    _stop, _name, _workers = stop, name, workers


def worker_name() -> str:
    """`host:pid` of the qscale that this process works for, or of the process itself."""
    return _name or ":".join(map(str, here()))


def lock_cluster(worker: str) -> None:
    """Until the verb commits, no other worker of this qscale gets past here. A process that works
    by itself has no row, and nobody to wait for."""
    host, _, pid = worker.rpartition(":")
    list(ClusterBeat.objects.select_for_update().filter(host=host, pid=pid))


def long_runs_at_once() -> int:
    """Runs and publications together: one worker stays free for mail and the watchdog's probe."""
    return max(1, _workers - 1)


def stopping() -> bool:
    """True once this cluster was told to end: give the lease back and return."""
    return _stop is not None and bool(_stop.value)


def answer_probe(host: str, pid: int) -> None:
    """The watchdog's question: run by a worker, it shows that the queue still moves."""
    ClusterBeat.objects.filter(host=host, pid=pid).update(answered_at=Now())


def someone_works(name: str) -> bool:
    """True where a `qscale` that serves this cluster showed life in the last 20 seconds."""
    return ClusterBeat.objects.filter(cluster=cluster(name), beat_at__gt=after(-FRESH)).exists()


def here() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()
