"""Tells clients to come back when the server stops.

Daphne drops connections at its end, and its own way of ending applications before that fails where
a connection of HTTP is idle. So Twisted is asked; other servers tell it by themselves.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from config.kit.live.closing import Close

FLUSHED_S = 0.2


def close_before(protocols: Callable[[], Iterable[Any]]) -> None:
    """Before the reactor stops, the protocols of what sockets are open then are closed."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if not getattr(reactor, "running", False):
        return

    def close() -> Any:
        from twisted.internet.task import deferLater  # noqa: PLC0415 - only where it runs already

        for protocol in protocols():
            # the lower door: the upper one takes no code below 3000
            protocol.sendCloseFrame(code=int(Close.RESTART), isReply=False)
        return deferLater(reactor, FLUSHED_S)

    reactor.addSystemEventTrigger("before", "shutdown", close)
