"""Talks to the engine programs in `voices/`: starts them when needed, asks, waits, gives up."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from config.kit.errors import Rejected, Stopped, Unavailable
from videos.contracts import Beat, HeardWord, Said, Stop, Word
from videos.media.engine_places import places

LOOK_EVERY_S = 0.2
START_S = 60.0
STARTS = 3
STALL_S = 180.0  # the longest piece of speech takes a tenth of this on a busy machine
LOG_LIMIT = 1 << 20
# onnxruntime's Linux builds send what they are used for to Microsoft from 1.29 on
ALWAYS = {"ORT_DISABLE_TELEMETRY": "1"}
KEPT_ENVIRONMENT = ("PATH", "LANG", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class _Died(Exception):
    """The program ended during our work."""


class _NotYet(Exception):
    """It was just ending, or makes room for a newer one: asking again soon is right."""


class Engine:
    """One engine of this machine, shared by all workers: `piper`, `kokoro`, `espeak`, `whisper`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def present(self) -> bool:
        return places.about(self.name).exists() and places.python(self.name).exists()

    def about(self) -> Mapping[str, Any]:
        """What the set-up wrote: name, version, licence, voices."""
        if not self.present():
            raise Unavailable(f"The engine {self.name} is missing: run bin/setup-voices.")
        about: dict[str, Any] = json.loads(places.about(self.name).read_text())
        return about

    def say(  # noqa: PLR0913 - the Voice protocol's arguments and the voice's name
        self,
        words: Sequence[Word],
        *,
        voice: str,
        language: str,
        speed: float,
        into: Path,
        stopping: Stop,
        beat: Beat,
    ) -> Said:
        request = {
            "ask": "say",
            "words": [word.spoken for word in words],
            "voice": voice,
            "language": language,
            "speed": speed,
            "into": str(into.resolve()),
        }
        answer = self.ask(request, stopping=stopping, beat=beat)
        times = tuple((int(start), int(end)) for start, end in answer["times"])
        if len(times) != len(words):
            raise RuntimeError(f"{self.name} timed {len(times)} of {len(words)} words")
        return Said(into, int(answer["rate"]), int(answer["samples"]), times)

    def hear(self, wave: Path, *, language: str, stopping: Stop, beat: Beat) -> list[HeardWord]:
        request = {"ask": "hear", "wave": str(wave.resolve()), "language": language}
        answer = self.ask(request, stopping=stopping, beat=beat)
        return [HeardWord(**word) for word in answer["words"]]

    def ask(self, request: Mapping[str, Any], *, stopping: Stop, beat: Beat) -> Mapping[str, Any]:
        """Its last answer. A program that dies meanwhile is started again once."""
        line = json.dumps({"version": self.about()["version"], **request}).encode() + b"\n"
        deaths, until = 0, time.monotonic() + START_S
        while deaths < 2 and time.monotonic() < until:
            with self._connect(stopping) as connection:
                try:
                    return self._converse(connection, line, stopping, beat)
                except _Died:
                    deaths += 1
                    until = time.monotonic() + START_S
                except (_NotYet, ConnectionError):
                    _rest(stopping)
        raise Unavailable(f"The engine {self.name} ends as soon as it is at work.")

    def _converse(
        self, connection: socket.socket, line: bytes, stopping: Stop, beat: Beat
    ) -> Mapping[str, Any]:
        connection.sendall(line)
        progress, moved_at = -1.0, time.monotonic()
        answer: Mapping[str, Any] = {}
        for answer in self._answers(connection, stopping):
            if answer["event"] == "done":
                return answer
            if answer["event"] == "error":
                self._refuse(answer)
            fraction = float(answer.get("fraction", 0.0))
            if fraction != progress or answer["event"] == "waiting":
                progress, moved_at = fraction, time.monotonic()
            elif time.monotonic() - moved_at > STALL_S:
                self._end_stuck()
                raise _Died
            beat(fraction)
        raise _Died if answer.get("event") == "working" else _NotYet

    def _answers(self, connection: socket.socket, stopping: Stop) -> Iterator[dict[str, Any]]:
        """Lines as they come; the program sends two a second, so a long silence is its end."""
        rest, heard_at = b"", time.monotonic()
        while time.monotonic() - heard_at < START_S:
            if stopping():
                raise Stopped(f"stopped while {self.name} was at work")
            if not select.select([connection], [], [], LOOK_EVERY_S)[0]:
                continue
            piece = connection.recv(1 << 16)
            if not piece:
                return
            heard_at = time.monotonic()
            *lines, rest = (rest + piece).split(b"\n")
            yield from map(json.loads, lines)

    def _refuse(self, answer: Mapping[str, Any]) -> None:
        if answer["code"] == "outdated":
            raise _NotYet
        if answer["code"] == "rejected":
            raise Rejected(answer["message"])
        raise Unavailable(f"The engine {self.name} could not do it: {answer['message']}.")

    def _connect(self, stopping: Stop) -> socket.socket:
        path = str(places.socket(self.name))
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            connection = _opened(path)
            if connection is not None:
                return connection
            with _start_lock(self.name, stopping):
                connection = _opened(path)  # another worker may have started it meanwhile
                if connection is not None:
                    return connection
                self._start(path, stopping)
        raise Unavailable(f"The engine {self.name} does not answer.")

    def _start(self, path: str, stopping: Stop) -> None:
        """Returns when its socket answers: the program goes to the background only then."""
        log = places.run / f"voice-{self.name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.unlink()
        for _ in range(STARTS):
            code = self._started(path, log, stopping)
            if code == 0:
                return
            _rest(stopping)
        said = log.read_text(errors="replace").strip().splitlines()
        why = "".join(said[-1:]) or f"it ended with {code}"
        raise Unavailable(f"The engine {self.name} did not start: {why}")

    def _started(self, path: str, log: Path, stopping: Stop) -> int:
        """The exit code of the program's first process: 0 once it serves in the background."""
        command = [str(places.python(self.name)), str(places.program(self.name))]
        options = ["--socket", path, "--threads", str(places.threads), "--background"]
        with log.open("ab") as out:
            started = self._launch([*command, *options], out)
        try:
            return _wait(started, stopping)
        finally:
            if started.poll() is None:
                started.kill()

    def _launch(self, command: list[str], out: IO[bytes]) -> subprocess.Popen[bytes]:
        """Not through media.process: an engine outlives the worker and its process group."""
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=places.run,
            env={"HOME": str(places.run), **environment, **ALWAYS},
            start_new_session=True,
        )

    def _end_stuck(self) -> None:
        """Its own answer names the process, so nothing else can be hit."""
        with suppress(OSError, ValueError, KeyError):
            state = self.state()
            os.kill(int(state["pid"]), signal.SIGKILL)

    def state(self) -> Mapping[str, Any]:
        """Of a running program: pid, loaded, served, peak_mb, cpu_s. Empty if none runs."""
        connection = _opened(str(places.socket(self.name)))
        if connection is None:
            return {}
        with connection:
            connection.sendall(b'{"ask": "ping"}\n')
            return next(self._answers(connection, lambda: False), {})


def _opened(path: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection


@contextmanager
def _start_lock(name: str, stopping: Stop) -> Iterator[None]:
    with (places.run / f"voice-{name}.start").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                _rest(stopping)
        yield


def _wait(started: subprocess.Popen[bytes], stopping: Stop) -> int:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            return started.wait(LOOK_EVERY_S)
        if stopping():
            raise Stopped("stopped while an engine was starting")
    return 1


def _rest(stopping: Stop) -> None:
    if stopping():
        raise Stopped("stopped while waiting for an engine")
    time.sleep(LOOK_EVERY_S)
