"""Brings a video to YouTube by Google's resumable protocol, through every fault on the way.

Who calls stores the session's address before the first byte goes out; with it a new process goes on
where the last one was killed. Nothing of the file is held but the piece that is being sent, and
Google alone says what has arrived: after every doubt it is asked.

Source: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from channels_app.youtube.answers import (
    Done,
    Outcome,
    OutcomeUnknown,
    Progress,
    Said,
    Trouble,
    Unauthorized,
    classify,
)
from channels_app.youtube.line import Line, NoAnswer
from config.kit.errors import Rejected, Stopped

STEP = 256 * 1024  # a chunk is a multiple of it, unless it ends the file
PIECE = 256 * 1024
CHUNK = 16 * 1024 * 1024
FRESH_S = 300.0  # a token that ends sooner could be refused in the middle of a chunk
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True)
class Token:
    value: str
    expires_at: float  # seconds of the epoch


@dataclass(frozen=True)
class Order:
    """`resource` is the video as the Data API writes it; its parts are what is set."""

    resource: Mapping[str, Any]
    size: int
    kind: str = "video/mp4"
    notify: bool = False


@dataclass(frozen=True)
class Started(Outcome):
    session: str  # its address; a secret: whoever has it can send


@dataclass(frozen=True)
class Patience:
    """With doubts in a row, while nothing more arrives: how many, and for how long in all."""

    tries: int = 6
    idle_s: float = 300.0
    first_pause_s: float = 1.0


Tokens = Callable[[str], Token]
Beat = Callable[[], bool]


class Uploader:
    """`tokens(refused)` gives a token that lives; `refused` is the one that Google did not take,
    or empty. It may raise: that passes through. Not for several threads."""

    def __init__(
        self,
        base: str,
        tokens: Tokens,
        line: Line,
        *,
        chunk: int = CHUNK,
        patience: Patience = Patience(),
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        if chunk % STEP or chunk <= 0:
            raise ValueError("A chunk is a multiple of 256 KiB.")
        self._base, self._tokens, self._line = base, tokens, line
        self._chunk, self._patience, self._pause = chunk, patience, pause
        self._token = Token("", 0)

    def start(self, order: Order) -> Outcome:
        """Started, or why not. OutcomeUnknown here means that a call may have been charged; a
        session that nobody knows never becomes a video."""
        query = {"uploadType": "resumable", "part": ",".join(order.resource)}
        url = f"{self._base}/upload/youtube/v3/videos?" + urlencode(
            {**query, "notifySubscribers": str(order.notify).lower()}
        )
        heads = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Upload-Content-Length": str(order.size),
            "X-Upload-Content-Type": order.kind,
        }
        raw = json.dumps(order.resource).encode()
        for refused in (False, True):
            try:
                said = self._ask("POST", url, heads, raw, refused=refused)
            except NoAnswer as error:
                return OutcomeUnknown(str(error)) if error.was_sent else Trouble(str(error))
            found = self._started(said)
            if not isinstance(found, Unauthorized):
                break
        return found

    def _started(self, said: Said) -> Outcome:
        found = classify(said, bucket="uploads")
        if not isinstance(found, Done | OutcomeUnknown):
            return found
        place = said.headers.get("location", "")
        if urlsplit(place).scheme != urlsplit(self._base).scheme:
            return OutcomeUnknown("Google began an upload and did not say where.")
        return Started(place)

    def status(self, session: str, size: int) -> Outcome:
        """How much has arrived: Progress, Done, SessionGone, or why it can't be told."""
        return self._put(session, {"Content-Range": f"bytes */{size}"}, b"")

    def carry(
        self,
        session: str,
        file: BinaryIO,
        size: int,
        *,
        held: int | None = None,
        beat: Beat = lambda: True,
    ) -> Iterator[Outcome]:
        """Sends what is missing. Gives a Progress whenever more has arrived, and ends with another
        outcome: Done, or why it stops here. Of a new session 0 is held; None asks first.

        `beat` is called for each piece; False raises Stopped. The file must stay as it is.
        """
        journey = _Journey(held or 0, self._patience, self._pause)
        while True:
            found = self._step(session, file, size, held, beat)
            journey.saw(found, held, size, self._chunk)
            if isinstance(found, Unauthorized) and journey.may_refresh():
                self._refresh()
                held = None
                continue
            if not isinstance(found, Progress | Trouble | OutcomeUnknown):
                yield found
                return
            was_asked, held = held is None, _next(found, size)
            if isinstance(found, Progress) and journey.has_grown(found.held):
                yield found
            elif was_asked and held is not None:
                continue  # what is held is known again
            elif not journey.goes_on(found):
                yield journey.end(found)
                return

    def _step(
        self, session: str, file: BinaryIO, size: int, held: int | None, beat: Beat
    ) -> Outcome:
        if held is None:
            return self.status(session, size)
        end = min(held + self._chunk, size)
        heads = {
            "Content-Range": f"bytes {held}-{end - 1}/{size}",
            "Content-Length": str(end - held),
        }
        return self._put(session, heads, _pieces(file, held, end, beat))

    def _put(
        self, session: str, heads: Mapping[str, str], content: bytes | Iterator[bytes]
    ) -> Outcome:
        try:
            said = self._ask("PUT", session, {"Content-Length": "0", **heads}, content)
        except NoAnswer as error:
            return OutcomeUnknown(str(error)) if error.was_sent else Trouble(str(error))
        return classify(said, of_session=True, bucket="uploads")

    def _ask(
        self,
        method: str,
        url: str,
        heads: Mapping[str, str],
        content: bytes | Iterator[bytes],
        *,
        refused: bool = False,
    ) -> Said:
        if refused:
            self._refresh()
        elif self._token.expires_at - time.time() < FRESH_S:
            self._token = self._tokens("")
        size = {"Content-Length": str(len(content))} if isinstance(content, bytes) else {}
        heads = {**heads, **size, "Authorization": f"Bearer {self._token.value}"}
        return self._line.ask(method, url, heads, content)

    def _refresh(self) -> None:
        self._token = self._tokens(self._token.value)


