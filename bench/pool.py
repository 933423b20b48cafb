"""What the pool costs and holds: many clients through pgbouncer beside direct connections."""

import contextlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from bench import report
from config.env import inherited
from config.pgbouncer import Pooler
from config.pgbouncer_ini import Plan
from tests import stack as stacks

SECONDS = 15.0
ROUNDS = 2
CLIENTS = (200, 500, 1000, 2000)
DIRECT = 200
PROCESSES = 4  # of clients
PLAN = Plan(pool=50, reserve=150, session=5, wait_s=8, recycle_s=1800)  # the web's wait
METHOD = (
    "Postgres and pgbouncer from Debian's packages on this machine, pgbouncer as "
    "bin/with-pgbouncer sets it up: 50 connections and 150 in reserve, 200 at most. Clients are "
    "greenlets in {processes} processes, each with a Django connection of its own, all connected "
    "before the clock starts; a transaction is a read and an update of a row of the client's own "
    "through the ORM, for {seconds:.0f} s. pooled: {clients} clients through pgbouncer, which "
    "fail when they have waited {wait} s for a connection, as in the web; "
    "direct: {direct} connections to Postgres that stay open; unpooled: {direct} clients which "
    "connect directly for each transaction (SCRAM). They take turns, {rounds} times. Server "
    "connections are read from pg_stat_activity ten times a second. Throughput is transactions a "
    "second by wall time."
)


@dataclass
class Run:
    """All rounds of one way to connect."""

    latencies_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failed: int = 0
    errors: list[str] = field(default_factory=list)
    most_connections: int = 0

    @property
    def throughput(self) -> float:
        return len(self.latencies_s) / self.seconds


@contextlib.contextmanager
def watching(postgres: stacks.Postgres, name: str, run: Run) -> Iterator[None]:
    ended = threading.Event()

    def watch() -> None:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        with postgres.admin() as admin:
            while not ended.wait(0.1):
                found = admin.execute(query, [name]).fetchone()[0]
                run.most_connections = max(run.most_connections, found)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def clients(url: str, count: int, run: Run, *, mode: str = "kept") -> None:
    each = count // PROCESSES
    groups = [started(url, first, each, mode) for first in range(0, count, each)]
    for group in groups:
        if group.stdout.readline() != "ready\n":
            raise RuntimeError("the clients did not connect")
    began = time.monotonic()
    for group in groups:
        group.stdin.write("go\n")
        group.stdin.flush()
    told = [json.loads(group.communicate()[0]) for group in groups]
    run.seconds += max(one["ended"] for one in told) - began
    for one in told:
        run.latencies_s += one["latencies_s"]
        run.failed += one["failed"]
        run.errors += one["errors"]


def started(url: str, first: int, count: int, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.pool_clients", *map(str, (first, count, SECONDS, mode))],
        cwd=report.ROOT,
        # a line for each query that an overload makes slow would measure the log
        env=inherited(DATABASE_URL=url, LOG_LEVEL="ERROR", SLOW_QUERY_MS="600000"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def measured() -> dict[str, Run]:
    ways = {f"pooled_{n}": Run() for n in CLIENTS} | {"direct": Run(), "unpooled": Run()}
    with stacks.stack() as stack:
        url = stack.postgres.new_database()
        name = url.rpartition("/")[2]
        pooler = Pooler(url, PLAN)
        pooler.start()
        try:
            for _ in range(ROUNDS):
                for way, run in ways.items():
                    with watching(stack.postgres, name, run):
                        _one(way, run, url, pooler)
                    _wait_for_calm(stack.postgres, name)
        finally:
            pooler.stop()
    return ways


def _one(way: str, run: Run, url: str, pooler: Pooler) -> None:
    if way.startswith("pooled"):
        clients(pooler.url(), int(way.partition("_")[2]), run)
    else:
        clients(url, DIRECT, run, mode=way)
    print(f"{way}: {run.throughput:.0f} a second, {run.failed} failed", file=sys.stderr)


def _wait_for_calm(postgres: stacks.Postgres, name: str) -> None:
    """The direct clients' connections need the room that pgbouncer's idle ones take."""
    with contextlib.suppress(psycopg.Error), postgres.admin() as admin:
        query = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = %s AND state = 'idle'"
        )
        admin.execute(query, [name])
    time.sleep(1)


def main() -> None:
    options = report.options("pool", __doc__ or "").parse_args()
    ways = measured()
    most = ways[f"pooled_{CLIENTS[-1]}"]
    pooled = [ways[f"pooled_{n}"] for n in CLIENTS]
    figures = {
        "clients": CLIENTS[-1],
        "errors": sum(run.failed for run in pooled),
        "max_server_connections": max(run.most_connections for run in pooled),
        "throughput_vs_direct_200": round(most.throughput / ways["direct"].throughput, 3),
        "throughput_vs_unpooled": round(most.throughput / ways["unpooled"].throughput, 3),
        "direct_a_second": round(ways["direct"].throughput),
        "unpooled_a_second": round(ways["unpooled"].throughput),
    }
    for count, run in zip(CLIENTS, pooled, strict=True):
        late = sorted(run.latencies_s)
        figures[f"a_second_{count}"] = round(run.throughput)
        figures[f"latency_ms_p50_{count}"] = round(statistics.median(late) * 1000)
        figures[f"latency_ms_p99_{count}"] = round(late[int(len(late) * 0.99)] * 1000)
    for error in sorted({error for run in pooled for error in run.errors}):
        print(error, file=sys.stderr)
    method = METHOD.format(
        seconds=SECONDS,
        direct=DIRECT,
        wait=PLAN.wait_s,
        processes=PROCESSES,
        rounds=ROUNDS,
        clients=", ".join(map(str, CLIENTS)),
    )
    report.write("pool", figures, method, options.json)


if __name__ == "__main__":
    main()
