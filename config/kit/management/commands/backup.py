"""`manage.py backup`: the database and its files, as they are now. Workers may go on."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from config.kit.backups import making
from config.kit.errors import Refused, Unavailable

LOST = 3
NOT_IN_IT = """Not in it, and to be kept apart from it:
  SECRET_KEY (or the file {secret}) and FIELD_KEYS: without FIELD_KEYS what was
  encrypted (the accounts of channels) can't be read, and is to be connected anew;
  .env, and files that are still on their way here or were delivered to a folder."""


class Command(BaseCommand):
    help = "Copies the database and the files that it names to a folder or a bucket"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            default=str(settings.BACKUPS_DIR),
            metavar="FOLDER|s3://..",
            help="where backups lie, each below a name of its own (default: %(default)s)",
        )
        parser.add_argument(
            "--copy-files",
            action="store_true",
            help="copy files that lie at S3, too; without it they stay there and are listed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = making.make(
                options["to"], with_files=options["copy_files"], tell=self.stdout.write
            )
        except (Refused, Unavailable) as error:
            raise CommandError(f"{error.message} There is no backup.") from None
        size = filesizeformat(made.size).replace("\xa0", " ")
        held = f"{made.count} files, {size}"
        self.stdout.write(f"{made.where}\nThe database and {held}.")
        if not made.has_files:
            self.stdout.write(
                "The files stay at S3: keep versions of the bucket, or say --copy-files."
            )
        self.stdout.write(NOT_IN_IT.format(secret=settings.VAR_DIR / "secret_key"))
        if made.missing:
            raise CommandError(
                f"{len(made.missing)} files that the database names were not in the store; the "
                f"first is {made.missing[0]}. The rest is whole.",
                returncode=LOST,
            )
