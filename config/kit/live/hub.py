"""One subscription a process, however many sockets: what comes is handed to all who listen to it.

A stock consumer subscribes for itself, and each message wakes each socket through the layer; here
the process receives once and calls the listeners. Redis may be away at any time: what is wanted is
compared with what is held until both are the same, and what was missed meanwhile the listeners
find in the database.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from config.kit import logs
from config.kit.live import tasks

Message = dict[str, Any]
Ear = Callable[[Message], None]  # called on the loop: it may not wait

WAIT_S = 1.0
LATER_S = 1.0  # between two tries to subscribe while Redis is away
log = logging.getLogger("showrunner.live")
away = logging.getLogger("showrunner.live.redis")
for _one in (away, logging.getLogger("channels_redis.pubsub")):
    _one.addFilter(logs.NowAndThen("Redis was not there: %s"))
counted: Counter[str] = Counter()  # pushed, dropped; in this process


class Hub:
    def __init__(self) -> None:
        self._ears: dict[str, set[Ear]] = {}
        self._held: set[str] = set()
        self._channel = ""
        self._changed = asyncio.Event()
        self._layer: Any = get_channel_layer()
        self.loop = asyncio.get_running_loop()
        tasks.keep("live hub: receives", self._receive)
        tasks.keep("live hub: subscribes", self._subscribe)

    @property
    def topics(self) -> int:
        return len(self._ears)

    def join(self, topic: str, ear: Ear) -> None:
        self._ears.setdefault(topic, set()).add(ear)
        self._changed.set()

    def leave(self, topic: str, ear: Ear) -> None:
        ears = self._ears.get(topic, set())
        ears.discard(ear)
        if not ears:
            self._ears.pop(topic, None)
        self._changed.set()

    async def send(self, topic: str, message: Message) -> bool:
        """To all processes, this one too. False: it did not go out, and nobody need care."""
        try:
            async with asyncio.timeout(WAIT_S):
                await self._layer.group_send(topic, {**message, "type": "live", "topic": topic})
        except Exception as error:
            counted["dropped"] += 1
            away.warning("%s was not told: %s", topic, error or type(error).__name__)
            return False
        counted["pushed"] += 1
        return True

    def hear(self, message: Message) -> None:
        """Hands a message to those of this process who listen to its topic."""
        for ear in list(self._ears.get(message.get("topic", ""), ())):
            try:
                ear(message)
            except Exception:
                log.exception("a listener to %s failed", message["topic"])

    async def _receive(self) -> None:
        self._channel = await self._layer.new_channel()
        self._held.clear()  # of the channel before
        self._changed.set()
        while True:
            self.hear(await self._layer.receive(self._channel))

    async def _subscribe(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._channel and not await self._reconciled():
                await asyncio.sleep(LATER_S)
                self._changed.set()

    async def _reconciled(self) -> bool:
        for topic in self._ears.keys() ^ self._held:
            wanted = topic in self._ears
            act = self._layer.group_add if wanted else self._layer.group_discard
            try:
                async with asyncio.timeout(WAIT_S):
                    await act(topic, self._channel)
            except Exception as error:
                away.warning("%s is not followed yet: %s", topic, error or type(error).__name__)
                return False
            (self._held.add if wanted else self._held.discard)(topic)
        return True


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """That of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def hubs() -> list[Hub]:
    return [found for found in list(_hubs.values()) if not found.loop.is_closed()]
