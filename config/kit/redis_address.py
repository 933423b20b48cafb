"""Where Redis is, and how long it is waited for."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

WAIT_S = 0.5  # for a connection of the pool, to connect, for an answer
REST_S = 3.0  # how long nobody asks after Redis did not answer
HEALTH_S = 30  # a connection that was idle for longer is tried first
RETRIES = 2  # of a connection that broke; what timed out is not repeated
URL_OPTIONS = {"ssl_cert_reqs", "ssl_ca_certs"}
TOLD = "write redis://user:password@host:6379/0, or rediss:// with TLS"


@dataclass(frozen=True)
class Address:
    url: str
    place: str  # host:port, to be told


def address(url: str, name: str = "REDIS_URL") -> Address:
    """Raises SystemExit with the sentence that says what to write instead.

    `?ssl_cert_reqs=none` trusts whatever certificate a rediss:// server shows (self-signed ones);
    `?ssl_ca_certs=/path` trusts those of a file.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 6379
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:  # its words may hold a part of the password
        raise SystemExit(f"{name} can't be read: {TOLD}.") from None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise SystemExit(f"{name} can't be read: {TOLD}.")
    if parts.path not in ("", "/") and not parts.path[1:].isdecimal():
        raise SystemExit(f"{name}: {parts.path[1:]!r} is no number of a database: {TOLD}.")
    if strange := set(query) - URL_OPTIONS:
        raise SystemExit(f"{name}: {min(strange)} is not known; {', '.join(sorted(URL_OPTIONS))}.")
    if query and parts.scheme == "redis":
        raise SystemExit(f"{name}: {min(query)} needs rediss://.")
    if query.get("ssl_cert_reqs", "required") not in ("required", "none"):
        raise SystemExit(f"{name}: ssl_cert_reqs is required or none.")
    return Address(url, f"{parts.hostname}:{port}")


def checked(url: str) -> str:
    """The setting REDIS_URL; empty: without Redis. Raises SystemExit as `address` does."""
    return address(url).url if url else ""
