"""How many workers a cluster should have: by what waits, between its bounds, as memory allows."""

import ctypes
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MB = 2**20
IDLE_S = 10.0  # so long there must be too many workers before one goes
SPARE_MB = 256  # left to everybody else
_CGROUP = Path("/sys/fs/cgroup")


class Board(ctypes.Structure):
    """What the processes of a cluster tell each other, in memory that they share. One writer a
    field and no lock, so that a worker that is killed can't take one along."""

    _fields_ = (
        ("stop", ctypes.c_bool),  # by the main process: everybody gives back what they hold
        ("wanted", ctypes.c_int),  # by the main process: this many workers
        ("size", ctypes.c_int),  # by the sentinel: there are so many
        ("busy", ctypes.c_int),  # by the sentinel: so many of them are at work
        ("fetched", ctypes.c_int),  # by the sentinel: tasks taken from the broker, not yet begun
        ("seen_at", ctypes.c_double),  # by the sentinel: when it last looked, time.monotonic()
        ("took_at", ctypes.c_double),  # by any worker: when one last began or ended a task
    )


@dataclass
class Pace:
    """Grows at once to what waits, shrinks by one a call when there was too little to do."""

    least: int
    most: int
    idle_s: float = IDLE_S
    wanted: int = field(init=False)
    _calm_since: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.wanted = self.least

    def next(self, now: float, *, demand: int, cap: Callable[[], int]) -> int:
        """`demand` counts tasks at work and waiting; `cap` is asked only before growing."""
        demand = max(self.least, min(demand, self.most))
        if demand >= self.wanted:
            self._calm_since = None
            if demand > self.wanted:
                self.wanted = max(self.wanted, min(demand, cap()))
        elif self._calm_since is None:
            self._calm_since = now
        elif now - self._calm_since >= self.idle_s:
            self.wanted -= 1
        return self.wanted


class Memory:
    """How many more workers fit. Remembers the largest that it saw, children included."""

    def __init__(self, worker_mb: int = 0, available_mb: Callable[[], float] | None = None) -> None:
        self._settled_mb = worker_mb
        self._largest_mb = 1.0
        self._available_mb = available_mb or free_mb

    def room_for(self, workers: Iterable[int]) -> int:
        """`workers` are the process ids of those that there are."""
        if not self._settled_mb:
            self._largest_mb = max([self._largest_mb, *map(tree_mb, workers)])
        each_mb = self._settled_mb or self._largest_mb
        return max(0, int((self._available_mb() - SPARE_MB) // each_mb))


def tree_mb(pid: int) -> float:
    """Resident memory of a process and all below it; 0: it is gone."""
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += member.memory_info().rss
    return total / MB


def free_mb() -> float:
    """What the machine has left, or the container that we are in."""
    left = psutil.virtual_memory().available / MB
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        stat = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        left = min(left, (limit - used + int(stat["inactive_file"])) / MB)
    return left
