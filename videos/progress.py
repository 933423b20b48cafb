"""How far a whole video is: its stages weighed by what they usually take."""

from collections.abc import Iterable
from dataclasses import dataclass

from videos.models import RunState, StageRun

WEIGHTS = {
    "script": 3,
    "narration": 14,
    "visuals": 3,
    "captions": 2,
    "thumbnail": 2,
    "render": 58,
    "quality": 18,
}
KNOWN = 0.2  # before so much is done, a guess at the rest is worth nothing
OTHER = 5  # a stage of a plan that this version does not know
ENDED = (RunState.DONE, RunState.SKIPPED)


@dataclass(frozen=True)
class Progress:
    fraction: float
    stage: str  # what is worked on now; empty: nothing is
    phase: str
    eta_s: int | None


def of(runs: Iterable[StageRun]) -> Progress:
    """`eta_s` is that of the running stage and, by weight, of what comes behind it."""
    found = sorted(runs, key=lambda run: run.position)
    total = sum(_weight(run) for run in found) or 1
    done = sum(_weight(run) * _fraction(run) for run in found)
    now = next((run for run in found if run.state == RunState.RUNNING), None)
    if now is None:
        return Progress(done / total, "", "", None)
    eta_s = _eta_s(now, total - done) if done / total > KNOWN else None
    return Progress(done / total, now.stage, now.phase, eta_s)


def _eta_s(now: StageRun, weight_left: float) -> int | None:
    here = _weight(now) * (1 - now.fraction)
    if now.eta_s is None or here <= 0:
        return None
    return round(now.eta_s * max(1.0, weight_left / here))


def _weight(run: StageRun) -> float:
    return WEIGHTS.get(run.stage, OTHER)


def _fraction(run: StageRun) -> float:
    return 1.0 if run.state in ENDED else run.fraction
