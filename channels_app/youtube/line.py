"""One connection to Google. Each operation on it has a deadline, and so has the whole of an answer:
one that comes a byte at a time would pass the first for ever."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx2

from channels_app.youtube.answers import Said

CONNECT_S = 10.0
MOST_BYTES = 4_000_000
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class NoAnswer(Exception):
    """`was_sent`: something of the request may have reached Google."""

    def __init__(self, why: str, *, was_sent: bool) -> None:
        super().__init__(why)
        self.was_sent = was_sent


class Line:
    """Not for several threads. `answer_s` is how long an answer may take once all is sent, and how
    long one write may."""

    def __init__(self, answer_s: float = 60.0) -> None:
        self._answer_s = answer_s
        self._socket: Any = None
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(answer_s, connect=min(CONNECT_S, answer_s)),
            limits=httpx2.Limits(max_connections=1),
            headers={"Accept-Encoding": "identity", "User-Agent": "showrunner"},
            follow_redirects=False,  # 308 says how much is held, and leads nowhere
        )

    def close(self) -> None:
        self._client.close()

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | Iterable[bytes]
    ) -> Said:
        """The whole answer, whatever it says. Raises NoAnswer."""
        late = threading.Timer(self._answer_s, self._hang_up)
        late.daemon = True
        try:
            with self._client.stream(
                method,
                url,
                headers=headers,
                content=_then(late, content),
                extensions={"trace": self._trace},
            ) as answer:
                heads = {name.lower(): value for name, value in answer.headers.items()}
                return Said(answer.status_code, heads, _bounded(answer))
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            was_sent = not isinstance(error, UNSENT)
            raise NoAnswer(f"{type(error).__name__}: {error}", was_sent=was_sent) from error
        finally:
            late.cancel()

    def _trace(self, event: str, told: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = told["return_value"].get_extra_info("socket")

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _then(late: threading.Timer, content: bytes | Iterable[bytes]) -> Iterator[bytes]:
    """The content; from its end on the answer is waited for."""
    if isinstance(content, bytes):
        if content:
            yield content
    else:
        yield from content
    late.start()


def _bounded(answer: httpx2.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_raw():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise NoAnswer("The answer does not end.", was_sent=True)
    return b"".join(parts)
