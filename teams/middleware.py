"""Puts `request.actor` on every request: the person in their team, or None."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from teams.access import Actor, actor_for


def _actor(request: HttpRequest) -> Actor | None:
    if not request.user.is_authenticated:
        return None
    return actor_for(request.user, request.session.get("team_id"))


def actor(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.actor = _actor(request)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
