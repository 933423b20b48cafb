"""Requests to addresses that people wrote: never into our own network, never for long.

requests-hardened resolves the name once, refuses what is no public address, and connects to the
address that it has checked, with the name for TLS: a name that leads elsewhere a moment later
gains nothing. What it leaves to us: one limit on the whole exchange, so that nobody holds a worker
by a byte now and then, and one on the size.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from config.kit.errors import Refused, Rejected, Unavailable

CONNECT_S, READ_S = 5.0, 10.0
WHOLE_S = 20.0
AGENT = "Showrunner"
LONGEST = 2_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes  # its beginning
    took_s: float


class BadAddress(Refused):
    code = "invalid"


def check(url: str) -> None:
    """Raises BadAddress for what can't be asked whatever it leads to. Where the name leads is
    looked at when it is asked."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("url: this is no web address.") from None
    schemes = ("https", "http") if settings.OUTBOUND_HTTP else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise BadAddress(f"url: write an address that begins with {schemes[0]}://.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("url: leave user and password out of the address.")
    if len(url) > LONGEST or not url.isascii() or any(mark <= " " for mark in url):
        raise BadAddress(f"url: write at most {LONGEST} plain characters, none of them a space.")


def send(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", most: int = 65_536
) -> Answer:
    """Asks once and follows nothing. Raises Unavailable where no answer came, Rejected where the
    address is none that may be asked."""
    check_now(url)
    began = time.monotonic()
    with _Deadline(WHOLE_S) as deadline, _session(deadline) as session:
        try:
            told = {"User-Agent": AGENT, "Accept-Encoding": "identity", **headers}
            with session.request(method, url, data=body, headers=told, stream=True) as answer:
                found = answer.raw.read(most, decode_content=False)
                took_s = time.monotonic() - began
                return Answer(answer.status_code, dict(answer.headers), found, took_s)
        except (InvalidIPAddress, _LeadsInwards):
            raise Rejected("The address leads into a private network.") from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise Unavailable(_why(error, is_late=deadline.has_passed)) from None


def check_now(url: str) -> None:
    try:
        check(url)
    except BadAddress as refusal:
        raise Rejected(refusal.message) from None


def _why(error: Exception, *, is_late: bool) -> str:
    if is_late:
        return f"No whole answer within {WHOLE_S:.0f} s."
    if isinstance(error, requests.ConnectTimeout):
        return f"No connection within {CONNECT_S:.0f} s."
    if isinstance(error, requests.Timeout):
        return f"Nothing was answered for {READ_S:.0f} s."
    if isinstance(error, requests.exceptions.SSLError):
        return "Its certificate is not valid for this name, or it speaks no TLS."
    if "resolve" in str(error):
        return "The name leads to no address."
    return "The connection failed or was closed without an answer."


class _Deadline:
    """Ends every connection that was opened under it once its time is over.

    On duplicates: TLS takes the socket itself over, and ending one of the two ends both.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._open: list[socket.socket] = []
        self.has_passed = False

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for one in self._open:
            one.close()

    def watch(self, found: socket.socket) -> socket.socket:
        self._open.append(found.dup())
        if self.has_passed:
            self._pass()
        return found

    def _pass(self) -> None:
        self.has_passed = True
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _LeadsInwards(Exception):
    """No OSError, which urllib3 would wrap."""


# IPv6's site-local addresses and its IPv4-compatible ones: given up, yet a network may route them
_OLD_RANGES = (ip_network("fec0::/10"), ip_network("::/96"))


def _refuse_old_ranges(host: str) -> None:
    """`host` is the checked address."""
    found = ip_address(host.strip("[]"))
    is_allowed = settings.OUTBOUND_LOOPBACK and found.is_loopback
    if not is_allowed and any(found in one for one in _OLD_RANGES):
        raise _LeadsInwards(found)


@contextlib.contextmanager
def _session(deadline: _Deadline) -> Iterator[HTTPSession]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            _refuse_old_ranges(self.host)
            return deadline.watch(super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            _refuse_old_ranges(self.host)
            return deadline.watch(super()._new_conn())

    plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
    secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=settings.OUTBOUND_LOOPBACK,
        never_redirect=True,
        default_timeout=(CONNECT_S, READ_S),
    )
    with HTTPSession(config) as session:
        session.trust_env = False  # no proxy, and no password from a .netrc
        adapters: list[Any] = list(session.adapters.values())
        for adapter in adapters:
            adapter.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}
        yield session
