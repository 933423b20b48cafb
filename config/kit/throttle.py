"""Rate limits as GCRA: one row and one conditional UPDATE a request, so no two ever share a place.

The row holds when the next request would be on time. A request is let through where that moment is
at most one window away, and moves it on by one place: `rate` at once, then `rate` a window.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import IntegrityError
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Greatest, Now
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.kit.database import after, verb
from config.kit.models import RateBucket

IDLE = timedelta(hours=24)


@dataclass(frozen=True)
class Rate:
    count: int
    window_s: int

    @property
    def place(self) -> timedelta:
        return timedelta(seconds=self.window_s / self.count)

    @property
    def spare(self) -> timedelta:
        """How far ahead of the clock the row may stand for one more to be let through."""
        return timedelta(seconds=self.window_s) - self.place


@dataclass(frozen=True)
class Taken:
    is_allowed: bool
    rate: Rate
    ahead_s: float  # how far the row stands ahead of the clock now

    @property
    def left(self) -> int:
        free = self.rate.window_s - max(0.0, self.ahead_s)
        return max(0, int(free / self.rate.place.total_seconds() + 1e-6))

    @property
    def wait_s(self) -> float:
        return 0 if self.is_allowed else max(0.0, self.ahead_s - self.rate.spare.total_seconds())

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 writes them."""
        reset = max(0, round(self.ahead_s))
        return {
            "RateLimit-Policy": f'"default";q={self.rate.count};w={self.rate.window_s}',
            "RateLimit": f'"default";r={self.left};t={reset}',
        }


def take(key: str, rate: Rate) -> Taken:
    """Takes a place if one is free."""
    is_allowed = _move(key, rate)
    if not is_allowed and _begin(key, rate):
        is_allowed = True
    row = RateBucket.objects.annotate(clock=Now()).get(pk=key)
    return Taken(is_allowed, rate, (row.due_at - row.clock).total_seconds())


@verb
def _move(key: str, rate: Rate) -> bool:
    later = ExpressionWrapper(
        cast(Any, Greatest(F("due_at"), Now()) + rate.place), output_field=DateTimeField()
    )
    free = RateBucket.objects.filter(pk=key, due_at__lte=after(rate.spare))
    return bool(free.update(due_at=later))


def _begin(key: str, rate: Rate) -> bool:
    @verb
    def insert() -> None:
        RateBucket.objects.create(key=key, due_at=after(rate.place))

    if RateBucket.objects.filter(pk=key).exists():
        return _move(key, rate)  # perhaps begun since we looked
    try:
        insert()
    except IntegrityError:
        return _move(key, rate)  # another request began the row
    return True


@verb
def prune() -> None:
    RateBucket.objects.filter(due_at__lt=after(-IDLE)).delete()


def address_of(request: HttpRequest) -> str:
    """Who asks: behind a proxy that is trusted, the last address that it wrote down."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:60]


def api_rate() -> Rate:
    return Rate(settings.API_RATE, 60)


class PerOwner(BaseThrottle):
    """One budget a token, or a person in a team. Signed-out requests are limited by address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        actor = getattr(request._request, "actor", None)
        key = f"api:{actor.owner}" if actor else f"api:ip:{address_of(request._request)}"
        self.taken = take(key, api_rate())
        request._request.rate = self.taken  # type: ignore[attr-defined]
        return self.taken.is_allowed

    def wait(self) -> float:
        return self.taken.wait_s
