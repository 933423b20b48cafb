"""Runs a command with a pgbouncer of its own beside it.   bin/with-pgbouncer COMMAND..

Processes of a platform share no loopback, so every process that talks to Postgres brings its own
pool: 1/DYNOS of the connections that the server has for us. Platforms send SIGTERM to each process
of a machine, and pgbouncer would drop what is in flight; so it never hears that signal, and is told
to finish only when the command has ended. One that dies or hangs is started again; where that
fails, the command is ended, as it is when this process dies: without a database nothing works.
"""

import contextlib
import errno
import os
import pwd
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import quote

from config import env
from config.kit.processes import end_with_parent
from config.pgbouncer_ini import DATABASE, PORT, USER, Plan, ini, plan

PREFIX, SOCKET = "pgbouncer-", f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 107  # bytes: the kernel's limit
START_S, TICK_S = 10.0, 0.1
# After the command has ended. Platforms kill 10 s after SIGTERM at the shortest; and a worker that
# takes its whole 20 s (qscale) must leave this time within the 30 s that the others give.
DRAIN_S = 8.0
END_S = 25.0  # for a command that lost its database: a worker gives up after 20 s
LOOK_S, ANSWER_S, MISSES = 3.0, 2.0, 5  # a machine under load is late, not dead
RESTARTS = 4  # without success, one after the other
OLD_S = 60.0  # one that starts has a socket before it listens
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # the one question that asks for no password


class NotUp(SystemExit):
    """pgbouncer could not be started."""


class Pooler:
    """A pgbouncer on a Unix socket in a private folder. `url` and `session_url` lead through it."""

    def __init__(self, server: str, plan: Plan) -> None:
        self._server, self._plan = server, plan
        self._user = _unprivileged()
        place = _place(self._user)
        _tidy(place)
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        self._secret = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._misses, self._look_at = 0, 0.0

    def url(self, database: str = DATABASE) -> str:
        place = f"host={quote(str(self._folder), safe='')}&port={PORT}"
        return f"postgres://{USER}:{self._secret}@/{database}?{place}"

    @property
    def session_url(self) -> str:
        return self.url(f"{DATABASE}_session")

    def start(self) -> None:
        """Raises NotUp."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)  # somebody may have tidied up
            self._write("users.txt", f'"{USER}" "{self._secret}"\n')
            self._write("pgbouncer.ini", ini(self._server, self._plan, self._folder))
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
        except OSError as error:
            raise NotUp(f"pgbouncer can't be started: {error}.") from None
        self._wait_until_up()

    def restart(self) -> bool:
        """Under the address that it had. False: it said why it does not come up."""
        self._kill()
        try:
            self.start()
        except NotUp as error:
            sys.stderr.write(f"{error}\n")
            return False
        return True

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def is_well(self) -> bool:
        """Whether it lives and answers; may be asked often, and looks every LOOK_S."""
        if time.monotonic() >= self._look_at:
            self._misses = 0 if self._answers() else self._misses + 1
            self._look_at = time.monotonic() + LOOK_S
        return self.is_up() and self._misses < MISSES

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """Lets what is in flight finish."""
        if self._process and self.is_up():
            _end(self._process, signal.SIGINT, DRAIN_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        """A connect alone says nothing: the kernel takes it for one that hangs, too."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_S)
            try:
                client.connect(str(self._folder / SOCKET))
                client.sendall(_SSL_REQUEST)
                return client.recv(1) != b""
            except OSError:
                return False

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        if self._user:
            shutil.chown(path, self._user)

    def _wait_until_up(self) -> None:
        ends = time.monotonic() + START_S
        while self.is_up() and time.monotonic() < ends:
            if self._answers():
                self._misses, self._look_at = 0, time.monotonic() + LOOK_S
                return
            time.sleep(0.02)
        self._kill()
        raise NotUp("pgbouncer did not start: what it said stands above.")


def _place(user: str | None) -> Path:
    """RUN_DIR where it is set, short enough for a socket, and open to whom pgbouncer runs as; else
    where temporary files lie."""
    elsewhere = Path(tempfile.gettempdir())
    if not (told := env.text("RUN_DIR")):
        return elsewhere
    place = Path(told).resolve()
    env.make_folder(place, "RUN_DIR")
    longest = place / f"{PREFIX}12345678" / SOCKET
    is_short = len(os.fsencode(longest)) <= LONGEST_SOCKET
    is_open = not user or all(one.stat().st_mode & 0o001 for one in (place, *place.parents))
    return place if is_short and is_open and os.access(place, os.W_OK | os.X_OK) else elsewhere


def _tidy(place: Path) -> None:
    """A pgbouncer that was killed with its wrapper has left the server's password behind."""
    for folder in place.glob(f"{PREFIX}*"):
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(ANSWER_S)
            is_old = time.time() - folder.stat().st_mtime > OLD_S
            if is_old and client.connect_ex(str(folder / SOCKET)) == errno.ECONNREFUSED:
                shutil.rmtree(folder, ignore_errors=True)


def _end(process: subprocess.Popen[bytes], number: int, within_s: float) -> None:
    process.send_signal(number)
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
    end_with_parent()


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
        """The command is told to end when this process is killed: its pgbouncer is gone then."""
        try:
            self.command = subprocess.Popen(
                command,
                env=dict(environment),
                preexec_fn=partial(end_with_parent, signal.SIGTERM),
            )
        except OSError as error:
            _refuse(command[0], error)
        if self._came is not None:
            self.command.send_signal(self._came)

    def end(self) -> None:
        if self.command is not None:
            _end(self.command, signal.SIGTERM, END_S)


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
    """The command's exit code; 1 where pgbouncer is gone for good, and the command with it."""
    failed = 0
    while (code := told.ended()) is None:
        if not pooler.is_well():
            sys.stderr.write("pgbouncer does not answer: starting it again.\n")
            failed = 0 if pooler.restart() else failed + 1
        if failed == RESTARTS:
            sys.stderr.write("pgbouncer can't be brought back: ending what needs it.\n")
            told.end()
            return 1
        time.sleep(failed or TICK_S)
    return code


def _become(command: Sequence[str]) -> NoReturn:
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - the caller's own command
    except OSError as error:
        _refuse(command[0], error)


def _refuse(program: str, error: OSError) -> NoReturn:
    """With the exit codes of a shell."""
    sys.stderr.write(f"{program} can't be run: {error.strerror}.\n")
    raise SystemExit(127 if isinstance(error, FileNotFoundError) else 126)


def main(command: Sequence[str]) -> None:
    if not command:
        raise SystemExit("bin/with-pgbouncer COMMAND..: write what is to be run.")
    scheme = env.text("DATABASE_URL").partition(":")[0]
    if not scheme.startswith("postgres"):
        _become(command)
    if not env.flag("PGBOUNCER", True) or shutil.which("pgbouncer") is None:
        sys.stderr.write("No pgbouncer here: connecting to Postgres directly.\n")
        _become(command)
    sys.exit(run(command))


if __name__ == "__main__":
    main(sys.argv[1:])
