"""How vendors are asked over HTTP. What goes wrong becomes one of: VendorTrouble (later), Rejected
(never), AccountFault (an operator first) or OutcomeUnknown (it may have been served and billed;
Unanswered where that is the vendor's trouble).

Requests wait in a thread, so that a long one shows signs of life and can be told to stop. Each has
three ends: of the silence between two pieces of an answer, of the whole exchange, and of its size.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import httpx2

from config.kit.errors import (
    AccountFault,
    Busy,
    OutcomeUnknown,
    Rejected,
    Stopped,
    Unanswered,
    VendorTrouble,
)
from config.kit.vendors import Account
from videos.contracts import Beat, Stop

T = TypeVar("T")
CONNECT_S, ANSWER_S = 10.0, 180.0
WHOLE_S = 900.0  # of an exchange, whatever comes of it meanwhile
LOOK_S = 0.25
GRACE_S = 20.0  # what was sent may be billed: its answer is worth waiting for
MOST_BYTES = 200_000_000
MOST_REFUSAL_BYTES = 65_536
SAID_CHARACTERS = 300
TIMEOUT = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
NO_CREDIT = ("insufficient_quota", "quota_exceeded", "credit", "billing")
TOO_LARGE = "request too large"  # as OpenAI says of one beyond the tokens of a whole minute
NO_MODEL = ("model_not_found", "not_found_error", "unknown_model")
# said by who stands before the vendor and has lost sight of it: 408, 502, 504 of any proxy, and
# what Cloudflare adds, https://developers.cloudflare.com/support/troubleshooting/http-status-codes
BETWEEN = frozenset({408, 502, 504, *range(520, 528)})


@dataclass(frozen=True)
class Ask:
    """One request: `path` below the account's base or a whole URL, `content` as JSON."""

    method: str
    path: str
    content: Any = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Caller:
    """Asks one vendor. `is_paid`: what was sent and not answered may have been billed."""

    def __init__(
        self, vendor: str, account: Account, headers: Mapping[str, str], *, is_paid: bool = True
    ) -> None:
        self.vendor, self.account, self.is_paid = vendor, account, is_paid
        self._headers = dict(headers)

    def send(self, ask: Ask, *, into: Path, stopping: Stop, beat: Beat) -> Mapping[str, str]:
        """Writes the body of a good answer to `into` as it came; answers its headers."""
        check_account(self.vendor, self.account)
        with translated(self.vendor, is_paid=self.is_paid):
            return waited(lambda: self._sent(ask, into), stopping=stopping, beat=beat)

    def _sent(self, ask: Ask, into: Path) -> Mapping[str, str]:
        headers = {**self._headers, **ask.headers}
        url = ask.path if ask.path.startswith("http") else self.account.base_url + ask.path
        with (
            session() as client,
            client.stream(
                ask.method, url, json=ask.content, params=ask.query, headers=headers
            ) as answer,
        ):
            if not answer.is_success:
                raise self._refusal(answer.status_code, answer.headers, answer.read())
            _write(answer, into, self.vendor)
            return dict(answer.headers)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
        return refusal(self.vendor, self.account, status, headers, body, is_paid=self.is_paid)


@contextmanager
def translated(vendor: str, *, is_paid: bool) -> Iterator[None]:
    """Transport errors become ours."""
    try:
        yield
    except httpx2.HTTPError as error:
        raise broken(vendor, error, is_paid=is_paid) from error


def session(patience: httpx2.Timeout | None = None, whole_s: float = 0.0) -> httpx2.Client:
    """A client whose answers end: by `whole_s` from now (0: WHOLE_S), and of what is no success
    after MOST_REFUSAL_BYTES."""
    until = time.monotonic() + (whole_s or WHOLE_S)

    def bound(answer: httpx2.Response) -> None:
        most = MOST_BYTES + 1 if answer.is_success else MOST_REFUSAL_BYTES
        answer.stream = _Bounded(cast(httpx2.SyncByteStream, answer.stream), until, most)

    return httpx2.Client(
        timeout=patience or TIMEOUT, follow_redirects=False, event_hooks={"response": [bound]}
    )


class _Bounded(httpx2.SyncByteStream):
    """A body that ends after so many bytes. Raises ReadTimeout once its time is up: a byte now and
    then would keep every other time-out from being met."""

    def __init__(self, body: httpx2.SyncByteStream, until: float, most: int) -> None:
        self._body, self._until, self._most = body, until, most

    def __iter__(self) -> Iterator[bytes]:
        left = self._most
        for piece in self._body:
            if time.monotonic() > self._until:
                raise httpx2.ReadTimeout("The whole answer did not come in time.")
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    def close(self) -> None:
        self._body.close()


@cache
def client(name: str) -> Any:
    """The module of a vendor's own client. Importing one takes seconds, so who asks no such vendor
    does without."""
    return import_module(name)


def of_client(vendor: str, account: Account, error: Exception) -> Exception:
    """What a vendor's own client raised, as one of ours: it wraps a status or what broke."""
    is_paid = not account.is_local
    answer = getattr(error, "response", None)
    if answer is None:
        return broken(vendor, cast(Exception, error.__cause__ or error), is_paid=is_paid)
    said = (answer.status_code, answer.headers, answer.content)
    return refusal(vendor, account, *said, is_paid=is_paid)


