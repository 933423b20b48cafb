"""The code that shows that who sets the studio up may read its console."""

import hmac

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-Ip", "Via")


def code() -> str:
    return salted_hmac("teams.setting_up", "first owner").hexdigest()[:16]


def link() -> str:
    return f"{settings.PUBLIC_URL}/set-up/?code={code()}"


def is_right(given: str) -> bool:
    return hmac.compare_digest(given.strip().encode(), code().encode())


def is_at_the_machine(request: HttpRequest) -> bool:
    """Who sits at the server itself, and came through no proxy, needs no code."""
    is_direct = not any(name in request.headers for name in FORWARDED)
    return is_direct and request.META.get("REMOTE_ADDR") in LOOPBACK
