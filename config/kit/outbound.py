"""Requests to addresses that people wrote, as this installation allows: see config.kit.guard."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from config.kit import guard
from config.kit.errors import Rejected, Unavailable
from config.kit.guard import BadAddress as BadAddress

CONNECT_S, READ_S, WHOLE_S = guard.CONNECT_S, guard.READ_S, guard.WHOLE_S
AGENT = "Showrunner"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes  # its beginning
    took_s: float


def policy() -> guard.Policy:
    return guard.Policy(
        loopback=settings.OUTBOUND_LOOPBACK,
        http=settings.OUTBOUND_HTTP,
        connect_s=CONNECT_S,
        read_s=READ_S,
        whole_s=WHOLE_S,
    )


def check(url: str) -> None:
    """As guard.check. Raises BadAddress."""
    guard.check(url, policy())


def send(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", most: int = 65_536
) -> Answer:
    """Asks once and follows nothing. Raises Unavailable where no answer came, Rejected where the
    address is none that may be asked."""
    check_now(url)
    began, ours = time.monotonic(), policy()
    with guard.Deadline(ours.whole_s) as deadline, guard.session(ours, deadline) as session:
        try:
            told = {"User-Agent": AGENT, "Accept-Encoding": "identity", **headers}
            with session.request(method, url, data=body, headers=told, stream=True) as answer:
                found = answer.raw.read(most, decode_content=False)
                took_s = time.monotonic() - began
                return Answer(answer.status_code, dict(answer.headers), found, took_s)
        except guard.INWARDS:
            raise Rejected("The address leads into a private network.") from None
        except guard.BROKEN as error:
            raise Unavailable(guard.why(error, ours, is_late=deadline.has_passed)) from None


def check_now(url: str) -> None:
    try:
        check(url)
    except BadAddress as refusal:
        raise Rejected(refusal.message) from None
