"""Verbs of people and teams."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.text import slugify

from config.kit import rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, Forbidden, team_for_admin
from teams.events import News, begin_cursors, publish
from teams.models import Membership, NoticeKind, Notification, Role, Team, TeamJournal, User

HOME_SLUG = "studio"
MOST_OWNED = 20  # teams that one person may found: each has limits of its own
RIGHTS = ("can_approve", "can_comment", "can_see_costs")
PERSON = ("email", "name", "is_active", "is_staff", "is_superuser")
UNCHANGED: Mapping[str, bool] = MappingProxyType({})


@dataclass(frozen=True)
class TeamCreated(News):
    kind = "teams.team_created"
    team_id: int
    name: str


@dataclass(frozen=True)
class MemberJoined(News):
    kind = "teams.member_joined"
    user_id: int
    role: str


@dataclass(frozen=True)
class TeamChanged(News):
    kind = "teams.team_changed"
    team_id: int
    name: str
    email: str


@dataclass(frozen=True)
class MemberChanged(News):
    kind = "teams.member_changed"
    user_id: int
    role: str
    can_approve: bool
    can_comment: bool
    can_see_costs: bool


@dataclass(frozen=True)
class MemberRemoved(News):
    kind = "teams.member_removed"
    user_id: int


@dataclass(frozen=True)
class PersonChanged(News):
    kind = "teams.person_changed"
    user_id: int
    email: str
    name: str
    is_active: bool


class TooManyTeams(Refused):
    code = "too_many_teams"


class LastOwner(Refused):
    code = "last_owner"


@verb
def create_team(*, name: str, slug: str, email: str) -> Team:
    team = Team.objects.create(name=name, slug=slug, email=email)
    TeamJournal.objects.create(team=team)
    begin_cursors(team.pk)
    publish(team, TeamCreated(team.pk, name))
    return team


@verb
def add_member(
    *, team: Team, user: User, role: Role, rights: Mapping[str, bool] = UNCHANGED
) -> Membership:
    given = {"can_see_costs": role in (Role.OWNER, Role.ADMIN), **rights}
    membership = Membership.objects.create(team=team, user=user, role=role, **given)
    publish(team, MemberJoined(user.pk, role))
    return membership


@verb
def found_team(*, user: User, name: str) -> Team:
    """A person's own new team: they own it. Raises TooManyTeams."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two tabs, one after the other
    if Membership.objects.filter(user=user, role=Role.OWNER).count() >= MOST_OWNED:
        raise TooManyTeams(f"A person owns at most {MOST_OWNED} teams: leave one first.")
    team = create_team(name=name, slug=_free_slug(name), email=user.email)
    rows.refuse_invalid(team, unchecked=["slug"])
    add_member(team=team, user=user, role=Role.OWNER)
    return team


def _free_slug(name: str) -> str:
    begins = slugify(name)[:40] or "team"
    return f"{begins}-{secrets.token_hex(3)}"


@verb
def leave_team(*, by: Actor) -> None:
    """Raises LastOwner."""
    _lock(by.team_id)
    mine = Membership.objects.get(team_id=by.team_id, user_id=by.user_id or 0)
    _refuse_last_owner(mine)
    publish(by.team_id, MemberRemoved(mine.user_id))
    mine.delete()


@verb
def rename_person(*, user: User, name: str) -> User:
    """What a person changes of themselves."""
    return change_person(user=user, settings={"name": name.strip()})


@verb
def change_team(
    *, by: Actor, team: Team, name: str, email: str, version: int | None = None
) -> Team:
    """The slug stays: the home team is known by it."""
    team_for_admin(by, team.pk)
    locked = _lock(team.pk)
    wanted = {"name": name, "email": email}
    if rows.change(locked, wanted, among=("name", "email"), version=version):
        publish(locked, TeamChanged(locked.pk, locked.name, locked.email))
    return locked


