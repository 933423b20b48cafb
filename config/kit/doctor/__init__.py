"""What `manage.py doctor` looks at: here what lies below all apps, which fill `registry.check`."""

from collections.abc import Callable, Iterable, Iterator

from config.kit import registry
from config.kit.doctor import clusters, database, machine, services, setup
from config.kit.registry import Finding, Verdict

CHECKS: list[Callable[[], Iterable[Finding]]] = [
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
    for check in (*CHECKS, *registry.check):
        try:
            yield from check()
        except Exception as error:  # a doctor that dies at the first ill organ helps nobody
            about = getattr(check, "__module__", "").rpartition(".")[2]
            told = f"The check itself failed: {type(error).__name__}: {error}"
            yield Finding(about, Verdict.FAIL, told)
