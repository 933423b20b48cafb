"""A stand-in as a program: its options, its first lines, its end."""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from tests.doubles.wire import Server


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def options(module: str, logs: str) -> argparse.ArgumentParser:
    asks = argparse.ArgumentParser(prog=f"python -m {module}")
    asks.add_argument("--port", type=int, default=0, help="0: a free one")
    asks.add_argument("--log", type=Path, required=True, help=logs)
    asks.add_argument("--script", type=Path, help="faults to begin with, as JSON")
    asks.add_argument("--exports", action="store_true", help="print what leads a studio here")
    asks.add_argument(
        "--with-parent", action="store_true", help="end when who started it has ended"
    )
    return asks


def serve(server: Server, told: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Until it is told to end: says first where it listens, and what leads a studio there."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    if told.with_parent:
        threading.Thread(target=_end_without, args=[os.getppid()], daemon=True).start()
    say(json.dumps({"address": server.address, "pid": os.getpid(), "log": str(told.log)}))
    if told.exports:
        for name, value in environment.items():
            say(f"{name}={value}")
        say("")
    server.serve_forever(poll_interval=0.1)


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def _stop(*_: object) -> None:
    raise SystemExit(0)
