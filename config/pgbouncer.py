"""Runs a command with a pgbouncer of its own beside it.   bin/with-pgbouncer COMMAND..

Processes of a platform share no loopback, so every process that talks to Postgres brings its own
pool: 1/DYNOS of the connections that the server has for us. Platforms send SIGTERM to each process
of a machine, and pgbouncer would drop what is in flight; so it never hears that signal, and is told
to finish only when the command has ended. One that dies is started again.
"""

import ctypes
import os
import pwd
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from config import env
from config.kit.addresses import TLS_OPTIONS, address

USER, DATABASE = "showrunner", "showrunner"
PORT = 6432  # names the socket; nothing listens on TCP
CLIENTS = 3000
FILES_BESIDE = 100  # descriptors that are neither a client's nor a server's
START_S, DRAIN_S, TICK_S = 10.0, 20.0, 0.1
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


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


class Pooler:
    """A pgbouncer on a Unix socket in a private folder. `url` and `session_url` lead through it."""

    def __init__(self, server: str, plan: Plan) -> None:
        self._server, self._plan = server, plan
        self._folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        self._secret = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _unprivileged()

    def url(self, database: str = DATABASE) -> str:
        place = f"host={quote(str(self._folder), safe='')}&port={PORT}"
        return f"postgres://{USER}:{self._secret}@/{database}?{place}"

    @property
    def session_url(self) -> str:
        return self.url(f"{DATABASE}_session")

    def start(self) -> None:
        """Raises SystemExit where pgbouncer does not come up."""
        self._write("users.txt", f'"{USER}" "{self._secret}"\n')
        self._write("pgbouncer.ini", ini(self._server, self._plan, self._folder, _clients()))
        self._folder.chmod(0o700)
        if self._user:
            shutil.chown(self._folder, self._user)
        self._process = subprocess.Popen(
            ["pgbouncer", "-q", str(self._folder / "pgbouncer.ini")],
            user=self._user,
            start_new_session=True,
            preexec_fn=_sheltered,
            stdin=subprocess.DEVNULL,
        )
        self._wait_until_up()

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """Lets what is in flight finish."""
        if self._process and self.is_up():
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(DRAIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        if self._user:
            shutil.chown(path, self._user)

    def _wait_until_up(self) -> None:
        ends = time.monotonic() + START_S
        while time.monotonic() < ends:
            if not self.is_up():
                break
            with socket.socket(socket.AF_UNIX) as client:
                if client.connect_ex(str(self._folder / f".s.PGSQL.{PORT}")) == 0:
                    return
            time.sleep(0.02)
        raise SystemExit("pgbouncer did not start: what it said stands above.")


def ini(server: str, plan: Plan, folder: Path, clients: int) -> str:
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
        "max_client_conn": clients,
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


def _unprivileged() -> str | None:
    """pgbouncer refuses to run as root."""
    if os.getuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _sheltered() -> None:
    """In the child: no SIGTERM ever, and an end with its parent."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Told:
    """Passes signals on to the command once it runs."""

    def __init__(self) -> None:
        self.command: subprocess.Popen[bytes] | None = None
        self._came: int | None = None
        for number in FORWARDED:
            signal.signal(number, self._hear)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._came = number
        if self.command is not None and self.command.poll() is None:
            self.command.send_signal(number)

    def ended(self) -> int | None:
        return self.command.poll() if self.command else None

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.command = subprocess.Popen(command, env=dict(environment))
        if self._came is not None:
            self.command.send_signal(self._came)


def run(command: Sequence[str]) -> int:
    """The command's exit code, 128 and the number where a signal ended it."""
    server = env.text("DATABASE_URL")
    is_web = any("daphne" in word for word in command)
    pooler = Pooler(server, plan(is_web=is_web))
    told = _Told()
    try:
        pooler.start()
        told.start(
            command,
            env.inherited(
                DATABASE_URL=pooler.url(),
                DATABASE_SESSION_URL=pooler.session_url,
                PGBOUNCER_CONSOLE_URL=pooler.url("pgbouncer"),
                DATABASE_DIRECT_URL=env.text("DATABASE_DIRECT_URL", server),
            ),
        )
        code = _watch(told, pooler)
    finally:
        pooler.stop()
    return code if code >= 0 else 128 - code


def _watch(told: _Told, pooler: Pooler) -> int:
    while (code := told.ended()) is None:
        if not pooler.is_up():
            sys.stderr.write("pgbouncer has ended: starting it again.\n")
            pooler.start()
        time.sleep(TICK_S)
    return code


def main(command: Sequence[str]) -> None:
    if not command:
        raise SystemExit("bin/with-pgbouncer COMMAND..: write what is to be run.")
    scheme = env.text("DATABASE_URL").partition(":")[0]
    if not scheme.startswith("postgres"):
        os.execvp(command[0], list(command))  # noqa: S606 - the caller's own command
    if not env.flag("PGBOUNCER", True) or shutil.which("pgbouncer") is None:
        sys.stderr.write("No pgbouncer here: connecting to Postgres directly.\n")
        os.execvp(command[0], list(command))  # noqa: S606 - the caller's own command
    sys.exit(run(command))


if __name__ == "__main__":
    main(sys.argv[1:])
