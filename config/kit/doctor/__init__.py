"""What `manage.py doctor` looks at: here what lies below all apps, which fill `registry.check`."""

import logging
from collections.abc import Callable, Iterable, Iterator

from django.db import connection

from config.kit import registry
from config.kit.doctor import clusters, database, machine, services, setup
from config.kit.registry import Finding, Verdict

log = logging.getLogger("showrunner.health")
Check = Callable[[], Iterable[Finding]]
SERVERS: list[Check] = [database.sizes, services.redis_check]
CHECKS: list[Check] = [
    setup.check,
    machine.check,
    database.check,
    services.redis_check,
    services.files_check,
    services.mail_check,
    clusters.check,
]


def findings() -> Iterator[Finding]:
    """Of every check, as they come. What goes wrong inside one is told, too."""
    yield from _of(*CHECKS, *registry.check)


def servers() -> Iterator[Finding]:
    """Whether Postgres and Redis are large enough: a release refuses what is not."""
    yield from _of(*SERVERS)


def warn_of_servers() -> None:
    """At the start of a process, to its log."""
    for one in servers():
        if one.verdict == Verdict.FAIL:
            log.warning("%s: %s", one.about, one.told)
    connection.close()


def _of(*checks: Check) -> Iterator[Finding]:
    for check in checks:
        try:
            yield from check()
        except Exception as error:  # a doctor that dies at the first ill organ helps nobody
            about = getattr(check, "__module__", "").rpartition(".")[2]
            told = f"The check itself failed: {type(error).__name__}: {error}"
            yield Finding(about, Verdict.FAIL, told)
