"""What it costs to change one word of a finished video, beside making it whole."""

from __future__ import annotations

import os
import resource
import tempfile
from collections import Counter
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psutil
from django.core.management import call_command

from bench import report
from bench.real_video import script

SCENES, SECONDS = 20, 80
EDITED = 10
ENGINES = ("voices/piper/main.py", "voices/whisper/main.py")
METHOD = (
    "A 1080x1920 video of {scenes} scenes and about {seconds} s, spoken by Piper, is made from a "
    "ready script by the pipeline in one process, all seven stages; then one word of scene "
    "{edited} is changed through the verb that the studio calls, and the pipeline runs until the "
    "video is finished again. Processor time, user and system, of the process, its children and "
    "the warm voice and listener programs, which a small video has started before. `made` names "
    "the parts that the edit made anew, `kept` counts those found by their keys."
)


def cpu_s() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both) + _engines_s()


def _engines_s() -> float:
    """They live outside our tree, and serve both sides warm."""
    total = 0.0
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            line = " ".join(process.cmdline())
            if os.environ["VAR_DIR"] in line and any(program in line for program in ENGINES):
                times = process.cpu_times()
                total += times.user + times.system
    return total


class Bench:
    """The pipeline of a new installation, in this process."""

    def __init__(self) -> None:
        found = import_module  # only now do the settings know the folder
        self.actions, self.edits = found("videos.actions"), found("videos.scene_edits")
        self.pipeline, self.runs = found("videos.pipeline"), found("videos.runs")
        self.models, self.channels = found("videos.models"), found("channels_app.actions")
        self.by = found("teams.access").operator(found("teams.actions").home_team())

    def order(self, scenes: int, seconds: int) -> Any:
        wish = self.actions.Wish(
            source=script(scenes, seconds),
            source_kind="script",
            seconds=seconds,
            voice="piper:joe",
        )
        channel = self.channels.home_channel(by=self.by)
        return self.actions.create_video(by=self.by, channel=channel, wish=wish)

    def work(self) -> Counter[str]:
        """Does all that is ready; seconds by stage."""
        spent: Counter[str] = Counter()
        while run := self.runs.claim("studio", "bench:1", 9):
            before = cpu_s()
            self.pipeline.perform(run)
            spent[run.stage] += cpu_s() - before
            run.refresh_from_db()
            if run.state in ("failed", "blocked"):
                raise RuntimeError(f"{run.stage}: {run.reason}")
        return spent

    def edit(self, video: Any) -> Counter[str]:
        scene = video.scenes.order_by("position")[EDITED - 1]
        first, _, rest = scene.narration.partition(" ")
        changed = f"Slowly, {first.lower()} {rest}"
        self.edits.edit_scene(by=self.by, scene=scene, narration=changed)
        return self.work()

    def parts(self, video: Any, *, made: bool) -> list[str]:
        rows = self.models.RunPart.objects.filter(run__video=video, was_made=made)
        found = rows.order_by("run__position", "position").values_list("run__stage", "part")
        return [f"{stage}/{part}" for stage, part in found]


def main() -> None:
    chosen = report.options("edit", __doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAR_DIR"] = str(Path(folder) / "var")
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        bench = Bench()
        bench.order(2, 8)
        bench.work()
        video = bench.order(SCENES, SECONDS)
        full = bench.work()
        edit = bench.edit(video)
        figures = {
            "cpu_edit_one_of_20": round(edit.total() / full.total(), 3),
            "cpu_s_full": {stage: round(spent, 1) for stage, spent in full.items()},
            "cpu_s_edit": {stage: round(spent, 1) for stage, spent in edit.items()},
            "made": bench.parts(video, made=True),
            "kept": len(bench.parts(video, made=False)),
        }
    method = METHOD.format(scenes=SCENES, seconds=SECONDS, edited=EDITED)
    report.write("edit", figures, method, chosen.json)


if __name__ == "__main__":
    main()