def _next(found: Outcome, size: int) -> int | None:
    """From where to send on; None: ask. Who holds all and has no video yet is asked again."""
    return found.held if isinstance(found, Progress) and found.held < size else None


class _Journey:
    """How an upload gets on: what has arrived at most, and how long nothing more has."""

    def __init__(self, held: int, patience: Patience, pause: Callable[[float], object]) -> None:
        self._most, self._patience, self._pause = held, patience, pause
        self._doubts, self._refreshed, self._since = 0, False, 0.0
        self.whole_sent = False

    def saw(self, found: Outcome, held: int | None, size: int, chunk: int) -> None:
        """From the last chunk on there may be a video, whatever is heard of it."""
        is_last = held is not None and size - held <= chunk
        self.whole_sent |= is_last or (isinstance(found, Progress) and found.held >= size)

    def has_grown(self, held: int) -> bool:
        if held <= self._most:
            return False
        self._most = held
        self._doubts, self._refreshed = 0, False
        return True

    def may_refresh(self) -> bool:
        """Once, until more has arrived."""
        may, self._refreshed = not self._refreshed, True
        return may

    def goes_on(self, found: Outcome) -> bool:
        """After a pause, unless patience has ended."""
        self._since = self._since if self._doubts else time.monotonic()
        self._doubts += 1
        idle_s = time.monotonic() - self._since
        if self._doubts >= self._patience.tries or idle_s > self._patience.idle_s:
            return False
        wanted = found.retry_after_s if isinstance(found, Trouble) else 0
        if wanted > LONGEST_PAUSE_S:
            return False  # who calls has better to do than to wait for that
        usual = self._patience.first_pause_s * 2 ** (self._doubts - 1)
        self._pause(min(max(wanted, usual), LONGEST_PAUSE_S))
        return True

    def end(self, found: Outcome) -> Outcome:
        if self.whole_sent:
            return OutcomeUnknown("All was sent, and Google does not say what became of it.")
        return found if isinstance(found, Trouble) else Trouble("The upload does not get on.")


def _pieces(file: BinaryIO, start: int, end: int, beat: Beat) -> Iterator[bytes]:
    """Raises Stopped, and Rejected where the file has less than it had."""
    while start < end:
        if not beat():
            raise Stopped("The upload was told to stop.")
        piece = os.pread(file.fileno(), min(PIECE, end - start), start)
        if not piece:
            raise Rejected("The video's file is shorter than it was: make the video again.")
        start += len(piece)
        yield piece
