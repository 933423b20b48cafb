"""The one gate: who acts, for which team, and what they may do there."""

from dataclasses import dataclass
from typing import Self, TypeVar

from django.db import models
from django.http import HttpRequest

from config.kit.errors import Refused
from teams.models import Membership, Role, Team, User

_EDITORS = {Role.OWNER, Role.ADMIN, Role.EDITOR}
_ADMINS = {Role.OWNER, Role.ADMIN}
M = TypeVar("M", bound=models.Model)


class Forbidden(Refused):
    code = "forbidden"
    status = 403


@dataclass(frozen=True)
class Actor:
    """Who does something: a person in one of their teams, or a command of the operator."""

    team_id: int
    role: Role
    user_id: int | None = None  # None: a command on the server
    can_approve: bool = False
    can_see_costs: bool = False

    @property
    def may_edit(self) -> bool:
        return self.role in _EDITORS

    @property
    def may_approve(self) -> bool:
        return self.role in _ADMINS or self.can_approve


def actor_of(request: HttpRequest) -> Actor | None:
    """Who asks; put there by teams.middleware. None: signed out, or in no team."""
    return getattr(request, "actor", None)


def operator(team: Team) -> Actor:
    """The actor of a management command: whoever may run it owns the machine."""
    return Actor(team.pk, Role.OWNER, can_approve=True, can_see_costs=True)


def actor_for(user: User, team_id: int | None) -> Actor | None:
    """The person in the team that they chose, else in their first; None without any."""
    mine = Membership.objects.filter(user=user, user__is_active=True).order_by("id")
    chosen = mine.filter(team_id=team_id).first() if team_id else None
    found = chosen or mine.first()
    if found is None:
        return None
    return Actor(found.team_id, Role(found.role), user.pk, found.can_approve, found.can_see_costs)


class TeamQuerySet(models.QuerySet[M]):
    """For models with a `team`: every question of a door starts with `visible_to`."""

    def visible_to(self, actor: Actor | None) -> Self:
        return self.none() if actor is None else self.filter(team_id=actor.team_id)


def team_for_view(by: Actor, team_id: int) -> Team:
    if by.team_id != team_id:
        raise Forbidden("This belongs to another team.")
    return Team.objects.get(pk=team_id)


def team_for_edit(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if not by.may_edit:
        raise Forbidden("Your role in this team is to view: ask an owner to let you edit.")
    return team


def team_for_admin(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if by.role not in _ADMINS:
        raise Forbidden("Only an owner or an admin of this team may do this.")
    return team


def team_for_approval(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if not by.may_approve:
        raise Forbidden("You may not approve in this team: ask an owner.")
    return team
