"""The one gate: who acts, for which team, and what they may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from django.db import models
from django.http import HttpRequest

from config.kit.cache import CachedQuerySet
from config.kit.errors import Refused
from teams.models import ApiToken, Membership, Role, Team, User

SCOPES = (
    "videos:read",
    "videos:write",
    "channels:read",
    "channels:write",
    "assets:read",
    "assets:write",
    "team:read",
    "team:write",
    "costs:read",
    "costs:write",
    "notifications:read",
    "notifications:write",
)
# what each role may do, in the words of the team page; the gates below act by it
MAY: Mapping[str, tuple[Role, ...]] = {
    "See channels, videos and files": (Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER),
    "Make, edit and publish videos, keep channels and looks": (
        Role.OWNER,
        Role.ADMIN,
        Role.EDITOR,
    ),
    "Comment and suggest (unless it is taken from them)": (
        Role.OWNER,
        Role.ADMIN,
        Role.EDITOR,
        Role.VIEWER,
    ),
    "Approve videos (others with the right to)": (Role.OWNER, Role.ADMIN),
    "See costs (unless it is taken from them; others with the right to)": (
        Role.OWNER,
        Role.ADMIN,
    ),
    "Set budgets (who sees costs)": (Role.OWNER, Role.ADMIN),
    "Invite people, change roles and the team's settings": (Role.OWNER, Role.ADMIN),
    "Make or remove owners": (Role.OWNER,),
}
_EDITORS = {Role.OWNER, Role.ADMIN, Role.EDITOR}
_ADMINS = {Role.OWNER, Role.ADMIN}
_OF_COSTS = {"costs:read", "costs:write"}
M = TypeVar("M", bound=models.Model)


class Forbidden(Refused):
    code = "forbidden"
    status = 403


@dataclass(frozen=True)
class Actor:
    """Who does something: a person in one of their teams, their token, or a command."""

    team_id: int
    role: Role
    user_id: int | None = None  # None: a command on the server
    can_approve: bool = False
    can_see_costs: bool = False
    can_comment: bool = True
    token_id: int | None = None
    scopes: frozenset[str] | None = None  # of the token; None: all that the role allows

    @property
    def owner(self) -> str:
        """Whose requests these are, for limits and idempotency keys."""
        return f"token:{self.token_id}" if self.token_id else f"user:{self.user_id}@{self.team_id}"

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    @property
    def _writes(self) -> bool:
        """A token that only reads never writes, whatever door it came through."""
        return self.scopes is None or any(scope.endswith(":write") for scope in self.scopes)

    @property
    def may_edit(self) -> bool:
        return self.role in _EDITORS and self._writes

    @property
    def may_admin(self) -> bool:
        return self.role in _ADMINS and self.has_scope("team:write")

    @property
    def may_approve(self) -> bool:
        return (self.role in _ADMINS or self.can_approve) and self._writes

    @property
    def may_set_budgets(self) -> bool:
        return self.role in _ADMINS and self.can_see_costs and self.has_scope("costs:write")

    @property
    def may_comment(self) -> bool:
        return self.can_comment and self._writes

    def may_grant(self, scope: str) -> bool:
        """Nobody gives a token more than they may do themselves."""
        if scope == "team:write":
            return self.may_admin
        if scope == "costs:write":
            return self.role in _ADMINS and self.has_scope(scope)
        is_own = scope.startswith("notifications:")  # nobody else's are reached by it
        return self.may_edit or is_own or scope.endswith(":read")


def names_of_admins(team_id: int) -> list[str]:
    """Whom others ask for what is not theirs to do: owners first."""
    members = Membership.objects.filter(team=team_id, role__in=_ADMINS, user__is_active=True)
    found = members.select_related("user").order_by("id")
    by_rank = sorted(found, key=lambda member: member.role != Role.OWNER)
    return [member.user.get_short_name() for member in by_rank]


def actor_of(request: HttpRequest) -> Actor | None:
    """Who asks; put there by teams.middleware. None: signed out, or in no team."""
    return getattr(request, "actor", None)


def viewer(team_id: int) -> Actor:
    """Whoever sees least in a team: what is kept for all of its members is read as this one."""
    return Actor(team_id, Role.VIEWER, can_comment=False)


def operator(team: Team) -> Actor:
    """The actor of a management command: whoever may run it owns the machine."""
    return Actor(team.pk, Role.OWNER, can_approve=True, can_see_costs=True)


def actor_for(user: User, team_id: int | None) -> Actor | None:
    """The person in the team that they chose, else in their first; None without any."""
    mine = Membership.objects.filter(user=user, user__is_active=True).order_by("id")
    chosen = mine.filter(team_id=team_id).first() if team_id else None
    found = chosen or mine.first()
    return acting(found) if found else None


def actor_for_token(token: ApiToken) -> Actor | None:
    """The token's maker, as far as its scopes reach. None: they have left the team."""
    maker = Membership.objects.filter(
        team_id=token.team_id, user_id=token.created_by_id or 0, user__is_active=True
    ).first()
    return acting(maker, token) if maker else None


def acting(member: Membership, token: ApiToken | None = None) -> Actor:
    scopes = frozenset(token.scopes) if token else None
    return Actor(
        member.team_id,
        Role(member.role),
        member.user_id,
        can_approve=member.can_approve,
        can_see_costs=member.can_see_costs and (scopes is None or bool(scopes & _OF_COSTS)),
        can_comment=member.can_comment,
        token_id=token.pk if token else None,
        scopes=scopes,
    )


class TeamQuerySet(CachedQuerySet[M]):
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


def team_for_comment(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if not by.may_comment:
        raise Forbidden("You may not comment in this team: ask an owner to let you.")
    return team


def team_for_admin(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if not by.may_admin:
        raise Forbidden("Only an owner or an admin of this team may do this.")
    return team


def team_for_costs(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if not by.can_see_costs:
        raise Forbidden("You may not see costs in this team: ask an owner to let you.")
    return team


def team_for_budgets(by: Actor, team_id: int) -> Team:
    team = team_for_costs(by, team_id)
    if not by.may_set_budgets:
        raise Forbidden("Only an owner or an admin of this team sets budgets.")
    return team


def team_for_approval(by: Actor, team_id: int) -> Team:
    team = team_for_view(by, team_id)
    if not by.may_approve:
        raise Forbidden("You may not approve in this team: ask an owner.")
    return team
