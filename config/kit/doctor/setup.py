"""Whether the settings fit each other: secret, public address, hosts, static files."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from config.kit.doctor.told import fail, warn, well
from config.kit.registry import Finding

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SHORTEST_SECRET = 50


def check() -> Iterator[Finding]:
    yield _debug()
    yield _secret()
    yield _dynos()
    yield _address()
    yield _hosts()
    yield _outbound()
    yield _static()


def _debug() -> Finding:
    if settings.DEBUG and not settings.EMBEDDED:
        return fail("DEBUG", "DEBUG is on and shows the insides to everybody: unset it.")
    return well("DEBUG", "on, for one machine" if settings.DEBUG else "off")


def _secret() -> Finding:
    kept = settings.VAR_DIR / "secret_key"
    is_kept_here = kept.exists() and kept.read_text().strip() == settings.SECRET_KEY
    if is_kept_here and not (settings.EMBEDDED or settings.SINGLE_HOST):
        return fail(
            "SECRET_KEY",
            "Each machine would make its own, and none could read the sessions and tasks of the "
            f"others: set SECRET_KEY everywhere to what {kept} holds.",
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or len(set(settings.SECRET_KEY)) < 5:
        return fail(
            "SECRET_KEY",
            f"It is too easy to guess: write {SHORTEST_SECRET} random characters or more.",
        )
    return well("SECRET_KEY", f"kept in {kept}" if is_kept_here else "set in the environment")


def _dynos() -> Finding:
    if settings.EMBEDDED or settings.DYNOS > 1:
        return well("DYNOS", str(settings.DYNOS))
    return warn(
        "DYNOS",
        "It is 1: each process that runs bin/with-pgbouncer takes the whole pool for itself. Set "
        "it to how many run, such as 5 for the Procfile.",
    )


def _address() -> Finding:
    url = urlsplit(settings.PUBLIC_URL)
    is_here = url.hostname in LOOPBACK
    if is_here and not settings.EMBEDDED:
        return warn(
            "PUBLIC_URL",
            f"It is {settings.PUBLIC_URL}: links in letters and sign-ins of other services lead "
            "nowhere; set it to the address that people use.",
        )
    if url.scheme == "http" and not is_here:
        return warn(
            "PUBLIC_URL", f"{settings.PUBLIC_URL} sends passwords unencrypted: serve it by https."
        )
    if url.scheme == "https" and not settings.TRUST_PROXY:
        return warn(
            "PUBLIC_URL",
            "It is https, but TRUST_PROXY is not set: behind a router that takes TLS off, every "
            "page would lead to itself; set TRUST_PROXY=1 there.",
        )
    return well("PUBLIC_URL", settings.PUBLIC_URL)


def _outbound() -> Finding:
    is_here = urlsplit(settings.PUBLIC_URL).hostname in LOOPBACK
    if settings.OUTBOUND_LOOPBACK and not is_here:
        return fail(
            "OUTBOUND_LOOPBACK",
            "Webhooks that people write may reach what listens on this machine alone: unset it.",
        )
    told = "also to this machine" if settings.OUTBOUND_LOOPBACK else "to the public internet alone"
    return well("Webhooks", told)


def _hosts() -> Finding:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if "*" in settings.ALLOWED_HOSTS:
        return warn(
            "ALLOWED_HOSTS", f"Every name is answered: write {host} and what else leads here."
        )
    fitting = (one for one in settings.ALLOWED_HOSTS if _fits(one, host))
    if next(fitting, None) is None:
        return fail(
            "ALLOWED_HOSTS",
            f"{host} of PUBLIC_URL is not in it, so every page answers 400: add it.",
        )
    return well("ALLOWED_HOSTS", ", ".join(settings.ALLOWED_HOSTS))


def _fits(allowed: str, host: str) -> bool:
    allowed = allowed.strip("[]").lower()
    return host == allowed or (allowed.startswith(".") and f".{host}".endswith(allowed))


def _static() -> Finding:
    missing = settings.BASE_DIR / "static" / "build"
    if not (missing / ".installed").exists():
        return fail("Static files", "Scripts and fonts of the pages are missing: bin/setup-pages.")
    if settings.EMBEDDED or settings.IS_COLLECTED:
        return well("Static files", "collected" if settings.IS_COLLECTED else "served as they lie")
    return warn(
        "Static files", "They are not collected, so browsers load them anew: run bin/post_compile."
    )