@verb
def change_role(
    *,
    by: Actor,
    membership: Membership,
    role: Role,
    rights: Mapping[str, bool] = UNCHANGED,
    version: int | None = None,
) -> Membership:
    """`rights` names those of can_approve, can_comment and can_see_costs that change with it."""
    team_for_admin(by, membership.team_id)
    _lock(membership.team_id)
    locked = Membership.objects.get(pk=membership.pk)
    _check_owners(by, locked, role)
    wanted = {"role": role, **rights}
    if rows.change(locked, wanted, among=("role", *RIGHTS), version=version):
        told = MemberChanged(
            locked.user_id,
            locked.role,
            locked.can_approve,
            locked.can_comment,
            locked.can_see_costs,
        )
        publish(locked.team_id, told)
        if not locked.can_see_costs:
            _forget_costs(locked)
    return locked


def _forget_costs(membership: Membership) -> None:
    """What they were told of budgets names amounts, and letters of it may still wait."""
    mine = Notification.objects.filter(user=membership.user_id, team=membership.team_id)
    mine.filter(kind=NoticeKind.BUDGET_REACHED).delete()


@verb
def remove_member(*, by: Actor, membership: Membership, version: int | None = None) -> None:
    team_for_admin(by, membership.team_id)
    _lock(membership.team_id)
    locked = Membership.objects.get(pk=membership.pk)
    rows.refuse_stale(locked, version)
    _check_owners(by, locked, None)
    publish(locked.team_id, MemberRemoved(locked.user_id))
    _forget_costs(locked)
    locked.delete()


def _lock(team_id: int) -> Team:
    """Else two owners could remove each other at once."""
    # no_key: who has written the journal asks for this row's key when they commit
    return Team.objects.select_for_update(no_key=True).get(pk=team_id)


def _check_owners(by: Actor, membership: Membership, role: Role | None) -> None:
    """`role` is what the member becomes; None: they leave."""
    if Role.OWNER in (membership.role, role) and by.role != Role.OWNER:
        raise Forbidden("Only an owner may make, change or remove an owner.")
    if role != Role.OWNER:
        _refuse_last_owner(membership)


def _refuse_last_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER:
        return
    owners = Membership.objects.filter(
        team_id=membership.team_id, role=Role.OWNER, user__is_active=True
    )
    if not owners.exclude(pk=membership.pk).exists():
        raise LastOwner("A team keeps an owner: make somebody else an owner first.")


@verb
def change_person(*, user: User, settings: Mapping[str, Any]) -> User:
    """For who runs the server alone: a person is in many teams, and each of them is told."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = locked.memberships.order_by("id")
    teams = [_lock(team_id) for team_id in sorted(mine.values_list("team_id", flat=True))]
    if locked.is_active and not settings.get("is_active", True):
        for membership in mine:
            _refuse_last_owner(membership)
    if rows.change(locked, settings, among=PERSON):
        for team in teams:
            news = PersonChanged(locked.pk, locked.email, locked.name, locked.is_active)
            publish(team, news)
    return locked


@verb
def home_team() -> Team:
    """The installation's own team: commands and the first owner work in it."""
    found = Team.objects.filter(slug=HOME_SLUG).first()
    return found or create_team(name="Studio", slug=HOME_SLUG, email="studio@localhost")


class IsSetUp(Refused):
    code = "is_set_up"
    status = 404


@verb
def set_up(*, email: str, password: str, name: str, team_name: str) -> User:
    """The first owner of an empty installation. Raises IsSetUp: of two at once, for the second."""
    team = _lock(home_team().pk)
    if User.objects.exists():
        raise IsSetUp("This studio has an owner already: sign in.")
    user = create_owner(email=email, password=password, team=team)
    change_person(user=user, settings={"name": name})
    rows.change(team, {"name": team_name, "email": email}, among=("name", "email"))
    return user


@verb
def create_owner(*, email: str, password: str, team: Team) -> User:
    user = User.objects.create_superuser(email, password)
    add_member(team=team, user=user, role=Role.OWNER)
    return user
