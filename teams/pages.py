"""What a signed-in person's pages share: who acts, in which team, and where else they could."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from teams.access import Actor, actor_of
from teams.models import Membership


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


def studio(request: HttpRequest) -> dict[str, Any]:
    """For templates: `actor`, and `memberships` of the person, asked for only where shown."""
    actor = actor_of(request)
    if actor is None or actor.user_id is None:
        return {"actor": actor, "memberships": []}
    mine = Membership.objects.filter(user_id=actor.user_id).select_related("team").order_by("id")
    memberships = SimpleLazyObject(lambda: list(mine))
    return {"actor": actor, "memberships": memberships}
