"""Verbs of people and teams."""

from dataclasses import dataclass

from config.kit.database import verb
from teams.events import News, publish
from teams.models import Membership, Role, Team, TeamJournal, User

HOME_SLUG = "studio"


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


@verb
def create_team(*, name: str, slug: str, email: str) -> Team:
    team = Team.objects.create(name=name, slug=slug, email=email)
    TeamJournal.objects.create(team=team)
    publish(team, TeamCreated(team.pk, name))
    return team


@verb
def add_member(*, team: Team, user: User, role: Role) -> Membership:
    membership = Membership.objects.create(
        team=team, user=user, role=role, can_see_costs=role in (Role.OWNER, Role.ADMIN)
    )
    publish(team, MemberJoined(user.pk, role))
    return membership


@verb
def home_team() -> Team:
    """The installation's own team: commands and the first owner work in it."""
    found = Team.objects.filter(slug=HOME_SLUG).first()
    return found or create_team(name="Studio", slug=HOME_SLUG, email="studio@localhost")


@verb
def create_owner(*, email: str, password: str, team: Team) -> User:
    user = User.objects.create_superuser(email, password)
    add_member(team=team, user=user, role=Role.OWNER)
    return user
