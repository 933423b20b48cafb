"""How media come in: sessions that can be resumed, several parts in one request, or plainly.

Sources: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol, and what
googleapiclient.http sends. A chunk that does not end the file is kept in steps of 256 KiB.
"""

import email.parser
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.youtube.document import Method
from tests.doubles.youtube.talk import PIECE, Answer, Asked, Refusal
from tests.doubles.youtube.world import World, made_id, spelled

STEP = 256 * 1024
HOLE = bytes(PIECE)


@dataclass
class Store:
    """Bytes that come one after the other: counted and hashed, and kept in a file that has holes
    for zeros, if there is one."""

    path: Path | None
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, piece: bytes) -> None:
        self._hash.update(piece)
        if self.path:
            with self.path.open("ab" if not self.path.exists() else "r+b") as file:
                if piece == HOLE[: len(piece)]:
                    os.truncate(file.fileno(), self.size + len(piece))
                else:
                    file.seek(self.size)
                    file.write(piece)
        self.size += len(piece)

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())

    def read(self) -> bytes:
        return self.path.read_bytes() if self.path else b""


@dataclass(frozen=True)
class Media:
    store: Store
    kind: str


Finish = Callable[[Asked, "Media"], Answer]


@dataclass
class Session:
    id: str
    method: str
    total: int | None
    kind: str
    finish: Finish
    store: Store
    began_at: float
    owner: Any
    end: Answer | None = None  # what the last byte was answered
    turn: Any = field(default_factory=threading.Lock)  # it takes one request at a time


def accept(asked: Asked, method: Method, world: World, finish: Finish) -> Answer:
    """Media of a request that is no chunk. `finish` makes of them what the method makes."""
    way = asked.value("uploadType")
    if way == "resumable":
        return _begin(asked, method, world, finish)
    kind = asked.headers.get("content-type", "")
    store = Store(_place(world, method))
    if way == "multipart":
        _, (kind, raw) = multipart(asked)
        store.add(raw)
    elif way == "media":
        for start in range(0, len(asked.raw), PIECE):
            store.add(asked.raw[start : start + PIECE])
    else:
        raise Refusal(400, "mediaBodyRequired", "The request does not include media content.")
    _check_kind(asked, method, kind)
    if not store.size:
        raise Refusal(400, "mediaBodyRequired", "The request does not include media content.")
    return finish(asked, Media(store, kind))


def resource(asked: Asked) -> dict[str, Any]:
    """The JSON beside the media."""
    if asked.value("uploadType") == "multipart":
        try:
            return json.loads(multipart(asked)[0] or b"{}")
        except ValueError:
            raise asked.violation("Invalid JSON payload received.", "parseError") from None
    return asked.body if asked.value("uploadType") == "resumable" else {}


def multipart(asked: Asked) -> tuple[bytes, tuple[str, bytes]]:
    """The first part, and the kind and bytes of the second."""
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    whole = email.parser.BytesParser().parsebytes(head + asked.raw)
    parts = whole.get_payload()
    if not isinstance(parts, list) or len(parts) != 2:
        raise Refusal(400, "badContent", "Malformed multipart body.")
    first, second = parts
    raw = second.get_payload(decode=True)
    return first.get_payload(decode=True), (second.get_content_type(), raw)


def _place(world: World, method: Method) -> Path | None:
    is_kept = world.keep_bytes or method.id != "youtube.videos.insert"
    return world.folder / f"media-{world.number()}" if is_kept else None


def _check_kind(asked: Asked, method: Method, kind: str) -> None:
    plain = kind.split(";")[0].strip().lower()
    taken = method.media["accept"]
    if not any(re.fullmatch(one.replace("*", ".*"), plain) for one in taken):
        text = f"Media type '{kind}' is not supported. Valid media types: [{', '.join(taken)}]"
        raise asked.violation(text, "badContent")


def _begin(asked: Asked, method: Method, world: World, finish: Finish) -> Answer:
    kind = asked.headers.get("x-upload-content-type", "application/octet-stream")
    _check_kind(asked, method, kind)
    told = asked.headers.get("x-upload-content-length")
    total = int(told) if told else None
    if total is not None and not 0 < total <= int(method.media["maxSize"]):
        raise Refusal(400, "mediaBodyRequired", "The request does not include media content.")
    session = Session(
        f"AJRbA5{made_id(54, 'session', world.number())}",
        method.id,
        total,
        kind,
        finish,
        Store(_place(world, method)),
        world.now(),
        asked.note.get("owner"),
    )
    world.sessions[session.id] = session
    asked.note["session"] = session.id
    query = "&".join(f"{name}={','.join(values)}" for name, values in asked.query.items())
    place = f"{asked.address}{asked.path}?{query}&upload_id={session.id}"
    heads = {"Location": place, "X-GUploader-UploadID": session.id}
    return Answer(b"", "text/plain; charset=utf-8", 200, heads)


