"""Workers die, race and are stopped; nothing is lost, nothing is doubled."""

import itertools
import json
import signal
import threading
import time
from datetime import timedelta

import psutil
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django_q.models import OrmQ

from channels_app.models import Channel
from config.kit import files
from config.kit.database import after
from teams.access import operator
from teams.models import Event
from tests.processes import family, until
from videos import actions, pipeline, readiness, runs, scripts
from videos.contracts import Script
from videos.models import IN_WORK, Artifact, RunPart, RunState, StageRun, Video

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]

WORKER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from videos import pipeline
pipeline.work("studio")
"""

# Dies by SIGKILL at the first part of a stage: before or after the part is settled.
DOOMED = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from videos import pipeline, runs
settle = runs.settle_part
def die(run, *rest):
    if run.stage == sys.argv[1] and sys.argv[2] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    settle(run, *rest)
    if run.stage == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
runs.settle_part = die
pipeline.work("studio")
"""


def outcome(video: Video) -> dict[tuple[str, str], dict[str, str]]:
    """What the video is made of: (stage, part) -> files by hash."""
    rows = RunPart.objects.select_related("run", "artifact").filter(run__video=video)
    return {(row.run.stage, row.part): row.artifact.files for row in rows}


def forget(video: Video, *stages: str) -> None:
    """As if these stages had never run; the others keep their artifacts."""
    with connection.cursor() as cursor:
        for stage in stages:
            cursor.execute(
                "delete from videos_runpart where run_id in "
                "(select id from videos_stagerun where stage = %s)",
                [stage],
            )
            cursor.execute(
                "delete from kit_blobref where kind = 'videos.artifact' and ref_id in "
                "(select id from videos_artifact where stage = %s)",
                [stage],
            )
            cursor.execute("delete from videos_artifact where stage = %s", [stage])
    Video.objects.update(state="queued")
    readiness.send_back(video, stages)
    StageRun.objects.filter(stage__in=stages).update(state=RunState.WAITING)


def start_again(video: Video) -> None:
    readiness.promote(video)


def lease_runs_out() -> None:
    StageRun.objects.filter(state=RunState.RUNNING).update(lease_until=after(-timedelta(seconds=1)))


def work_until_settled(video: Video) -> None:
    """A worker comes again for what was put off, as it does in a cluster."""
    for _ in range(4):
        pipeline.work("studio")
        video.refresh_from_db()
        if video.state not in IN_WORK:
            return
        time.sleep(5)


STAGES = ["script", "narration", "visuals", "captions", "render", "thumbnail", "quality"]


# the others are made as these are
IN_EACH_RUN = {("script", "before"), ("narration", "after"), ("render", "after")}


@pytest.mark.parametrize(
    ("stage", "moment"),
    [
        pytest.param(
            *at, marks=() if at in IN_EACH_RUN else pytest.mark.long, id=f"{at[0]}-{at[1]}"
        )
        for at in itertools.product(STAGES, ("before", "after"))
    ],
)
def test_a_worker_killed_in_a_stage_loses_and_doubles_nothing(twin, finished, stage, moment):
    whole = outcome(finished)
    forget(finished, stage)
    start_again(finished)
    assert twin.start("-c", DOOMED, stage, moment).wait(120) == -signal.SIGKILL
    assert StageRun.objects.get(stage=stage).state == RunState.RUNNING
    settled = set(RunPart.objects.filter(run__stage=stage).values_list("part", flat=True))
    assert len(settled) == (moment == "after")
    lease_runs_out()
    runs.reap()
    work_until_settled(finished)
    assert finished.state == "approved"
    assert outcome(finished) == whole
    again = RunPart.objects.filter(run__stage=stage, part__in=settled)
    assert not again.filter(was_made=True).exists()


@pytest.mark.parametrize("stage", ["narration", "render", "quality"])
def test_a_worker_killed_at_work_takes_its_children_with_it(twin, finished, stage):
    forget(finished, stage)
    start_again(finished)
    worker = twin.start("-c", WORKER)
    run = StageRun.objects.filter(stage=stage, state=RunState.RUNNING)
    until(run.exists, what=f"{stage} running")
    time.sleep(0.5)
    children = psutil.Process(worker.pid).children(recursive=True)
    worker.kill()
    worker.wait()
    until(
        lambda: not [c for c in children if c.is_running() and c.status() != "zombie"], within_s=3
    )


def test_two_workers_that_race_make_one_video(twin, finished):
    whole = outcome(finished)
    stages = ("visuals", "captions", "thumbnail", "quality")
    forget(finished, *stages)
    start_again(finished)
    before = Event.objects.latest("seq").seq
    workers = [twin.start("-c", WORKER) for _ in range(2)]
    assert [worker.wait(240) for worker in workers] == [0, 0]
    work_until_settled(finished)
    assert finished.state == "approved"
    assert outcome(finished) == whole
    told = Event.objects.filter(kind="videos.part_made", seq__gt=before)
    made = [(row.payload["stage"], row.payload["part"]) for row in told]
    assert sorted(made) == sorted(part for part in whole if part[0] in stages)


