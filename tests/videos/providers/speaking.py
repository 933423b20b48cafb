"""Runs that speak with a voice that is sold, and what its vendor's bill says of them."""

import os
import signal
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
from django.db import connections

from billing.models import CostEntry, Hold
from config.kit.database import after
from tests.videos import paid
from videos import actions, pipeline, runs
from videos.contracts import SceneText, Script
from videos.models import StageRun, Video
from videos.providers import calling
from videos.purchases import Purchase

OPENAI, RACHEL = "openai:alloy", "elevenlabs:21m00Tcm4TlvDq8ikWAM"
PLACES = {OPENAI: "/v1/audio/speech", RACHEL: "/v1/text-to-speech/*"}
IMPATIENT = httpx2.Timeout(3.0, connect=10.0)
LONG_AGO = timedelta(minutes=5)


SCENES = ("Kelp grows in cold water.", "Otters guard it.")


def narrating(by, channel, voice: str, *texts: str) -> StageRun:
    """A run of the narration of a new video, claimed."""
    scenes = tuple(
        SceneText(f"aaaa{n:04}", text, "", {"template": "statement", "text": "Kelp"})
        for n, text in enumerate(texts or SCENES)
    )
    wish = actions.Wish(source="Kelp grows.", title="Kelp", seconds=10, voice=voice)
    video = actions.create_video(by=by, channel=channel, wish=wish)
    script = Script(title="Kelp", language="en", method="edited", scenes=scenes)
    actions.edit_script(by=by, video=video, script=script)
    return paid.claimed()


def of_model(settings, account: str, model: str) -> None:
    """The account asks for this model."""
    other = replace(settings.ACCOUNTS[account], model=model)
    settings.ACCOUNTS = {**settings.ACCOUNTS, account: other}


def perform(run: StageRun, monkeypatch=None) -> Video:
    """`monkeypatch`: nobody waits for long."""
    if monkeypatch is None:
        pipeline.perform(run)
    else:
        with monkeypatch.context() as patched:
            patched.setattr(calling, "TIMEOUT", IMPATIENT)
            patched.setattr(calling, "WHOLE_S", 4.0)
            pipeline.perform(run)
    return Video.objects.get(pk=run.video_id)


def go_on(by, video: Video) -> Video:
    """What a person does where they are asked, and then a worker."""
    if video.state == "blocked":
        actions.resume(by=by, video=video)
    elif video.state == "failed":
        actions.retry_stage(by=by, run=video.runs.get(stage="narration"))
    paid.perform_again()
    return Video.objects.get(pk=video.pk)


def killed_before_it_kept(run: StageRun) -> None:
    """A worker of its own: the answer is here, and nothing of it on disk."""
    connections.close_all()
    child = os.fork()
    if not child:
        Purchase.keep = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
        try:
            pipeline.perform(run)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    StageRun.objects.filter(pk=run.pk).update(lease_until=after(paid.PAST))
    runs.reap()


def some_time_passes() -> None:
    Hold.objects.update(created_at=after(-LONG_AGO))


def is_done(video: Video) -> bool:
    return video.runs.get(stage="narration").state == "done"


def spoken(ai) -> list[dict[str, Any]]:
    """What was asked for and may cost something."""
    return [line for line in ai.log() if line["method"] == "POST"]


def entries() -> list[tuple[str, str, str]]:
    rows = CostEntry.objects.order_by("id")
    return list(rows.values_list("provider", "model", "unit"))


def billed(ai) -> int:
    return int(ai.bill()["price_micros"])
