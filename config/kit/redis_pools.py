"""Connections to Redis: one sized pool for each use. Only an installation with Redis imports this:
the client takes half a second of each start."""

import functools
import queue
import threading
import time
from typing import Any

from django.conf import settings
from redis import Redis
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

from config.kit.redis_address import HEALTH_S, REST_S, RETRIES, WAIT_S, address

LEAST_MB = 32


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


class CachePool:
    """What django-redis asks for its connections."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def connect(self, url: str) -> Redis:
        return client("cache")

    def disconnect(self, connection: Redis) -> None:
        """The pool is the process's, not the request's."""


def trouble_at(url: str) -> str:
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
