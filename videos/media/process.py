"""Child processes: confined, watched, and gone within five seconds of being told to stop."""

from __future__ import annotations

import errno
import fcntl
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from config.kit.errors import Stopped, Unavailable
from videos.contracts import Stop

POLL_S = 0.2
GRACE_S = 3.0  # between asking and killing
STDERR_KEPT = 64 * 1024
STDOUT_LIMIT = 32 * 1024 * 1024
PIPE_BYTES = 1024 * 1024  # between two children: fewer switches per video frame
CONFINE = Path(__file__).with_name("confine.py")
ROOT = Path(__file__).resolve().parents[2]
MB = 1024 * 1024
HOW_TO_GET = {
    name: f"{name} is not installed: run bin/setup, or apt-get install {package}"
    for name, package in (("ffmpeg", "ffmpeg"), ("ffprobe", "ffmpeg"), ("espeak-ng", "espeak-ng"))
}

OnLine = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    timeout_s: float
    memory_mb: int = 2048
    cpu_s: int | None = None  # None: as much as the timeout allows on all cores
    file_mb: int = 4096
    open_files: int = 256

    def options(self) -> list[str]:
        cpu_s = self.cpu_s or int(self.timeout_s * (os.cpu_count() or 1)) + 1
        return [
            f"parent={os.getpid()}",
            f"memory_mb={self.memory_mb}",
            f"cpu_s={cpu_s}",
            f"file_mb={self.file_mb}",
            f"open_files={self.open_files}",
        ]


@dataclass(frozen=True)
class Finished:
    """`stderr` holds the last 64 KB; a negative return code is the signal that ended it."""

    program: str
    returncode: int
    stdout: bytes
    stderr: str


def run(  # noqa: PLR0913 - one keyword a limit reads better than an object at each call
    command: Sequence[str],
    *,
    room: Path,
    stop: Stop,
    timeout_s: float,
    memory_mb: int = 2048,
    cpu_s: int | None = None,
    file_mb: int = 4096,
    on_line: OnLine | None = None,
    stdin: bytes | None = None,
) -> Finished:
    """Run one confined child in `room`. `on_line` gets each line of its stderr."""
    limits = Limits(timeout_s, memory_mb, cpu_s, file_mb)
    with _family(room, limits) as family:
        child = family.start(command, stdin=stdin, on_line=on_line)
        family.watch(stop)
    return child.finished()


def pipe(  # noqa: PLR0913 - as above
    commands: tuple[Sequence[str], Sequence[str]],
    *,
    room: Path,
    stop: Stop,
    timeout_s: float,
    memory_mb: int = 2048,
    cpu_s: int | None = None,
    file_mb: int = 4096,
    on_line: OnLine | None = None,
) -> tuple[Finished, Finished]:
    """Run two children, the first's stdout into the second's stdin. Look at both return codes:
    a second that reads half a stream ends well. `on_line` gets each line of the first's stderr.
    """
    limits = Limits(timeout_s, memory_mb, cpu_s, file_mb)
    with _family(room, limits) as family:
        reading, writing = _wide_pipe()
        try:
            first = family.start(commands[0], stdout=writing, on_line=on_line)
            second = family.start(commands[1], stdin=reading)
        finally:
            os.close(reading)
            os.close(writing)
        family.watch(stop)
    return first.finished(), second.finished()


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules in a child."""
    return [sys.executable, "-P", "-m", module, *arguments]


def require(finished: Finished, doing: str) -> None:
    """Raise Unavailable with the likely cause, unless the child ended well."""
    if finished.returncode == 0:
        return
    raise_if_full(finished.stderr)
    last = finished.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
    causes = {
        -signal.SIGXFSZ: "its file grew over the limit",
        -signal.SIGXCPU: "it used up its processor time",
        -signal.SIGKILL: "it was killed, perhaps for lack of memory",
    }
    cause = causes.get(finished.returncode, last[0][:300])
    raise Unavailable(f"{finished.program} failed while {doing}: {cause}")


def raise_if_full(stderr: str) -> None:
    if os.strerror(errno.ENOSPC) in stderr:
        raise Unavailable("The disk is full: free at least 500 MB and press Retry.")


def free_space(path: Path, need_mb: float) -> None:
    """Raise Unavailable where fewer than `need_mb` are free."""
    free_mb = shutil.disk_usage(path).free / MB
    if free_mb < need_mb:
        lack = max(1, round(need_mb - free_mb))
        raise Unavailable(f"The disk is full: free {lack} MB and press Retry.")


def network_confined() -> bool:
    """Do children get a network of their own here, that is, none?"""
    ask = "import os; print(os.readlink('/proc/self/ns/net'))"
    command = [sys.executable, "-I", "-S", "-c", ask]
    done = run(command, room=Path("/"), stop=lambda: False, timeout_s=10)
    own = Path("/proc/self/ns/net")
    return (
        own.exists() and done.returncode == 0 and done.stdout.decode().strip() != os.readlink(own)
    )


@dataclass
class _Child:
    program: str
    popen: subprocess.Popen[bytes]
    on_line: OnLine | None
    stdin: memoryview = field(default_factory=lambda: memoryview(b""))
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)
    line: bytearray = field(default_factory=bytearray)

    def ended(self) -> bool:
        """Without reaping: until then its number is not given to another process group."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.popen.pid, options) is not None

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, number)

    def finished(self) -> Finished:
        stderr = self.err.decode(errors="replace")
        return Finished(self.program, self.popen.returncode, bytes(self.out), stderr)

    def take_out(self, chunk: bytes) -> None:
        self.out += chunk
        if len(self.out) > STDOUT_LIMIT:
            raise Unavailable(f"{self.program} printed more than {STDOUT_LIMIT // MB} MB.")

    def take_err(self, chunk: bytes) -> None:
        self.err += chunk
        del self.err[:-STDERR_KEPT]
        if self.on_line is None:
            return
        self.line += chunk
        *lines, rest = self.line.split(b"\n")
        self.line = rest[-STDERR_KEPT:]
        for line in lines:
            self.on_line(line.decode(errors="replace"))


