"""What Google's answers mean: raw status, headers and body in, one outcome out. Pure.

Sources: developers.google.com/youtube/v3/docs/errors; a daily limit comes as 429 with the reason of
a momentary one, and only its text tells them apart (googleapis/google-api-python-client#2753).
A 403 never means that somebody has to sign in again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_WAIT_S = 3_600.0
SAID_CHARACTERS = 300
BUCKETS = {"video uploads": "uploads", "search": "searches", "batch": "stats", "queries": "pool"}
SUSPENDED = (
    "authenticatedUserAccountSuspended",
    "authenticatedUserAccountClosed",
    "channelSuspended",
    "channelClosed",
)
RATES = ("rateLimitExceeded", "userRateLimitExceeded")
SCOPES = ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


@dataclass(frozen=True)
class Said:
    """An answer as it came. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What became of a request."""


@dataclass(frozen=True)
class Done(Outcome):
    resource: Mapping[str, Any]


@dataclass(frozen=True)
class Progress(Outcome):
    held: int  # bytes that Google has


@dataclass(frozen=True)
class SessionGone(Outcome):
    """It may have become a video before: look among the channel's uploads, then begin anew."""


@dataclass(frozen=True)
class Unauthorized(Outcome):
    """The token is not taken: get a new one."""


@dataclass(frozen=True)
class QuotaDay(Outcome):
    """Until midnight in California; of the whole project."""

    bucket: str  # `uploads`, `searches`, `stats` or `pool`


@dataclass(frozen=True)
class QuotaMinute(Outcome):
    retry_after_s: float


@dataclass(frozen=True)
class ChannelLimit(Outcome):
    """This channel rests for a day; others go on."""


@dataclass(frozen=True)
class RejectedMetadata(Outcome):
    """Never again as it stands. `place` is the field, such as `snippet.title`; empty if untold."""

    reason: str
    place: str
    why: str


@dataclass(frozen=True)
class Suspended(Outcome):
    reason: str


@dataclass(frozen=True)
class NoChannel(Outcome):
    """The account at Google has no channel."""


@dataclass(frozen=True)
class ScopeMissing(Outcome):
    """The account's owner has not granted what the call needs."""


@dataclass(frozen=True)
class Missing(Outcome):
    reason: str


@dataclass(frozen=True)
class Denied(Outcome):
    """Not allowed, for a reason that is none of the others: nothing comes of asking again."""

    reason: str
    why: str


@dataclass(frozen=True)
class Trouble(Outcome):
    """Not served, and the fault is not in what was asked: later again."""

    why: str
    retry_after_s: float = 0


@dataclass(frozen=True)
class OutcomeUnknown(Outcome):
    """It was asked, and may have been served and charged."""

    why: str


@dataclass(frozen=True)
class _Error:
    """Google's JSON of an error, as far as it is one."""

    reasons: tuple[str, ...] = ()
    message: str = ""
    place: str = ""
    is_googles: bool = False


def classify(said: Said, *, of_session: bool = False, bucket: str = "pool") -> Outcome:
    """`of_session`: the request went to the address of an upload; `bucket` is what the method draws
    on, where the text of a daily limit names none."""
    if said.status == 308:
        return _progress(said)
    if 200 <= said.status < 300:
        return _done(said)
    error = _error(said.body)
    if said.status in (404, 410) and of_session:
        return SessionGone()
    if said.status == 401:
        return NoChannel() if "youtubeSignupRequired" in error.reasons else Unauthorized()
    if said.status == 408 or said.status >= 500 or not error.is_googles:
        return Trouble(f"Google has trouble ({said.status}).", retry_after_s(said.headers))
    return _limit(said, error, bucket) or _refusal(said, error)


def _progress(said: Said) -> Outcome:
    told = said.headers.get("range", "")
    if not told:
        return Progress(0)  # nothing is held yet
    found = re.fullmatch(r"(?:bytes=)?0-(\d{1,18})", told.strip())
    return (
        Progress(int(found[1]) + 1) if found else Trouble(f"Google tells a range of {told[:40]}.")
    )


def _done(said: Said) -> Outcome:
    if said.status == 204 or not said.body:
        return Done({})
    try:
        found = json.loads(said.body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return Done(found)
    return OutcomeUnknown("Google's answer can't be read.")


def _limit(said: Said, error: _Error, bucket: str) -> Outcome | None:
    text = error.message.lower()
    if "uploadLimitExceeded" in error.reasons:
        return ChannelLimit()
    if {"quotaExceeded", "dailyLimitExceeded"} & set(error.reasons):
        return QuotaDay(_bucket(text, bucket))
    if said.status == 429 or set(RATES) & set(error.reasons):
        if "per day" in text:
            return QuotaDay(_bucket(text, bucket))
        return QuotaMinute(retry_after_s(said.headers))
    return None


def _bucket(text: str, otherwise: str) -> str:
    metric = re.search(r"quota metric '([^']*)'", text)
    named = metric[1] if metric else ""
    return next((bucket for word, bucket in BUCKETS.items() if word in named), otherwise)


def _refusal(said: Said, error: _Error) -> Outcome:
    reason = next(iter(error.reasons), f"status{said.status}")
    if set(SCOPES) & set(error.reasons):
        return ScopeMissing()
    suspended = [one for one in error.reasons if one in SUSPENDED]
    if suspended:
        return Suspended(suspended[0])
    if said.status in (404, 410):
        return Missing(reason)
    if said.status in (400, 413):
        return RejectedMetadata(reason, error.place, error.message)
    return Denied(reason, error.message)


def _error(body: bytes) -> _Error:
    """Of anything: what is not as Google says it is left out."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return _Error()
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return _Error()
    told = [one for one in _listed(error.get("errors")) if isinstance(one, dict)]
    details = [one for one in _listed(error.get("details")) if isinstance(one, dict)]
    reasons = [one.get("reason") for one in (*told, *details)]
    message = error.get("message")
    place = next((str(one["location"]) for one in told if "location" in one), "")
    return _Error(
        tuple(one for one in reasons if isinstance(one, str)),
        " ".join(message.split())[:SAID_CHARACTERS] if isinstance(message, str) else "",
        place.removeprefix("body."),
        is_googles=True,
    )


def _listed(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def retry_after_s(headers: Mapping[str, str]) -> float:
    """0 where none is told in seconds; bounded, for an answer may say anything."""
    told = headers.get("retry-after", "").strip()
    return min(float(told), LONGEST_WAIT_S) if re.fullmatch(r"\d{1,9}(\.\d*)?", told) else 0.0
