"""Verbs of API tokens: made once, shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from config.kit import rows
from config.kit.database import after, verb
from config.kit.errors import Refused
from config.kit.live import hints
from teams.access import SCOPES, Actor, Forbidden, team_for_view
from teams.events import News, publish
from teams.models import ApiToken

PREFIX = "sr_live_"
SEEN_EVERY = timedelta(minutes=1)
MOST = 50
LONGEST_DAYS = 3650


@dataclass(frozen=True)
class TokenMade(News):
    kind = "teams.token_made"
    token_id: int
    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class TokenRevoked(News):
    kind = "teams.token_revoked"
    token_id: int


@verb
def create_token(
    *, by: Actor, name: str, scopes: Collection[str], days: int | None = None
) -> tuple[ApiToken, str]:
    """The row and the secret, which is nowhere kept. `days` None: it does not expire."""
    team = team_for_view(by, by.team_id)
    if by.token_id is not None:
        raise Forbidden("A token makes no tokens: sign in and make it there.")
    wanted = sorted(set(scopes))
    _check(by, wanted, days)
    if ApiToken.objects.usable().filter(team=team).count() >= MOST:
        raise Refused(f"A team has at most {MOST} tokens: revoke one that nobody uses.")
    shown = secrets.token_hex(4)
    secret = f"{PREFIX}{shown}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        team=team,
        name=name.strip(),
        shown=PREFIX + shown,
        sha256=hashed(secret),
        scopes=wanted,
        created_by_id=by.user_id,
        expires_at=after(timedelta(days=days)) if days else None,
    )
    rows.refuse_invalid(token, unchecked=["expires_at"])
    token.save()
    token.refresh_from_db()
    publish(team, TokenMade(token.pk, token.name, tuple(wanted)))
    return token, secret


def _check(by: Actor, wanted: Collection[str], days: int | None) -> None:
    strange = sorted(set(wanted) - set(SCOPES))
    if strange:
        raise Refused(f"There is no scope {strange[0]!r}; there are {', '.join(SCOPES)}.")
    if not wanted:
        raise Refused("Choose at least one scope: a token without any opens nothing.")
    beyond = [scope for scope in wanted if not by.may_grant(scope)]
    if beyond:
        raise Forbidden(f"Your role can't give the scope {beyond[0]}.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"days: write a number from 1 to {LONGEST_DAYS}.")


@verb
def revoke_token(*, by: Actor, token: ApiToken) -> None:
    """One's own, or as an admin any of the team. Doing it again changes nothing."""
    team = team_for_view(by, token.team_id)
    if token.created_by_id != by.user_id and not by.may_admin:
        raise Forbidden("Only its maker, an owner or an admin may revoke a token.")
    alive = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if alive.update(revoked_at=Now()):
        publish(team, TokenRevoked(token.pk))
        hints.after_commit(hints.RIGHTS, token=token.pk)


def find(secret: str) -> ApiToken | None:
    """The usable token of this secret, with its team."""
    return ApiToken.objects.usable().select_related("team").filter(sha256=hashed(secret)).first()


@verb
def note_use(token: ApiToken) -> None:
    """At most once a minute, so that reading stays reading."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=after(-SEEN_EVERY))
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())


def hashed(secret: str) -> str:
    """Plain sha256: the secret has 256 bits of chance, which no dictionary holds."""
    return hashlib.sha256(secret.encode()).hexdigest()
