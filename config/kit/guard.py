"""Connections to addresses that people wrote: never into our own network, never for long.

requests-hardened resolves the name once, refuses what is no public address, and connects to the
address that it has checked, with the name for TLS: a name that leads elsewhere a moment later
gains nothing. What it leaves to us: one limit on the whole exchange, so that nobody holds a worker
by a byte now and then, and one on the size. Knows no Django.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress, filter_host
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from config.kit.errors import Refused

CONNECT_S, READ_S, WHOLE_S = 5.0, 10.0, 20.0
LONGEST = 2_000
POLL_S = 0.25


@dataclass(frozen=True)
class Policy:
    """`loopback`: this machine itself may be asked; `http`: also without TLS."""

    loopback: bool = False
    http: bool = False
    connect_s: float = CONNECT_S
    read_s: float = READ_S
    whole_s: float = WHOLE_S

    @property
    def schemes(self) -> tuple[str, ...]:
        return ("https", "http") if self.http else ("https",)


class BadAddress(Refused):
    code = "invalid"


class LeadsInwards(Exception):
    """No OSError, which urllib3 would wrap."""


INWARDS = (InvalidIPAddress, LeadsInwards)
BROKEN = (requests.RequestException, HTTPError, OSError, ValueError)


def check(url: str, policy: Policy) -> None:
    """Raises BadAddress for what can't be asked whatever it leads to. Where the name leads is
    looked at when it is asked."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("url: this is no web address.") from None
    if parts.scheme not in policy.schemes or not parts.hostname or port == 0:
        raise BadAddress(f"url: write an address that begins with {policy.schemes[0]}://.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("url: leave user and password out of the address.")
    if len(url) > LONGEST or not url.isascii() or any(mark <= " " for mark in url):
        raise BadAddress(f"url: write at most {LONGEST} plain characters, none of them a space.")


def check_number(url: str, policy: Policy) -> None:
    """Raises BadAddress where a number stands in place of the name and leads inwards: that is seen
    without asking anybody."""
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(OSError, UnicodeError):
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        try:
            found = filter_host(host, 0, allow_loopback=policy.loopback)
            _refuse_old_ranges(found, policy)
        except INWARDS:
            raise BadAddress("url: this address leads into a private network.") from None


def why(error: Exception, policy: Policy, *, is_late: bool) -> str:
    if is_late:
        return f"No whole answer within {policy.whole_s:.0f} s."
    if isinstance(error, requests.ConnectTimeout):
        return f"No connection within {policy.connect_s:.0f} s."
    if isinstance(error, requests.Timeout):
        return f"Nothing was answered for {policy.read_s:.0f} s."
    if isinstance(error, requests.exceptions.SSLError):
        return "Its certificate is not valid for this name, or it speaks no TLS."
    if is_nameless(error):
        return "The name leads to no address."
    return "The connection failed or was closed without an answer."


def is_nameless(error: Exception) -> bool:
    return "resolve" in str(error)


class Deadline:
    """Ends every connection that was opened under it once its time is over, or once `stopping`.

    On duplicates: TLS takes the socket itself over, and ending one of the two ends both.
    """

    def __init__(self, seconds: float, stopping: Callable[[], bool] = lambda: False) -> None:
        self._until = time.monotonic() + seconds
        self._stopping = stopping
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self.has_passed = False

    def __enter__(self) -> "Deadline":
        threading.Thread(target=self._wait, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for one in self._open:
            one.close()

    def watch(self, found: socket.socket) -> socket.socket:
        self._open.append(found.dup())
        if self.has_passed:
            self._pass()
        return found

    def _wait(self) -> None:
        while (left_s := self._until - time.monotonic()) > 0 and not self._stopping():
            if self._ended.wait(min(POLL_S, left_s)):
                return
        self._pass()

    def _pass(self) -> None:
        self.has_passed = True
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


# IPv6's site-local addresses and its IPv4-compatible ones: given up, yet a network may route them
_OLD_RANGES = (ip_network("fec0::/10"), ip_network("::/96"))


def _refuse_old_ranges(host: str, policy: Policy) -> None:
    """`host` is the checked address."""
    found = ip_address(host.strip("[]"))
    is_allowed = policy.loopback and found.is_loopback
    if not is_allowed and any(found in one for one in _OLD_RANGES):
        raise LeadsInwards(found)


@contextlib.contextmanager
def session(policy: Policy, deadline: Deadline) -> Iterator[HTTPSession]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            _refuse_old_ranges(self.host, policy)
            return deadline.watch(super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            _refuse_old_ranges(self.host, policy)
            return deadline.watch(super()._new_conn())

    plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
    secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=policy.loopback,
        never_redirect=True,
        default_timeout=(policy.connect_s, policy.read_s),
    )
    with HTTPSession(config) as found:
        found.trust_env = False  # no proxy, and no password from a .netrc
        adapters: list[Any] = list(found.adapters.values())
        for adapter in adapters:
            adapter.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}
        yield found
