"""An S3 that speaks HTTP (moto's server), and a proxy before it that fails as told.

moto and boto3 take seconds to import, so only who asks for the fixtures does.
"""

import http.client
import importlib
import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from config.kit.stores.address import bucket

HOP = {"connection", "transfer-encoding", "content-length", "server", "date"}


class Bucket:
    """A bucket of a running stand-in; `url` is its MEDIA_S3_URL."""

    def __init__(self, endpoint: str, name: str) -> None:
        self.endpoint, self.name = endpoint, name
        self.client = importlib.import_module("boto3").client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self.client.create_bucket(Bucket=name)

    def url(self, endpoint: str = "", **options: str) -> str:
        asked = {"endpoint": endpoint or self.endpoint, "region": "us-east-1", **options}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
        return f"s3://key:se%2Fcret@{self.name}?{query}"

    def keys(self, prefix: str = "") -> dict[str, int]:
        """Key -> size in bytes."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix
        )
        return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()


@contextmanager
def server() -> Iterator[str]:
    """The endpoint of a stand-in, empty at its start."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for each request
    moto = importlib.import_module("moto.server").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    moto.start()
    host, port = moto.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        moto.stop()


class Faulty:
    """A proxy; `fail(how, times, only)` makes the next requests with that method go wrong.

    how: `500`, `503`, `403` (answers), `cut` (the body ends early), `hang` (no answer for 30 s),
    `other` (other bytes of the same length), `lost` (served, but the answer never comes).
    """

    def __init__(self, endpoint: str) -> None:
        self._behind = endpoint.removeprefix("http://")
        self._plan: list[tuple[str, str]] = []
        self._turn = threading.Lock()
        self.asked: list[tuple[str, str]] = []
        faulty = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                faulty._serve(self)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _any

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Faulty":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, how: str, times: int = 1, only: str = "") -> None:
        with self._turn:
            self._plan += [(how, only)] * times

    def heal(self) -> None:
        with self._turn:
            self._plan.clear()

    def _fault(self, method: str) -> str:
        with self._turn:
            for at, (how, only) in enumerate(self._plan):
                if only in ("", method):
                    del self._plan[at]
                    return how
        return ""

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.asked.append((request.command, request.path))
        how = self._fault(request.command)
        if how == "hang":
            time.sleep(30)
        if how.isdecimal():
            code = {"403": "AccessDenied", "503": "SlowDown"}.get(how, "InternalError")
            _answer(request, int(how), [], f"<Error><Code>{code}</Code></Error>".encode())
            return
        behind = http.client.HTTPConnection(self._behind, timeout=60)
        behind.request(request.command, request.path, body, dict(request.headers))
        answer = behind.getresponse()
        content = answer.read()
        behind.close()
        if how in ("lost", "hang"):
            request.close_connection = True
            return
        if how == "other":
            content = bytes(byte ^ 1 for byte in content)
        head = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP]
        length = answer.getheader("Content-Length") if request.command == "HEAD" else None
        _answer(request, answer.status, head, content, length=length, cut=how == "cut")


def _answer(
    request: BaseHTTPRequestHandler,
    status: int,
    head: list[tuple[str, str]],
    content: bytes,
    *,
    length: str | None = None,
    cut: bool = False,
) -> None:
    request.send_response(status)
    for name, value in head:
        request.send_header(name, value)
    request.send_header("Content-Length", length or str(len(content)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(content[: len(content) // 2] if cut else content)
    if cut:
        request.close_connection = True


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with server() as found:
        yield found


@pytest.fixture
def s3(s3_endpoint, request, settings) -> Bucket:
    """A bucket of this test's own, and this process set to use it."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-")
    made = Bucket(s3_endpoint, f"{name}-{os.getpid()}")
    settings.MEDIA_S3 = bucket(made.url())
    return made


@pytest.fixture
def faulty(s3, settings) -> Iterator[Faulty]:
    """The same bucket, but what is asked of it goes through a proxy that fails as told."""
    with Faulty(s3.endpoint) as proxy:
        settings.MEDIA_S3 = bucket(s3.url(proxy.endpoint))
        yield proxy
