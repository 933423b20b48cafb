"""Redis: its address, its keys, and a client for each use of it.

Nothing that must not be lost lives there: what is kept can be asked for anew, news are in the
journal. So every call has a short time-out, and where Redis does not answer, a pool lets it rest
for some seconds instead of making each request wait.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from redis import Redis

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


def client(use: str) -> "Redis":
    """With the connections of this process for one use."""
    from config.kit.redis_pools import client  # noqa: PLC0415 - see there

    return client(use)


def away() -> tuple[type[Exception], ...]:
    """What is raised where Redis does not answer, or not as it should."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - as above

    return (RedisError, OSError)


def key(*parts: object) -> str:
    """Every key of ours begins alike, so that a Redis may serve others too."""
    return ":".join(map(str, (settings.REDIS_PREFIX, *parts)))


LAYER_CONNECTIONS = 8  # of a web process: one that listens, and one for what it sends


def channel_layers(url: str, prefix: str) -> dict[str, dict[str, Any]]:
    """The CHANNEL_LAYERS setting. The other layer of channels_redis keeps messages in lists of a
    hundred and loses the rest; this one holds no state in Redis, which may be killed at any time.
    """
    if not url:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - as above
    from redis.backoff import ExponentialBackoff  # noqa: PLC0415

    host = {
        "address": url,
        "max_connections": LAYER_CONNECTIONS,
        "socket_timeout": 2 * WAIT_S,
        "socket_connect_timeout": 2 * WAIT_S,
        "socket_keepalive": True,
        "health_check_interval": HEALTH_S,
        "client_name": "showrunner-layer",
        "retry": Retry(ExponentialBackoff(cap=0.5, base=0.05), RETRIES),
    }
    config = {"hosts": [host], "prefix": f"{prefix}:live:"}
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": config}}


def group_channel(topic: str) -> str:
    """Where that layer publishes what is sent to a group."""
    return f"{settings.REDIS_PREFIX}:live:__group__{topic}"
