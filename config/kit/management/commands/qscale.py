"""`manage.py qscale CLUSTER`: the process that a Procfile runs for each cluster."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kit import jobs
from config.kit.qscale import Scale


class Command(BaseCommand):
    help = "Runs a cluster of workers and keeps it alive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cluster", help="studio: one cluster that serves every queue")
        parser.add_argument(
            "--with-parent",
            type=int,
            default=0,
            metavar="PID",
            help="end when this process, which started it, ends",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster"] != jobs.STUDIO:
            raise CommandError("This version runs one cluster: studio.")
        code = Scale(jobs.STUDIO, with_parent=options["with_parent"]).run()
        if code:
            raise SystemExit(code)
