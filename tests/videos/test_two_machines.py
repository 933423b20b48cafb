"""A video made by two machines that share a database and a bucket, but no disk."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.db import connection

from channels_app.models import Upload
from config.kit import files
from tests.processes import ROOT
from videos import actions, outputs
from videos.models import Artifact, StageRun, VideoState

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]

# Does one run that is ready, or says that there is none.
WORKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from videos import pipeline, runs
run = runs.claim("studio", sys.argv[1] + ":1", 2)
if run is not None:
    pipeline.perform(run)
print(run.stage if run else "")
"""
PUBLISHER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from channels_app import tasks
tasks.work()
"""


class Machine:
    def __init__(self, folder: Path, s3_url: str, run_dir: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "VAR_DIR": str(folder),
            "RUN_DIR": run_dir,
            "DATABASE_URL": f"sqlite:///{Path(connection.settings_dict['NAME']).resolve()}",
            "MEDIA_S3_URL": s3_url,
        }

    def run(self, program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, self.folder.name],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def copies(self) -> set[str]:
        return {path.name for path in (self.folder / "cache").glob("[0-9]*/*/*")}


@pytest.fixture
def machines(tmp_path, s3, made_once) -> list[Machine]:
    run_dir = made_once.env["RUN_DIR"]  # voices that are warm already
    return [Machine(tmp_path / name, s3.url(), run_dir) for name in ("first", "second")]


@pytest.fixture
def made(machines, video):
    """The video, each of its stages made by the other machine than the one before."""
    turns = [machines[turn % 2].run(WORKER) for turn in range(len(StageRun.objects.all()))]
    video.refresh_from_db()
    assert "" not in turns, (turns, video.reason)
    assert video.state in (VideoState.REVIEW, VideoState.APPROVED), video.reason
    return video


def test_each_stage_finds_what_the_other_machine_made(
    made, machines, s3, browser, by_ana, ana, cho
):
    hashes = {sha for one in Artifact.objects.all() for sha in one.files.values()}
    at_s3 = {key.rpartition("/")[2] for key in s3.keys("media/")}
    assert hashes <= at_s3
    for machine in machines:
        assert machine.copies()
        assert not (machine.folder / "media").exists()
        assert list((machine.folder / "rooms").iterdir()) == []
        assert list((machine.folder / "cache" / ".lent").iterdir()) == []

    film = f"/videos/{made.pk}/files/video.mp4?inline"
    assert plays(browser(ana).get(film, headers={"Range": "bytes=4-7"}))
    assert browser(ana).get(film.replace("video.mp4", "captions.vtt")).status_code == 200
    assert browser(cho).get(film).status_code == 404

    if made.state == VideoState.REVIEW:
        actions.approve(by=by_ana, video=made)
    actions.publish_video(by=by_ana, video=made)
    machines[0].run(PUBLISHER)
    upload = Upload.objects.get()
    assert upload.state == "done", upload.reason
    sha256 = outputs.delivered(made)["video.mp4"]
    assert files.sha256_of(Path(upload.address) / "video.mp4") == sha256


def plays(answer) -> bool:
    """From S3; or from here, where the film is too small to be worth a second address."""
    if answer.status_code == 302:
        answer = httpx.get(answer["Location"], headers={"Range": "bytes=4-7"})
        return (answer.status_code, answer.content) == (206, b"ftyp")
    return answer.status_code == 206
