"""Runs that wait for a vendor: what they hold up, for how long, and what people are told."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from config.kit.database import after
from tests.videos.providers.pictured import IMAGE, KELP, facts, ordered, pictured
from videos import actions, owed, resting, routes, routing, runs
from videos.models import ProviderRest, RouteStep, StageRun
from videos.providers import replicate

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


@pytest.fixture
def owing(by_ana, channel, accounts, ai):
    """Replicate has a job of this video, and says nothing of it any more."""
    video = ordered(by_ana, channel, IMAGE)
    video.plan["providers"]["image"] = "replicate:black-forest-labs/flux-schnell"
    video.save()
    ai.fail("server_error", "/v1/predictions/*", method="GET", times=0)
    return video


def asked_again(video) -> StageRun:
    ProviderRest.objects.update(rests_until=after(PAST))
    return pictured(video)


def test_after_a_day_of_waiting_for_what_is_owed_a_person_is_asked(owing, by_ana, ai, monkeypatch):
    monkeypatch.setattr(replicate, "FAULTS_BORNE", 0)
    for _ in range(resting.FAILURES + 1):
        run = asked_again(owing)
    assert (run.state, "may still come" in run.reason) == ("waiting", True)
    since = run.owed_since
    assert since == asked_again(owing).owed_since
    StageRun.objects.filter(pk=run.pk).update(owed_since=after(-owed.LONGEST + PAST))
    assert asked_again(owing).state == "blocked"
    owing.refresh_from_db()
    assert (owing.state, owing.reason_code) == ("blocked", "outcome_unknown")
    assert "Try again: it is waited for another day" in owing.reason
    ai.reset()
    actions.resume(by=by_ana, video=owing)
    run = asked_again(owing)
    assert (run.state, run.owed_since) == ("done", None)


def lose_key(accounts, settings, name: str) -> None:
    settings.ACCOUNTS = {**accounts, name: replace(accounts[name], key="")}


def test_who_makes_pictures_does_not_change_unsaid_for_another_price(
    by_ana, channel, accounts, settings, ai
):
    video = ordered(by_ana, channel, IMAGE)
    lose_key(accounts, settings, "image")
    pictured(video)
    video.refresh_from_db()
    assert video.state == "blocked"
    assert "now Replicate" in video.reason
    assert "at another price" in video.reason
    assert ai.bill()["price_micros"] == 0
    actions.resume(by=by_ana, video=video)
    assert pictured(video).state == "done"
    assert facts(video)["credit"]["provider"] == "replicate"


def test_the_order_page_names_who_makes_the_pictures_and_who_takes_over(
    browser, ana, vic, channel, accounts
):
    for place, name in enumerate(("openai", "replicate")):
        routes.add(RouteStep(kind="image", position=place, name=name))
    wish = {
        "channel": channel.pk, "source": "Kelp grows.", "seconds": 30, "format": "short",
        "illustrate": "image",
    }  # fmt: skip
    told = browser(ana).post("/videos/new/estimate/", wish).content.decode()
    assert re.search(
        r"Pictures: OpenAI, about USD [\d.]+ a picture; if it fails Replicate, about USD", told
    )
    plain = browser(ana).post("/videos/new/estimate/", {**wish, "illustrate": ""})
    assert "if it fails" not in plain.content.decode()
    assert browser(vic).post("/videos/new/estimate/", wish).status_code == 302
