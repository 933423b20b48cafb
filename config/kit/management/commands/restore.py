"""`manage.py restore FROM`: puts a backup in place of what this installation holds."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from config.kit.backups import restoring
from config.kit.errors import Refused, Unavailable

CHECK = """Check before the workers start:
  1. SECRET_KEY and FIELD_KEYS are those of the time of the backup: without them people sign in
     anew, and the accounts of channels are to be connected anew.
  2. `manage.py release` (or migrate), then `manage.py check --deploy`.
  3. What was published after {made_at} is not known here any more: look at the
     channels before something goes out twice.
  4. Sign in, play a video, change a word of one: only what changed is made again.
  5. `manage.py prune --dry-run` names little: else the files belong to another state."""


class Command(BaseCommand):
    help = "Restores what `backup` has made; stop web and workers first"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="FROM", help="a folder or s3:// as `backup` told it")
        parser.add_argument(
            "--replace", action="store_true", help="give up what this installation holds"
        )
        parser.add_argument(
            "--skip-damaged", action="store_true", help="go on without files that are damaged"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restoring.restore(
                options["source"],
                replace=options["replace"],
                skip_damaged=options["skip_damaged"],
                tell=self.stdout.write,
            )
        except (Refused, Unavailable) as error:
            raise CommandError(error.message) from None
        size = filesizeformat(restored.size).replace("\xa0", " ")
        self.stdout.write(
            f"The state of {restored.made_at}: the database and {restored.count} files, {size}."
        )
        if restored.damaged:
            self.stdout.write(f"{len(restored.damaged)} files could not be had.")
        if settings.MEDIA_S3:
            self.stdout.write("Files are at S3.")
        self.stdout.write(CHECK.format(made_at=restored.made_at))
