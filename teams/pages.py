"""What a signed-in person's pages share: who acts, in which team, and where else they could."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Self

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from teams.access import Actor, actor_of
from teams.brakes import sentence
from teams.models import Brake, Membership

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

    @classmethod
    def of(cls, brake: Brake) -> Self:
        return cls(brake, sentence(brake))


def studio(request: HttpRequest) -> dict[str, Any]:
    """For templates: `actor`, `brakes` that are on for the team, and `memberships` of the person,
    asked for only where shown."""
    actor = actor_of(request)
    is_open = settings.SIGN_UP == "open"
    if actor is None or actor.user_id is None:
        return {"actor": actor, "memberships": [], "sign_up_is_open": is_open}
    mine = Membership.objects.filter(user_id=actor.user_id).select_related("team").order_by("id")
    memberships = SimpleLazyObject(lambda: list(mine))
    on = SimpleLazyObject(lambda: [Shown.of(one) for one in Brake.objects.over(actor.team_id)])
    return {"actor": actor, "memberships": memberships, "brakes": on}


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
