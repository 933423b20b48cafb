"""`manage.py doctor`: what is well, what is not, and what to do."""

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.kit import doctor
from config.kit.registry import Finding, Verdict


class Command(BaseCommand):
    help = "Looks at the machine, the servers and the settings. Exits with 1 if something FAILs."
    requires_system_checks = []  # a database that is away is an answer here

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")
        parser.add_argument("--strict", action="store_true", help="a WARN exits with 1 as well")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.disable(logging.WARNING)  # what the log would say of it, a finding says
        found = list(doctor.findings())
        logging.disable(logging.NOTSET)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], indent=2))
        else:
            self._table(found)
        bad = {Verdict.FAIL, Verdict.WARN} if options["strict"] else {Verdict.FAIL}
        if any(one.verdict in bad for one in found):
            raise SystemExit(1)

    def _table(self, found: Iterable[Finding]) -> None:
        styles = {
            Verdict.OK: self.style.SUCCESS,
            Verdict.WARN: self.style.WARNING,
            Verdict.FAIL: self.style.ERROR,
        }
        for one in found:
            told = " ".join(one.told.split())  # a driver's words may hold line breaks
            self.stdout.write(f"{styles[one.verdict](f'{one.verdict:4}')}  {one.about:20}  {told}")
