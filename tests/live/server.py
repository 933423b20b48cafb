"""A real daphne on the database of the tests, and clients that speak with it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from teams.models import User
from tests.processes import ROOT, until
from tests.stack import free_port


def database_url() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{Path(told['NAME']).resolve()}"
    place = f"host={quote(told['HOST'], safe='')}&port={told['PORT']}"  # of a pgbouncer's socket
    return f"postgres://{told['USER']}:{told['PASSWORD']}@/{told['NAME']}?{place}"


class Server:
    """`HANDSHAKES_PER_ADDRESS` is large unless said: all of a test come from one address."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.env = {
            **os.environ,
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "PUBLIC_URL": self.address,
            "HANDSHAKES_PER_ADDRESS": "10000",
            "SOCKETS_PER_USER": "1000",
            "LOG_FORMAT": "line",
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        flags = ["--websocket-max-message-size", "262144", "--websocket-max-frame-size", "262144"]
        where = ["-b", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "daphne", *where, *flags, "config.asgi:application"],
            cwd=ROOT,
            env=self.env,
            stdout=(self.folder / "web.log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        until(self.answers, what="the server answers")

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def log(self) -> str:
        return (self.folder / "web.log").read_text(errors="replace")

    def open(self, who: User | None = None, **options: Any) -> "Socket":
        """As the browser of a person."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session_of(who)}"
        origin = options.pop("origin", self.address)
        return Socket(self, origin=origin, additional_headers=headers, **options)

    def post(self, path: str, session: str, **fields: str) -> httpx.Response:
        """As a form of a page sends it."""
        csrf = "a" * 32
        cookies = {settings.SESSION_COOKIE_NAME: session, "csrftoken": csrf}
        fields["csrfmiddlewaretoken"] = csrf
        return httpx.post(self.address + path, data=fields, cookies=cookies, timeout=20)

    def get(self, path: str, secret: str = "", **headers: str) -> httpx.Response:
        shown = {"Authorization": f"Bearer {secret}"} if secret else {}
        return httpx.get(self.address + path, headers={**shown, **headers}, timeout=20)


def session_of(who: User) -> str:
    client = Client()
    client.force_login(who)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def end_session(key: str) -> None:
    SessionStore(key).delete()


class Socket:
    """A client that acks what it reads, unless told otherwise."""

    def __init__(self, server: Server, path: str = "/ws/feed/", **options: Any) -> None:
        self.acks = options.pop("acks", True)
        address = f"ws://127.0.0.1:{server.port}{path}"
        self._open = contextlib.ExitStack()
        opening = connect(
            address, open_timeout=20, close_timeout=2, compression=None, proxy=None, **options
        )
        self.line: ClientConnection = self._open.enter_context(opening)

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            self._open.close()

    def say(self, **message: Any) -> None:
        self.line.send(json.dumps(message))

    def next(self, within_s: float = 10) -> dict[str, Any]:
        """Raises TimeoutError, ConnectionClosed."""
        told: dict[str, Any] = json.loads(self.line.recv(timeout=within_s))
        if self.acks:
            self.say(type="ack", n=told["n"])
        return told

    def until(self, kind: str, within_s: float = 10) -> dict[str, Any]:
        """The next frame of that type; those before it are thrown away."""
        ends = time.monotonic() + within_s
        while True:
            told = self.next(max(0.01, ends - time.monotonic()))
            if told["type"] == kind:
                return told

    def follow(self, topic: str, id_: int | None = None, **more: Any) -> dict[str, Any]:
        """Subscribes, and answers what the server said to it."""
        about = {} if id_ is None else {"id": id_}
        self.say(type="subscribe", topic=topic, **about, **more)
        while (told := self.next())["type"] not in ("snapshot", "subscribed", "refused"):
            pass
        return told

    def events(self, count: int, within_s: float = 10) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += self.until("events", within_s)["events"]
        return found

    def is_quiet(self, for_s: float = 1.0) -> bool:
        try:
            told = self.next(for_s)
        except TimeoutError:
            return True
        return bool(told["type"] == "progress")

    def closed_with(self, within_s: float = 10) -> int:
        """The code with which the server closes."""
        try:
            while True:
                self.next(within_s)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@contextlib.contextmanager
def running(folder: Path, **more: str) -> Iterator[Server]:
    server = Server(folder, **more)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def kinds(events: list[Mapping[str, Any]]) -> list[str]:
    return [str(one["kind"]) for one in events]
