"""`manage.py prices export|import`: the price book as CSV."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import price_lists
from config.kit.errors import Refused


class Command(BaseCommand):
    help = "Writes the price book as CSV, or takes such a list: whole, or not at all"

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("export", help="to the standard output")
        taking = acts.add_parser("import")
        taking.add_argument("file", type=argparse.FileType("r", encoding="utf-8"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "export":
            self.stdout.write(price_lists.written(price_lists.all_prices()), ending="")
            return
        with options["file"] as file:
            text = file.read()
        try:
            taken = price_lists.take(text)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{taken}.")
