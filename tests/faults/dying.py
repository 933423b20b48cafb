"""A process that is killed (SIGKILL) at one of its steps: before each statement and each file
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
When = Callable[[int, str], bool]
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

    @property
    def end(self) -> str:
        return self.steps[-1] if self.died else "its own end"


def nth(number: int) -> When:
    """Steps count from 0."""
    return lambda at, step: at == number


class after:
    """So many steps after the first of this kind whose address has this in it."""

    def __init__(self, kind: str, of: str, later: int = 0) -> None:
        self._kind, self._of, self._later, self._first = kind, of, later, -1

    def __call__(self, at: int, step: str) -> bool:
        if self._first < 0 and step.startswith(f"{self._kind} ") and self._of in step:
            self._first = at
        return self._first >= 0 and at == self._first + self._later


class Death:
    """Comes when it is told to, whichever thread takes the step."""

    def __init__(self, when: When, told: int) -> None:
        self._when, self._told, self._turn, self._taken = when, told, threading.Lock(), 0

    def step(self, kind: str, about: str = "") -> None:
        with self._turn:
            step = f"{kind} {about}"
            os.write(self._told, f"{step}\n".encode())
            if self._when(self._taken, step):
                os.kill(os.getpid(), signal.SIGKILL)
            self._taken += 1

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


def lived(when: When, act: Callable[[], object]) -> Life:
    """In a process of its own, which dies when it is told to."""
    connections.close_all()
    hears, tells = os.pipe()
    child = os.fork()
    if not child:
        _live(Death(when, tells), act)
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
