"""Another provider takes over: what was made stays, what is owed is waited for, nothing is bought
twice. The log of the stand-in is the judge."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from billing.models import Price
from config.kit.database import after
from tests.videos.providers.pictured import IMAGE, PHOTO, booked, ordered, pictured
from videos import limits, pipeline, remaking, resting, routes, runs, scene_edits, scripts
from videos.models import ProviderRest, RouteStep, RunPart, RunState, StageRun, Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
OPENAI, REPLICATE = "/v1/images/generations", "*/predictions"


def route(kind: str, *names: str) -> None:
    for place, name in enumerate(names):
        routes.add(RouteStep(kind=kind, position=place, name=name))


@pytest.fixture
def video(by_ana, channel, accounts) -> Video:
    prompts = [f"a kelp forest at {hour} o'clock" for hour in range(1, 9)]
    return ordered(by_ana, channel, *({**IMAGE, "prompt": prompt} for prompt in prompts))


@pytest.fixture
def rerouted(video, ai) -> Video:
    """OpenAI makes three of eight and fails, Replicate makes the others."""
    route("image", "openai", "replicate")
    ai.fail("server_error", OPENAI, nth=4, times=3)
    for _ in range(resting.FAILURES):
        pictured(video)
    assert pictured(video).state == RunState.DONE
    return Video.objects.get(pk=video.pk)


def served(ai) -> list[str]:
    """Who has sold pictures, in order."""
    paid = [line for line in ai.log() if line["served"] and line["method"] == "POST"]
    return [line["vendor"] for line in paid]


def makers(video: Video) -> list[str]:
    parts = RunPart.objects.filter(run__video=video, part__startswith="picture:").order_by("part")
    found = parts.values_list("artifact__provider", flat=True)
    return [name.partition(":")[0] for name in found]


def test_what_the_first_has_made_is_not_bought_again(rerouted, ai):
    assert served(ai) == ["openai"] * 3 + ["replicate"] * 5
    assert makers(rerouted) == served(ai)
    assert booked() == ai.bill()["price_micros"]


def test_an_edit_afterwards_buys_its_own_scene_alone(rerouted, by_ana, ai):
    scene = rerouted.scenes.get(uid="00000002")
    other = {**IMAGE, "prompt": "an otter asleep"}
    scene_edits.edit_scene(by=by_ana, scene=scene, visual=other)
    told = remaking.remade(rerouted, scripts.current(Video.objects.get(pk=rerouted.pk)))
    assert told.parts["visuals"] == ("picture:00000002", "scene:00000002")
    assert pictured(rerouted).state == RunState.DONE
    assert served(ai)[8:] == ["replicate"]
    assert makers(rerouted) == ["openai", "replicate", "openai"] + ["replicate"] * 5
    assert booked() == ai.bill()["price_micros"]


def test_an_edit_that_is_undone_buys_nothing(rerouted, by_ana, ai):
    scene = rerouted.scenes.get(uid="00000002")
    was = scene.visual
    scene_edits.edit_scene(by=by_ana, scene=scene, visual={**IMAGE, "prompt": "an otter asleep"})
    pictured(rerouted)
    scene_edits.edit_scene(by=by_ana, scene=scene, visual=was)
    pictured(rerouted)
    assert len(served(ai)) == 9
    assert makers(rerouted)[1] == "openai"


def test_another_picture_comes_from_who_took_over(rerouted, by_ana, ai):
    scene_edits.another_picture(by=by_ana, scene=rerouted.scenes.get(uid="00000001"))
    assert pictured(rerouted).state == RunState.DONE
    assert served(ai)[8:] == ["replicate"]
    assert makers(rerouted)[0] == "replicate"


@pytest.fixture
def from_replicate_to_openai(by_ana, channel, accounts) -> Video:
    video = ordered(by_ana, channel, IMAGE)
    video.plan["providers"]["image"] = "replicate:black-forest-labs/flux-schnell"
    video.save()
    route("image", "replicate", "openai")
    return video


def test_nobody_takes_over_while_the_job_of_the_first_is_open(from_replicate_to_openai, ai):
    video = from_replicate_to_openai
    ai.fail("server_error", "/v1/predictions/*", method="GET", times=24)
    for _ in range(resting.FAILURES + 1):
        run = again(video)
    assert (run.state, run.attempt) == ("waiting", resting.FAILURES - 1)
    assert "may still come" in run.reason
    while run.state != RunState.DONE:
        run = again(video)
    assert served(ai) == ["replicate"]
    assert booked() == ai.bill()["price_micros"]


def test_nobody_takes_over_what_is_made_and_not_fetched_yet(from_replicate_to_openai, ai):
    video = from_replicate_to_openai
    ai.fail("server_error", "/files/*", method="GET", times=resting.FAILURES + 1)
    for _ in range(resting.FAILURES + 1):
        run = again(video)
    assert "may still come" in run.reason
    assert again(video).state == RunState.DONE
    assert served(ai) == ["replicate"]
    assert booked() == ai.bill()["price_micros"]


def test_a_job_that_came_to_nothing_is_no_reason_to_wait(from_replicate_to_openai, ai):
    video = from_replicate_to_openai
    ai.fail("failed", REPLICATE, times=resting.FAILURES)
    for _ in range(resting.FAILURES + 1):
        run = again(video)
    assert run.state == RunState.DONE
    assert makers(video) == ["openai"]
    assert booked() == ai.bill()["price_micros"]


def again(video: Video):
    """As a worker does once the rest of whoever rests is over."""
    ProviderRest.objects.update(rests_until=after(timedelta(seconds=-1)))
    return pictured(video)


def test_who_has_no_price_is_passed_over(video, ai):
    Price.objects.filter(provider__in=["replicate", ""]).delete()
    route("image", "openai", "replicate")
    ai.fail("server_error", OPENAI, times=3)
    for _ in range(resting.FAILURES):
        run = again(video)
    assert run.state == RunState.WAITING
    assert again(video).state == RunState.DONE
    assert set(served(ai)) == {"openai"}


@pytest.fixture
def two(by_ana, channel, accounts) -> list[Video]:
    """Their pictures are due; each asks for one that is generated and one that is found."""
    prompts = ("a kelp forest", "an otter asleep")
    wanted = [(PHOTO, {**IMAGE, "prompt": prompt}) for prompt in prompts]
    videos = [ordered(by_ana, channel, *visuals) for visuals in wanted]
    StageRun.objects.filter(state=RunState.WAITING).update(due_at=None)
    StageRun.objects.filter(stage="visuals").update(due_at=after(timedelta(seconds=-1)))
    return videos


@pytest.mark.parametrize("provider", ["image:openai", "footage:pexels"])
def test_a_provider_that_does_one_at_once_is_asked_by_one_video(two, provider):
    limits.set_limit(provider, 1)
    run = runs.claim("studio", "w:1", 9)
    assert runs.claim("studio", "w:2", 9) is None
    pipeline.perform(run)
    assert runs.claim("studio", "w:2", 9).video_id != run.video_id


@pytest.mark.long
def test_the_vendor_never_sees_two_at_once(two, ai):
    limits.set_limit("image:openai", 1)
    ai.fail("slow", OPENAI, times=0, seconds=0.5)

    def work() -> None:
        try:
            for _ in range(600):
                run = runs.claim("studio", "w:1", 9)
                if run is not None:
                    pipeline.perform(run)
                elif StageRun.objects.filter(stage="visuals", state=RunState.DONE).count() == 2:
                    return
                time.sleep(0.1)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in two]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sold = [line for line in ai.log() if line["vendor"] == "openai"]
    assert [line["at_once"] for line in sold] == [1, 1]
