"""Somebody who writes in a room, over a real socket."""

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from pycrdt import Doc, Text, TransactionEvent
from websockets.exceptions import ConnectionClosed

from collab import documents, frames
from collab.frames import CONTROL, NOTHING, PART, Frame, Kind, Reader, states_in, write
from teams.models import User
from tests.collab.replies import reply
from tests.live.server import Server, Socket


class Typist:
    """Reads only inside `until`, `pump` and `closed_with`; acks what it reads."""

    def __init__(
        self,
        server: Server,
        video_id: int,
        who: User | None = None,
        *,
        enters: bool = True,
        **more: Any,
    ) -> None:
        self.acks, self.epoch = more.pop("acks", True), more.pop("epoch", None)
        self.doc: Doc[Any] = more.pop("doc", None) or Doc()
        more.setdefault("subprotocols", ["sr.v1"])
        self.socket: Socket = server.open(who, path=f"/ws/rooms/{video_id}/", **more)
        self.joined: Mapping[str, Any] = {}
        self.told: list[Mapping[str, Any]] = []
        self.others: dict[int, Mapping[str, Any]] = {}
        self.sent = self.stored = self.read = self.clock = 0
        self.is_synced = False
        self._enters = enters
        self._watch = self.doc.observe(self._changed)
        self._applies = False
        self._pieces = b""

    def __enter__(self) -> "Typist":
        if self._enters:
            self.until(lambda: self.is_synced)
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.__exit__()

    @property
    def text(self) -> str:
        return str(self.body)

    @property
    def body(self) -> Text:
        return documents.text_of(self.doc)

    @property
    def is_saved(self) -> bool:
        return self.stored >= self.sent

    def type(self, words: str, at: int | None = None) -> None:
        self.body.insert(len(self.text.encode()) if at is None else at, words)

    def move(self, **state: Any) -> None:
        self.clock += 1
        told = frames.State(self.doc.client_id, self.clock, state)
        self.send(write(frames.awareness([told])))

    def send(self, data: bytes | str) -> None:
        self.socket.line.send(data)

    def abort(self) -> None:
        """As a network that is gone: no close frame."""
        with contextlib.suppress(OSError):
            self.socket.line.socket.close()

    # --- what comes

    def pump(self, within_s: float = 0.2) -> bool:
        """One frame; False: none came."""
        try:
            data = self.socket.line.recv(timeout=within_s)
        except TimeoutError:
            return False
        assert isinstance(data, bytes)
        self.read += 1
        if data[0] != PART:
            self._take(data)
        else:
            self._piece(data)
        if self.acks:
            self.send(reply(type="ack", n=self.read))
        return True

    def until(self, holds: Callable[[], Any], within_s: float = 10) -> None:
        ends = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < ends, "it did not come in time"
            self.pump(0.1)

    def closed_with(self, within_s: float = 10) -> int:
        ends = time.monotonic() + within_s
        try:
            while time.monotonic() < ends:
                self.pump(0.2)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError("it is still open")

    def last(self, kind: str) -> Mapping[str, Any]:
        return next((one for one in reversed(self.told) if one["type"] == kind), {})

    def _piece(self, data: bytes) -> None:
        self._pieces += data[2:]
        if data[1]:
            whole, self._pieces = self._pieces, b""
            self._take(whole)

    def _take(self, data: bytes) -> None:
        if data[0] == CONTROL:
            self._told(json.loads(Reader(data[1:]).rest()))
            return
        frame = frames.read(data, may_write=True)
        if frame.kind == Kind.AWARENESS:
            for one in states_in(frame.payload):
                if one.state is None:
                    self.others.pop(one.client_id, None)
                else:
                    self.others[one.client_id] = one.state
        elif frame.kind == Kind.STEP1:
            lacks = self.doc.get_update(frame.payload)
            if self.joined["role"] == "editor" and lacks != NOTHING:
                self._content(Kind.STEP2, lacks)
            self.ask()
        else:
            self._applies = True
            self.doc.apply_update(frame.payload)
            self._applies = False
            self.is_synced = self.is_synced or frame.kind == Kind.STEP2

    def ask(self) -> None:
        self.send(write(Frame(Kind.STEP1, self.doc.get_state())))

    def _told(self, told: Mapping[str, Any]) -> None:
        self.told.append(told)
        if told["type"] == "joined":
            self.joined = told
            if self._enters:
                self.send(reply(type="enter", epoch=self.epoch))
        elif told["type"] == "saved":
            self.stored = told["frames"]
        elif told["type"] == "behind":
            self.ask()

    def _changed(self, event: TransactionEvent) -> None:
        if not self._applies:
            self._content(Kind.UPDATE, event.update)

    def _content(self, kind: Kind, update: bytes) -> None:
        self.send(write(Frame(kind, update)))
        self.sent += 1
