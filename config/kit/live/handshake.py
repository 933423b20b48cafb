"""Who asks for a socket: where the page came from, what it shows, from which address."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http.cookie import parse_cookie

from config.kit.live.closing import Close, Refusal
from config.kit.live.limits import HANDSHAKES_WITHIN_S, places

PROTOCOL = "sr.v1"  # the only one that is ever selected: a ticket must not be said back
TICKET, SHARE, GUEST, NAME = "ticket.", "share.", "guest.", "name."
Scope = Mapping[str, Any]


def header(scope: Scope, name: bytes) -> str:
    found = [value for key, value in scope["headers"] if key == name]
    return found[-1].decode("latin1") if found else ""


def cookie(scope: Scope, name: str) -> str:
    """As Django reads them for pages: a strange one beside it hides none."""
    return str(parse_cookie(header(scope, b"cookie")).get(name, ""))


def ticket(scope: Scope) -> str:
    """The one-time ticket of a program: a header of its own it can't send from a browser, and an
    address would be logged."""
    return _said(scope, TICKET)


def share(scope: Scope) -> str:
    """The secret of the link by which a guest came."""
    return _said(scope, SHARE)


def guest_pass(scope: Scope) -> str:
    """What the page of a guest was given in place of the secret."""
    return _said(scope, GUEST)


def guest_name(scope: Scope) -> str:
    """As the guest wrote it; a header's words hold few letters, so it is told as base64url."""
    told = _said(scope, NAME)[:400]
    try:
        return urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
    except ValueError:
        return ""


def _said(scope: Scope, prefix: str) -> str:
    shown = [one for one in scope.get("subprotocols", ()) if one.startswith(prefix)]
    return shown[0].removeprefix(prefix) if shown else ""


def address(scope: Scope) -> str:
    """As config.kit.throttle.address_of."""
    forwarded = header(scope, b"x-forwarded-for") if settings.TRUST_PROXY else ""
    client = scope.get("client") or [""]
    return (forwarded.rpartition(",")[2].strip() or str(client[0]))[:60]


def check_rate(scope: Scope) -> None:
    """Raises Refusal. May wait for Redis."""
    room, most = f"handshakes:{address(scope)}", settings.HANDSHAKES_PER_ADDRESS
    if not places.take(room, uuid4().hex, most, HANDSHAKES_WITHIN_S):
        raise Refusal(Close.TOO_MANY)


def check_origin(scope: Scope) -> None:
    """A cookie comes from any page that a browser shows: only our own may use it. Raises Refusal.

    In production scheme and port count too, and nothing may leave the Origin out.
    """
    told = header(scope, b"origin")
    try:
        is_ours = bool(told) and _validator(*_allowed()).valid_origin(urlparse(told.lower()))
    except ValueError:  # no address at all
        is_ours = False
    if not is_ours:
        raise Refusal(Close.FORBIDDEN)


def _allowed() -> list[str]:
    ours = [settings.PUBLIC_URL, *settings.CSRF_TRUSTED_ORIGINS]
    found = [one.replace("://*.", "://.") for one in ours]
    if settings.PUBLIC_URL.startswith("https://"):
        hosts = [host for host in settings.ALLOWED_HOSTS if host != "*"]
        return [*found, *(f"https://{host}" for host in hosts)]
    return [*found, *settings.ALLOWED_HOSTS]


@cache
def _validator(*allowed: str) -> OriginValidator:
    return OriginValidator(None, list(allowed))
