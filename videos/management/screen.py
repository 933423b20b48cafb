"""Shows on a terminal, or in a log, how far each stage of a video is."""

from typing import Any

from videos.models import RunState, StageRun


class Screen:
    """A line per stage: rewritten in place on a terminal, written when it changes elsewhere."""

    def __init__(self, stream: Any, *, live: bool, quiet: bool) -> None:
        self._stream, self._live, self._quiet = stream, live, quiet
        self._shown: dict[str, str] = {}
        self._quarters: dict[str, int] = {}
        self._open = ""

    def show(self, run: StageRun) -> None:
        if self._quiet or (run.state == RunState.WAITING and not run.reason):
            return
        line = _line(run)
        if self._shown.get(run.stage) == line:
            return
        running = run.state == RunState.RUNNING
        if not self._live and running and not self._is_a_step(run):
            return
        self._shown[run.stage] = line
        self._write(run.stage, line, stays=not running)

    def _is_a_step(self, run: StageRun) -> bool:
        """Where lines can't be rewritten, one at each quarter is enough."""
        quarter = int(run.fraction * 4)
        is_new = self._quarters.get(run.stage) != quarter
        self._quarters[run.stage] = quarter
        return is_new

    def _write(self, stage: str, line: str, *, stays: bool) -> None:
        if not self._live:
            self._stream.write(line + "\n")
        else:
            start = "" if self._open in ("", stage) else "\n"
            self._stream.write(f"{start}\r\x1b[2K{line}" + ("\n" if stays else ""))
            self._open = "" if stays else stage
        self._stream.flush()

    def end(self) -> None:
        if self._open:
            self._stream.write("\n")


def _line(run: StageRun) -> str:
    if run.state == RunState.DONE:
        started_at, ended_at = run.started_at, run.ended_at
        took_s = (ended_at - started_at).total_seconds() if started_at and ended_at else 0
        return f"  {run.stage:<10} done in {took_s:.0f} s"
    if run.state == RunState.RUNNING:
        eta = f", about {run.eta_s} s left" if run.eta_s else ""
        bar = ("#" * round(run.fraction * 24)).ljust(24, "-")
        return f"  {run.stage:<10} [{bar}] {run.fraction:4.0%} {run.phase}{eta}"
    return f"  {run.stage:<10} {run.state} {run.reason}"
