"""The stand-in itself: reads a request, lets its service answer, notes it, goes wrong as told."""

import contextlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.doubles import wire
from tests.doubles.log import Log, Note
from tests.doubles.script import Script
from tests.doubles.youtube import api, control, pages, sign_in
from tests.doubles.youtube.faults import REFUSALS, Fault
from tests.doubles.youtube.talk import PIECE, Answer, Asked, Refusal
from tests.doubles.youtube.uploading import Cut
from tests.doubles.youtube.world import World

PROXY = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
SIGN_IN = {
    ("GET", "/o/oauth2/v2/auth"): sign_in.authorize,
    ("POST", "/o/oauth2/v2/auth"): sign_in.authorize,
    ("POST", "/token"): sign_in.token,
    ("POST", "/revoke"): sign_in.revoke,
}
HIDDEN = {"access_token", "token", "code", "state", "code_challenge", "upload_id"}


class Server(wire.Server):
    def __init__(self, port: int, log: Log, world: World) -> None:
        super().__init__(port, Handler)
        self.log, self.world, self.script = log, world, Script[Fault]()


class Handler(wire.Handler):
    server: Server

    def _any(self) -> None:
        parts = urlsplit(self.path)
        heads = self.heads()
        length = int(heads.get("content-length") or 0)
        if parts.path.startswith("/_control/"):
            self._send(
                control.answer(self.server, self.command, parts.path, self.rfile.read(length))
            )
            return
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        is_chunk = self.command == "PUT" and "upload_id" in query
        raw = b"" if is_chunk else self.rfile.read(length)
        path = unquote(parts.path)
        fault = self.server.script.take(self.command, path, heads, raw)
        asked = Asked(
            next(self.server.numbers),
            self.command,
            path,
            query,
            heads,
            raw,
            self.server.address,
            self.rfile,
            fault,
            left=length if is_chunk else 0,
        )
        with self.server.counted() as at_once:
            self._serve(asked, at_once)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = _any

    def _serve(self, asked: Asked, at_once: int) -> None:
        began, era = time.monotonic(), self.server.log.era
        try:
            answer = _answer(asked, self.server.world)
        except (Cut, ConnectionError, OSError):
            answer = Answer(status=0)
        line = _line(asked, answer)
        line |= {"at_once": at_once, "took_ms": round((time.monotonic() - began) * 1000)}
        note = self.server.log.note(line, asked.raw, era)
        self._hand_over(asked, answer, note)

    def _hand_over(self, asked: Asked, answer: Answer, note: Note) -> None:
        how = asked.fault.how if asked.fault else ""
        if asked.left:  # a body that nobody read: the connection can't be used again
            self.close_connection = True
            answer = replace(answer, headers={**answer.headers, "Connection": "close"})
        if how == "hang":
            self.wait(float("inf"))
        if how == "late" and asked.fault:
            self.wait(asked.fault.seconds)
        if answer.status == 0 or how in ("hang", "lost"):
            self.reset()
        elif how == "half":
            self.close_connection = True
            self.wfile.write(self._whole(answer)[: -max(1, len(answer.body) // 2)])
        elif how == "drip" and asked.fault:
            self._drip(self._whole(answer), asked.fault.seconds)
        elif not self.is_gone() or asked.left:
            self._answer(answer, note, how)
            self._drain(asked)

    def _answer(self, answer: Answer, note: Note, how: str) -> None:
        if how == "malformed":
            answer = Answer(answer.body[: len(answer.body) * 2 // 3] + b"<", headers=answer.headers)
        self.server.log.answered(note)  # before: who has the answer may look at once
        try:
            self._send(answer)
        except OSError:
            self.server.log.answered(note, is_so=False)
            raise

    def _drain(self, asked: Asked) -> None:
        """What still comes is read: a close before would take the answer from the client."""
        with contextlib.suppress(OSError):
            for _ in asked.pieces():
                pass

    def _drip(self, whole: bytes, seconds: float) -> None:
        self.close_connection = True
        for at in range(len(whole)):
            if self.is_gone():
                return
            self.wfile.write(whole[at : at + 1])
            time.sleep(seconds)

    def _whole(self, answer: Answer) -> bytes:
        return (
            self.head_of(answer.status, answer.kind, len(answer.body), answer.headers) + answer.body
        )

    def _send(self, answer: Answer) -> None:
        """Raises OSError where the client is gone."""
        if answer.file is None:
            whole = self._whole(answer)
            self.wfile.write(
                whole[: len(whole) - len(answer.body)] if self.command == "HEAD" else whole
            )
            return
        path, start, end = answer.file
        self.wfile.write(self.head_of(answer.status, answer.kind, end - start + 1, answer.headers))
        with path.open("rb") as file:
            file.seek(start)
            left = end - start + 1
            while left and self.command != "HEAD":
                piece = file.read(min(PIECE, left))
                self.wfile.write(piece)
                left -= len(piece)


def _answer(asked: Asked, world: World) -> Answer:
    fault = asked.fault
    how = fault.how if fault else ""
    if how in ("hang", "reset_before"):
        return Answer(status=0)
    if how == "html":
        return Answer(PROXY, "text/html; charset=utf-8", (fault and fault.status) or 502)
    if how == "slow" and fault:
        time.sleep(fault.seconds)
    try:
        if fault and (how in REFUSALS or how == "refused"):
            raise _ordered(fault)
        return _served(asked, world)
    except Refusal as refusal:
        asked.note["reason"] = refusal.reason
        return refusal.answer()


def _ordered(fault: Fault) -> Refusal:
    waits = {"Retry-After": f"{fault.retry_after_s:g}"} if fault.retry_after_s else {}
    if fault.how == "refused":
        said = fault.says_so or fault.reason
        return Refusal(fault.status or 400, fault.reason, said, fault.domain, headers=waits)
    refusal = api.refusal(fault.how)
    return Refusal(
        fault.status or refusal.status,
        refusal.reason,
        refusal.message,
        refusal.domain,
        headers=waits,
    )


def _served(asked: Asked, world: World) -> Answer:
    door = SIGN_IN.get((asked.method, asked.path))
    if door:
        asked.note["service"] = "sign_in"
        return door(asked, world)
    answer = api.answer(asked, world)
    if answer is None and asked.method in ("GET", "HEAD"):
        asked.note["service"] = "pages"
        answer = pages.answer(asked, world)
    if answer is None:
        asked.note.setdefault("violations", []).append("no method is there")
        raise Refusal(404, "notFound", "Not Found")
    return answer


def _line(asked: Asked, answer: Answer) -> dict[str, Any]:
    note = {name: value for name, value in asked.note.items() if name != "owner"}
    return {
        "id": asked.id,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "service": "api",
        "method": "",
        "http": asked.method,
        "path": asked.path,
        "query": {k: ",".join(v) for k, v in asked.query.items() if k not in HIDDEN},
        "status": answer.status,
        "reason": "",
        "charged": {},
        "violations": [],
        "fault": asked.fault.how if asked.fault else "",
        **note,
    }


def made(port: int, log: Path, keep_bytes: bool = True) -> Server:
    return Server(port, Log(log), World(log.with_suffix(".media"), keep_bytes))
