"""Frames of the y-protocols (sync and awareness) as clients of Yjs send them over a socket.

pycrdt's own reader takes lengths on trust: a frame that is cut off reads as a shorter one. This one
refuses whatever does not end where it says.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

CONTROL, PART = 64, 66  # of ours: JSON from the server; a piece of a frame
LARGEST_PIECE = 64_000  # daphne drops what is larger than the frames that it takes
NOTHING = b"\0\0"  # the update that holds neither content nor deletions
_SYNC, _AWARENESS, _ASK_AWARENESS = 0, 1, 3
_LONGEST_NUMBER = 9  # bytes of a number: 63 bits, past what Yjs writes (2**53)


class BadFrame(ValueError):
    """These bytes are no frame that a client of Yjs sends."""


class ReadOnly(Exception):
    """The frame holds content, and who sent it may only read."""


class Kind(Enum):
    STEP1 = "step1"  # a state vector: what the sender has
    STEP2 = "step2"  # an update: what the receiver lacks
    UPDATE = "update"
    AWARENESS = "awareness"
    ASK_AWARENESS = "ask awareness"


_OF_SYNC = {0: Kind.STEP1, 1: Kind.STEP2, 2: Kind.UPDATE}
_CONTENT = (Kind.STEP2, Kind.UPDATE)


@dataclass(frozen=True)
class Frame:
    """`payload`: a state vector, an update or an awareness update."""

    kind: Kind
    payload: bytes = b""

    @property
    def holds_content(self) -> bool:
        return self.kind in _CONTENT and self.payload != NOTHING


@dataclass(frozen=True)
class State:
    """What a client shows of itself: cursor, selection, user. None: it has gone."""

    client_id: int
    clock: int
    state: Mapping[str, Any] | None


def read(data: bytes, *, may_write: bool) -> Frame:
    """Raises BadFrame; ReadOnly where somebody who may not write sends content, also as an answer
    to a STEP1 (an empty answer is none)."""
    reader = Reader(data)
    kind = reader.number()
    if kind == _SYNC:
        inner = _OF_SYNC.get(reader.number())
        if inner is None:
            raise BadFrame("There is no such message of the sync protocol.")
        frame = Frame(inner, reader.rest())
    elif kind == _AWARENESS:
        frame = Frame(Kind.AWARENESS, reader.rest())
    elif kind == _ASK_AWARENESS:
        reader.end()
        frame = Frame(Kind.ASK_AWARENESS)
    else:
        raise BadFrame("There is no such message: 0 is sync, 1 awareness, 3 asks for awareness.")
    if frame.holds_content and not may_write:
        raise ReadOnly("You may read this script and not write in it.")
    return frame


def write(frame: Frame) -> bytes:
    if frame.kind == Kind.ASK_AWARENESS:
        return bytes([_ASK_AWARENESS])
    inner = [number for number, kind in _OF_SYNC.items() if kind == frame.kind]
    head = bytes([_SYNC, *inner]) if inner else bytes([_AWARENESS])
    return head + number(len(frame.payload)) + frame.payload


def control(kind: str, **told: Any) -> bytes:
    """What the server says beside the y-protocols: an object, framed as their texts are."""
    text = json.dumps({"type": kind, **told}, ensure_ascii=False, separators=(",", ":")).encode()
    return bytes([CONTROL]) + number(len(text)) + text


def parts(data: bytes) -> list[bytes]:
    """A frame that is too large for one, in its pieces: PART, 1 for the last or 0, the bytes."""
    pieces = [data[at : at + LARGEST_PIECE] for at in range(0, len(data), LARGEST_PIECE)]
    return [bytes([PART, place == len(pieces)]) + piece for place, piece in enumerate(pieces, 1)]


def states_in(payload: bytes) -> list[State]:
    """What an awareness update tells. Raises BadFrame."""
    reader = Reader(payload)
    found = []
    for _ in range(reader.number()):
        client_id, clock, told = reader.number(), reader.number(), reader.chunk()
        try:
            state = json.loads(told, parse_constant=_refused, parse_float=_finite)
        except (ValueError, RecursionError):
            raise BadFrame("A state of awareness is no JSON.") from None
        if state is not None and not isinstance(state, dict):
            raise BadFrame("A state of awareness is an object or null.")
        found.append(State(client_id, clock, state))
    reader.end()
    return found


def _refused(told: str) -> float:
    """NaN and Infinity, which Python writes as well, and browsers can't read."""
    raise BadFrame(f"{told} is no JSON.")


def _finite(told: str) -> float:
    found = float(told)
    return found if math.isfinite(found) else _refused(told)


def awareness(states: Iterable[State]) -> Frame:
    told = list(states)
    parts = [number(len(told))]
    for one in told:
        text = json.dumps(one.state, separators=(",", ":")).encode()
        parts += [number(one.client_id), number(one.clock), number(len(text)), text]
    return Frame(Kind.AWARENESS, b"".join(parts))


def number(value: int) -> bytes:
    """lib0's varUint: seven bits a byte, the lowest first."""
    told = bytearray()
    while value > 127:
        told.append(128 | (value & 127))
        value >>= 7
    return bytes([*told, value])


class Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        value = 0
        for place in range(_LONGEST_NUMBER):
            byte = self._take(1)[0]
            value |= (byte & 127) << (7 * place)
            if byte < 128:
                return value
        raise BadFrame("A number in this frame is too long.")

    def chunk(self) -> bytes:
        return self._take(self.number())

    def rest(self) -> bytes:
        """A length and as many bytes, which are the last."""
        found = self.chunk()
        self.end()
        return found

    def end(self) -> None:
        if self._at != len(self._data):
            raise BadFrame("This frame is longer than it says.")

    def _take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise BadFrame("This frame is cut off.")
        self._at += count
        return found