class _Family:
    """Children that live and end together."""

    def __init__(self, room: Path, limits: Limits) -> None:
        self.room = room
        self.limits = limits
        self.children: list[_Child] = []
        self.deadline = time.monotonic() + limits.timeout_s
        self.selector = selectors.DefaultSelector()

    def start(
        self,
        command: Sequence[str],
        *,
        stdin: bytes | int | None = None,
        stdout: int = subprocess.PIPE,
        on_line: OnLine | None = None,
    ) -> _Child:
        program = Path(command[0]).name
        text = stdin if isinstance(stdin, bytes) else b""
        popen = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                str(CONFINE),
                *self.limits.options(),
                "--",
                _found(command[0]),
                *command[1:],
            ],
            stdin=stdin
            if isinstance(stdin, int)
            else subprocess.PIPE
            if text
            else subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self.room,
            env=_environment(self.room),
            start_new_session=True,
        )
        child = _Child(program, popen, on_line, memoryview(text))
        self.children.append(child)
        self._listen(popen.stdout, child.take_out)
        self._listen(popen.stderr, child.take_err)
        if popen.stdin is not None:
            os.set_blocking(popen.stdin.fileno(), False)
            self.selector.register(popen.stdin, selectors.EVENT_WRITE, child)
        return child

    def watch(self, stop: Stop) -> None:
        """Until all have ended. Raises Stopped, or Unavailable when the time is up."""
        ask_at = 0.0
        while not all(child.ended() for child in self.children):
            # With all pipes closed a child is just about to end.
            self._pass_on(POLL_S if self.selector.get_map() else 0.005)
            now = time.monotonic()
            if now >= ask_at:
                ask_at = now + POLL_S
                if stop():
                    raise Stopped
            if now > self.deadline:
                names = " and ".join(child.program for child in self.children)
                raise Unavailable(
                    f"{names} did not finish within {self.limits.timeout_s:.0f} seconds."
                )
        self._pass_on(0)

    def end(self) -> None:
        """Ask, wait, kill. Afterwards nothing of the children's groups is left."""
        for child in self.children:
            if not child.ended():
                child.signal(signal.SIGTERM)
        until = time.monotonic() + GRACE_S
        while time.monotonic() < until and not all(child.ended() for child in self.children):
            time.sleep(0.02)
        for child in self.children:
            child.signal(signal.SIGKILL)
            child.popen.wait()
            for stream in (child.popen.stdin, child.popen.stdout, child.popen.stderr):
                if stream is not None:
                    stream.close()
        self.selector.close()

    def _listen(self, stream: IO[bytes] | None, take: Callable[[bytes], None]) -> None:
        if stream is not None:
            os.set_blocking(stream.fileno(), False)
            self.selector.register(stream, selectors.EVENT_READ, take)

    def _pass_on(self, wait_s: float) -> None:
        for key, events in self.selector.select(wait_s):
            if events & selectors.EVENT_WRITE:
                self._feed(key.fileobj, key.data)
            else:
                self._drain(key.fileobj, key.data)

    def _drain(self, stream: Any, take: Callable[[bytes], None]) -> None:
        """All that is there, so that the last lines before an end are not lost."""
        while chunk := stream.read(PIPE_BYTES):
            take(chunk)
        if chunk == b"":
            self.selector.unregister(stream)

    def _feed(self, stream: Any, child: _Child) -> None:
        with suppress(BrokenPipeError):
            child.stdin = child.stdin[stream.write(child.stdin) or 0 :]
            if child.stdin:
                return
        self.selector.unregister(stream)
        stream.close()


@contextmanager
def _family(room: Path, limits: Limits) -> Iterator[_Family]:
    family = _Family(room, limits)
    try:
        yield family
    finally:
        family.end()


def _wide_pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's share of pipe memory may be used up
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reading, writing


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        name = Path(program).name
        raise Unavailable(HOW_TO_GET.get(name, f"{name} is not installed: run bin/setup"))
    return path


def _environment(room: Path) -> dict[str, str]:
    """Nothing of ours but what a program needs to start: no keys, no proxies."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(room),
        "TMPDIR": str(room),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # or every thread of a child reserves 64 MB of address space
    }
