"""What stand-ins do on a connection: answer, wait, look whether the client is gone, reset it."""

import contextlib
import itertools
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GONE_CHECK_S = 0.05
PHRASES = {one.value: one.phrase for one in HTTPStatus}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.numbers = itertools.count(1)
        self.turn = threading.Lock()
        self.at_once = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is nothing to report; a bug of ours is."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle_error(request, client_address)

    @contextlib.contextmanager
    def counted(self) -> Iterator[int]:
        """How many requests are being answered, with this one."""
        with self.turn:
            self.at_once += 1
            count = self.at_once
        try:
            yield count
        finally:
            with self.turn:
                self.at_once -= 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def heads(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def head_of(self, status: int, kind: str, size: int, headers: Mapping[str, str]) -> bytes:
        heads = {
            "Date": self.date_time_string(),
            "Content-Type": kind,
            "Content-Length": str(size),
            **headers,
        }
        told = "".join(f"{name}: {value}\r\n" for name, value in heads.items())
        return f"HTTP/1.1 {status} {PHRASES.get(status, 'Overloaded')}\r\n{told}\r\n".encode()

    def is_gone(self) -> bool:
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.is_gone():
            time.sleep(GONE_CHECK_S)

    def reset(self) -> None:
        self.close_connection = True
        at_once = struct.pack("ii", 1, 0)  # a close with this is a reset
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.rfile.close()
            self.connection.close()

    def log_message(self, *_: Any) -> None:
        pass
