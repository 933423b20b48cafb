"""What a Postgres URL says. Without Django: bin/with-pgbouncer reads it before anything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Address:
    """A Postgres URL's parts, as Django's DATABASES names them."""

    host: str
    port: str
    name: str
    user: str
    password: str
    options: Mapping[str, str]

    def libpq(self) -> dict[str, Any]:
        """The arguments of psycopg.connect; safe through a pgbouncer, too."""
        named = {"host": self.host, "port": self.port, "dbname": self.name, "user": self.user}
        named |= {"password": self.password, "connect_timeout": "5", **self.options}
        return {**{key: value for key, value in named.items() if value}, "prepare_threshold": None}


TLS_OPTIONS = {"sslcert", "sslkey", "sslmode", "sslrootcert"}
URL_OPTIONS = {"application_name", "connect_timeout", "options", *TLS_OPTIONS}


def address(url: str, name: str = "DATABASE_URL") -> Address:
    """Raises SystemExit with the sentence that says what to write instead."""
    told = f"{name} can't be read: write postgres://user:password@host:5432/database"
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:  # its words may hold a part of the password
        raise SystemExit(
            f"{told}; what a password has of :/?#[]@ and % is written as %3A."
        ) from None
    host = query.pop("host", "") or unquote(parts.hostname or "")
    port = query.pop("port", "") or port
    database = unquote(parts.path.lstrip("/"))
    if not host or not database or "/" in database or (port and not port.isdecimal()):
        raise SystemExit(f"{told}; host and database are needed.")
    if strange := set(query) - URL_OPTIONS:
        raise SystemExit(f"{name}: {min(strange)} is not known; {', '.join(sorted(URL_OPTIONS))}.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(host, port, database, user, password, query)
