"""A word from synchronous code, after its commit, that something has changed.

Nothing depends on it: who follows a topic looks into the database all the same, only later.
"""

from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from config.kit import redis
from config.kit.live import hub

RIGHTS = "rights"  # the topic of: somebody may do something else now, or has signed out


def after_commit(topic: str, **told: Any) -> None:
    def said() -> None:  # Django names it in its log where it fails
        tell(topic, **told)

    transaction.on_commit(said, robust=True)


def tell(topic: str, **told: Any) -> None:
    """To all processes through Redis, or to the listeners of this one."""
    message = {**told, "type": "live", "topic": topic}
    layer: Any = get_channel_layer()
    if not settings.REDIS_URL or not hasattr(layer, "serialize"):
        for found in hub.hubs():
            found.loop.call_soon_threadsafe(found.hear, message)
        return
    # as the layer's group_send does it, which would need a loop and a connection for each call
    channel = redis.group_channel(topic)
    try:
        redis.client("hints").publish(channel, layer.serialize(message))
        hub.counted["pushed"] += 1
    except redis.away():
        hub.counted["dropped"] += 1