def put(asked: Asked, world: World) -> Answer:
    """A chunk, or the question how much is held."""
    session: Session | None = world.sessions.get(asked.value("upload_id"))
    asked.note["session"] = asked.value("upload_id")
    how = asked.fault.how if asked.fault else ""
    if how == "gone" and session:
        del world.sessions[session.id]
        session = None
    if session is None or world.now() - session.began_at > world.session_life_s:
        status = (asked.fault and asked.fault.status) or 404
        raise Refusal(status, "notFound", "Not Found" if status == 404 else "Gone")
    if session.owner != asked.note.get("owner"):
        raise Refusal(403, "forbidden", "The session is another user's.")
    with session.turn:
        return _put(asked, session, how)


def _put(asked: Asked, session: Session, how: str) -> Answer:
    asked.note["method"] = session.method
    span = asked.headers.get("content-range", "")
    if session.end is not None:
        for _ in asked.pieces():
            pass
        return session.end
    if re.fullmatch(r"bytes \*/(\d+|\*)", span):
        _fix_total(asked, session, span.rpartition("/")[2])
        is_whole = session.total is not None and session.store.size == session.total
        return _done(asked, session) if is_whole else _held(session)
    start, end = _span(asked, session, span)
    _take(asked, session, start, how)
    if session.store.size == session.total:
        return _done(asked, session)
    if end + 1 == session.total and how != "short":
        raise Refusal(400, "badRequest", "The last chunk does not end the file.")
    return _held(session)


def _fix_total(asked: Asked, session: Session, told: str) -> None:
    if told == "*":
        return
    if session.total is not None and int(told) != session.total:
        raise asked.violation(f"The total of the upload was {session.total}, and is now {told}.")
    session.total = int(told)


def _span(asked: Asked, session: Session, told: str) -> tuple[int, int]:
    """Of the bytes in this request. Raises Refusal where it fits neither body nor session."""
    if not told:
        start, end, total = 0, asked.length - 1, str(asked.length)
    else:
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", told)
        if found is None:
            raise asked.violation("Failed to parse Content-Range header.")
        start, end, total = int(found[1]), int(found[2]), found[3]
    _fix_total(asked, session, total)
    if end - start + 1 != asked.length:
        raise asked.violation(f"Content-Range {told} and a length of {asked.length}.")
    if start > session.store.size:
        raise asked.violation(f"A chunk from {start}, where {session.store.size} are held.")
    is_last = session.total is not None and end + 1 == session.total
    if not is_last and asked.length % STEP:
        raise asked.violation("A chunk that is no multiple of 256 KiB and does not end the file.")
    asked.note |= {"range": told, "resent": session.store.size - start}
    return start, end


def _take(asked: Asked, session: Session, start: int, how: str) -> None:
    """Keeps what of the chunk is new, or as much of it as the fault lets through."""
    store, length = session.store, asked.length
    part = asked.fault.part if asked.fault else 1
    most = length
    if how in ("cut", "short"):
        most = int(length * part) // STEP * STEP
    elif how in ("cut_lost", "unauthorized_within"):
        most = 0
    stops_at = length if how in ("short", "") or how not in CUTS else int(length * part)
    seen = 0
    for piece in asked.pieces():
        new = start + seen  # where in the file this piece lies
        seen += len(piece)
        keep = piece[max(0, store.size - new) : max(0, most - (seen - len(piece)))]
        if keep and new <= store.size:
            store.add(keep)
            asked.note["kept"] = asked.note.get("kept", 0) + len(keep)
        if seen >= stops_at and how in CUTS:
            break
    if how == "unauthorized_within":
        raise Refusal(401, "authError", "Invalid Credentials")
    if how in CUTS:
        raise Cut


class Cut(Exception):
    """The connection is reset in the middle of a chunk."""


CUTS = ("cut", "cut_lost", "unauthorized_within")


def _held(session: Session) -> Answer:
    size = session.store.size
    heads = {"Range": f"bytes=0-{size - 1}"} if size else {}
    return Answer(b"", "text/plain; charset=utf-8", 308, heads)


def _done(asked: Asked, session: Session) -> Answer:
    asked.note |= {"sha256": session.store.sha256, "bytes": session.store.size}
    session.end = session.finish(asked, Media(session.store, session.kind))
    return session.end


def told(sessions: Iterable[Session]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "method": one.method,
            "held": one.store.size,
            "total": one.total,
            "began_at": spelled(one.began_at),
            "is_done": one.end is not None,
        }
        for one in sessions
    ]
