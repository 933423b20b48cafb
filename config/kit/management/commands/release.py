"""`manage.py release`: what a deploy does once, before the new processes start."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError

from config.kit import database, doctor
from config.kit.addresses import address
from config.kit.registry import Finding, Verdict

WAIT_S = 60
LOCK = 7_264_001  # any number that nothing else locks
PAUSES_S = (2, 4, 8, 16)
UNLIMITED = "-c statement_timeout=0 -c lock_timeout=10s -c idle_in_transaction_session_timeout=0"


class Command(BaseCommand):
    help = (
        "Runs the deploy checks, migrates on the direct connection, sets the database's time-outs "
        "and installs schedules. Safe to repeat, and to run twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """What can be refused is refused before anything is changed."""
        self._step("Checking the settings")
        # without a database named, Django leaves out the checks that look at rows
        call_command("check", deploy=True, fail_level="ERROR")
        self._refuse("settings", doctor.setup.check())
        if settings.EMBEDDED:
            self._refuse("servers", doctor.servers())
            self._step("Migrating the database")
            call_command("migrate", interactive=False, verbosity=0)
        else:
            self._on_postgres()
        self._step("Checking what is in the database")
        rows = {"tags": [Tags.database], "databases": [DEFAULT_DB_ALIAS]}
        call_command("check", fail_level="ERROR", **rows)
        self._step("Released.")

    def _refuse(self, what: str, found: Iterable[Finding]) -> None:
        """What the doctor calls a FAIL would lose sessions, tasks or requests."""
        told = [one for one in found if one.verdict != Verdict.OK]
        for one in told:
            self._step(f"{one.about}: {one.told}")
        if any(one.verdict == Verdict.FAIL for one in told):
            raise CommandError(f"The {what} do not fit: see above. Nothing was changed.")

    def _on_postgres(self) -> None:
        direct = settings.DATABASE_DIRECT_URL
        self._step("Waiting for Postgres")
        with _alone(direct) as connection:
            self._refuse("servers", doctor.servers())
            self._step("Migrating the database")
            _migrate(direct)
            self._step("Setting time-outs of statements and locks")
            database.set_role_timeouts(connection)
            # web and workers may be another role, which alone is sure to be allowed its own
            with _connected(settings.DATABASE_URL, "DATABASE_URL") as pooled:
                database.set_role_timeouts(pooled)

    def _step(self, text: str) -> None:
        self.stdout.write(f"==> {text}")
        self.stdout.flush()


@contextmanager
def _alone(url: str) -> Iterator["psycopg.Connection[Any]"]:
    """A direct connection that keeps a second release waiting. Raises CommandError."""
    connection = _connected(url, "DATABASE_DIRECT_URL")
    with connection:
        while not _locked(connection):
            time.sleep(0.5)
        yield connection


def _locked(connection: "psycopg.Connection[Any]") -> bool:
    """A statement that waits would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for all."""
    found = connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    return bool(found and found[0])


def _connected(url: str, name: str) -> "psycopg.Connection[Any]":
    where = address(url, name)
    ends = time.monotonic() + WAIT_S
    while True:
        try:
            return psycopg.connect(**where.libpq(), autocommit=True)
        except psycopg.OperationalError as error:
            if not database.comes_back(error) or time.monotonic() > ends:
                raise CommandError(f"{name}: {database.told(error)}") from None
        time.sleep(1)


def _migrate(url: str) -> None:
    """Unhurried, but nobody is made to wait long for a lock: it tries again instead."""
    joined = "&" if "?" in url else "?"
    database.lead_to(f"{url}{joined}options={quote(UNLIMITED)}")
    for pause_s in (*PAUSES_S, None):
        try:
            call_command("migrate", interactive=False, verbosity=1)
        except OperationalError as error:
            if pause_s is None or not database.was_locked(error):
                raise CommandError(
                    f"The migration failed; nothing else was done. {error}"
                ) from None
            time.sleep(pause_s)
        else:
            return
