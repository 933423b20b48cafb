"""`manage.py brake`: stops all spending or publishing, of one team or everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kit.errors import Refused
from teams import brakes
from teams.models import Brake, Stops, Team


class Command(BaseCommand):
    help = "Pulls (on) or releases (off) the brake, or shows what is stopped. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", nargs="?", default="show", choices=["on", "off", "show"])
        parser.add_argument("--what", choices=Stops.values, help="without: both")
        parser.add_argument("--team", default="", help="slug of the team; without: all teams")
        parser.add_argument("--why", default="", help="one sentence that the teams read")

    def handle(self, *args: Any, **options: Any) -> None:
        team = self._team(options["team"])
        for what in [options["what"]] if options["what"] else Stops.values:
            self._act(options["to"], what, team, options["why"])
        on = Brake.objects.on().select_related("team").order_by("team__slug", "what", "id")
        for brake in on:
            scope = brake.team.slug if brake.team else "all teams"
            self.stdout.write(f"{scope}: {brakes.sentence(brake)}")
        if not on:
            self.stdout.write("Nothing is stopped.")

    def _act(self, to: str, what: str, team: Team | None, why: str) -> None:
        by = brakes.Operator()
        try:
            if to == "on":
                brakes.pull_as_operator(by=by, what=what, team=team, why=why)
            elif to == "off":
                brakes.release_as_operator(by=by, what=what, team=team)
        except Refused as refusal:
            raise CommandError(refusal.message) from None

    def _team(self, slug: str) -> Team | None:
        if not slug:
            return None
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            raise CommandError(f"There is no team {slug!r}: name its slug with --team.")
        return team
