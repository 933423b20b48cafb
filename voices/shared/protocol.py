# SPDX-License-Identifier: MIT
"""A program that answers JSON lines over a Unix socket, one piece of work at a time.

Asked: {"ask": "ping" | "voices" | "say" | "hear", ...}
Answered: {"event": "waiting"}, {"event": "working", "fraction": 0.4}, and at last
{"event": "done", ...} or {"event": "error", "code": "rejected", "message": "..."}, where the code
may also be "unavailable" (try again) or "outdated" (it was set up anew and ends: start it again).
A closed connection cancels what it asked for. The program ends after five idle minutes.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib
import json
import os
import queue
import resource
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import confine

LINE_LIMIT = 4 << 20
NEWS_EVERY_S = 0.5
ENDING_S = 5.0  # from losing its socket to its end
Answer = dict[str, Any]


class Rejected(Exception):
    """What was asked can't be done, now or ever; the message says what to change."""


class Cancelled(Exception):
    """The one who asked has gone."""


@dataclass
class Job:
    """One piece of work: `tell` is called with the finished fraction and raises when it is off."""

    request: dict[str, Any]
    fraction: float = 0.0
    begun: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)
    answer: Answer = field(default_factory=dict)

    def tell(self, fraction: float) -> None:
        self.fraction = min(1.0, fraction)
        if self.cancelled.is_set():
            raise Cancelled


class Engine(Protocol):
    """Made when the first work comes; `asks` holds what it can do beside ping and voices."""

    asks: Mapping[str, Callable[[Job], Answer]]


def run(module: str, assets: Path) -> int:
    """The main function of an engine: bind, go to the background, serve.

    `module.load(assets, threads)` makes the engine. It is imported only after the fork, since the
    libraries of an engine start threads, which a fork would lose.
    """
    asked = _arguments()
    if not (assets / "about.json").exists():
        return _say_no(f"{assets} is not prepared: run bin/setup-voices.")
    os.umask(0o077)
    confine.limit()
    path = Path(asked.socket)
    lock = _alone(path)
    if lock is None:
        return 0  # another one serves already
    listener = _listen(path)
    if asked.background:
        _leave_parent()
    os.pwrite(lock, b"%d" % os.getpid(), 0)
    confine.no_network()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # whoever started us may have blocked some
    with _leaving_at_once(path):
        about = json.loads((assets / "about.json").read_text())
        load = partial(_load, module, assets, asked.threads)
        Server(about, load, listener).serve(asked.idle)
    return 0


@contextmanager
def _leaving_at_once(path: Path) -> Iterator[None]:
    """Ends the process: a library's own end may hang, and would hold the lock of a dead socket."""
    code = 0
    try:
        yield
    except SystemExit:
        pass  # SIGTERM
    except BaseException:
        traceback.print_exc()
        code = 1
    path.unlink(missing_ok=True)
    sys.stderr.flush()
    os._exit(code)


def _load(module: str, assets: Path, threads: int) -> Engine:
    engine: Engine = importlib.import_module(module).load(assets, threads)
    return engine


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--idle", type=float, default=300, help="seconds without work until it ends"
    )
    parser.add_argument(
        "--background", action="store_true", help="return as soon as the socket answers"
    )
    return parser.parse_args()


def _say_no(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _alone(path: Path) -> int | None:
    """Takes the lock of this socket for life; None: another one serves.

    Waits for one that is just ending, and kills one that neither serves nor ends.
    """
    held = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    patient_until = time.monotonic() + ENDING_S
    while not _locked(held):
        if _is_served(path):
            return None
        if time.monotonic() > patient_until:
            _end_holder(held)
            patient_until = time.monotonic() + ENDING_S
        time.sleep(0.05)
    os.ftruncate(held, 0)  # the number of the one before us means nothing now
    return held


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_holder(held: int) -> None:
    number = os.pread(held, 20, 0)
    print(f"ends process {number!r}, which holds the lock and serves nobody", file=sys.stderr)
    if number.isdigit():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(int(number), signal.SIGKILL)


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _listen(path: Path) -> socket.socket:
    """Whoever holds the lock may remove a socket that a killed program left behind."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(64)
    return listener


def _leave_parent() -> None:
    """The starter gets its exit code now; the child belongs to no worker's group or tree."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.nice(5)


class Server:
    """`about` is what prepare.py wrote: name, version, licence, voices, asks."""

    def __init__(
        self, about: dict[str, Any], load: Callable[[], Engine], listener: socket.socket
    ) -> None:
        self.about = about
        self.load = load
        self.listener = listener
        self.engine: Engine | None = None
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.served = 0

    def serve(self, idle_s: float) -> None:
        threading.Thread(target=self._accept, daemon=True).start()
        while True:
            try:
                job = self.jobs.get(timeout=idle_s)
            except queue.Empty:
                return
            if job is None:
                return
            job.answer = self._do(job)
            job.finished.set()

    def _do(self, job: Job) -> Answer:
        job.begun = True
        try:
            job.tell(0.0)
            self.engine = self.engine or self.load()
            answer = self.engine.asks[job.request["ask"]](job)
        except Cancelled:
            return {}
        except Rejected as no:
            return _error("rejected", str(no))
        except (OSError, MemoryError) as trouble:
            return _error("unavailable", f"{type(trouble).__name__}: {trouble}")
        except Exception as fault:
            traceback.print_exc()
            return _error("unavailable", f"a fault in the engine: {fault!r}")
        self.served += 1
        return {"event": "done", "version": self.about["version"], **answer}

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                request = _read_request(connection)
                if request:
                    self._answer(connection, request)
            except OSError:
                return  # gone: what it asked for is cancelled already

    def _answer(self, connection: socket.socket, request: dict[str, Any]) -> None:
        ask, wanted = request.get("ask"), request.get("version")
        if ask == "ping":
            _send(connection, {"event": "done", **self._state()})
        elif ask == "voices":
            _send(connection, {"event": "done", "voices": self.about["voices"]})
        elif ask not in self.about["asks"]:
            _send(connection, _error("rejected", f"this engine knows no {ask!r}"))
        elif wanted and wanted != self.about["version"]:
            _send(connection, _error("outdated", "the engine was set up again"))
            self.jobs.put(None)  # what came before is still done
        else:
            self._follow(connection, Job(request))

    def _follow(self, connection: socket.socket, job: Job) -> None:
        self.jobs.put(job)
        try:
            while not job.finished.wait(NEWS_EVERY_S):
                if _has_gone(connection):
                    return
                news = {"event": "working", "fraction": round(job.fraction, 4)}
                _send(connection, news if job.begun else {"event": "waiting"})
            _send(connection, job.answer)
        finally:
            job.cancelled.set()

    def _state(self) -> Answer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "version": self.about["version"],
            "pid": os.getpid(),
            "loaded": self.engine is not None,
            "served": self.served,
            "peak_mb": round(
                used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1
            ),
            "cpu_s": round(used.ru_utime + used.ru_stime, 3),
        }


def _error(code: str, message: str) -> Answer:
    return {"event": "error", "code": code, "message": message}


def _send(connection: socket.socket, answer: Answer) -> None:
    connection.sendall(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


def _has_gone(connection: socket.socket) -> bool:
    """A reader who closed makes the connection readable and empty."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


def _read_request(connection: socket.socket) -> dict[str, Any]:
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = connection.recv(65536)
        line += piece
        if not piece or len(line) > LINE_LIMIT:
            return {}
    try:
        request = json.loads(line)
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}
