"""A cluster that is kept alive: fixed workers, a sweep every 30 s, a watchdog, a clean end.

Django-Q2 shows two faults that its own loop never notices: an idle worker killed by SIGKILL dies
with the lock of the task queue, and nobody works on; a killed sentinel leaves orphans. So the
watchdog sends a probe through the queue and replaces a cluster that does not answer it, and every
child of ours dies with its parent.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.db import DatabaseError, connections
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_q.cluster import Cluster
from django_q.conf import Conf

from config.kit import jobs, registry
from config.kit.database import after, verb
from config.kit.models import ClusterBeat

log = logging.getLogger("showrunner.qscale")
TICK_S = 0.5
BEAT_S = 5.0
SWEEP_S = 30.0
PROBE_S = 30.0
STUCK_S = 90.0
GRACE_S = 20.0
ENDINGS = (signal.SIGTERM, signal.SIGINT)
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Every:
    """True at most once in so many seconds, and at once the first time."""

    def __init__(self, seconds: float, *, at_once: bool = True) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + (0 if at_once else seconds)

    def due(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        return True


class Scale:
    """Runs one cluster until it is told to end. `run` answers the exit code."""

    def __init__(self, cluster: str, *, with_parent: int = 0) -> None:
        self.cluster = cluster
        self._parent = with_parent
        self._told_to_end = False
        self._stop = multiprocessing.RawValue(ctypes.c_bool, False)  # no lock to die with
        self._host, self._pid = jobs.here()
        self._asked_at = 0.0
        self._django_q: Cluster | None = None

    def run(self) -> int:
        self._own_session()
        os.register_at_fork(after_in_child=_die_with_parent)
        jobs.share(self._stop, name=f"{self._host}:{self._pid}", workers=Conf.WORKERS)
        self._hear_signals()
        self._announce()
        self._start()
        beat, sweep, probe = _Every(BEAT_S), _Every(SWEEP_S), _Every(PROBE_S)
        while not self._should_end():
            self._unless_database_fails(self._beat, beat)
            self._unless_database_fails(self._sweep, sweep)
            self._unless_database_fails(self._probe, probe)
            if self._is_broken():
                self._replace()
            time.sleep(TICK_S)
        return self._end()

    def _own_session(self) -> None:
        """Ctrl-C of a terminal must reach this process alone, never its workers."""
        if os.getpid() != os.getsid(0):
            try:
                os.setsid()
            except PermissionError:
                log.debug("already the leader of a process group")

    def _hear_signals(self) -> None:
        def told(_signum: int, _frame: FrameType | None) -> None:
            self._told_to_end = True

        for number in ENDINGS:
            signal.signal(number, told)

    def _should_end(self) -> bool:
        return self._told_to_end or bool(self._parent and os.getppid() != self._parent)

    def _announce(self) -> None:
        ClusterBeat.objects.filter(beat_at__lt=after(-jobs.FRESH * 10)).delete()
        ClusterBeat.objects.update_or_create(
            host=self._host,
            pid=self._pid,
            cluster=self.cluster,
            defaults={
                "workers": Conf.WORKERS,
                "started_at": Now(),
                "beat_at": Now(),
                "asked_at": None,
                "answered_at": None,
            },
        )

    def _mine(self) -> QuerySet[ClusterBeat]:
        return ClusterBeat.objects.filter(host=self._host, pid=self._pid)

    def _leave(self) -> None:
        self._mine().delete()

    def _unless_database_fails(self, act: Callable[[], None], every: _Every) -> None:
        if not every.due():
            return
        try:
            act()
        except DatabaseError:
            log.exception("%s: the database did not answer", self.cluster)
            connections.close_all()

    def _beat(self) -> None:
        self._mine().update(beat_at=Now())

    def _sweep(self) -> None:
        for sweep in registry.sweep:
            self._sweep_one(sweep)

    def _sweep_one(self, sweep: Callable[[], None]) -> None:
        try:
            sweep()
        except Exception:  # whatever one app stumbles over: the others' work must not wait for it
            log.exception("%s: a sweep failed", self.cluster)
            connections.close_all()

    def _probe(self) -> None:
        """Asks the cluster a question whose answer only a working worker can give."""
        row = self._mine().first()
        if row is None:
            self._announce()
            return
        answered = row.asked_at is None or (row.answered_at and row.answered_at >= row.asked_at)
        if answered:
            self._ask()
            self._asked_at = time.monotonic()
        elif time.monotonic() - self._asked_at > STUCK_S:
            log.error(
                "%s: no worker answered for %d s; replacing the cluster", self.cluster, STUCK_S
            )
            self._replace()

    @verb
    def _ask(self) -> None:
        self._mine().update(asked_at=Now())
        jobs.enqueue("config.kit.jobs.answer_probe", self._host, self._pid, to=self.cluster)

    def _start(self) -> None:
        """Signals wait until our own handlers stand again, and the children never get a SIGTERM:
        a platform that signals the whole group would end them before they gave anything back."""
        connections.close_all()  # never fork with an open connection
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        try:
            self._django_q = Cluster()
            self._django_q.start()
            self._hear_signals()  # Cluster() has set its own
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        self._asked_at = time.monotonic()
        log.info("%s: %d workers", self.cluster, Conf.WORKERS)

    def _sentinel(self) -> multiprocessing.Process | None:
        return self._django_q.sentinel if self._django_q else None

    def _is_broken(self) -> bool:
        sentinel = self._sentinel()
        return sentinel is None or not sentinel.is_alive()

    def _replace(self) -> None:
        """Leases of the killed workers run out, and the sweep wakes what they held."""
        self._kill()
        self._mine().update(asked_at=None)
        self._start()

    def _kill(self) -> None:
        sentinel = self._sentinel()
        if sentinel is not None:
            sentinel.kill()
            sentinel.join()

    def _end(self) -> int:
        """Workers give their leases back; what is left after 20 s is killed, and that is exit 1."""
        self._stop.value = True
        sentinel = self._sentinel()
        if sentinel is not None and sentinel.is_alive() and self._django_q:
            # In a thread: an event whose waiter was killed never returns from set().
            threading.Thread(target=self._django_q.stop_event.set, daemon=True).start()
            sentinel.join(GRACE_S)
        in_time = sentinel is None or sentinel.exitcode == 0
        self._kill()
        self._unless_database_fails(self._leave, _Every(0))
        return 0 if in_time else 1
