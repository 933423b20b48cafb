"""What a signed-in person's pages share: who acts, in which team, and where else they could."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from config.kit.cache import cache_result
from teams.access import Actor, actor_of
from teams.brakes import sentence
from teams.models import Brake, Membership, Team
from teams.notices import unread

P = ParamSpec("P")


class SignedIn(LoginRequiredMixin):
    """For views of a team's things; `self.by` is who asks."""

    by: Actor
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        actor = actor_of(request)
        if actor is None:
            return redirect("teams:no_team")
        self.by = actor
        return super().dispatch(request, *args, **kwargs)


@dataclass(frozen=True)
class Shown:
    """A brake as pages show it."""

    brake: Brake
    told: str


def studio(request: HttpRequest) -> dict[str, Any]:
    """For templates: `actor`, `brakes` that are on for the team, `memberships` of the person and
    their `unread_count`, asked for only where shown."""
    actor = actor_of(request)
    is_open = settings.SIGN_UP == "open"
    if actor is None or actor.user_id is None:
        return {"actor": actor, "memberships": [], "sign_up_is_open": is_open}
    memberships = SimpleLazyObject(functools.partial(memberships_of, actor.user_id))
    brakes = SimpleLazyObject(functools.partial(brakes_over, actor.team_id))
    count = SimpleLazyObject(functools.partial(unread, actor.team_id, actor.user_id))
    return {
        "actor": actor,
        "memberships": memberships,
        "brakes": brakes,
        "unread_count": count,
    }


@cache_result(ttl=300, of=(Membership, Team))
def memberships_of(user_id: int) -> list[Membership]:
    """To be shown; what the person may do, `teams.access` looks up for each request."""
    return list(Membership.objects.filter(user_id=user_id).select_related("team").order_by("id"))


@cache_result(ttl=300, of=(Brake,))
def brakes_over(team_id: int) -> list[Shown]:
    """To be shown; what starts something asks `teams.brakes`."""
    return [Shown(one, sentence(one)) for one in Brake.objects.over(team_id).order_by("id")]


def signed_in(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For function views what `SignedIn` is for classes: inside, `by(request)` answers."""

    @login_required
    @functools.wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if actor_of(request) is None:
            return redirect("teams:no_team")
        return view(request, *args, **kwargs)

    return inner  # type: ignore[return-value]


def by(request: HttpRequest) -> Actor:
    """Who acts, in a view that only who is signed in can reach."""
    actor = actor_of(request)
    if actor is None:
        raise PermissionDenied("Sign in first.")
    return actor