def check_account(vendor: str, account: Account) -> None:
    """Raises AccountFault where there is no key."""
    if not account.is_set:
        raise AccountFault(
            f"No key for {vendor} is set: an operator sets {account.env}_API_KEY, then try again."
        )


def waited(call: Callable[[], T], *, stopping: Stop, beat: Beat, whole_s: float = 0.0) -> T:
    """What the call answers or raises. Told to stop, it is waited for a little longer: an answer
    that was paid for is kept. Raises Stopped, and ReadTimeout after `whole_s` (0: WHOLE_S): not
    even the head of an answer may come drop by drop for ever."""
    work = _Work(call)
    until = 0.0
    began = time.monotonic()
    last = began + (whole_s or WHOLE_S) + LOOK_S
    while not work.done.wait(LOOK_S):
        now = time.monotonic()
        beat(1.0 - 1.0 / (1.0 + (now - began) / 10.0))
        if now > last:
            raise httpx2.ReadTimeout("The whole answer did not come in time.")
        if stopping():
            until = until or now + GRACE_S
            if now > until:
                raise Stopped("The answer did not come before the end.")
    return work.answer()


class _Work(Generic[T]):
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], T]) -> None:
        self.done = threading.Event()
        self._call = call
        self._answers: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True, name="vendor").start()

    def _run(self) -> None:
        try:
            self._answers.append(self._call())
        except BaseException as error:
            self._error = error
        finally:
            self.done.set()

    def answer(self) -> T:
        if self._error is not None:
            raise self._error
        return self._answers[0]


def _write(answer: httpx2.Response, into: Path, vendor: str) -> None:
    size = 0
    with into.open("wb") as file:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > MOST_BYTES:
                raise OutcomeUnknown(f"The answer of {vendor} does not end.")
            file.write(chunk)


def broken(vendor: str, error: Exception, *, is_paid: bool) -> Exception:
    """Of a connection that could not be made, or broke before the whole answer was here."""
    never_sent = isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout))
    if never_sent or not is_paid:
        return VendorTrouble(f"{vendor} can't be reached now.")
    return Unanswered(f"{vendor} was asked, and no whole answer came back.")


def refusal(
    vendor: str,
    account: Account,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    is_paid: bool,
) -> Exception:
    """What a status that is no success means. Nothing of the request was billed, unless a gateway
    says it: that knows nothing of what the vendor behind it has done."""
    if is_paid and _is_of_gateway(status, body):
        return Unanswered(f"{vendor} was asked, and only a gateway answered ({status}).")
    codes, said = told(body)
    if status == 402 or _has(codes, NO_CREDIT) or "credit balance" in said.lower():
        return AccountFault(
            f"The account at {vendor} is out of credit: add some there, then try again."
        )
    if status in (401, 403):
        return AccountFault(
            f"{vendor} does not take the key in {account.env}_API_KEY: set a good one, then try "
            "again."
        )
    if status == 404 or _has(codes, NO_MODEL):
        return AccountFault(
            f"{vendor} knows no model {account.model!r} for this account: set "
            f"{account.env}_MODEL, then try again."
        )
    if status == 429 and TOO_LARGE in said.lower():
        return AccountFault(
            f"This is more at once than the account at {vendor} may send in a minute, however long "
            "it waits: an operator has its limit raised there, or the text is shortened."
        )
    if status == 429:
        wait_s = retry_after_s(headers)
        return Busy(f"{vendor} asks to wait: too many requests.", retry_after_s=wait_s)
    if status in (408, 409, 425) or status >= 500:
        wait_s = retry_after_s(headers)
        return VendorTrouble(f"{vendor} has trouble ({status}).", retry_after_s=wait_s)
    return Rejected(f"{vendor} refuses this: {said or f'status {status}'}")


def _is_of_gateway(status: int, body: bytes) -> bool:
    """A vendor says in JSON that it has trouble; pages are of who stands before it."""
    if status in BETWEEN:
        return True
    try:
        return status >= 500 and not isinstance(json.loads(body), dict)
    except ValueError:
        return True


def _has(codes: str, words: tuple[str, ...]) -> bool:
    return any(word in codes for word in words)


def told(body: bytes) -> tuple[str, str]:
    """Codes and sentence of an error, in any of the vendors' shapes or as plain text."""
    try:
        found = json.loads(body)
    except ValueError:
        return "", _short(body.decode("utf-8", "replace"))
    if isinstance(found, dict):
        inner = found.get("error", found.get("detail", found))
        found = inner if isinstance(inner, dict) else {**found, "message": inner}
        codes = " ".join(str(found.get(name, "")) for name in ("code", "type", "status", "title"))
        return codes.lower(), _short(str(found.get("message") or found.get("detail") or ""))
    return "", _short(str(found))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SAID_CHARACTERS else line[: SAID_CHARACTERS - 1] + "…"


def retry_after_s(headers: Mapping[str, str]) -> float:
    """0 where none is told; bounded, for a vendor may say anything."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value) if value else 0.0
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            seconds = 0.0
    return min(max(seconds, 0.0), 3600.0)
