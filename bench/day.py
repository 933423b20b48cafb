"""A day's load at once: many short videos ordered, made and published to folders."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import report
from tests import stack as stacks
from tests.faults.plant import CLUSTERS, Plant
from tests.processes import until

DAY_S = 86_400
SIZES = {
    "WORKERS_AI": "2..2",
    "WORKERS_RENDER": "2..2",
    "WORKERS_PUBLISH": "1..1",
    "WORKERS_BATCH": "1..1",
    "RENDER_THREADS": "1",
}
LONGEST_S = 600  # for one video, before the bench gives up on the rest
TOPICS = ("Kelp", "Otters", "Tides", "Urchins", "Divers", "Bays", "Storms", "Gulls")
ORDER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from channels_app.actions import home_channel
from teams.access import operator
from teams.actions import home_team
from videos import actions
by = operator(home_team())
channel = home_channel(by=by)
for number in range(int(sys.argv[1])):
    topic = sys.argv[3 + number % (len(sys.argv) - 3)]
    text = (
        f"{topic}, part {number + 1}. {topic} change within a day what took a year to grow. "
        f"Who watches {topic.lower()} for {number + 2} hours sees why. Come back tomorrow."
    )
    wish = actions.Wish(
        source=text, title=f"{topic} {number}", seconds=int(sys.argv[2]), voice="piper:joe",
        publish=True,
    )
    actions.create_video(by=by, channel=channel, wish=wish)
"""
METHOD = (
    "{videos} videos of {seconds} s at 1080x1920, spoken by Piper, each of a text of its own, are "
    "ordered at once in a new installation on Postgres behind pgbouncer, with the clusters of the "
    "Procfile ({sizes}), and followed until the last is published to its folder. The projection is "
    "a day by the wall time from the first order to the last publication. Processor time is read "
    "from every process at both ends: orchestration_cpu_share is that of the workers, sentinels, "
    "cluster mains, pgbouncers and Postgres themselves; the rest is what the workers' children "
    "(drawing, encoding, checks) and the voice engines took."
)


@dataclass(frozen=True)
class Spent:
    """Processor seconds, of two kinds."""

    orchestration_s: float
    media_s: float

    def since(self, before: "Spent") -> "Spent":
        return Spent(self.orchestration_s - before.orchestration_s, self.media_s - before.media_s)

    @property
    def share(self) -> float:
        return self.orchestration_s / (self.orchestration_s + self.media_s)


def own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def below(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


def spent(plant: Plant) -> Spent:
    orchestration = media = 0.0
    for cluster in CLUSTERS:
        sentinel = plant.sentinel(cluster)
        for process in plant.members(cluster):
            orchestration += own(process)
            if process.ppid() == sentinel.pid:
                media += below(process)
    orchestration += sum(own(process) for process in plant.poolers())
    orchestration += sum(own(one) + below(one) for one in postgres(plant.stack))
    media += sum(own(one) + below(one) for one in voices(plant))
    return Spent(orchestration, media)


def postgres(stack: stacks.Stack) -> list[psutil.Process]:
    pid = int((Path(stack.postgres.folder) / "data" / "postmaster.pid").read_text().split()[0])
    main = psutil.Process(pid)
    return [main, *main.children()]


def voices(plant: Plant) -> list[psutil.Process]:
    """The engines run outside the workers' process groups; each names its socket."""
    run = plant.installation.env["RUN_DIR"]
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(word.startswith(f"{run}/voice-") for word in words):
            found.append(process)
    return found


def states(plant: Plant) -> dict[str, int]:
    asked = "SELECT state, count(*) FROM videos_video GROUP BY state"
    return dict(plant.installation.ask(asked))


def day(videos: int, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="day-") as folder, stacks.stack() as stack:
        plant = Plant(stack, Path(folder) / "var", Path(folder) / "run")
        plant.installation.env |= SIZES
        try:
            plant.start()
            return _measured(plant, videos, seconds)
        finally:
            plant.stop()


def _measured(plant: Plant, videos: int, seconds: int) -> dict[str, float]:
    before, began = spent(plant), time.monotonic()
    order = ["-c", ORDER, str(videos), str(seconds), *TOPICS]
    plant.installation.start(*order, stdout=subprocess.DEVNULL).wait()

    shown = [""]

    def settled() -> bool:
        found = states(plant)
        told = ", ".join(f"{count} {state}" for state, count in sorted(found.items()))
        if told != shown[-1]:
            print(f"{time.monotonic() - began:6.0f} s  {told}", file=sys.stderr)
            shown.append(told)
        done = sum(found.get(state, 0) for state in ("published", "failed", "blocked"))
        return done == videos

    until(settled, within_s=LONGEST_S * videos, what="every video settles")
    took_s, used = time.monotonic() - began, spent(plant).since(before)
    published = len(list((plant.installation.folder / "published").rglob("video.mp4")))
    return {
        "videos": videos,
        "failures": videos - states(plant).get("published", 0),
        "published_twice_or_never": abs(videos - published),
        "wall_s": round(took_s, 1),
        "videos_a_day_projected": round(videos * DAY_S / took_s),
        "cpu_s_per_video": round((used.orchestration_s + used.media_s) / videos, 2),
        "orchestration_cpu_s_per_video": round(used.orchestration_s / videos, 2),
        "orchestration_cpu_share": round(used.share, 3),
    }


def main() -> None:
    parser = report.options("day", __doc__ or "")
    parser.add_argument("--videos", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    figures = day(options.videos, options.seconds)
    sizes = ", ".join(f"{name}={value}" for name, value in SIZES.items())
    method = METHOD.format(videos=options.videos, seconds=options.seconds, sizes=sizes)
    report.write("day", figures, method, options.json)


if __name__ == "__main__":
    main()
