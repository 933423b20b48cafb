"""`manage.py api_token`: a token from the server's command line, for its owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kit.errors import Refused
from teams.access import SCOPES, actor_for
from teams.actions import HOME_SLUG
from teams.models import Membership, Role, Team
from teams.tokens import create_token


class Command(BaseCommand):
    help = "Makes an API token and prints it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--team", default=HOME_SLUG, help="slug of the team")
        parser.add_argument("--user", default="", help="mail address of who it acts as")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scopes", default=",".join(SCOPES), help="comma-separated")
        parser.add_argument("--days", type=int, help="how long it is valid; without: for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        member = self._member(options["team"], options["user"])
        actor = actor_for(member.user, member.team_id)
        if actor is None:
            raise CommandError(f"{member.user} is switched off: name another --user.")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            _, secret = create_token(
                by=actor, name=options["name"], scopes=scopes, days=options["days"]
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(secret)

    def _member(self, slug: str, email: str) -> Membership:
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            raise CommandError(f"There is no team {slug!r}: name its slug with --team.")
        members = team.memberships.select_related("user").order_by("id")
        wanted = {"user__email__iexact": email} if email else {"role": Role.OWNER}
        found = members.filter(**wanted).first()
        if found is None:
            raise CommandError(f"{email or 'An owner'} is no member of {team}.")
        return found
