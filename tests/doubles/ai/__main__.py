"""`python -m tests.doubles.ai --port 0 --log FILE [--script FILE] [--seed N] [--vary 0.3]`.

Prints one line of JSON with its address when it listens; with --exports, then NAME=value lines that
lead a studio to it, and an empty line.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tests.doubles.ai import faults
from tests.doubles.ai.client import environment
from tests.doubles.ai.log import Log
from tests.doubles.ai.server import Server
from tests.doubles.ai.state import State


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def stop(*_: object) -> None:
    raise SystemExit(0)


def main() -> None:
    asks = argparse.ArgumentParser(prog="python -m tests.doubles.ai")
    asks.add_argument("--port", type=int, default=0, help="0: a free one")
    asks.add_argument("--log", type=Path, required=True, help="what it bills, a line a request")
    asks.add_argument("--script", type=Path, help="faults to begin with, as JSON")
    asks.add_argument("--seed", type=int, default=0, help="other answers, other usage")
    asks.add_argument("--vary", type=float, default=0, help="how far usage strays: 0.3 is 30 %%")
    asks.add_argument("--job-seconds", type=float, default=0.5, help="how long a job takes")
    asks.add_argument("--exports", action="store_true", help="print what leads a studio here")
    asks.add_argument(
        "--with-parent", action="store_true", help="end when who started it has ended"
    )
    told = asks.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server = Server(told.port, Log(told.log), State(told.seed, told.vary, told.job_seconds))
    if told.script:
        server.script.add(faults.read(json.loads(told.script.read_text())))
    if told.with_parent:
        threading.Thread(target=end_without, args=[os.getppid()], daemon=True).start()
    say(json.dumps({"address": server.address, "pid": os.getpid(), "log": str(told.log)}))
    if told.exports:
        for name, value in environment(server.address).items():
            say(f"{name}={value}")
        say("")
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
