"""A cluster that is kept alive: as many workers as there is work, a sweep every 30 s, a watchdog,
a clean end.

Django-Q2 shows two faults that its own loop never notices: an idle worker killed by SIGKILL dies
with the lock of the task queue, and nobody works on; a killed sentinel leaves orphans. So the
watchdog looks whether fetched tasks are begun, sends a probe through the queue, and replaces a
cluster that stands still; and every child of ours dies with its parent.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import django_q.cluster
import psutil
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_q.cluster import Cluster

from config.kit import jobs, registry
from config.kit.database import after, comes_back, is_away, is_unavailable, told, verb
from config.kit.models import ClusterBeat
from config.kit.processes import end_with_parent
from config.kit.scaling import Board, Memory, Pace
from config.kit.sentinel import Sentinel

log = logging.getLogger("showrunner.qscale")
TICK_S = 0.5
BEAT_S = 5.0
SCALE_S = 1.0
SWEEP_S = 30.0
PROBE_S = 30.0
STUCK_S = 90.0  # without an answer to the probe, though somebody was free to give it
UNBEGUN_S = 15.0  # a fetched task lies so long, and a worker is idle
UNSEEN_S = 60.0  # the sentinel has not gone round
GRACE_S = 20.0
TELL_S = 10.0
ENDINGS = (signal.SIGTERM, signal.SIGINT)


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
        self._board: Board = multiprocessing.RawValue(Board)
        self._pace = Pace(*settings.WORKERS[cluster])
        self._memory = Memory(settings.WORKER_MEMORY_MB)
        self._host, self._pid = jobs.here()
        self._asked_at = self._free_since = self._unbegun_since = 0.0
        self._django_q: Cluster | None = None
        self._tell = _Every(TELL_S)  # that the database is away

    def run(self) -> int:
        self._own_session()
        os.register_at_fork(after_in_child=end_with_parent)
        name = f"{self._host}:{self._pid}"
        jobs.share(self._board, name=name, most=self._pace.most)
        self._hear_signals()
        if not self._announced():
            return 0
        self._start()
        beat, scale = _Every(BEAT_S), _Every(SCALE_S)
        sweep, probe = _Every(SWEEP_S), _Every(PROBE_S)
        while not self._should_end():
            self._unless_database_fails(self._beat, beat)
            self._unless_database_fails(self._scale, scale)
            self._unless_database_fails(self._sweep, sweep)
            self._unless_database_fails(self._probe, probe)
            if self._is_broken() or self._stands_still():
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
        def hear(_signum: int, _frame: FrameType | None) -> None:
            self._told_to_end = True

        for number in ENDINGS:
            signal.signal(number, hear)

    def _should_end(self) -> bool:
        return self._told_to_end or bool(self._parent and os.getppid() != self._parent)

    def _announced(self) -> bool:
        """Waits for a database that is away. False: told to end meanwhile. Raises SystemExit for
        one that no waiting brings."""
        while not self._should_end():
            try:
                self._announce()
            except (DatabaseError, InterfaceError) as error:
                connections.close_all()
                if not comes_back(error):
                    why = f"{self.cluster}: the database refuses: {told(error)}"
                    raise SystemExit(why) from None
                if self._tell.due():
                    log.warning("%s: waits for the database: %s", self.cluster, told(error))
                time.sleep(TICK_S)
            else:
                return True
        return False

    def _announce(self) -> None:
        ClusterBeat.objects.filter(beat_at__lt=after(-jobs.FRESH * 10)).delete()
        ClusterBeat.objects.update_or_create(
            host=self._host,
            pid=self._pid,
            cluster=self.cluster,
            defaults={
                "workers": self._pace.wanted,
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
        except (DatabaseError, InterfaceError) as error:
            is_known = is_unavailable(error)
            if not is_known or self._tell.due():
                log.error("%s: no answer: %s", self.cluster, told(error), exc_info=not is_known)
            connections.close_all()

    def _beat(self) -> None:
        self._mine().update(beat_at=Now(), workers=self._board.size)

    def _scale(self) -> None:
        """Work that waits is counted in our tables: a wake that was lost must not hide it, and one
        that came in vain must not count for long."""
        if self._pace.least == self._pace.most:
            return
        counted = sum(count for count, _ in (ask(self.cluster) for ask in registry.backlog))
        waiting = max(counted, jobs.queued(self.cluster) + self._board.fetched)
        was = self._pace.wanted
        now = self._pace.next(
            time.monotonic(), demand=self._board.busy + waiting, cap=self._as_memory_allows
        )
        if now != was:
            self._board.wanted = now
            log.info("%s: %d waiting, %d -> %d workers", self.cluster, waiting, was, now)

    def _as_memory_allows(self) -> int:
        sentinel = self._sentinel()
        if sentinel is None or not sentinel.is_alive():
            return self._pace.least
        workers = [child.pid for child in psutil.Process(sentinel.pid).children()]
        fits = self._board.size + self._memory.room_for(workers)
        if fits <= self._board.size:
            log.warning("%s: there is no memory left for another worker", self.cluster)
        return max(self._pace.least, fits)

    def _sweep(self) -> None:
        for sweep in registry.sweep:
            self._sweep_one(sweep)

    def _sweep_one(self, sweep: Callable[[], object]) -> None:
        try:
            sweep()
        except Exception as error:  # whatever one app stumbles over: the others' work goes on
            if is_away(error):
                raise
            log.exception("%s: a sweep failed", self.cluster)
            connections.close_all()

    def _probe(self) -> None:
        """Asks the cluster a question whose answer only a working worker can give."""
        row = self._mine().first()
        if row is None:
            self._announce()
            return
        if row.asked_at is None or (row.answered_at and row.answered_at >= row.asked_at):
            self._ask()
            self._asked_at = time.monotonic()
        elif time.monotonic() - max(self._asked_at, self._free_since) > STUCK_S:
            log.error("%s: no worker answered for %d s", self.cluster, STUCK_S)
            self._replace()

    def _stands_still(self) -> bool:
        """Whether a worker is free, tasks lie there, and nobody takes one; or nobody looks."""
        now, board = time.monotonic(), self._board
        if board.busy >= board.size or not board.fetched:
            self._unbegun_since = now
        if board.busy >= board.size:
            self._free_since = now  # all are at work: nobody could have answered
        begun_at = max(self._unbegun_since, board.took_at)
        if now - begun_at > UNBEGUN_S:
            log.error("%s: no free worker begins what is fetched", self.cluster)
        elif now - board.seen_at > UNSEEN_S:
            log.error("%s: the sentinel hangs", self.cluster)
        else:
            return False
        return True

    @verb
    def _ask(self) -> None:
        self._mine().update(asked_at=Now())
        jobs.enqueue("config.kit.jobs.answer_probe", self._host, self._pid, to=self.cluster)

    def _start(self) -> None:
        """Signals wait until our own handlers stand again, and the children never get a SIGTERM:
        a platform that signals the whole group would end them before they gave anything back."""
        connections.close_all()  # never fork with an open connection
        now = time.monotonic()
        self._asked_at = self._unbegun_since = self._free_since = self._board.seen_at = now
        self._board.stop, self._board.wanted = False, self._pace.wanted
        self._board.size = self._board.busy = self._board.fetched = 0
        Sentinel.board = self._board
        django_q.cluster.Sentinel = Sentinel
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        try:
            self._django_q = Cluster()
            self._django_q.start()
            self._hear_signals()  # Cluster() has set its own
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        log.info("%s: %d workers", self.cluster, self._pace.wanted)

    def _sentinel(self) -> multiprocessing.Process | None:
        return self._django_q.sentinel if self._django_q else None

    def _is_broken(self) -> bool:
        sentinel = self._sentinel()
        return sentinel is None or not sentinel.is_alive()

    def _replace(self) -> None:
        """Who still works gives back what it holds; leases of the dead run out, and the sweep
        wakes what they held."""
        log.error("%s: replacing the cluster", self.cluster)
        self._board.stop = True
        until = time.monotonic() + GRACE_S
        while self._board.busy and not self._is_broken() and time.monotonic() < until:
            time.sleep(TICK_S)
        if self._should_end():
            return
        self._kill()
        self._unless_database_fails(self._forget_question, _Every(0))
        self._start()

    def _forget_question(self) -> None:
        self._mine().update(asked_at=None)

    def _kill(self) -> None:
        sentinel = self._sentinel()
        if sentinel is not None:
            sentinel.kill()
            sentinel.join()

    def _end(self) -> int:
        """Workers give their leases back; what is left after 20 s is killed, and that is exit 1."""
        self._board.stop = True
        sentinel = self._sentinel()
        if sentinel is not None and sentinel.is_alive() and self._django_q:
            # In a thread: an event whose waiter was killed never returns from set().
            threading.Thread(target=self._django_q.stop_event.set, daemon=True).start()
            sentinel.join(GRACE_S)
        in_time = sentinel is None or sentinel.exitcode == 0
        self._kill()
        self._unless_database_fails(self._leave, _Every(0))
        return 0 if in_time else 1
