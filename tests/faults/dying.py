"""A process that is killed (SIGKILL) at the nth of its steps: before each statement and each file
that it puts in its place, and around each request to a vendor. All are counted from outside of the
product: by Django's wrapper, by the audit of the interpreter, by the trace of the HTTP client."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from django.db import connection, connections

STATEMENT, FILE = "statement", "file"
SENDING, SENT, ANSWERED, READ = "sending", "sent", "answered", "read"
TRACED = {
    "http11.send_request_headers.started": SENDING,
    "http11.send_request_body.complete": SENT,
    "http11.receive_response_headers.complete": ANSWERED,
    "http11.receive_response_body.complete": READ,
}
PLACING = ("os.rename", "os.link")
NEVER = -1
MOST_BYTES = 1 << 20  # of what a process tells of its steps


@dataclass(frozen=True)
class Life:
    """The steps that a process came to, and whether it died before the last of them."""

    steps: tuple[str, ...]
    died: bool

    @property
    def sent(self) -> int:
        """Requests that left it in whole."""
        return sum(step.startswith(SENT) for step in self.steps)

    def first(self, kind: str, of: str = "") -> int:
        """Which of its steps is the first of this kind, about something that is named so."""
        return next(at for at, one in enumerate(self.steps) if one.startswith(kind) and of in one)


class Death:
    """Comes at the nth step of this process, whichever thread takes it."""

    def __init__(self, at: int, told: int) -> None:
        self._left, self._told, self._turn = at, told, threading.Lock()

    def step(self, kind: str, about: str = "") -> None:
        with self._turn:
            os.write(self._told, f"{kind} {about}\n".encode())
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
            self._left -= 1

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.step(STATEMENT, " ".join(sql.split()[:3]))
        return execute(sql, params, many, context)

    def audit(self, event: str, _: Any) -> None:
        if event in PLACING:
            self.step(FILE, event)

    def request(self, request: httpx2.Request) -> None:
        def trace(event: str, _: Any) -> None:
            if event in TRACED:
                self.step(TRACED[event], f"{request.method} {request.url.path}")

        request.extensions["trace"] = trace


def lived(at: int, act: Callable[[], object]) -> Life:
    """In a process of its own, which dies at the nth of its steps; at NEVER it lives."""
    connections.close_all()
    hears, tells = os.pipe()
    child = os.fork()
    if not child:
        _live(Death(at, tells), act)
    os.close(tells)
    with open(hears, "rb") as told:
        steps = tuple(told.read(MOST_BYTES).decode().splitlines())
    _, status = os.waitpid(child, 0)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert died or os.waitstatus_to_exitcode(status) == 0
    return Life(steps, died)


def _live(death: Death, act: Callable[[], object]) -> None:
    """Does not come back."""
    code = 1
    try:
        sys.addaudithook(death.audit)
        _watch_requests(death)
        with connection.execute_wrapper(death.statement):
            act()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _watch_requests(death: Death) -> None:
    """Of every client of this process."""
    send = httpx2.HTTPTransport.handle_request

    def handle_request(self: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        death.request(request)
        return send(self, request)

    httpx2.HTTPTransport.handle_request = handle_request  # type: ignore[method-assign]
