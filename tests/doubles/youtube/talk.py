"""What the server and its services say to each other, and how Google says no."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO

from tests.doubles.youtube.faults import Fault

PIECE = 256 * 1024


@dataclass
class Asked:
    """A request as it came. Names of headers are in lower case. `raw` is empty where the body is
    read in pieces: chunks of an upload."""

    id: int
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    raw: bytes
    address: str
    stream: BinaryIO
    fault: Fault | None = None
    note: dict[str, Any] = field(default_factory=dict)  # what the log tells of it
    left: int = 0  # bytes of the body that nobody has read

    def value(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def values(self, name: str) -> list[str]:
        """Of a repeated parameter, told apart by commas or given several times."""
        told = ",".join(self.query.get(name, []))
        return [one for one in told.split(",") if one]

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ").strip()

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length") or 0)

    @cached_property
    def body(self) -> dict[str, Any]:
        """Raises Refusal where it is no JSON object."""
        try:
            found = json.loads(self.raw or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self.violation("Invalid JSON payload received. Unexpected token.", "parseError")
        return found

    def pieces(self) -> Iterator[bytes]:
        """Of the body, as they come. Raises ConnectionError where the client leaves."""
        while self.left:
            piece = self.stream.read(min(PIECE, self.left))
            if not piece:
                raise ConnectionResetError("the client left within its body")
            self.left -= len(piece)
            yield piece

    def violation(self, message: str, reason: str = "badRequest", **more: Any) -> "Refusal":
        """Of what Google's own description of the API allows: noted, and refused with 400."""
        self.note.setdefault("violations", []).append(message)
        return Refusal(400, reason, message, **more)


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    kind: str = "application/json; charset=UTF-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Any = None  # a path and a range of bytes, instead of a body


def told(content: Any, **more: Any) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False, indent=2).encode(), **more)


STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@dataclass
class Refusal(Exception):
    """An error in the shape of Google's JSON."""

    status: int
    reason: str
    message: str
    domain: str = "global"
    place: str = ""
    place_kind: str = ""
    details: tuple[Mapping[str, Any], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> Answer:
        one: dict[str, Any] = {
            "message": self.message,
            "domain": self.domain,
            "reason": self.reason,
        }
        if self.place:
            one |= {"location": self.place, "locationType": self.place_kind or "parameter"}
        error: dict[str, Any] = {
            "code": self.status,
            "message": self.message,
            "errors": [one],
        }
        # errors of YouTube itself carry no status, those of Google's front do
        if self.status in STATUSES and self.domain == "global" and self.status != 429:
            error["status"] = STATUSES[self.status]
        if self.details:
            error["details"] = list(self.details)
        return told({"error": error}, status=self.status, headers=self.headers)


def video_gone(verb: str = "find") -> Refusal:
    return Refusal(
        404,
        "videoNotFound",
        f"The video that you are trying to {verb} cannot be found. Check the value of the "
        "<code>id</code> field in the request body to ensure that it is correct.",
        "youtube.video",
    )


def forbidden(domain: str = "youtube.video") -> Refusal:
    return Refusal(403, "forbidden", "Forbidden", domain)
