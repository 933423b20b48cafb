"""`bin/serve --stack` as who starts it meets it: a studio that works, and nothing left of it."""

import contextlib
import os
import pty
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.processes import ROOT, until
from tests.serve import inside
from tests.stack import free_port

pytestmark = pytest.mark.processes
SOURCE = "Kelp grows half a metre a day. Otters guard it."


def bearing(mark: str) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("MARK") == mark:
                found.add(process)
    return found


class Serving:
    """The program behind bin/serve --stack, and everything that it starts."""

    def __init__(self, words: Sequence[str] = (), out: int | None = None, **more: str) -> None:
        self._mark = secrets.token_hex(8)
        self.room = Path(tempfile.mkdtemp(prefix="serving-"))
        self.room.chmod(0o755)  # Postgres, which is another user where we are root, goes through it
        self.port = free_port()
        own = {"MARK": self._mark, "TMPDIR": str(self.room), "WORKERS_AI": "1..2"}
        self.log = self.room.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.serve", str(self.port), *words],
                cwd=ROOT,
                env={**os.environ, **own, **more},
                stdout=out or log,
                stderr=out or log,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def says(self, pattern: str) -> str:
        """The first group of what it says, once it does."""

        def found() -> re.Match[str] | None:
            assert self.process.poll() is None, self.said()
            return re.search(pattern, self.said())

        return until(found, within_s=120, what=f"it says {pattern}")[1]

    def alive(self) -> set[psutil.Process]:
        """Whoever inherited its environment, or has its place in its folder."""
        return {*inside(self.room), *bearing(self._mark)}

    def left(self) -> list[str]:
        return [*map(str, self.alive()), *map(str, self.room.iterdir())]

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        for process in self.alive():
            process.kill()
        shutil.rmtree(self.room, ignore_errors=True)
        self.log.unlink()


@pytest.fixture
def serving():
    started = []

    def start(**more: Any) -> Serving:
        started.append(Serving(**more))
        return started[-1]

    yield start
    for one in started:
        one.clean_up()


def owner(address: str, link: str) -> httpx.Client:
    """Signed in as who set the studio up by the link that was printed."""
    client = httpx.Client(base_url=address, follow_redirects=True, timeout=30)
    client.get(link).raise_for_status()
    form = {"name": "Mara", "email": "mara@example.org", "team": "Northlight"}
    form |= {"password": "a long walk at dusk", "code": link.rpartition("=")[2]}
    headers = {"X-CSRFToken": client.cookies["csrftoken"], "Referer": address}
    client.post("/set-up/", data=form, headers=headers).raise_for_status()
    client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
    return client


@pytest.mark.media
def test_a_video_is_made_through_it_and_nothing_is_left(serving):
    one = serving()
    link = one.says(r"Set up the studio, once: (\S+)")
    address = one.says(r"Showrunner is at (\S+)")
    assert one.says(r"Its data lies in (\S+)").startswith(str(one.room))
    with contextlib.closing(owner(address, link)) as client:
        order = {"source": SOURCE, "seconds": 10, "voice": "fast"}
        made = client.post("/api/v1/videos/", json=order)
        assert made.status_code == 201, made.text
        place = made.json()["links"]["self"]

        def settled() -> dict[str, object] | None:
            told = client.get(place).json()
            return told if told["state"] not in ("queued", "producing") else None

        told = until(settled, within_s=300, what="the video settles")
        assert told["state"] == "approved", told
        assert client.get(f"{place}files/video.mp4").content[4:8] == b"ftyp"
    assert {"postgres", "redis-server", "pgbouncer"} <= {process.name() for process in one.alive()}
    assert "voice-" in str([process.cmdline() for process in inside(one.room)])
    one.process.terminate()
    assert one.process.wait(60) == 0
    assert one.left() == []


