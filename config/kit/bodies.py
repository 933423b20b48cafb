"""Bounds a request's body before it is in memory.

Daphne puts a whole body into its queue before Django can refuse it (seen: 400 MB of memory for a
POST of 400 MB). Here what is above the limit is thrown away as it comes, and the application
hears of it in `scope["body_refused"]`; the client that goes on for too long is cut off.
"""

from collections.abc import Callable

from daphne import http_protocol
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from config.kit.access_log import Logged

FILE = 16_000_000  # bytes of a form with a file, or of one piece of an upload
WITH_FILES = (b"multipart/form-data", b"application/offset+octet-stream")
PATIENCE = 100_000_000  # bytes thrown away, so that a browser gets the answer instead of a reset
CUT = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
Ask = Callable[[HttpRequest], HttpResponse]


class Bounded(Logged):
    """A request that keeps no more of its body than the limit of its content type."""

    refused = False
    _came = 0

    def gotLength(self, length: int | None) -> None:
        self.refused = length is not None and length > self._most()
        super().gotLength(0 if self.refused else length)

    def handleContentChunk(self, data: bytes) -> None:
        self._came += len(data)
        if self._came > self._most() and not self.refused:
            self.refused = True
            self.content.truncate(0)
        if not self.refused:
            super().handleContentChunk(data)
        elif self._came > PATIENCE:
            self.channel.transport.write(CUT)
            self.channel.loseConnection()

    def _most(self) -> int:
        told = self.requestHeaders.getRawHeaders(b"content-type") or [b""]
        with_file = told[0].lower().startswith(WITH_FILES)
        return FILE if with_file else int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def bound_daphne() -> None:
    """Daphne's factory takes the class by this name for each connection."""
    http_protocol.WebRequest = Bounded


def refuse_too_large(ask: Ask) -> Ask:
    """Middleware; the last, so that the page which says it is drawn like any other."""

    def refusing(request: HttpRequest) -> HttpResponse:
        if getattr(request, "scope", {}).get("body_refused"):
            raise RequestDataTooBig("The body was too large to be kept.")
        return ask(request)

    return refusing
