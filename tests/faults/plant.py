"""A whole production: four clusters on a stack of their own, and videos that must come through."""

import json
import os
import signal
import subprocess
from datetime import datetime
from pathlib import Path

import psutil

from tests.faults import outcome
from tests.faults.program import GO, READY
from tests.processes import Installation, until
from tests.stack import Stack

CLUSTERS = ("ai", "render", "publish", "batch")
SIZES = {
    "WORKERS_AI": "1..2",
    "WORKERS_RENDER": "1..1",
    "WORKERS_PUBLISH": "1..1",
    "WORKERS_BATCH": "1..1",
    "PGBOUNCER_POOL": "10",
    "PGBOUNCER_RESERVE": "10",
    "SINGLE_HOST": "1",
}
PROGRAM = ("-m", "tests.faults.program")
STARTS_WITHIN_S, STOPS_WITHIN_S = 120, 60
CLOCK = Path(__file__).parent / "clock"


def _words(process: psutil.Process) -> str:
    """Its command; of one that has just ended, nothing."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _wrong_clock(shift: str) -> tuple[str, ...]:
    fixed = ("FAKETIME_DONT_FAKE_MONOTONIC=1", f"PYTHONPATH={CLOCK}")
    return ("env", *fixed, "faketime", "-f", shift)


def _by_age(processes: list[psutil.Process]) -> list[psutil.Process]:
    return sorted(processes, key=lambda one: (one.create_time(), one.pid))


class Plant:
    def __init__(self, stack: Stack, folder: Path, run_dir: Path) -> None:
        self.stack = stack
        folder.mkdir()
        url = stack.postgres.new_database()
        self.installation = Installation(folder, run_dir=run_dir, database_url=url)
        self.installation.env |= SIZES | {"REDIS_URL": stack.redis.url}
        self.clusters: dict[str, subprocess.Popen[bytes]] = {}
        self.ask = self.installation.ask

    def start(self, *names: str, clock: str = "") -> None:
        """`clock`: how wrong theirs is, as faketime reads it."""
        started, under = names or CLUSTERS, _wrong_clock(clock) if clock else ()
        for name in started:
            self.clusters[name] = self.installation.start(*PROGRAM, "qscale", name, under=under)
        until(
            lambda: self.alive() >= set(started),
            within_s=STARTS_WITHIN_S,
            what=f"every cluster beats: {self.installation.log()[-1500:]}",
        )

    def alive(self) -> set[str]:
        """Clusters that have beaten since they were asked for, by the processes that run now."""
        asked = "SELECT cluster, pid FROM kit_clusterbeat WHERE beat_at > now() - interval '20 s'"
        return {cluster for cluster, pid in self.ask(asked) if psutil.pid_exists(pid)}

    def order(self) -> None:
        told = self._result(self.installation.start(*PROGRAM, "order", stdout=subprocess.PIPE))
        assert told == "", told

    def reapers(self, count: int) -> list[subprocess.Popen[bytes]]:
        """Processes that reap once they are told to go."""
        found = [
            self.installation.start(*PROGRAM, "reap", stdout=subprocess.PIPE) for _ in range(count)
        ]
        ready = lambda: len(list(self.installation.folder.glob(f"{READY}-*"))) == count  # noqa: E731
        until(ready, within_s=STARTS_WITHIN_S, what="the reapers are ready")
        return found

    def reap(self, reapers: list[subprocess.Popen[bytes]]) -> list[int]:
        (self.installation.folder / GO).touch()
        return [int(self._result(reaper)) for reaper in reapers]

    def _result(self, process: subprocess.Popen[bytes]) -> str:
        told, _ = process.communicate(timeout=STARTS_WITHIN_S)
        assert process.returncode == 0, self.installation.log()[-3000:]
        return told.decode()

    def runs(self, stage: str) -> bool:
        """Whether a worker is at this stage and has begun to make something."""
        asked = "SELECT 1 FROM videos_stagerun WHERE stage = ? AND state = 'running'"
        return bool(self.ask(asked + " AND fraction > 0", stage))

    def buys(self) -> bool:
        """Whether something was billed that nobody has settled yet."""
        return len(outcome.bills(self.installation)) > len(
            self.ask("SELECT 1 FROM billing_costentry")
        )

    def members(self, cluster: str) -> list[psutil.Process]:
        """The processes of a cluster, first its main one."""
        below = psutil.Process(self.clusters[cluster].pid).children(recursive=True)
        return [one for one in below if "qscale" in _words(one)]

    def sentinel(self, cluster: str) -> psutil.Process:
        main = self.members(cluster)[0]
        return next(one for one in self.members(cluster) if one.ppid() == main.pid)

    def worker(self, cluster: str) -> psutil.Process:
        """The first one: a sentinel starts it before the monitor and the pusher."""
        return _by_age(self.sentinel(cluster).children())[0]

    def buyer(self) -> psutil.Process:
        """The worker that bought last."""
        return psutil.Process(int(outcome.bills(self.installation)[-1].read_text()))

    def has_lost_an_answer(self) -> bool:
        """Whether something was booked in full, since nobody learnt what became of it."""
        return bool(self.ask("SELECT 1 FROM billing_costentry WHERE kind = 'unknown'"))

    def busy(self, cluster: str) -> psutil.Process:
        """The worker that has children: an encoder, a drawing."""
        sentinel = self.sentinel(cluster)
        return until(
            lambda: next((one for one in sentinel.children() if one.children()), None),
            what=f"a busy worker of {cluster}",
        )

    def poolers(self) -> list[psutil.Process]:
        found = []
        for process in self.clusters.values():
            children = psutil.Process(process.pid).children()
            found += [one for one in children if one.name() == "pgbouncer"]
        return found

    def let_leases_run_out(self) -> None:
        self.installation.tell(
            "UPDATE videos_stagerun SET lease_until = now() - interval '1 s' "
            "WHERE state = 'running'"
        )

    def logged(self) -> tuple[datetime, datetime]:
        """The earliest and the latest moment that a line of the log names."""
        lines = (line for line in self.installation.log().splitlines() if line.startswith("{"))
        times = [datetime.fromisoformat(json.loads(line)["time"]) for line in lines]
        return min(times), max(times)

    def comes_through(self) -> None:
        """All that was ordered is published once, and all that was started lives."""
        outcome.settles(self.installation)
        outcome.nothing_is_lost(self.installation)
        outcome.nothing_is_doubled(self.installation)
        until(
            lambda: self.alive() >= set(self.clusters),
            within_s=STARTS_WITHIN_S,
            what="every cluster still beats",
        )

    def counted_nothing_against_a_run(self) -> None:
        outcome.nothing_stumbled(self.installation)

    def kill(self) -> None:
        for process in self.clusters.values():
            if process.poll() is None:
                for one in psutil.Process(process.pid).children(recursive=True):
                    one.kill()
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(STOPS_WITHIN_S)

    def stop(self) -> None:
        self.kill()
        self.stack.postgres.drop(self.installation.database_url)
