"""What our path from wake to settled costs beside bare Django-Q tasks, and how a cluster grows."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psutil

from bench import report

ROUNDS, TASKS, WORKERS = 3, 300, 4
LATENCIES = 40
NAPS, NAP_S = 120, 1.0
STAGES = ("bench_empty", "bench_nap")
NOTHING = "bench.queue.nothing"
BARE = "publish"  # the cluster whose queue a plain qcluster serves here
METHOD = (
    "Database: {database}. Two clusters of {workers} workers each stand beside each other on one "
    "broker: `qscale ai`, and a plain `qcluster` of Django-Q with the same settings and the same "
    "index. In turns, {rounds} times each, one transaction makes {tasks} pieces of work visible: "
    "runs of one stage that makes nothing, each with its wake, or bare tasks that do nothing. "
    "Counted are the pieces a second from the commit until the last run is settled (its video "
    "moved, its journal written), or the last bare task is acknowledged; tasks_vs_bare_q2 is the "
    "ratio of the medians. Latency is taken one by one on idle clusters: from before the commit to "
    "the run's started_at, or to the task's first line. Then `qscale ai` alone, 4..16: {naps} runs "
    "that sleep {nap} s; workers are counted every half second, and each run must have been "
    "started and finished once."
)


def nothing(path: str = "") -> None:
    """A bare task; for the latency it leaves the time at which it began."""
    if path:
        Path(path).write_text(repr(time.time()))


def register_stages() -> None:
    stage = import_module("videos.stages.catalogue").stage

    def declare(name: str, pause_s: float) -> None:
        @stage(name, version=1, needs=(), makes=(), plan=lambda _: [], cluster="ai")
        def make(work: Any) -> Iterator[Any]:
            time.sleep(pause_s)
            yield from ()

    for name, pause_s in zip(STAGES, (0.0, NAP_S), strict=True):
        declare(name, pause_s)


def serve() -> int:
    """The process of our cluster: `qscale` with stages that make nothing."""
    django.setup()
    register_stages()
    return int(import_module("config.kit.qscale").Scale("ai").run())


def until(condition: Callable[[], Any], within_s: float = 240.0, every_s: float = 0.05) -> Any:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if found := condition():
            return found
        time.sleep(every_s)
    raise RuntimeError("the clusters did not finish in time")


class Studio:
    """Rows of a new installation, seen from this process."""

    def __init__(self) -> None:
        found = import_module  # only now do the settings know the database
        self.models, self.jobs = found("videos.models"), found("config.kit.jobs")
        self.readiness, self.verb = found("videos.readiness"), found("config.kit.database").verb
        self.events, self.queue = found("teams.models"), found("django_q.models").OrmQ
        team = found("teams.actions").home_team()
        by = found("teams.access").operator(team)
        self.channel = found("channels_app.actions").home_channel(by=by)

    def prepare(self, stage: str, n: int) -> list[int]:
        """Videos of one stage that are ready but for their due time."""
        models = self.models
        plan = {"stages": {stage: {"after": [], "cluster": "ai"}}, "title": "", "providers": {}}
        videos = models.Video.objects.bulk_create(
            models.Video(
                team=self.channel.team, channel=self.channel, state="queued", plan=plan, title="-"
            )
            for _ in range(n)
        )
        models.StageRun.objects.bulk_create(
            models.StageRun(video=video, stage=stage, position=0, cluster="ai") for video in videos
        )
        return [video.pk for video in videos]

    def release(self, videos: list[int]) -> None:
        now = import_module("django.db.models.functions").Now()

        @self.verb
        def all_at_once() -> None:
            self.models.StageRun.objects.filter(video__in=videos).update(due_at=now)
            for _ in videos:
                self.readiness.wake("ai")

        all_at_once()

    def are_settled(self, videos: list[int]) -> bool:
        return not self.models.Video.objects.filter(pk__in=videos).exclude(state="review").exists()

    def enqueue_bare(self, n: int, *words: str) -> None:
        @self.verb
        def all_at_once() -> None:
            for _ in range(n):
                self.jobs.enqueue(NOTHING, *words, to=BARE)

        all_at_once()

    def is_idle(self, cluster: str) -> bool:
        return not self.queue.objects.filter(key=cluster).exists()

    def counted(self, videos: list[int]) -> tuple[int, int]:
        """How many of these were lost, and how many were done more than once."""
        kinds = Counter[tuple[str, int]]()
        told = self.events.Event.objects.filter(kind__startswith="videos.stage_")
        for kind, payload in told.values_list("kind", "payload"):
            kinds[kind, payload["video_id"]] += 1
        finished = [kinds["videos.stage_finished", pk] for pk in videos]
        started = [kinds["videos.stage_started", pk] for pk in videos]
        doubled = sum(max(pair) > 1 for pair in zip(started, finished, strict=True))
        return finished.count(0), doubled


def ours_a_second(studio: Studio) -> tuple[float, list[int]]:
    videos = studio.prepare(STAGES[0], TASKS)
    until(lambda: studio.is_idle("ai"))
    studio.release(videos)
    began = time.monotonic()
    until(lambda: studio.are_settled(videos))
    return TASKS / (time.monotonic() - began), videos


def bare_a_second(studio: Studio) -> float:
    until(lambda: studio.is_idle(BARE))
    studio.enqueue_bare(TASKS)
    began = time.monotonic()
    until(lambda: studio.is_idle(BARE))
    return TASKS / (time.monotonic() - began)


def latency_ms(studio: Studio) -> tuple[float, list[int]]:
    videos = studio.prepare(STAGES[0], LATENCIES)
    waits = []
    for place, video in enumerate(videos):
        time.sleep(0.11 + 0.013 * place)  # at all phases of the poll
        began = datetime.now(tz=UTC)
        studio.release([video])
        until(lambda one=video: studio.are_settled([one]), every_s=0.01)
        run = studio.models.StageRun.objects.get(video=video)
        waits.append((run.started_at - began).total_seconds() * 1000)
    return statistics.median(waits), videos


def bare_latency_ms(studio: Studio, folder: Path) -> float:
    waits = []
    for place in range(LATENCIES):
        time.sleep(0.11 + 0.013 * place)
        mark = folder / f"mark{place}"
        began = time.time()
        studio.enqueue_bare(1, str(mark))
        until(lambda path=mark: path.exists() and path.read_text(), every_s=0.01)
        waits.append((float(mark.read_text()) - began) * 1000)
    return statistics.median(waits)


def workers_of(qscale: subprocess.Popen[bytes]) -> int:
    """Children of the sentinel, less its pusher and its monitor."""
    with contextlib.suppress(psutil.Error, IndexError):
        return len(psutil.Process(qscale.pid).children()[0].children()) - 2
    return 0


def timeline(
    studio: Studio, qscale: subprocess.Popen[bytes]
) -> tuple[list[tuple[float, int]], list[int]]:
    """Seconds and workers, from before the work came until the cluster is small again."""
    videos = studio.prepare(STAGES[1], NAPS)
    began, seen = time.monotonic(), [(0.0, workers_of(qscale))]
    studio.release(videos)

    def is_over() -> bool:
        now = workers_of(qscale)
        if now != seen[-1][1]:
            seen.append((round(time.monotonic() - began, 1), now))
        return now == WORKERS and studio.are_settled(videos)

    until(is_over, every_s=0.5)
    return seen, videos


@contextlib.contextmanager
def running(cluster: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that serves one cluster, and is told to end."""
    environment = {**os.environ, "Q_CLUSTER_NAME": cluster}
    with (Path(os.environ["VAR_DIR"]) / f"{cluster}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=report.ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def ours() -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    return running("ai", "-m", "bench.queue", "--serve")


def are_ready(studio: Studio) -> bool:
    """Both have begun and ended something."""
    videos = studio.prepare(STAGES[0], 4)
    studio.release(videos)
    studio.enqueue_bare(4)
    return bool(until(lambda: studio.are_settled(videos) and studio.is_idle(BARE)))


def throughput(folder: Path) -> tuple[dict[str, Any], list[int]]:
    os.environ["WORKERS_AI"] = os.environ["WORKERS_PUBLISH"] = str(WORKERS)
    studio, rates, bare, done = Studio(), [], [], []
    with ours(), running(BARE, "manage.py", "qcluster"):
        are_ready(studio)
        for _ in range(ROUNDS):
            rate, videos = ours_a_second(studio)
            rates.append(rate)
            done += videos
            bare.append(bare_a_second(studio))
        waited_ms, videos = latency_ms(studio)
        bare_ms = bare_latency_ms(studio, folder)
    figures = {
        "tasks_vs_bare_q2": round(statistics.median(rates) / statistics.median(bare), 2),
        "runs_a_second": [round(rate) for rate in rates],
        "bare_tasks_a_second": [round(rate) for rate in bare],
        "start_latency_ms_p50": round(waited_ms),
        "bare_latency_ms_p50": round(bare_ms),
    }
    return figures, done + videos


def growth() -> tuple[dict[str, Any], list[int]]:
    os.environ["WORKERS_AI"] = f"{WORKERS}..16"
    studio = Studio()
    with ours() as qscale:
        until(lambda: workers_of(qscale) == WORKERS)
        seen, videos = timeline(studio, qscale)
    sizes = [size for _, size in seen]
    figures = {"workers_min": min(sizes), "workers_peak": max(sizes), "timeline_s_workers": seen}
    return figures, videos


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Postgres through a pgbouncer, as in production."""
    stacks = import_module("tests.stack")
    with stacks.stack() as stack, stacks.pooled(stack.postgres) as url:
        os.environ["DATABASE_URL"] = url
        yield "Postgres through pgbouncer in transaction mode"


def main() -> int:
    parser = report.options("queue", __doc__ or "")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if chosen.serve:
        return serve()
    with tempfile.TemporaryDirectory() as folder, database() as told:
        os.environ["VAR_DIR"] = folder
        django.setup()
        register_stages()
        figures, videos = throughput(Path(folder))
        grown, more = growth()
        lost, doubled = Studio().counted(videos + more)
        import_module("django.db").connections.close_all()
    figures |= {**grown, "lost": lost, "doubled": doubled}
    method = METHOD.format(
        database=told, workers=WORKERS, rounds=ROUNDS, tasks=TASKS, naps=NAPS, nap=NAP_S
    )
    report.write("queue", figures, method, chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
