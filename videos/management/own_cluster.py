"""The cluster that a command brings along where none runs: the same that `bin/serve` runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from config.kit import jobs

MOST_STARTS = 3
GRACE_S = 30


class NoWorkers(Exception):
    """The workers end as soon as they start; the message names their log."""


class OwnCluster:
    """Started when nobody works, also when those who worked have gone meanwhile."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._log = Path(settings.VAR_DIR) / "make_video.log"

    def keep(self) -> None:
        """Raises NoWorkers when they can't be kept running."""
        if self._process is not None and self._process.poll() is None:
            return
        if jobs.someone_works("ai"):
            return
        if self._starts == MOST_STARTS:
            raise NoWorkers(f"The workers end as soon as they start: see {self._log}")
        self._starts += 1
        manage = str(settings.BASE_DIR / "manage.py")
        command = [sys.executable, manage, "qscale", jobs.STUDIO, "--with-parent", str(os.getpid())]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True
            )

    def end(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
