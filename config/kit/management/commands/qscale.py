"""`manage.py qscale CLUSTER`: the process that a Procfile runs for each cluster."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kit import doctor
from config.kit.qscale import Scale


class Command(BaseCommand):
    help = "Runs a cluster of workers and keeps it alive."

    def add_arguments(self, parser: CommandParser) -> None:
        known = ", ".join(settings.WORKERS)
        parser.add_argument("cluster", help=f"the cluster that it keeps: {known}")
        parser.add_argument(
            "--with-parent",
            type=int,
            default=0,
            metavar="PID",
            help="end when this process, which started it, ends",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cluster = options["cluster"]
        if cluster not in settings.WORKERS:
            raise CommandError(
                f"There is no cluster {cluster!r} here: {', '.join(settings.WORKERS)}."
            )
        doctor.warn_of_servers()
        code = Scale(cluster, with_parent=options["with_parent"]).run()
        if code:
            raise SystemExit(code)
