"""The whole studio as people meet it: web process, workers, browser, an own installation."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

from tests.processes import Installation, until
from tests.stack import free_port

CHROMIUM = "/usr/bin/chromium"


class Served:
    """A running installation; `address` is where the studio answers."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.address = f"http://127.0.0.1:{free_port()}"
        installation.env["PUBLIC_URL"] = self.address
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *, with_workers: bool = True) -> None:
        port = self.address.rpartition(":")[2]
        daphne = ["-m", "daphne", "-b", "127.0.0.1", "-p", port, "config.asgi:application"]
        self.processes.append(self.installation.start(*daphne))
        if with_workers:
            self.processes.append(self.installation.start("manage.py", "qscale", "studio"))
        until(self.answers, what="the studio answers")

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/accounts/login/", timeout=5).status_code < 500
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def served(installation: Installation, *, with_workers: bool = True) -> Iterator[Served]:
    studio = Served(installation)
    try:
        studio.start(with_workers=with_workers)
        yield studio
    finally:
        studio.stop()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own, which bin/setup --dev installs; Playwright downloads nothing."""
    arguments = (
        ["--no-sandbox", "--disable-gpu"] if Path("/.dockerenv").exists() or not os.getuid() else []
    )
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
