"""Redis: its address, and one sized pool for each use of it.

Nothing that must not be lost lives there: what is kept can be asked for anew, news are in the
journal. So every call has a short time-out, and where Redis does not answer, a pool lets it rest
for some seconds instead of making each request wait.
"""

import functools
import queue
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from redis import Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.connection import BlockingConnectionPool
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

WAIT_S = 0.5  # for a connection of the pool, to connect, for an answer
REST_S = 3.0  # how long nobody asks after Redis did not answer
HEALTH_S = 30  # a connection that was idle for longer is tried first
RETRIES = 2  # of a connection that broke; what timed out is not repeated
LEAST_MB = 32
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


class Pool(BlockingConnectionPool):
    """Says at once that Redis is away while it rests: a request must not wait for it many times."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.rests_until = 0.0
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.rests_until:
            raise ConnectionError("Redis did not answer a moment ago")
        try:
            return super().get_connection(*args, **kwargs)  # type: ignore[no-untyped-call]
        except (ConnectionError, TimeoutError) as error:
            if not isinstance(error.__context__, queue.Empty):  # all are in use: it does answer
                self.rests_until = time.monotonic() + REST_S
            raise


_lock = threading.Lock()


def pool(use: str) -> Pool:
    """The connections of this process for one use: what floods one leaves the others alone."""
    with _lock:
        return _pool(use, settings.REDIS_URL, settings.REDIS_POOL)


@functools.cache
def _pool(use: str, url: str, connections: int) -> Pool:
    return Pool.from_url(
        url,
        max_connections=connections,
        timeout=WAIT_S,
        socket_timeout=WAIT_S,
        socket_connect_timeout=WAIT_S,
        socket_keepalive=True,
        health_check_interval=HEALTH_S,
        client_name=f"showrunner-{use}",
        retry=Retry(ExponentialBackoff(cap=0.1, base=0.02), RETRIES, (ConnectionError,)),
    )


def client(use: str) -> Redis:
    return Redis(connection_pool=pool(use))


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
    host = {
        "address": url,
        "max_connections": LAYER_CONNECTIONS,
        "socket_timeout": 2 * WAIT_S,
        "socket_connect_timeout": 2 * WAIT_S,
        "socket_keepalive": True,
        "health_check_interval": HEALTH_S,
        "client_name": "showrunner-layer",
        "retry": AsyncRetry(ExponentialBackoff(cap=0.5, base=0.05), RETRIES),
    }
    config = {"hosts": [host], "prefix": f"{prefix}:live:"}
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": config}}


def group_channel(topic: str) -> str:
    """Where that layer publishes what is sent to a group."""
    return f"{settings.REDIS_PREFIX}:live:__group__{topic}"


class CachePool:
    """What django-redis asks for its connections."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def connect(self, url: str) -> Redis:
        return client("cache")

    def disconnect(self, connection: Redis) -> None:
        """The pool is the process's, not the request's."""


def trouble(url: str) -> str:
    """What is wrong with the Redis at this address, and what to do; empty: nothing is."""
    where = address(url)
    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as asked:
            return _short_of_memory(asked)
    except AuthenticationError:
        return f"REDIS_URL: Redis at {where.place} refuses this user and password."
    except ResponseError as error:
        return f"REDIS_URL: Redis at {where.place} refuses what we ask: {error}."
    except (RedisError, OSError) as error:
        return f"REDIS_URL: no Redis answers at {where.place}: {error}."


def _short_of_memory(asked: Redis) -> str:
    told = asked.info("memory")
    limit, policy = int(told.get("maxmemory", 0)), told.get("maxmemory_policy", "")
    if limit and limit < LEAST_MB * 2**20:
        return (
            f"REDIS_URL: Redis may use {limit // 2**20} MB only: "
            f"set its maxmemory to {LEAST_MB} MB or more."
        )
    if limit and policy == "noeviction":
        return (
            "REDIS_URL: once it is full, this Redis refuses to keep anything new: "
            "set its maxmemory-policy to allkeys-lru."
        )
    return ""