def test_one_changed_word_makes_again_only_what_it_touches(twin, finished):
    began = Event.objects.latest("seq").seq
    script = scripts.current(finished)
    place = 0
    changed = script.scenes[place]
    words = changed.narration.replace("cold", "chilly")
    assert words != changed.narration
    scene = type(changed)(changed.id, words, changed.headline, changed.visual)
    scenes = (*script.scenes[:place], scene, *script.scenes[place + 1 :])
    edited = Script(
        script.title,
        script.language,
        "edited",
        scenes,
        script.description,
        script.tags,
        script.notes,
    )
    actions.edit_script(by=operator(finished.team), video=finished, script=edited)
    work_until_settled(finished)
    assert finished.state == "approved"
    told = Event.objects.filter(kind="videos.part_made", seq__gt=began)
    made = {(row.payload["stage"], row.payload["part"]) for row in told}
    this, following = (f"scene:{script.scenes[n].id}" for n in (place, place + 1))
    assert made == {
        ("narration", this),
        ("captions", this),
        ("captions", "whole"),
        ("render", this),
        ("render", following),
        ("render", "whole"),
        ("quality", this),
        ("quality", following),
        ("quality", "whole"),
    }


def test_the_last_two_inputs_of_render_wake_it_once(finished):
    forget(finished, "visuals", "captions", "render", "thumbnail", "quality")
    StageRun.objects.filter(stage__in=["visuals", "captions"]).update(
        state=RunState.RUNNING, lease_until=after(timedelta(seconds=60))
    )
    OrmQ.objects.all().delete()
    ending = list(StageRun.objects.select_related("video").filter(state=RunState.RUNNING))
    together = threading.Barrier(len(ending))

    def end(run: StageRun) -> None:
        together.wait()
        runs.finish(run, [])
        connection.close()

    threads = [threading.Thread(target=end, args=[run]) for run in ending]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    due = StageRun.objects.filter(state=RunState.WAITING).exclude(due_at=None)
    assert sorted(due.values_list("stage", flat=True)) == ["render", "thumbnail"]
    assert OrmQ.objects.count() == 2


@pytest.mark.parametrize("stage", ["narration", "render"])
def test_cancelling_ends_the_children_within_five_seconds(twin, finished, stage):
    forget(finished, stage)
    start_again(finished)
    worker = twin.start("-c", WORKER)
    until(lambda: StageRun.objects.filter(stage=stage, fraction__gt=0).exists(), what="progress")
    actions.cancel(by=operator(finished.team), video=finished)
    worker.wait(5)
    until(lambda: family(worker.pid) == [], within_s=1)
    finished.refresh_from_db()
    assert finished.state == "cancelled"


def test_a_resumed_video_goes_on_where_it_stood(twin, finished):
    whole = outcome(finished)
    forget(finished, "quality")
    actions.pause(by=operator(finished.team), video=finished)
    actions.resume(by=operator(finished.team), video=finished)
    work_until_settled(finished)
    assert finished.state == "approved"
    assert outcome(finished) == whole
    made = RunPart.objects.filter(run__video=finished, was_made=True, run__stage="render")
    assert made.count() == RunPart.objects.filter(run__stage="render").count()


def test_a_full_disk_puts_the_video_off_and_loses_nothing(twin, finished, monkeypatch):
    whole = outcome(finished)
    forget(finished, "captions")
    start_again(finished)
    with monkeypatch.context() as full:
        full.setattr(pipeline, "LEAST_FREE_MB", 10**9)
        pipeline.work("studio")
    run = StageRun.objects.get(stage="captions")
    assert run.state == "waiting"
    assert "free some space and retry" in run.reason
    actions.pause(by=operator(finished.team), video=finished)
    actions.resume(by=operator(finished.team), video=finished)
    pipeline.work("studio")
    assert outcome(finished) == whole


def test_without_ffmpeg_the_video_waits_and_says_what_to_install(twin, finished, monkeypatch):
    forget(finished, "render")
    start_again(finished)
    monkeypatch.setenv("PATH", "/nowhere")
    pipeline.work("studio")
    run = StageRun.objects.get(stage="render")
    assert run.state == "waiting"
    assert "apt-get install ffmpeg" in run.reason


def test_a_cluster_told_to_end_gives_its_run_back(twin, finished):
    forget(finished, "render")
    start_again(finished)
    cluster = twin.start("manage.py", "qscale", "studio")
    until(lambda: StageRun.objects.filter(stage="render", fraction__gt=0).exists(), what="drawing")
    members = [psutil.Process(cluster.pid), *family(cluster.pid)]
    below = [child for member in members for child in member.children(recursive=True)]
    cluster.send_signal(signal.SIGTERM)
    assert cluster.wait(20) == 0
    run = StageRun.objects.get(stage="render")
    assert (run.state, run.attempt) == ("waiting", 0)
    assert not [c for c in below if c.is_running() and c.status() != "zombie"]


def test_a_part_whose_bytes_were_lost_is_made_again(twin, finished):
    whole = outcome(finished)
    lost = Artifact.objects.get(stage="thumbnail")
    files.path_of(lost.team_id, lost.files["thumbnail.jpg"]).unlink()
    actions.retry_stage(by=operator(finished.team), run=StageRun.objects.get(stage="thumbnail"))
    pipeline.work("studio")
    assert outcome(finished) == whole
    assert files.path_of(lost.team_id, lost.files["thumbnail.jpg"]).exists()


def test_a_stage_of_another_version_does_not_strand_its_video(finished):
    assert Channel.objects.exists()
    StageRun.objects.filter(stage="captions").update(stage="subtitles", state=RunState.WAITING)
    plan = json.loads(json.dumps(finished.plan).replace('"captions"', '"subtitles"'))
    Video.objects.update(plan=plan, state="queued")
    finished.refresh_from_db()
    readiness.promote(finished)
    pipeline.work("studio")
    run = StageRun.objects.get(stage="subtitles")
    assert run.state == "failed"
    assert "subtitles" in run.reason
    assert django_settings.EMBEDDED
