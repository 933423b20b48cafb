"""`manage.py prune`: frees what nobody needs any more. Run it daily."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from config.kit import pruning
from config.kit.errors import Unavailable
from videos import drafts, intermediates, removals, uploads


class Command(BaseCommand):
    help = (
        "Removes stored bytes that nothing refers to, old intermediates and old videos of the bin"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._prune(only_say=options["dry_run"])
        except Unavailable as error:
            raise CommandError(f"{error.message} What is left goes the next time.") from None

    def _prune(self, *, only_say: bool) -> None:
        purged = 0
        if not only_say:
            uploads.expire()
            uploads.drop_strays()
            while gone := removals.purge_deleted():
                purged += gone
        thinned = drafts.thin_out(is_rehearsal=only_say)
        let_go = intermediates.let_go(is_rehearsal=only_say)
        found = pruning.prune(is_rehearsal=only_say)
        would = "would be " if only_say else ""
        self.stdout.write(f"{purged} deleted videos {would}removed for good.")
        self.stdout.write(f"{thinned} passing versions of scripts {would}removed.")
        self.stdout.write(f"Intermediates of {let_go} published videos {would}let go.")
        size = filesizeformat(found.size).replace("\xa0", " ")
        self.stdout.write(f"{found.count} files {would}removed, {size}.")
