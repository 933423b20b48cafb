"""Verbs of socket tickets: how a program's token opens a socket without going along with it."""

import secrets
from datetime import timedelta

from django.db.models.functions import Now

from config.kit.database import after, verb
from teams.access import Actor, Forbidden
from teams.models import ApiToken, SocketTicket
from teams.tokens import hashed

LASTS = timedelta(seconds=30)


@verb
def create_ticket(*, by: Actor) -> str:
    """The secret, which is nowhere kept."""
    if by.token_id is None:
        raise Forbidden("A signed-in browser opens its sockets by itself: tickets are for tokens.")
    secret = secrets.token_urlsafe(32)
    SocketTicket.objects.create(
        token_id=by.token_id, sha256=hashed(secret), expires_at=after(LASTS)
    )
    return secret


@verb
def redeem(secret: str) -> ApiToken | None:
    """The token behind a ticket, which is used up. None: it was used before, is too old, or its
    token was revoked."""
    good = SocketTicket.objects.filter(sha256=hashed(secret), expires_at__gt=Now())
    found = good.select_related("token").first()
    if found is None or not SocketTicket.objects.filter(pk=found.pk).delete()[0]:
        return None
    return ApiToken.objects.usable().filter(pk=found.token_id).first()


@verb
def prune() -> None:
    SocketTicket.objects.filter(expires_at__lt=Now()).delete()
