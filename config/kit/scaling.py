"""How many workers a cluster should have: by what waits, between its bounds, as memory allows."""

import ctypes
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MB = 2**20
IDLE_S = 10.0  # so long there must be too many workers before one goes
SPARE_MB = 256  # left to everybody else


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


def free_mb(root: Path = Path("/")) -> float:
    """What the machine has left, or the tightest of the containers that we are in."""
    left = float(psutil.virtual_memory().available)
    with suppress(OSError):  # a system without control groups
        for group, names in _groups(root):
            with suppress(OSError, ValueError, KeyError):  # it has no limit (v2: "max")
                left = min(left, _left_in(group, names))
    return left / MB


@dataclass(frozen=True)
class _Names:
    """How a version of control groups calls what we ask for."""

    folder: str
    limit: str
    used: str
    given_back: str  # by the kernel, where memory runs short: pages of files


_V1 = _Names("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_V2 = _Names("", "memory.max", "memory.current", "inactive_file")


def _groups(root: Path) -> Iterator[tuple[Path, _Names]]:
    """Ours and all around it. A container often sees its own group as the topmost one, by whatever
    path the machine calls it: what is not there is passed over by the caller."""
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        names = _V1 if controllers else _V2
        top = root / "sys/fs/cgroup" / names.folder
        inside = [part for part in Path(path).parts if part not in ("/", "..")]
        for depth in range(len(inside), -1, -1):
            yield top.joinpath(*inside[:depth]), names


def _left_in(group: Path, names: _Names) -> float:
    limit = int((group / names.limit).read_text())
    used = int((group / names.used).read_text())
    stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    return limit - used + int(stat[names.given_back])
