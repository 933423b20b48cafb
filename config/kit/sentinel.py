"""Django-Q's sentinel with a pool that grows and shrinks, and what its children do on SIGTERM.

A platform that wants us to end signals every process at once. Sentinel, pusher and monitor ignore
it: they end when the main process says so. A worker takes it as a flag: it gives back what it holds
and leaves between two tasks.
"""

import logging
import multiprocessing.queues
import os
import queue
import signal
import threading
import time
from contextlib import suppress
from multiprocessing import Process
from types import FrameType
from typing import Any

import django_q.cluster
from django.db import connections
from django_q.conf import Conf
from django_q.queues import Queue
from django_q.signals import post_execute_in_worker, post_spawn, pre_execute

from config.kit import jobs
from config.kit.scaling import Board

log = logging.getLogger("showrunner.qscale")
AT_A_TIME = 4  # forks a round, so that none takes long
LOOK_S = 1.0


class _Tasks(Queue):
    """A worker waits here between two tasks, and leaves from here when it was told to.

    Never longer than a second in one go: an exception out of a signal handler could lose a task
    that was read and not yet returned.
    """

    def get(self, *_: Any, **__: Any) -> Any:
        while not jobs.told_to_leave():
            try:
                return super().get(timeout=LOOK_S)
            except queue.Empty:
                continue
        return "STOP"

    def is_empty(self) -> bool:
        """By the pipe itself: a counter that a killed worker left behind would be wrong for ever,
        and its lock could be held."""
        return multiprocessing.queues.Queue.empty(self)

    def count(self) -> int:
        return 0 if self.is_empty() else max(1, self.size.count.get_obj().value)


class _Rounds:
    """The stop event as `guard` sees it: its once-a-round `wait` gives us a turn first."""

    def __init__(self, event: Any, turn: Any) -> None:
        self._event, self._turn = event, turn

    def wait(self, timeout: float) -> bool:
        self._turn()
        return bool(self._event.wait(timeout))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._event, name)


class Sentinel(django_q.cluster.Sentinel):
    """Keeps as many workers as the board wants. Django-Q makes it in its own process."""

    board: Board  # set on the class before the fork

    def start(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))
        post_spawn.connect(_become_worker)
        pre_execute.connect(self._took, weak=False)
        post_execute_in_worker.connect(self._took, weak=False)
        self.task_queue = _Tasks(maxsize=Conf.QUEUE_LIMIT)
        self.pool_size = self.board.wanted
        self._leaving = 0
        try:
            super().start()
        except Exception:
            log.exception("the sentinel failed")
            os._exit(1)  # joining children that ignore SIGTERM would hang; they die with us

    def guard(self) -> None:
        event: Any = self.stop_event  # type: ignore[has-type]
        self.stop_event = _Rounds(event, self._turn)
        super().guard()

    def stop(self) -> None:
        """Workers that left on a signal take nothing more, and what was fetched for them would hold
        up the pusher and our own pills for ever (seen with one worker). It is only wakes."""
        threading.Thread(target=self._take_for_nobody, daemon=True).start()
        super().stop()

    def _take_for_nobody(self) -> None:
        tasks: Any = self.task_queue
        with suppress(ValueError, OSError):  # it is closed: that was the last of it
            while True:
                if any(worker.is_alive() for worker in list(self.pool)):
                    time.sleep(0.1)
                    continue
                with suppress(queue.Empty):
                    multiprocessing.queues.Queue.get(tasks, timeout=0.1)

    def spawn_process(self, target: Any, *args: Any) -> Process:
        connections.close_all()  # never fork with an open connection
        return super().spawn_process(target, *args)

    def reincarnate(self, process: Process) -> None:
        """A worker that was asked to leave, or was told by a signal, is not replaced one by one:
        the next round looks at the number. SIGTERM would not end one that is over its time."""
        if process in self.pool:
            if process.exitcode == 0 and _timer(process) == -1:
                self.pool.remove(process)
                self._leaving = max(0, self._leaving - 1)
                return
            if _timer(process) == 0:
                process.kill()
        super().reincarnate(process)

    def _turn(self) -> None:
        board = self.board
        board.fetched = self.task_queue.count()
        if not board.fetched:
            self._leaving = 0  # who was asked has heard it
        lacking = board.wanted - (len(self.pool) - self._leaving)
        for _ in range(min(lacking, AT_A_TIME)):
            self.spawn_worker()
        if lacking < 0:
            self._ask_one_to_leave()
        board.size = len(self.pool)
        board.busy = sum(_timer(process) > 0 for process in self.pool)
        board.seen_at = time.monotonic()

    def _ask_one_to_leave(self) -> None:
        try:
            self.task_queue.put("STOP", block=False)
        except queue.Full:
            return
        self._leaving += 1

    def _took(self, **_: Any) -> None:
        self.board.took_at = time.monotonic()


def _timer(process: Process) -> float:
    """Seconds left for a task, -1: idle, -2: leaves by itself, 0: over its time. Without the lock
    that a killed worker may hold."""
    return float(process.timer.get_obj().value)  # type: ignore[attr-defined]


def _become_worker(**_: Any) -> None:
    def told(_signum: int, _frame: FrameType | None) -> None:
        jobs.leave()

    signal.signal(signal.SIGTERM, told)
