"""`bin/serve --stack`: all processes of the Procfile, on a Postgres and a Redis of their own.

`python -m tests.serve PORT [--with-doubles]` keeps all data in one temporary folder. It ends on
Ctrl-C or SIGTERM with 0, and with 1 when a process has ended by itself; nothing is left in either
case. With doubles, the stand-ins for AI and footage vendors and for YouTube run beside it, and it
is led there.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from honcho import manager
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from tests import stack as stacks
from tests.doubles.ai.client import environment as vendors
from tests.doubles.youtube.client import environment as youtube

ROOT = Path(__file__).resolve().parents[1]
STOPS = (signal.SIGTERM, signal.SIGINT)
OUTSIDE = ("MEDIA_S3_URL", "EMAIL_URL", "SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT")

manager.KILL_WAIT = 30  # 5 s are honcho's own: too few for workers, which give back what they hold


class Terminal(Printer):
    """It may be closed while we run."""

    def write(self, message: Message) -> None:
        with contextlib.suppress(OSError):
            super().write(message)


class Processes(manager.Manager):
    """honcho's. A signal that comes while they start is kept, not lost; none outlives a failure."""

    def __init__(
        self, lines: Mapping[str, str], environment: Mapping[str, str], welcome: Sequence[str]
    ) -> None:
        """`welcome` is said once the page answers."""
        super().__init__(Terminal())
        self._page, self._welcome = f"{environment['PUBLIC_URL']}/healthz", welcome
        self._ended_first = ""
        for name, line in lines.items():
            # without exec a shell stands between, which alone would end of a signal
            self.add_process(name, f"exec {line}", env=dict(environment), cwd=str(ROOT))

    def run(self) -> str:
        """Until all have ended. Answers the name of the one that began it, if one did."""
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        try:
            self.loop()
        except BaseException:
            self.kill()
            for one in self._processes.values():
                one["process"].kill()  # it reads lines for a loop that is no more
            raise
        return self._ended_first

    def terminate(self) -> None:
        if not self._terminating:
            ended = [name for name, one in self._processes.items() if "returncode" in one]
            self._ended_first = "".join(ended[:1])
        super().terminate()

    def _start(self) -> None:
        """honcho knows a pid, and can end the process, only once it has read of it."""
        came: list[int] = []
        handlers = {number: signal.getsignal(number) for number in STOPS}
        for number in STOPS:
            signal.signal(number, lambda number, _frame: came.append(number))
        super()._start()
        read = []
        while not self._all_started():
            read.append(message := self.events.get())
            if message.type == "start":
                self._processes[message.name]["pid"] = message.data["pid"]
        for message in read:
            self.events.put(message)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            os.kill(os.getpid(), came[0])
        threading.Thread(target=self._announce, daemon=True).start()

    def _announce(self) -> None:
        while not answers(self._page):
            time.sleep(0.2)
        for line in self._welcome:
            now = datetime.now()  # noqa: DTZ005 - honcho's lines tell the time of this machine
            self.events.put(Message("line", line, now, manager.SYSTEM_PRINTER_NAME, None))


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        sys.stdout.write(f"==> {text}\n")
        sys.stdout.flush()


def settings(stack: stacks.Stack, folder: Path, port: int) -> dict[str, str]:
    """Of an installation in that folder that reaches nothing outside this machine."""
    scratch = folder / "tmp"
    scratch.mkdir()
    scratch.chmod(0o1777)  # pgbouncer is another user where we are root
    nowhere = dict.fromkeys((*OUTSIDE, "DATABASE_SESSION_URL", "SECRET_KEY", "RUN_DIR"), "")
    return {
        **os.environ,
        "LOG_FORMAT": os.environ.get("LOG_FORMAT") or "line",
        **nowhere,
        **stack.environment(),
        "VAR_DIR": str(folder / "var"),
        "TMPDIR": str(scratch),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "TRUST_PROXY": "0",
        "SINGLE_HOST": "1",
        "DYNOS": "5",
    }


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """At its end nothing runs that has its place in it."""
    folder = Path(tempfile.mkdtemp(prefix="stack-"))  # short: sockets lie in it
    try:
        yield folder
    finally:
        for _ in range(100):  # who is about to die may write once more
            for process in inside(folder):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)


