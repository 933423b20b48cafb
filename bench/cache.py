"""What kept answers save and cost: queries of hot pages, a hit beside a plain get, many misses."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import report
from config.env import inherited
from tests import stack as stacks

PROCESSES, THREADS = 5, 10
# what stands where: the store, its database, its Redis
STORES = {
    "redis": (True, True),
    "files": (False, False),
    "table_on_postgres": (True, False),
    "table_on_sqlite": (False, False),
}
METHOD = (
    "A team of 10 channels and 50 finished videos; its owner looks at the home page, the videos "
    "and the channels. Cold: the cache is emptied before; hot: they have looked once. Queries are "
    "counted by Django's client, without the three of each page that say who asks (session, "
    "person, membership), which are never kept: queries_who_asks. Where the store is a table, its "
    "own queries count as hot ones; cold they are queries_to_keep. A hit is the page of 50 videos, "
    "through @cache_result beside a plain cache.get of the same rows, {rounds} rounds in turn, "
    "processor time of the asking process, the median. Misses: {processes} processes with "
    "{threads} threads each ask at once for an answer that takes 0.3 s. The figures without a "
    "suffix are those of Redis 7 on this machine with Postgres; the others are the embedded "
    "default (files), and a table of the database. vs_computed is a hit beside its queries, "
    "pages_cpu the three hot pages beside the cold ones."
)


def measured(store: str, url: str, redis_url: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        environment = inherited(DATABASE_URL=url, REDIS_URL=redis_url, VAR_DIR=folder)
        kind = store.partition("_")[0]
        command = [sys.executable, "-m", "bench.cache_child"]
        options: dict[str, Any] = {"cwd": report.ROOT, "env": environment, "text": True}
        told = subprocess.run(
            [*command, "pages", kind], stdout=subprocess.PIPE, check=True, **options
        )
        found = json.loads(told.stdout)
        found["computations"] = _misses([*command, "misses", kind], Path(folder), options)
    print(f"{store}: {found}", file=sys.stderr)
    return found


def _misses(command: list[str], folder: Path, options: dict[str, Any]) -> int:
    log = folder / "computed"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    started = [
        subprocess.Popen([*command, str(log), str(THREADS)], **pipes, **options)
        for _ in range(PROCESSES)
    ]
    for process in started:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("a process did not start")
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        process.communicate()
    return len(log.read_text().splitlines())


def figures_of(found: dict[str, Any]) -> dict[str, float]:
    hit, who = found["hit"], found["hot"]["who_asks"]
    cold = found["cold"]["shown"]
    hot = found["hot"]["shown"] + found["hot"]["of_the_store"]
    return {
        "queries_cold": cold,
        "queries_hot": hot,
        "queries_fewer": round(cold / max(1, hot), 1),
        "queries_who_asks": who,
        "queries_fewer_with_who_asks": round((cold + who) / (hot + who), 1),
        "queries_to_keep": found["cold"]["of_the_store"],
        "computations_under_50_misses": found["computations"],
        "hit_cpu_vs_plain_get": round(hit["kept"] / hit["plain"], 2),
        "hit_cpu_us": round(hit["kept"]),
        "hit_cpu_vs_computed": round(hit["kept"] / hit["computed"], 3),
        "pages_cpu_hot_vs_cold": round(found["cpu_ms_hot"] / found["cpu_ms_cold"], 3),
    }


def main() -> None:
    options = report.options("cache", __doc__ or "").parse_args()
    figures: dict[str, float] = {}
    with stacks.stack() as stack:
        for store, (on_postgres, with_redis) in STORES.items():
            url = stack.postgres.new_database() if on_postgres else ""
            found = measured(store, url, stack.redis.url if with_redis else "")
            suffix = "" if store == "redis" else f"_{store}"
            figures |= {f"{name}{suffix}": value for name, value in figures_of(found).items()}
    method = METHOD.format(rounds=9, processes=PROCESSES, threads=THREADS)
    report.write("cache", figures, method, options.json)


if __name__ == "__main__":
    main()
