"""Whether anything is lost or doubled while what rooms stand on dies (`rooms --chaos`)."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench import report

CLIENTS, SECONDS, RATE, SEEDS = 30, 60, 3.0, (1, 2, 3)
METHOD = (
    "tests/collab/storm.py, {times} times: two processes of daphne on a Postgres and a Redis of "
    "their own, {clients} clients with Yjs documents in one room, each writing {rate} words a "
    "second for {seconds} s and going on while it is cut off. Connections are aborted without a "
    "close frame, Redis is killed and comes back empty, one server is killed with SIGKILL and "
    "started again, Postgres restarts. Afterwards all must read the same, with each word once; "
    "then all servers are killed, and a client that comes to a new one must read it too. Sums of "
    "the runs; converged_within_s, from the last edit, is the longest."
)


def storm(seed: int) -> dict[str, Any]:
    asked = {"clients": CLIENTS, "seconds": SECONDS, "rate": RATE, "seed": seed}
    options = [word for name, value in asked.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "tests.collab.storm", *options]
    done = subprocess.run(command, cwd=report.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(found, file=sys.stderr, flush=True)
    return found


def main() -> None:
    options = report.options("rooms_chaos", __doc__ or "").parse_args()
    run(options.json)


def run(to: str) -> None:
    runs = [storm(seed) for seed in SEEDS]
    summed = ("edits", "aborts", "joins", "lost", "doubled", "tracebacks")
    figures = {
        "runs": len(runs),
        "clients": CLIENTS,
        **{name: sum(one[name] for one in runs) for name in summed},
        "not_converged": sum(not one["converged"] for one in runs),
        "cold_reload_differs": sum(not one["cold_reload_equal"] for one in runs),
        "converged_within_s": max(one["converged_within_s"] for one in runs),
    }
    method = METHOD.format(times=len(runs), clients=CLIENTS, rate=RATE, seconds=SECONDS)
    report.write("rooms_chaos", figures, method, to)


if __name__ == "__main__":
    main()
