"""Pages of the web, one at a person's request: fetched with care, read in a confined child."""

from __future__ import annotations

import json
import logging
import signal
import socket
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from config.kit import guard
from config.kit.errors import Rejected, Stopped, Unavailable
from videos.contracts import Page, Stop
from videos.media import process
from videos.providers.catalogue import providers
from videos.writing.addresses import canonical
from videos.writing.sources import find_kind

log = logging.getLogger("showrunner.web")
MAX_BYTES = 8_000_000  # after unpacking
MAX_REDIRECTS = 5
PARSE_S, PARSE_MB = 60.0, 1_500
LEAST_LETTERS = 200
CHUNK = 65_536
PORTS = (80, 443, 8080, 8443)
LONGEST_PAUSE_S = 900
_HTML, _PLAIN = "html", "text"
_KINDS: Mapping[str, str] = {
    "text/html": _HTML,
    "application/xhtml+xml": _HTML,
    "text/plain": _PLAIN,
    "text/markdown": _PLAIN,
    "text/x-markdown": _PLAIN,
}
_CLOSED = (401, 402, 403, 407, 451)
_GONE = (404, 410)
_LATER = (408, 425, 429)
_INSTEAD = "Open it in a browser, copy its text and paste that instead."


@dataclass(frozen=True)
class _Came:
    url: str
    content_type: str  # with its parameters
    content: bytes


class Web:
    """`agent` is what servers are told about who asks."""

    name = "source:web"
    version = "1"

    def __init__(self, policy: guard.Policy, agent: str) -> None:
        self._policy = replace(policy, http=True)
        self._agent = agent

    def read(self, url: str, *, room: Path, stopping: Stop) -> Page:
        came = self._fetch(canonical(url), stopping)
        kind = _kind(came)
        found = _parsed(came, kind, room, stopping)
        marked = kind == _HTML or find_kind(found["text"]) == "markdown"
        page = Page(
            **found,
            kind="markdown" if marked else "text",
            url=came.url,
            fetched_at=datetime.now(UTC).isoformat("T", "seconds"),
        )
        if sum(map(str.isalnum, page.text)) < LEAST_LETTERS:
            raise Rejected(
                "There is too little text on this page: it may want a login, or build itself in "
                f"the browser. {_INSTEAD}"
            )
        return page

    def _fetch(self, url: str, stopping: Stop) -> _Came:
        with guard.Deadline(self._policy.whole_s, stopping) as deadline:
            try:
                return self._follow(url, deadline)
            except guard.INWARDS:
                raise Rejected(
                    "This address leads into a private network: give the address of a public page."
                ) from None
            except guard.BROKEN as error:
                if stopping():
                    raise Stopped from None
                raise self._failure(error, url, is_late=deadline.has_passed) from None

    def _follow(self, url: str, deadline: guard.Deadline) -> _Came:
        for _ in range(MAX_REDIRECTS + 1):
            self._check(url)
            found = self._ask(url, deadline)
            if isinstance(found, _Came):
                return found
            url = found
        raise Rejected("This address only leads from one to the next and never to a page.")

    def _check(self, url: str) -> None:
        try:
            guard.check(url, self._policy)
        except guard.BadAddress as refusal:
            raise Rejected(f"This address can't be read: {refusal.message[5:]}") from None
        port = urlsplit(url).port
        if port not in (None, *PORTS) and not self._policy.loopback:
            raise Rejected(f"This address names the port {port}, where no public pages are.")

    def _ask(self, url: str, deadline: guard.Deadline) -> _Came | str:
        """What came, or where it is said to be."""
        headers = {
            "User-Agent": self._agent,
            "Accept": "text/html,application/xhtml+xml,text/markdown;q=0.9,text/plain;q=0.8",
            "Accept-Encoding": "gzip",
        }
        with (
            guard.session(self._policy, deadline) as session,
            session.request("GET", url, headers=headers, stream=True) as answer,
        ):
            location = session.get_redirect_target(answer)
            if location is not None:
                return canonical(urljoin(url, location))
            _judge(answer.status_code, answer.headers, urlsplit(url).hostname or "")
            content_type = answer.headers.get("Content-Type", "")
            _refuse_other_kinds(content_type)
            return _Came(url, content_type, _body(answer, deadline))

    def _failure(self, error: Exception, url: str, *, is_late: bool) -> Rejected | Unavailable:
        host = urlsplit(url).hostname or ""
        cause = error.__cause__
        if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
            return Rejected(f"There is no site called {host[:100]}: check the address.")
        told = guard.why(error, self._policy, is_late=is_late)
        if "certificate" in told:
            return Rejected(f"{host[:100]} can't be read safely. {told}")
        return Unavailable(f"{host[:100]} could not be read. {told}")


