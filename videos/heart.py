"""The heartbeat of a run: keeps its lease while the stage shows life, and says when to stop."""

import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from config.kit import jobs, logs
from videos import runs
from videos.models import StageRun

EVERY_S = 1.0


class Heart(threading.Thread):
    """Beats at most once a second, and only if the stage came within its silence limit."""

    def __init__(self, run: StageRun, silence_s: int) -> None:
        super().__init__(name=f"heart-{run.pk}", daemon=True)
        self._run, self._silence_s = run, silence_s
        self._unit = logs.Unit(dict(logs.ids()))
        self._began = self._heard = time.monotonic()
        self._fraction, self._phase = 0.0, ""
        self._ended = threading.Event()
        self.lost = False  # the lease is somebody else's: cancelled, edited or reaped
        self.silent = False

    def __enter__(self) -> "Heart":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def beat(self, fraction: float, phase: str) -> None:
        self._heard = time.monotonic()
        self._fraction, self._phase = min(max(fraction, 0.0), 1.0), phase[:80]

    def stopping(self) -> bool:
        return self.lost or self.silent or jobs.stopping()

    def run(self) -> None:
        try:
            with logs.running(self._unit):
                while not self._ended.wait(EVERY_S) and not self.lost:
                    self._pump()
        finally:
            connection.close()

    def _pump(self) -> None:
        self.silent = time.monotonic() - self._heard > self._silence_s
        if self.silent:
            return
        try:
            self.lost = not runs.beat(
                self._run, fraction=self._fraction, phase=self._phase, eta_s=self._eta_s()
            )
        except (DatabaseError, InterfaceError):  # the lease lasts longer than a passing fault
            connection.close()

    def _eta_s(self) -> int | None:
        if self._fraction < 0.03:
            return None
        spent_s = time.monotonic() - self._began
        return round(spent_s * (1 - self._fraction) / self._fraction)