def inside(folder: Path) -> list[psutil.Process]:
    """Voices outlive workers by five minutes: whoever works in the folder or on a file of it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            places = [process.cwd(), *process.cmdline()]
            if any(Path(place).is_relative_to(folder) for place in places):
                found.append(process)
    return found


@contextlib.contextmanager
def stack_in(folder: Path) -> Iterator[stacks.Stack]:
    say("Starting Postgres and Redis")
    stack = stacks.made(folder)
    try:
        yield stack
    finally:
        say("Ending Postgres and Redis")
        stack.end()


def answers(page: str) -> bool:
    try:
        return urllib.request.urlopen(page, timeout=5).status == 200  # noqa: S310 - our own
    except OSError:
        return False


def released(line: str, environment: Mapping[str, str]) -> bool:
    words = ["sh", "-c", f"exec {line}"]
    process = subprocess.Popen(words, cwd=ROOT, env=dict(environment))
    try:
        return process.wait() == 0
    finally:
        process.terminate()  # where we are stopped meanwhile: it takes its pgbouncer along
        process.wait()


def set_up_link(environment: Mapping[str, str]) -> str:
    words = [sys.executable, "manage.py", "set_up_link"]
    told = subprocess.run(
        words,
        cwd=ROOT,
        env={**environment, "LOG_LEVEL": "WARNING"},
        stdout=subprocess.PIPE,
        text=True,
    )
    return told.stdout.strip()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def double(name: str, folder: Path) -> tuple[str, str]:
    """The address of one that is to be started by the line, and the line."""
    port, log = stacks.free_port(), folder / f"{name}.jsonl"
    line = f"{sys.executable} -m tests.doubles.{name} --port {port} --log {log}"
    return f"http://127.0.0.1:{port}", line


def serve(port: int, with_doubles: bool = False) -> None:
    """Raises SystemExit with a sentence where it can't."""
    with own_folder() as folder, stack_in(folder) as stack:
        environment = settings(stack, folder, port)
        lines = parse_procfile((ROOT / "Procfile").read_text()).processes
        if not released(lines.pop("release"), environment):
            raise SystemExit("The release failed: what it said stands above.")
        welcome = [
            f"Showrunner is at {environment['PUBLIC_URL']} (Ctrl-C ends it)",
            set_up_link(environment),
            f"Its data lies in {folder} until then.",
        ]
        if with_doubles:
            address, lines["vendors"] = double("ai", folder)
            bill = f"{address}/_control/bill"
            welcome.append(f"The stand-in for the vendors tells at {bill} what they billed.")
            environment |= vendors(address)
            address, lines["youtube"] = double("youtube", folder)
            welcome.append(f"The stand-in for YouTube is at {address}")
            environment |= youtube(address)
        ended_first = Processes(lines, environment, welcome).run()
        hear(signal.SIG_IGN)  # what is to be cleaned up is cleaned up once, and in whole
    if ended_first:
        raise SystemExit(f"{ended_first} has ended, and so did all others.")


def hear(handler: Any) -> None:
    for number in (*STOPS, signal.SIGHUP):
        signal.signal(number, handler)


def stop(*_: object) -> None:
    hear(signal.SIG_IGN)
    raise SystemExit(0)


def main(port: str, doubled: str = "") -> None:
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise SystemExit(f"PORT is {port!r}: write a number from 1 to 65535.")
    if lacking := stacks.lacking():
        raise SystemExit("\n".join(lacking))
    if not is_free(int(port)):
        raise SystemExit(f"Something answers at port {port} already: PORT=8001 bin/serve --stack.")
    hear(stop)
    serve(int(port), with_doubles=doubled == "--with-doubles")


if __name__ == "__main__":
    main(*sys.argv[1:])
