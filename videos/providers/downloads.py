"""Files that a vendor's answer links to: from its own hosts alone, bounded, redirects checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2

from config.kit.errors import Rejected, VendorTrouble
from config.kit.vendors import Account
from videos.providers import calling
from videos.shots import Ordered

HOPS = 3
MOST_BYTES = 200_000_000
REDIRECTS = (301, 302, 303, 307, 308)


class Gone(Rejected):
    """It lay there once, and does not any more."""


@dataclass(frozen=True)
class Place:
    """Where a vendor keeps its files: these hosts by TLS, and the server that is asked itself."""

    vendor: str
    account: Account
    hosts: tuple[str, ...]

    def check(self, url: str) -> None:
        """Raises Rejected."""
        try:
            parts, own = urlsplit(url), urlsplit(self.account.base_url)
            is_own = (parts.scheme, parts.hostname, parts.port) == (
                own.scheme,
                own.hostname,
                own.port,
            )
        except ValueError:
            raise Rejected(f"{self.vendor} sends a link that is none.") from None
        host = parts.hostname or ""
        known = any(host == one or host.endswith(f".{one}") for one in self.hosts)
        is_safe = parts.scheme == "https" and parts.port in (None, 443) and not parts.username
        if not is_own and not (known and is_safe):
            raise Rejected(
                f"{self.vendor} sends a link to {host or 'nowhere'}, which is no host of its own: "
                "nothing was fetched."
            )


def fetch(url: str, into: Path, place: Place, order: Ordered) -> None:
    """Raises Unavailable, Rejected (Gone where the vendor no longer has it)."""

    try:
        calling.waited(lambda: _follow(url, into, place), stopping=order.stopping, beat=order.beat)
    except httpx2.HTTPError as error:
        raise VendorTrouble(f"A file of {place.vendor} can't be fetched now.") from error


def _follow(url: str, into: Path, place: Place) -> None:
    with calling.session() as client:
        for _ in range(HOPS + 1):
            place.check(url)
            with client.stream("GET", url) as answer:
                if answer.status_code in REDIRECTS:
                    url = _led(url, answer.headers.get("location", ""))
                    continue
                _refuse_status(answer.status_code, answer.headers, place.vendor)
                _write(answer, into, place.vendor)
                return
    raise Rejected(f"A link of {place.vendor} leads from one place to the next.")


def _led(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _refuse_status(status: int, headers: Mapping[str, str], vendor: str) -> None:
    if status in (404, 410):
        raise Gone(f"{vendor} no longer has this file.")
    if status != 200:
        wait_s = calling.retry_after_s(headers)
        raise VendorTrouble(f"{vendor} does not hand out a file ({status}).", retry_after_s=wait_s)


def _write(answer: httpx2.Response, into: Path, vendor: str) -> None:
    size, told = 0, answer.headers.get("content-length", "")
    with into.open("wb") as file:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > MOST_BYTES:
                raise Rejected(f"{vendor} sends more than {MOST_BYTES // 1_000_000} MB.")
            file.write(chunk)
    if told.isdecimal() and "content-encoding" not in answer.headers and size != int(told):
        raise VendorTrouble(f"A file of {vendor} came only in part.")
