"""The only place that reads the environment; a wrong value stops the start with a sentence."""

import base64
import os
import re
import secrets
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.kit.vendors import Account

BASE_DIR = Path(__file__).resolve().parent.parent
MOST_WORKERS = 64
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _load_dotenv(path: Path) -> None:
    """`NAME=value` lines; what the process already has wins."""
    if not path.is_file():
        return
    for line in path.read_text().splitlines():
        name, found, value = line.partition("=")
        if found and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


_load_dotenv(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def aws_region() -> str:
    """As AWS's own tools name it."""
    return text("AWS_REGION") or text("AWS_DEFAULT_REGION")


def inherited(**more: str) -> dict[str, str]:
    """The environment of a child process of ours: this one's, with some names set anew."""
    return {**os.environ, **more}


def is_web() -> bool:
    """Whether this process is daphne: `daphne ..` or `python -m daphne ..`."""
    return "daphne" in Path(sys.argv[0]).parts[-2:]


def at_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def names(name: str, default: str = "") -> list[str]:
    """A list with commas between."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def one_of(name: str, default: str, *others: str) -> str:
    known = {one.upper(): one for one in (default, *others)}
    value = text(name, default)
    if value.upper() not in known:
        raise SystemExit(f"{name} is {value!r}: write {', '.join(known.values())}.")
    return known[value.upper()]


def web_address(name: str, default: str) -> str:
    value = text(name, default).rstrip("/")
    if not re.fullmatch(r"https?://[^/\s]+", value):
        raise SystemExit(f"{name} is {value!r}: write an address such as https://studio.example.")
    return value


def url(name: str) -> str:
    """Any http address, or nothing."""
    value = text(name)
    if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
        raise SystemExit(f"{name} can't be read: write an address such as https://collector:4318.")
    return value


def origin(address: str) -> str:
    """Scheme, host and port of an address; nothing of nothing."""
    found = urlsplit(address)
    return f"{found.scheme}://{found.netloc}" if address else ""


def both(*together: str) -> None:
    """One of these names says nothing without the others."""
    missing = [name for name in together if not text(name)]
    if missing and len(missing) < len(together):
        raise SystemExit(f"{missing[0]} is not set: {' and '.join(together)} go together.")


def account(name: str, base_url: str, model: str = "") -> Account:
    """`NAME_API_KEY`, `NAME_BASE_URL`, `NAME_MODEL`, and for writers `NAME_MAX_OUTPUT_TOKENS`.
    Without a key nobody is asked, unless another base than the vendor's own is named."""
    base = url(f"{name}_BASE_URL").rstrip("/") or base_url
    key = text(f"{name}_API_KEY")
    is_local = not key and urlsplit(base).hostname != urlsplit(base_url).hostname
    most_tokens = number(f"{name}_MAX_OUTPUT_TOKENS", 0, least=1, most=10_000_000)
    return Account(name, base, key, text(f"{name}_MODEL", model), is_local, most_tokens)


def hosts(name: str, default: str) -> list[str]:
    found = names(name, default)
    for host in found:
        if "/" in host or host.count(":") == 1:
            raise SystemExit(f"{name} holds {host!r}: write names such as studio.example alone.")
    return found


@dataclass(frozen=True)
class MailServer:
    """Django's EMAIL_* settings."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def mail_server(name: str) -> MailServer:
    """`smtp://`, `smtp+tls://` (STARTTLS) or `smtps://`, with user:password@host:port; unset: the
    console. User and password are percent-encoded."""
    value = text(name)
    if not value:
        return MailServer("django.core.mail.backends.console.EmailBackend")
    url = urlsplit(value)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    try:
        port = url.port
    except ValueError:
        port = 0
    if url.scheme not in ports or not url.hostname or port == 0:
        raise SystemExit(
            f"{name} can't be read: write smtp+tls://user:password@mail.example:587 or smtps://.."
        )
    return MailServer(
        "django.core.mail.backends.smtp.EmailBackend",
        url.hostname,
        port or ports[url.scheme],
        unquote(url.username or ""),
        unquote(url.password or ""),
        use_tls=url.scheme == "smtp+tls",
        use_ssl=url.scheme == "smtps",
    )


def make_folder(path: Path, name: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"{name}: {path} can't be made: {error.strerror}.") from None


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return default if value == "" else False
    raise SystemExit(f"{name} is {value!r}: write 1 or 0.")


def number(name: str, default: int, *, least: int = 0, most: int = 10**12) -> int:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise SystemExit(f"{name} is {value!r}: write a whole number from {least} to {most}.")
    return int(value)


def worker_range(name: str, least: int, most: int, *, floor: int = 1) -> tuple[int, int]:
    """`4..16`, or one number for a cluster that never changes its size. Between `floor` and 64."""
    value = os.environ.get(name, "").strip()
    if not value:
        return least, most
    found = re.fullmatch(r"(\d{1,4})(?:\.\.(\d{1,4}))?", value, re.ASCII)
    if found:
        low, high = int(found[1]), int(found[2] or found[1])
        if floor <= low <= high <= MOST_WORKERS:
            return low, high
    raise SystemExit(
        f"{name} is {value!r}: write a range such as 4..16, or one number, "
        f"from {floor} to {MOST_WORKERS}."
    )


def serve_cluster(arguments: Sequence[str], known: Collection[str]) -> None:
    """Django-Q asks the environment for its cluster as it is imported, and believes any name; so
    the name that `manage.py qscale NAME` was given must stand there before."""
    if arguments[1:2] == ["qscale"]:
        for name in [word for word in arguments[2:] if word in known][:1]:
            os.environ["Q_CLUSTER_NAME"] = name
    value = os.environ.get("Q_CLUSTER_NAME", "")
    if value and value not in known:
        raise SystemExit(f"Q_CLUSTER_NAME is {value!r}: write {', '.join(known)}, or nothing.")


def field_keys(name: str) -> list[str]:
    """Fernet keys, the one that encrypts first."""
    found = names(name)
    for place, key in enumerate(found, start=1):
        try:
            is_key = len(base64.urlsafe_b64decode(key)) == 32
        except ValueError:
            is_key = False
        if not is_key:
            raise SystemExit(
                f"{name}: key {place} is no Fernet key. Make one with: python -c "
                "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            )
    return found


def secret(name: str, keep_in: Path) -> str:
    """The secret from the environment, else one made at random once and kept in a private file."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if not keep_in.exists():
        keep_in.parent.mkdir(parents=True, exist_ok=True)
        made = keep_in.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        try:
            os.link(made, keep_in)  # of two first starts, one wins and both read the same
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return keep_in.read_text().strip()
