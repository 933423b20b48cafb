"""Who asks an endpoint: the bearer of a token, or a person signed in with a browser."""

from typing import NoReturn

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from config.kit import logs, throttle
from teams import tokens
from teams.access import actor_for_token
from teams.models import ApiToken, User

FAILURES = throttle.Rate(30, 60)
_UNKNOWN = "This token is unknown, expired or revoked, or its maker has left the team."


class Bearer(authentication.BaseAuthentication):
    """`Authorization: Bearer sr_live_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find(secret.strip())
        actor = actor_for_token(token) if token else None
        if token is None or actor is None:
            self._refuse(request)
        tokens.note_use(token)
        request._request.actor = actor  # type: ignore[attr-defined]
        logs.tell(team=actor.team_id)
        return User.objects.get(pk=actor.user_id or 0), token

    def _refuse(self, request: Request) -> NoReturn:
        taken = throttle.take(f"auth:{throttle.address_of(request._request)}", FAILURES)
        if not taken.is_allowed:
            raise exceptions.Throttled(wait=taken.wait_s)
        raise exceptions.AuthenticationFailed(_UNKNOWN)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="showrunner"'


class Session(authentication.SessionAuthentication):
    """A browser: what it changes needs the CSRF token. The actor is put there by the middleware."""