def led(processes: Iterable[psutil.Process]) -> set[str]:
    """Where those that run ask a language model."""
    found = set()
    for process in processes:
        with contextlib.suppress(psutil.Error):
            found.add(process.environ().get("LLM_BASE_URL", ""))
    return found - {""}


def test_the_stand_in_for_the_vendors_runs_beside_it(serving):
    one = serving(words=["--with-doubles"])
    one.says("(Showrunner is at)")
    bill = one.says(r"The stand-in for the vendors tells at (\S+)")
    assert httpx.get(bill).json()["price_micros"] == 0
    assert led(one.alive()) == {bill.replace("_control/bill", "v1")}
    one.process.terminate()
    assert one.process.wait(60) == 0
    assert one.left() == []


@pytest.mark.long
def test_the_stand_in_runs_beside_the_small_one_too(tmp_path):
    own = {"VAR_DIR": str(tmp_path), "PORT": str(free_port()), "MARK": secrets.token_hex(8)}
    words = ["bin/serve", "--with-doubles"]
    log = tmp_path / "said"
    with log.open("wb") as out:
        process = subprocess.Popen(
            words, cwd=ROOT, env={**os.environ, **own}, stdout=out, stderr=out
        )

    try:
        until(lambda: "Showrunner is at" in log.read_text(), within_s=120, what="it opens")
        (address,) = led(bearing(own["MARK"]))
        assert httpx.get(f"{address}/models", headers={"Authorization": "k"}).json()["data"]
        process.terminate()
        assert process.wait(60) == 0
        assert bearing(own["MARK"]) == set()
    finally:
        for one in bearing(own["MARK"]):
            one.kill()


@pytest.mark.parametrize(
    ("when", "number"),
    [
        ("(Starting Postgres)", signal.SIGTERM),
        ("(Waiting for Postgres)", signal.SIGHUP),
        pytest.param("(publish started)", signal.SIGINT, marks=pytest.mark.long),
    ],
)
def test_it_can_be_stopped_while_it_starts(serving, when, number):
    one = serving()
    one.says(when)
    os.killpg(one.process.pid, number)  # as a terminal does
    assert one.process.wait(60) == 0, one.said()
    assert one.left() == []
    assert "Traceback" not in one.said()


@pytest.mark.long
def test_a_terminal_that_is_closed_ends_it(serving):
    ours, theirs = pty.openpty()
    one = serving(out=theirs)
    os.close(theirs)
    while "Showrunner is at" not in one.said():
        with one.log.open("ab") as log:
            log.write(os.read(ours, 65536))
    os.close(ours)  # after that every line that it writes fails
    os.killpg(one.process.pid, signal.SIGHUP)
    assert one.process.wait(60) == 0
    assert one.left() == []


def test_a_process_that_ends_takes_all_with_it(serving):
    one = serving()
    os.kill(int(one.says(r"publish +started \(pid=(\d+)\)")), signal.SIGTERM)
    assert one.process.wait(60) == 1
    assert one.said().endswith("publish has ended, and so did all others.\n")
    assert one.left() == []


def test_what_is_missing_is_said_in_a_sentence_each(serving):
    one = serving(PATH="/usr/nothing")
    assert one.process.wait(60) == 1
    assert one.said() == (
        "redis-server is not installed: run bin/setup --dev, or install the package redis-server.\n"
    )
    assert one.left() == []


@pytest.mark.parametrize(("words", "said"), [("80000", "PORT is '80000'"), ("", "PORT is ''")])
def test_a_port_that_can_not_be(words, said):
    done = command(words)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr


def test_a_port_that_somebody_has():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = command(str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stderr.startswith("Something answers at port")
    assert done.stderr.count("\n") == 1


def command(port: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "tests.serve", port]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def test_bin_serve_knows_no_other_word():
    done = subprocess.run(["bin/serve", "--stak"], cwd=ROOT, capture_output=True, text=True)
    said = "bin/serve knows --stack and --with-doubles, not --stak.\n"
    assert (done.returncode, done.stderr) == (2, said)
