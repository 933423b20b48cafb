"""pgbouncer.ini, and how many connections stand in it."""

import resource
from dataclasses import dataclass
from pathlib import Path

from config import env
from config.kit.addresses import TLS_OPTIONS, address

USER, DATABASE = "showrunner", "showrunner"
PORT = 6432  # names the socket; nothing listens on TCP
CLIENTS = 3000
FILES_BESIDE = 100  # descriptors that are neither a client's nor a server's


@dataclass(frozen=True)
class Plan:
    """How many connections this process may have, and how long they are waited for."""

    pool: int  # kept
    reserve: int  # opened when somebody has waited for a second
    session: int  # of both, in session mode
    wait_s: int
    recycle_s: int

    @property
    def most(self) -> int:
        return self.pool + self.reserve


def plan(*, is_web: bool) -> Plan:
    """This process's share. Raises SystemExit where there is nothing to share."""
    dynos = env.number("DYNOS", 1, least=1, most=1000)
    pool = env.number("PGBOUNCER_POOL", 50, least=2, most=10_000) // dynos
    reserve = env.number("PGBOUNCER_RESERVE", 150, most=10_000) // dynos
    if pool + reserve < 2:
        raise SystemExit(
            f"DYNOS is {dynos}, which leaves {pool + reserve} connections to each: "
            "raise PGBOUNCER_POOL, or run fewer processes."
        )
    session = 5 if pool + reserve >= 40 else 1
    wait_s = env.number("PGBOUNCER_WAIT_S", 30, least=1, most=3600)
    wait_web_s = env.number("PGBOUNCER_WAIT_WEB_S", 8, least=1, most=3600)
    recycle_s = env.number("PGBOUNCER_RECYCLE_S", 1800, least=10, most=86_400)
    return Plan(max(1, pool), reserve, session, wait_web_s if is_web else wait_s, recycle_s)


def most_connections() -> int:
    """Of all processes together."""
    return plan(is_web=False).most * env.number("DYNOS", 1, least=1, most=1000)


def ini(server: str, plan: Plan, folder: Path) -> str:
    """pgbouncer.ini. Client and server passwords differ: the server's stands here alone."""
    target = _target(server)
    settings = {
        "listen_port": PORT,
        "unix_socket_dir": folder,
        "unix_socket_mode": "0700",
        "auth_type": "md5",  # SCRAM on a private socket costs 17 times as much and shields nothing
        "auth_file": folder / "users.txt",
        "admin_users": USER,
        "pool_mode": "transaction",
        "max_client_conn": _clients(),
        "listen_backlog": 4096,  # with 128, hundreds of threads that connect at once are refused
        "default_pool_size": plan.pool,
        "reserve_pool_size": plan.reserve,
        "reserve_pool_timeout": 1,
        "query_wait_timeout": plan.wait_s,
        "server_lifetime": plan.recycle_s,
        "server_check_query": "select 1",
        "server_check_delay": 30,
        "server_idle_timeout": 600,
        "server_login_retry": 1,  # 15 s by default: so long would a restart of Postgres last
        "server_connect_timeout": 5,
        "ignore_startup_parameters": "extra_float_digits",
        "log_connections": 0,
        "log_disconnections": 0,
        "server_tls_sslmode": target.pop("sslmode", "prefer"),
    }
    for option, setting in _TLS.items():
        if file := target.pop(option, ""):
            settings[setting] = file
    entry = " ".join(f"{name}={_quoted(value)}" for name, value in target.items())
    shared = plan.most - plan.session
    return "\n".join(
        [
            "[databases]",
            f"{DATABASE} = {entry} max_db_connections={shared}",
            f"{DATABASE}_session = {entry} pool_mode=session pool_size={plan.session} "
            f"reserve_pool=0 max_db_connections={plan.session}",
            "[pgbouncer]",
            *(f"{name} = {value}" for name, value in settings.items()),
            "",
        ]
    )


_TLS = {
    "sslrootcert": "server_tls_ca_file",
    "sslcert": "server_tls_cert_file",
    "sslkey": "server_tls_key_file",
}


def _target(server: str) -> dict[str, str]:
    """libpq's words for the parts of a URL. Raises SystemExit for one that can't be read."""
    found = address(server)
    if "options" in found.options:
        raise SystemExit(
            "DATABASE_URL: options are lost in pgbouncer: write them with ALTER ROLE .. SET, or "
            "set PGBOUNCER=0."
        )
    told = {"host": found.host, "port": found.port or "5432", "dbname": found.name}
    told |= {"user": found.user, "password": found.password}
    told |= {name: value for name, value in found.options.items() if name in TLS_OPTIONS}
    return {name: value for name, value in told.items() if value}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _clients() -> int:
    """As many as the limit of open files allows; past it pgbouncer hangs clients silently."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), hard))
    return max(100, min(CLIENTS, most - 200 - FILES_BESIDE))
