"""The clusters that a command brings along where none run: the same that `bin/serve` runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from config.kit import jobs

MOST_STARTS = 3
GRACE_S = 30
NEEDED = ("ai", "render", "publish")  # on SQLite one cluster serves them all


class NoWorkers(Exception):
    """The workers end as soon as they start; the message names their log."""


class OwnCluster:
    """Started when nobody works, also when those who worked have gone meanwhile."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._starts: dict[str, int] = {}
        self._log = Path(settings.VAR_DIR) / "make_video.log"

    def keep(self) -> None:
        """Raises NoWorkers when they can't be kept running."""
        for name in dict.fromkeys(map(jobs.cluster, NEEDED)):
            process = self._processes.get(name)
            if process is not None and process.poll() is None:
                continue
            if not jobs.someone_works(name):
                self._start(name)

    def _start(self, name: str) -> None:
        self._starts[name] = self._starts.get(name, 0) + 1
        if self._starts[name] > MOST_STARTS:
            raise NoWorkers(f"The workers end as soon as they start: see {self._log}")
        manage = str(settings.BASE_DIR / "manage.py")
        command = [sys.executable, manage, "qscale", name, "--with-parent", str(os.getpid())]
        with self._log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True
            )

    def end(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
