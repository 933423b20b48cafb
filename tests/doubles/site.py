"""A web site whose pages answer as a test says, however badly."""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Sent:
    """`pieces` are sent one by one, `pause_s` apart, without a length: perhaps for ever."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    pieces: Iterable[bytes] | None = None
    pause_s: float = 0


@dataclass
class Site:
    url: str = ""
    pages: dict[str, Sent] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def page(self, path: str, body: str | bytes = b"", **more: Any) -> str:
        """Puts a page there; answers its address."""
        content = body.encode() if isinstance(body, str) else body
        self.pages[path] = Sent(content, **more)
        return self.url + path

    def leads(self, path: str, location: str, status: int = 302) -> str:
        return self.page(path, status=status, headers={"Location": location})


@contextlib.contextmanager
def site() -> Iterator[Site]:
    found, ended = Site(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            found.headers.append({k.lower(): v for k, v in self.headers.items()})
            sent = found.pages.get(self.path, Sent(b"nothing here", 404))
            self.send_response(sent.status)
            self.send_header("Content-Type", sent.content_type)
            length = {} if sent.pieces is not None else {"Content-Length": str(len(sent.body))}
            for name, value in {**sent.headers, **length}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self._send(sent)

        def _send(self, sent: Sent) -> None:
            for piece in (sent.body,) if sent.pieces is None else sent.pieces:
                self.wfile.write(piece)
                if ended.is_set():
                    return
                time.sleep(sent.pause_s)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield found
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