def _judge(status: int, headers: Mapping[str, str], host: str) -> None:
    if status in _GONE:
        raise Rejected(f"There is no page at this address ({host[:100]} answered {status}).")
    if status in _CLOSED:
        raise Rejected(f"This page wants a login or is closed to programs ({status}). {_INSTEAD}")
    if status in _LATER or status >= 500:
        raise Unavailable(
            f"{host[:100]} has trouble of its own ({status}).", retry_after_s=_pause_s(headers)
        )
    if status != 200:
        raise Rejected(f"This address does not lead to a page ({host[:100]} answered {status}).")


def _pause_s(headers: Mapping[str, str]) -> float:
    said = headers.get("Retry-After", "")
    return min(float(said), LONGEST_PAUSE_S) if said.isdecimal() and len(said) < 9 else 0


def _refuse_other_kinds(content_type: str) -> None:
    named = content_type.partition(";")[0].strip().lower()
    if named == "application/pdf":
        raise Rejected(
            "This address leads to a PDF, not to a page: save it, and choose the file instead."
        )
    if named and named not in _KINDS:
        raise Rejected(f"This address leads to a file ({named[:60]}), not to a page of text.")


def _kind(came: _Came) -> str:
    """What calls itself plain text, or nothing, may be a page all the same."""
    named = came.content_type.partition(";")[0].strip().lower()
    if b"\x00" in came.content[:1000] and not came.content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Rejected("This address leads to a file that is no text.")
    start = came.content[:1000].lstrip().lower()
    looks_so = start.startswith((b"<!doctype html", b"<html", b"<?xml"))
    return _HTML if looks_so else _KINDS.get(named, _HTML)


def _body(answer: Any, deadline: guard.Deadline) -> bytes:
    unpack = _unpacker(answer.headers.get("Content-Encoding", ""))
    content = bytearray()
    while chunk := answer.raw.read(CHUNK, decode_content=False):
        content += unpack(chunk, MAX_BYTES + 1 - len(content))
        if len(content) > MAX_BYTES:
            raise Rejected(f"This page has more than {MAX_BYTES // 1_000_000} MB. {_INSTEAD}")
    if deadline.has_passed:  # whose end looks like the page's
        raise TimeoutError
    return bytes(content)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Never gives more than it is asked for: a few bytes may unpack to gigabytes."""
    if encoding.strip().lower() in {"", "identity"}:
        return lambda chunk, most: chunk[:most]
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        raise Rejected(f"This page came packed as {encoding[:20]}, which nobody asked for.")
    packed = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return packed.decompress(chunk, most)
        except zlib.error:
            raise Rejected(f"This page came damaged. {_INSTEAD}") from None

    return unpack


def _parsed(came: _Came, kind: str, room: Path, stopping: Stop) -> dict[str, str]:
    content, spec = room / "page.bin", room / "page.json"
    content.write_bytes(came.content)
    charset = came.content_type.partition("charset=")[2].partition(";")[0].strip()
    asked = {"content": str(content), "kind": kind, "charset": charset, "url": came.url}
    spec.write_text(json.dumps(asked), "utf-8")
    try:
        finished = process.run(
            process.python("videos.writing.web_pages", str(spec)),
            room=room,
            stop=stopping,
            timeout_s=PARSE_S,
            memory_mb=PARSE_MB,
        )
    except Unavailable as error:
        raise Rejected(f"This page can't be read. {_INSTEAD}") from error
    finally:
        content.unlink()
        spec.unlink()
    if finished.returncode and stopping():
        raise Stopped
    if finished.returncode < 0 and finished.returncode != -signal.SIGXCPU:
        process.require(finished, "reading the page")
    if finished.returncode:
        process.raise_if_full(finished.stderr)
        log.warning("a page could not be read: %s", finished.stderr.strip()[-300:])
        raise Rejected(f"This page can't be read. {_INSTEAD}")
    found: dict[str, str] = json.loads(finished.stdout)
    return found


providers.add(Web.name, Web)
