"""Redis: its keys, and a client for each use of it.

Nothing that must not be lost lives there: what is kept can be asked for anew, news are in the
journal. So every call has a short time-out, and where Redis does not answer, a pool lets it rest
for some seconds instead of making each request wait.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from config.kit.redis_address import HEALTH_S, RETRIES, WAIT_S

if TYPE_CHECKING:
    from redis import Redis


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
