"""When each stage of a video ran: its attempts from the journal, its parts from their rows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from teams.models import Event
from videos.models import RunPart, RunState, StageRun, Video
from videos.news import StageFinished, StageStarted

WIDTH = 1000  # of the drawing, in its own units
NARROWEST = 3


@dataclass(frozen=True)
class Attempt:
    number: int
    began: datetime
    ended: datetime
    state: str  # what it ended as; `running`, or `lost` where nobody heard of its end


@dataclass(frozen=True)
class Bar:
    x: int
    width: int
    attempt: Attempt

    @property
    def seconds(self) -> float:
        return (self.attempt.ended - self.attempt.began).total_seconds()


@dataclass(frozen=True)
class Lane:
    run: StageRun
    bars: list[Bar]
    marks: list[int]  # where parts were made
    parts: list[RunPart]

    @property
    def seconds(self) -> float:
        return sum(bar.seconds for bar in self.bars)

    @property
    def made(self) -> int:
        return sum(part.was_made for part in self.parts)


@dataclass(frozen=True)
class Timeline:
    lanes: list[Lane]
    began: datetime | None
    seconds: float


def of(video: Video) -> Timeline:
    now = datetime.now(UTC)
    runs = list(video.runs.order_by("position"))
    heard = _heard(video)
    attempts = {run.stage: _attempts(run, heard.get(run.stage, []), now) for run in runs}
    moments = [moment for found in attempts.values() for one in found for moment in _ends(one)]
    began, ended = min(moments, default=now), max(moments, default=now)
    scale = _Scale(began, max((ended - began).total_seconds(), 0.001))
    parts = _parts(runs)
    lanes = [_lane(run, attempts[run.stage], parts.get(run.pk, []), scale) for run in runs]
    return Timeline(lanes, began if moments else None, scale.seconds if moments else 0.0)


def _ends(attempt: Attempt) -> tuple[datetime, datetime]:
    return attempt.began, attempt.ended


def _heard(video: Video) -> Mapping[str, list[Event]]:
    kinds = (StageStarted.kind, StageFinished.kind)
    told = Event.objects.filter(team=video.team_id, kind__in=kinds, payload__video_id=video.pk)
    by_stage: dict[str, list[Event]] = {}
    for event in told.order_by("seq"):
        by_stage.setdefault(event.payload["stage"], []).append(event)
    return by_stage


def _attempts(run: StageRun, told: Iterable[Event], now: datetime) -> list[Attempt]:
    """Pairs each start with the next word about the stage. A journal that says nothing of a
    stage leaves what the run's own row says of its last attempt."""
    found: list[Attempt] = []
    number, began = 0, None
    for event in told:
        is_start = event.kind == StageStarted.kind
        if began is not None:
            state = "lost" if is_start else str(event.payload.get("state", ""))
            found.append(Attempt(number, began, event.at, state))
        number = int(event.payload.get("attempt", 0)) if is_start else number
        began = event.at if is_start else None
    if began is not None:
        found.append(Attempt(number, began, *_still(run, began, now)))
    return found or list(_of_row(run, now))


def _still(run: StageRun, began: datetime, now: datetime) -> tuple[datetime, str]:
    if run.state == RunState.RUNNING:
        return now, RunState.RUNNING.value
    return max(began, run.ended_at or began), "lost"


def _of_row(run: StageRun, now: datetime) -> Iterator[Attempt]:
    if run.started_at and run.state != RunState.WAITING:
        is_running = run.state == RunState.RUNNING
        ended = now if is_running else max(run.started_at, run.ended_at or run.started_at)
        yield Attempt(run.attempt, run.started_at, ended, run.state)


@dataclass(frozen=True)
class _Scale:
    began: datetime
    seconds: float

    def at(self, moment: datetime) -> int:
        place = round(WIDTH * (moment - self.began).total_seconds() / self.seconds)
        return min(max(place, 0), WIDTH)


def _parts(runs: Iterable[StageRun]) -> Mapping[int, list[RunPart]]:
    by_run: dict[int, list[RunPart]] = {}
    rows = RunPart.objects.filter(run__in=[run.pk for run in runs]).select_related("artifact")
    for part in rows.order_by("position", "id"):
        by_run.setdefault(part.run_id, []).append(part)
    return by_run


def _lane(run: StageRun, attempts: list[Attempt], parts: list[RunPart], scale: _Scale) -> Lane:
    bars = []
    for one in attempts:
        left, right = scale.at(one.began), scale.at(one.ended)
        width = max(right - left, NARROWEST)
        bars.append(Bar(min(left, WIDTH - width), width, one))
    marks = [scale.at(part.at) for part in parts if part.was_made and part.at >= scale.began]
    return Lane(run, bars, marks, parts)
