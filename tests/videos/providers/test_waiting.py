"""Runs that wait for a vendor: what they hold up, for how long, and what people are told."""

from datetime import timedelta

import pytest

from config.kit.database import after
from tests.videos.providers.pictured import IMAGE, KELP, ordered
from videos import routing, runs
from videos.models import StageRun

pytestmark = pytest.mark.django_db(transaction=True)
PAST = timedelta(seconds=-1)


def ready(stage: str, *videos) -> None:
    StageRun.objects.filter(video__in=videos, stage=stage).update(due_at=after(PAST))


def test_a_render_goes_on_while_pictures_of_eight_other_videos_are_waited_for(
    by_ana, channel, accounts
):
    asking = [ordered(by_ana, channel, IMAGE, source=f"Kelp {n}.") for n in range(8)]
    plain = ordered(by_ana, channel, KELP, source="Otters.")
    StageRun.objects.update(due_at=None)
    ready("visuals", *asking)
    ready("render", plain)
    assert runs.backlog("ai")[0] == 8
    assert runs.backlog("render")[0] == 1
    assert all(runs.claim("ai", "far:1", 8).stage == "visuals" for _ in range(8))
    assert runs.claim("render", "near:1", 1).video_id == plain.pk


def test_who_serves_a_run_follows_whom_it_asks(by_ana, channel, accounts):
    video = ordered(by_ana, channel, KELP, voice="openai:alloy")
    served = dict(video.runs.values_list("stage", "cluster"))
    assert (served["narration"], served["visuals"], served["render"]) == ("ai", "render", "render")
    video.plan["providers"]["voice"] = "piper:one"
    video.save()
    routing.name_providers(video)
    assert video.runs.get(stage="narration").cluster == "render"
