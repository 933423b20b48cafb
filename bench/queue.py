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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import django
import psutil

from bench import report

ROUNDS, WORKERS = 3, 4
VIDEOS, CHAIN = 40, 7  # runs of a video that wait for one another, as its real stages do
TASKS = VIDEOS * CHAIN
TEAMS = 8
LATENCIES = 40
NAPS, NAP_S = 120, 1.0
EMPTY, NAP = tuple(f"bench_empty_{n}" for n in range(CHAIN)), "bench_nap"
NOTHING = "bench.queue.nothing"
BARE = "publish"  # the cluster whose queue a plain qcluster serves here
METHOD = (
    "Database: {database}. Two clusters of {workers} workers each stand beside each other on one "
    "broker: `qscale ai` with its range of 4..16, held at its least, and a plain `qcluster` of "
    "Django-Q with the same settings and the same index. In turns, {rounds} times each: one "
    "transaction orders {videos} videos of {teams} teams, each of {chain} stages that wait for "
    "one another and make nothing, each with its wake; or enqueues as many bare tasks that do "
    "nothing. Counted are the runs (tasks) a second from before that transaction until the last "
    "video is settled, journal written (the last task acknowledged); tasks_vs_bare_q2 is the "
    "ratio of the medians. Latency is taken one by one on idle clusters: from before the commit "
    "to the run's started_at, or to the task's first line. Then `qscale ai` alone, 4..16: {naps} "
    "runs that sleep {nap} s; workers are counted every half second, and each run must have been "
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

    for name in EMPTY:
        declare(name, 0.0)
    declare(NAP, NAP_S)


def serve() -> int:
    """The process of our cluster: `qscale` with stages that make nothing."""
    django.setup()
    register_stages()
    return int(import_module("config.kit.qscale").Scale("ai").run())


def until(condition: Callable[[], Any], within_s: float = 240.0, every_s: float = 0.1) -> Any:
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
        self._actions, self._operator = found("teams.actions"), found("teams.access").operator
        self._new_channel = found("channels_app.actions").create_channel
        self.channels = [self._channel(n) for n in range(TEAMS)]

    def _channel(self, n: int) -> Any:
        known = import_module("channels_app.models").Channel.objects.filter(slug=f"kelp{n}")
        if known.exists():
            return known.get()
        team = self._actions.create_team(name=f"Kelp {n}", slug=f"kelp{n}", email="k@kelp.example")
        return self._new_channel(by=self._operator(team), name="Kelp", slug=f"kelp{n}", brand={})

    def prepare(self, stages: Sequence[str], n: int) -> list[int]:
        """Videos whose stages wait for one another, the first ready but for its due time."""
        models = self.models
        after = {stage: list(stages[:place][-1:]) for place, stage in enumerate(stages)}
        steps = {stage: {"after": after[stage], "cluster": "ai"} for stage in stages}
        plan = {"stages": steps, "title": "", "providers": {}}
        same = {"plan": plan, "title": "-", "state": "queued", "counted": "reserved"}
        owners = islice(cycle(self.channels), n)
        videos = models.Video.objects.bulk_create(
            models.Video(team=channel.team, channel=channel, **same) for channel in owners
        )
        models.StageRun.objects.bulk_create(
            models.StageRun(video=video, stage=stage, position=place, cluster="ai")
            for video in videos
            for place, stage in enumerate(stages)
        )
        with import_module("django.db").connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # autovacuum comes once a minute, to tables that lived longer
        return [video.pk for video in videos]

    def release(self, videos: list[int]) -> None:
        now = import_module("django.db.models.functions").Now()

        @self.verb
        def all_at_once() -> None:
            first = self.models.StageRun.objects.filter(video__in=videos, position=0)
            first.update(due_at=now)
            for _ in videos:
                self.readiness.wake("ai")

        all_at_once()

    def are_settled(self, videos: list[int]) -> bool:
        made = self.models.Video.objects.filter(pk__gte=min(videos), pk__lte=max(videos))
        return not made.exclude(state="review").exists()

    def enqueue_bare(self, n: int, *words: str) -> None:
        @self.verb
        def all_at_once() -> None:
            for _ in range(n):
                self.jobs.enqueue(NOTHING, *words, to=BARE)

        all_at_once()

    def is_idle(self, cluster: str) -> bool:
        return not self.queue.objects.filter(key=cluster).exists()

    def counted(self, videos: list[int]) -> tuple[int, int]:
        """How many runs of these were lost, and how many were done more than once."""
        started, finished = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
        told = self.events.Event.objects.filter(kind__startswith="videos.stage_")
        for kind, payload in told.values_list("kind", "payload"):
            counter = started if kind == "videos.stage_started" else finished
            counter[payload["video_id"], payload["stage"]] += 1
        runs = self.models.StageRun.objects.filter(video__in=videos)
        known = list(runs.values_list("video", "stage"))
        doubled = sum(max(started[run], finished[run]) > 1 for run in known)
        return sum(not finished[run] for run in known), doubled


@dataclass
class Side:
    """What each round of one of the two came to."""

    a_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    @contextlib.contextmanager
    def round(self) -> Iterator[None]:
        began, cpu_s = time.monotonic(), cpu_of_all_s()
        yield
        self.a_second.append(TASKS / (time.monotonic() - began))
        self.cpu_ms.append((cpu_of_all_s() - cpu_s) / TASKS * 1000)


def cpu_of_all_s() -> float:
    """Of both clusters, pgbouncer and Postgres together; whoever is idle takes next to nothing.
    The watching process itself is left out."""
    postmaster = int((Path(os.environ["POSTGRES_DATA"]) / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(postmaster)
    total = 0.0
    for process in [server, *server.children(), *psutil.Process().children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def ours(studio: Studio, side: Side) -> list[int]:
    videos = studio.prepare(EMPTY, VIDEOS)
    until(lambda: studio.is_idle("ai"))
    with side.round():
        studio.release(videos)
        until(lambda: studio.are_settled(videos))
    return videos


def bare(studio: Studio, side: Side) -> None:
    until(lambda: studio.is_idle(BARE))
    with side.round():
        studio.enqueue_bare(TASKS)
        until(lambda: studio.is_idle(BARE))


def latency_ms(studio: Studio) -> tuple[float, list[int]]:
    videos = studio.prepare(EMPTY[:1], LATENCIES)
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


def workers_of(cluster: subprocess.Popen[bytes]) -> int:
    """Children of the sentinel, less its pusher and its monitor."""
    with contextlib.suppress(psutil.Error, IndexError):
        return len(psutil.Process(cluster.pid).children()[0].children()) - 2
    return 0


def timeline(
    studio: Studio, cluster: subprocess.Popen[bytes]
) -> tuple[list[tuple[float, int]], list[int]]:
    """Seconds and workers, from before the work came until the cluster is small again."""
    videos = studio.prepare([NAP], NAPS)
    began, seen = time.monotonic(), [(0.0, workers_of(cluster))]
    studio.release(videos)

    def is_over() -> bool:
        now = workers_of(cluster)
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


def qscale() -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    return running("ai", "-m", "bench.queue", "--serve")


def are_ready(studio: Studio) -> bool:
    """Both have begun and ended something."""
    videos = studio.prepare(EMPTY[:1], 4)
    studio.release(videos)
    studio.enqueue_bare(4)
    return bool(until(lambda: studio.are_settled(videos) and studio.is_idle(BARE)))


def ratio(ours: list[float], theirs: list[float]) -> float:
    return round(statistics.median(ours) / statistics.median(theirs), 2)


def throughput(folder: Path) -> tuple[dict[str, Any], list[int]]:
    os.environ |= {"WORKERS_AI": f"{WORKERS}..16", "WORKERS_PUBLISH": str(WORKERS)}
    os.environ["WORKER_MEMORY_MB"] = "1000000"  # so that it stays at its least
    studio, our_side, bare_side, done = Studio(), Side(), Side(), []
    with qscale(), running(BARE, "manage.py", "qcluster"):
        are_ready(studio)
        for _ in range(ROUNDS):
            done += ours(studio, our_side)
            bare(studio, bare_side)
        waited_ms, videos = latency_ms(studio)
        bare_ms = bare_latency_ms(studio, folder)
    figures = {
        "tasks_vs_bare_q2": ratio(our_side.a_second, bare_side.a_second),
        "cpu_vs_bare_q2": ratio(our_side.cpu_ms, bare_side.cpu_ms),
        "runs_a_second": [round(rate) for rate in our_side.a_second],
        "bare_tasks_a_second": [round(rate) for rate in bare_side.a_second],
        "cpu_ms_a_run": round(statistics.median(our_side.cpu_ms), 1),
        "cpu_ms_a_bare_task": round(statistics.median(bare_side.cpu_ms), 1),
        "start_latency_ms_p50": round(waited_ms),
        "bare_latency_ms_p50": round(bare_ms),
    }
    return figures, done + videos


def growth() -> tuple[dict[str, Any], list[int]]:
    del os.environ["WORKER_MEMORY_MB"]
    studio = Studio()
    with qscale() as cluster:
        until(lambda: workers_of(cluster) == WORKERS)
        seen, videos = timeline(studio, cluster)
    sizes = [size for _, size in seen]
    figures = {"workers_min": min(sizes), "workers_peak": max(sizes), "timeline_s_workers": seen}
    return figures, videos


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Postgres through a pgbouncer and Redis for the cache, as in production."""
    stacks = import_module("tests.stack")
    with stacks.stack() as stack, stacks.pooled(stack.postgres) as url:
        os.environ |= {"DATABASE_URL": url, "REDIS_URL": stack.redis.url}
        os.environ["POSTGRES_DATA"] = str(Path(stack.postgres.folder) / "data")
        yield "Postgres through pgbouncer in transaction mode; Redis for the cache"


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
        database=told,
        workers=WORKERS,
        rounds=ROUNDS,
        videos=VIDEOS,
        chain=CHAIN,
        teams=TEAMS,
        naps=NAPS,
        nap=NAP_S,
    )
    report.write("queue", figures, method, chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
