"""Puts `request.actor` on every request: the person in their team, or None."""

from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from config.kit import logs
from teams.access import Actor, actor_for
from teams.models import User

Handler = Callable[[HttpRequest], HttpResponseBase]
SET_UP = "teams.is_set_up"
ASKED_AGAIN_S = 300  # the database may be another one than before
WITHOUT_OWNER = ("/set-up/", "/static/", "/api/")


def _actor(request: HttpRequest) -> Actor | None:
    if not request.user.is_authenticated:
        return None
    return actor_for(request.user, request.session.get("team_id"))


def actor(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        found = request.actor = _actor(request)  # type: ignore[attr-defined]
        if found is not None:
            logs.tell(team=found.team_id)
        return get_response(request)

    return middleware


class SetUpFirst:
    """While nobody is there, every page leads to the set-up; asked only until somebody is."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(WITHOUT_OWNER) and not is_set_up():
            return HttpResponseRedirect(reverse("teams:set_up"))
        return self.get_response(request)


def is_set_up() -> bool:
    """Once true it stays so, and the database is asked now and then."""
    if cache.get(SET_UP):
        return True
    found = User.objects.exists()
    if found:
        cache.set(SET_UP, True, ASKED_AGAIN_S)
    return found
