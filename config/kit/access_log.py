"""Daphne's access log as log lines of ours, with the ids of each request.

Daphne sees what Django does not: bytes and seconds of a streamed answer, sockets, what it refuses
itself. So its log stays the access log, and the ids are handed to it on the Twisted request.
"""

import logging
from collections.abc import Mapping
from typing import Any

from daphne import cli, http_protocol

from config.kit import logs
from config.kit.backpressure import App, Receive, Send

log = logging.getLogger("showrunner.access")
PROBES = ("/healthz", "/readyz", "/metrics")
_SOCKETS = {
    "connecting": "asks for a socket",
    "rejected": "was refused a socket",
    "connected": "opened a socket",
    "disconnected": "closed a socket",
}


class Logged(http_protocol.WebRequest):
    """A request that remembers its unit's ids; the middleware fills them in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.ids: dict[str, logs.Id] = {}
        super().__init__(*args, **kwargs)

    def handle_reply(self, message: Mapping[str, Any]) -> None:
        with logs.running(logs.Unit(self.ids)):
            super().handle_reply(message)


def with_ids(app: App) -> App:
    """The outermost application: it alone is given daphne's own `send`."""

    async def told(scope: Any, receive: Receive, send: Send) -> None:
        request = next(iter(getattr(send, "args", ())), None)  # daphne: partial(reply, request)
        scope["ids"] = request.ids if isinstance(request, Logged) else {}
        await app(scope, receive, send)

    return told


class AccessLog:
    """In place of daphne's AccessLogGenerator. Paths come without query and secrets."""

    def __init__(self, stream: object) -> None:
        pass  # where lines go is for LOGGING to say

    def __call__(self, protocol: str, action: str, details: Mapping[str, Any]) -> None:
        path = logs.scrubbed(str(details.get("path", "")).partition("?")[0])
        client = details.get("client") or "-"
        if protocol == "websocket":
            told = _SOCKETS.get(action, action)
            log.info("%s %s at %s", client, told, path, extra={"path": path, "client": client})
        elif action == "complete":
            self._request(path, client, details)

    def _request(self, path: str, client: str, details: Mapping[str, Any]) -> None:
        method, status, size = details["method"], details["status"], details["size"]
        took_ms = round(details["time_taken"] * 1000)
        quiet = path in PROBES and status < 400
        log.log(
            logging.DEBUG if quiet else logging.INFO,
            "%s %s %s, %s bytes in %s ms",
            *(method, path, status, size, took_ms),
            extra={
                "method": method,
                "path": path,
                "status": status,
                "bytes": size,
                "ms": took_ms,
                "client": client,
            },
        )


def take_over_daphne() -> None:
    """Daphne's command takes the class by this name, after it has loaded the application."""
    cli.AccessLogGenerator = AccessLog
