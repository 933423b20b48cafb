"""`enqueue`, the only door to Django-Q, and what a worker knows of its cluster.

Every task is a wake: its work is a row of ours with a due time and a lease, so a broker row that is
lost loses nothing. The row goes in with the caller's transaction (ORM broker, same database).
"""

import os
import socket
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, QuerySet
from django.db.models.functions import Now
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from config.kit.database import after
from config.kit.models import ClusterBeat
from config.kit.scaling import Board

STUDIO = "studio"
CLUSTERS = ("ai", "render", "publish", "batch")
FRESH = timedelta(seconds=20)
FAILURES_KEPT = timedelta(days=14)


# Set by qscale before it forks, so that every worker shares them.
_board: Board | None = None
_name = ""
_most = 0
_leaves = False  # this worker alone was told to go


def cluster(name: str) -> str:
    """The queue that serves a cluster here: on the embedded default one queue serves them all."""
    if name not in (*CLUSTERS, STUDIO):
        raise ValueError(f"no cluster is called {name!r}; there are {', '.join(CLUSTERS)}")
    return STUDIO if settings.EMBEDDED else name


def enqueue(task: str, *args: Any, to: str) -> None:
    """`task` is a dotted path; `to` a cluster. Inside a verb it is rolled back with it."""
    async_task(task, *args, cluster=cluster(to))


def share(board: Board, *, name: str, most: int) -> None:
    """What the workers that are about to be forked know of their cluster: `most` is how many they
    may become."""
    global _board, _name, _most
    _board, _name, _most = board, name, most


def worker_name() -> str:
    """`host:pid` of the qscale that this process works for, or of the process itself."""
    return _name or ":".join(map(str, here()))


def lock_cluster(worker: str) -> None:
    """Until the verb commits, no other worker of this qscale gets past here. A process that works
    by itself has no row, and nobody to wait for."""
    host, _, pid = worker.rpartition(":")
    list(ClusterBeat.objects.select_for_update(no_key=True).filter(host=host, pid=pid))


def long_runs_at_once() -> int:
    """Runs and publications together: one worker stays free for mail, samples of voices and the
    watchdog's probe. The cluster that only renders does nothing else."""
    return max(1, _most if Conf.CLUSTER_NAME == "render" else _most - 1)


def others_at_most() -> int:
    """How many workers of this qscale may take something up at the same time as this one; -1:
    nobody knows, as this process works by itself."""
    return max(_board.size, _board.wanted) - 1 if _board is not None else -1


def leave() -> None:
    """This worker was told to end: its lease goes back, and it takes no other task."""
    global _leaves
    _leaves = True


def told_to_leave() -> bool:
    return _leaves


def stopping() -> bool:
    """True once this worker or its cluster was told to end: give the lease back and return."""
    return _leaves or (_board is not None and bool(_board.stop))


def queued(name: str) -> int:
    """Tasks that wait in the broker for a cluster, and that nobody has fetched."""
    return OrmQ.objects.filter(key=cluster(name), lock__lte=Now()).count()


def backlog(due: QuerySet[Any]) -> tuple[int, float]:
    """How many rows of ours wait, and for how many seconds the oldest does: by their `due_at`."""
    found = due.aggregate(n=Count("pk"), longest=Max(Now() - F("due_at")))
    longest = found["longest"]
    return found["n"], max(0.0, longest.total_seconds()) if longest else 0.0


def answer_probe(host: str, pid: int) -> None:
    """The watchdog's question: run by a worker, it shows that the queue still moves."""
    ClusterBeat.objects.filter(host=host, pid=pid).update(answered_at=Now())


def prune_tasks() -> None:
    """What Django-Q keeps of tasks that failed; those that went well leave nothing."""
    Task.objects.filter(stopped__lt=after(-FAILURES_KEPT)).delete()


def someone_works(name: str) -> bool:
    """True where a `qscale` that serves this cluster showed life in the last 20 seconds."""
    return ClusterBeat.objects.filter(cluster=cluster(name), beat_at__gt=after(-FRESH)).exists()


def here() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()
