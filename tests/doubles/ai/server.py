"""The stand-in itself: reads a request, lets its vendor answer, bills, and goes wrong as told."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.doubles import wire
from tests.doubles.ai import (
    anthropic,
    control,
    elevenlabs,
    files,
    openai,
    pexels,
    pixabay,
    prices,
    replicate,
)
from tests.doubles.ai.faults import UNSERVED, Fault
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told
from tests.doubles.log import Log, Note
from tests.doubles.script import Script

# those that share a path with another come first, and need a header of their own for it
VENDORS = tuple(
    one.VENDOR for one in (anthropic, elevenlabs, openai, pexels, pixabay, replicate, files)
)
WRONG_KEY, BROKE = "sk-wrong", "sk-broke"
REQUEST_KEYS = ("idempotency-key", "x-request-key", "x-client-request-id")
PAGE = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>502</body></html>"


class Server(wire.Server):
    def __init__(self, port: int, log: Log, state: State) -> None:
        super().__init__(port, Handler)
        self.log, self.state, self.script = log, state, Script[Fault]()


class Handler(wire.Handler):
    server: Server

    def _any(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/_control/"):
            self._send(control.answer(self.server, self.command, parts.path, raw))
            return
        heads = self.heads()
        path = unquote(parts.path)
        asked = Asked(
            next(self.server.numbers),
            self.command,
            path,
            dict(parse_qsl(parts.query)),
            heads,
            raw,
            self.server.address,
            self.server.script.take(self.command, path, heads, raw),
        )
        with self.server.counted() as at_once:
            self._serve(asked, at_once)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _any

    def _serve(self, asked: Asked, at_once: int) -> None:
        began, era = time.monotonic(), self.server.log.era
        vendor, route, found = _route(asked)
        answer = _answer(self.server.state, asked, vendor, route, found)
        line = _line(asked, vendor, answer)
        line |= {"at_once": at_once, "took_ms": round((time.monotonic() - began) * 1000)}
        note = self.server.log.note(line, asked.raw, era)
        self._hand_over(asked.fault, answer, note)

    def _hand_over(self, fault: Fault | None, answer: Answer, note: Note) -> None:
        how = fault.how if fault else ""
        if how == "hang":
            self.wait(float("inf"))
        if fault and how == "late":
            self.wait(fault.seconds)
        if how in ("reset_before", "reset_after", "hang"):
            self.reset()
        elif fault and how in ("cut", "gateway", "drip"):
            self._spoil(fault, answer)
        elif not self.is_gone():
            self._answer_in_full(how, answer, note)

    def _spoil(self, fault: Fault, answer: Answer) -> None:
        """What was served does not come, or not in whole, or not in time."""
        if fault.how == "gateway":
            self._send(Answer(PAGE, "text/html", fault.status or 504))
        elif fault.how == "drip":
            self._drip(answer, fault.seconds)
        else:
            self._send(answer, cut=True)

    def _answer_in_full(self, how: str, answer: Answer, note: Note) -> None:
        if how == "malformed":
            body = answer.body[: len(answer.body) * 2 // 3] + b"<"
            answer = Answer(body, headers=answer.headers)
        self.server.log.answered(note)  # before: who has the answer may look at once
        try:
            self._send(answer)
        except OSError:
            self.server.log.answered(note, is_so=False)
            raise

    def _send(self, answer: Answer, cut: bool = False) -> None:
        """Raises OSError where the client is gone."""
        head = self.head_of(answer.status, answer.kind, len(answer.body), answer.headers)
        body = answer.body[: len(answer.body) // 2] if cut else answer.body
        self.close_connection = self.close_connection or cut
        self.wfile.write(head + body)  # in one piece: two would wait for each other

    def _drip(self, answer: Answer, seconds: float) -> None:
        head = f"HTTP/1.1 {answer.status} OK\r\nContent-Length: {len(answer.body)}\r\n\r\n"
        self.wfile.write(head.encode())
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            time.sleep(seconds)


def _route(asked: Asked) -> tuple[Vendor | None, Route | None, tuple[str, ...]]:
    for vendor in VENDORS:
        for route in vendor.routes:
            found = re.fullmatch(route.pattern, asked.path)
            has_header = not route.needs or route.needs in asked.headers
            if found and route.method == asked.method and has_header:
                return vendor, route, found.groups()
    return None, None, ()


def _answer(
    state: State, asked: Asked, vendor: Vendor | None, route: Route | None, found: tuple[str, ...]
) -> Answer:
    if vendor is None or route is None:
        content = {"error": {"message": f"No vendor has {asked.method} {asked.path}."}}
        return told(content, status=404, is_served=False)
    fault = asked.fault
    how = fault.how if fault else ""
    try:
        if fault and how in UNSERVED:
            wait = fault.retry_after_s
            if wait is None:
                wait = 1 if how == "rate_limit" else 0
            raise Trouble(how, status=fault.status, retry_after_s=wait)
        if fault and how == "html":
            kind = "text/html; charset=utf-8"
            return Answer(PAGE, kind, fault.status or 502, is_served=False)
        if how in ("hang", "reset_before"):
            return Answer(b"", status=0, is_served=False)
        if fault and how == "slow":
            time.sleep(fault.seconds)
        _check_key(vendor, route, asked)
        answer = route.answer(asked, state, *found)
    except Trouble as trouble:
        answer = vendor.problem(trouble, asked)
    return Answer(**{**vars(answer), "headers": {**vendor.manners(asked, state), **answer.headers}})


def _check_key(vendor: Vendor, route: Route, asked: Asked) -> None:
    key = vendor.key(asked)
    if key in ("", WRONG_KEY):
        raise Trouble("wrong_key")
    if key == BROKE and route.costs:
        raise Trouble("no_credit")


def _line(asked: Asked, vendor: Vendor | None, answer: Answer) -> dict[str, Any]:
    name = vendor.name if vendor else ""
    price = prices.micros(name, answer.model, answer.units) if answer.is_served else 0
    return {
        "id": asked.id,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "vendor": name,
        "method": asked.method,
        "path": asked.path,
        "request_key": _request_key(asked.headers),
        "account": vendor.key(asked)[-8:] if vendor else "",
        "model": answer.model,
        "units": dict(answer.units) if answer.is_served else {},
        "price_micros": price - answer.refund_micros,
        "status": answer.status,
        "served": answer.is_served,
        "fault": asked.fault.how if asked.fault else "",
    }


def _request_key(heads: Mapping[str, str]) -> str:
    return next((heads[name] for name in REQUEST_KEYS if name in heads), "")
