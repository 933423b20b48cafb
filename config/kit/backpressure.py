"""Makes daphne's `send` wait for the client.

Daphne hands every body chunk to Twisted and returns at once, so a slow client's download piles up
in memory (seen: the whole file). Twisted tells a registered producer when its buffer is full; here
the producer is the coroutine that sends. Under another server this changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[..., Awaitable[None]]


class _Pace:
    """Twisted's IPushProducer: paused while the transport's buffer is full."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()

    def pauseProducing(self) -> None:
        self._free.clear()

    def resumeProducing(self) -> None:
        self._free.set()

    def stopProducing(self) -> None:
        self._free.set()

    async def wait(self) -> None:
        await self._free.wait()


def with_backpressure(app: App) -> App:
    async def paced(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        request: Any = next(
            iter(getattr(send, "args", ())), None
        )  # daphne: partial(reply, request)
        if scope["type"] != "http" or not hasattr(request, "registerProducer"):
            await app(scope, receive, send)
            return
        scope["body_refused"] = getattr(request, "refused", False)
        pace = _Pace()
        registered = False

        async def careful(message: Message) -> None:
            nonlocal registered
            streams = message["type"] == "http.response.body" and message.get("more_body", False)
            if streams and not registered:
                request.registerProducer(pace, True)
                registered = True
            elif registered and not streams:
                request.unregisterProducer()
                registered = False
            await send(message)
            if registered:
                await pace.wait()

        await app(scope, receive, careful)

    return paced
