"""Pictures that are generated: what they cost, and what becomes of it when something goes wrong."""

from dataclasses import replace

import pytest

from billing.models import CostEntry, Hold
from channels_app.actions import create_channel
from config.kit.errors import Refused
from tests.conftest import acting
from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import IMAGE, KELP, booked, ordered, pictured
from videos import scene_edits
from videos.models import RunState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
MAKERS = ["openai:gpt-image-1", "openai:dall-e-3", "replicate:black-forest-labs/flux-schnell"]


@pytest.fixture(params=MAKERS)
def maker(request, accounts, settings) -> str:
    vendor, _, model = request.param.partition(":")
    mine = {"openai": "image", "replicate": "replicate"}
    for name, account in mine.items():
        used = replace(accounts[account], model=model)
        off = replace(accounts[account], key="")
        settings.ACCOUNTS = {**settings.ACCOUNTS, account: used if name == vendor else off}
    return request.param


@pytest.fixture
def by_cho(cho):
    return acting(cho)


def test_a_scene_is_shown_the_picture_that_it_asks_for(by_ana, channel, ai, maker):
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.DONE
    assert p.card(video)["pictures"] == {"main": "picture.jpg"}
    assert p.facts(video)["credit"]["model"] == maker.partition(":")[2]
    assert booked() == ai.bill()["price_micros"] > 0
    assert {one.provider for one in CostEntry.objects.all()} == {maker}


def test_what_it_may_cost_is_never_passed(by_ana, channel, ai, maker):
    pictured(ordered(by_ana, channel, IMAGE))
    assert Hold.objects.get().amount_micros >= booked() > 0


def test_two_videos_of_a_team_buy_one_picture_once(by_ana, channel, ai, maker):
    first, second = ordered(by_ana, channel, IMAGE), ordered(by_ana, channel, IMAGE, source="More.")
    pictured(first)
    price = ai.bill()["price_micros"]
    assert pictured(second).state == RunState.DONE
    assert booked() == ai.bill()["price_micros"] == price


def test_another_team_shares_nothing(by_ana, channel, by_cho, ai, accounts):
    theirs = create_channel(by=by_cho, name="Theirs", slug="theirs", brand={})
    first, second = ordered(by_ana, channel, IMAGE), ordered(by_cho, theirs, IMAGE)
    pictured(first)
    pictured(second)
    assert ai.bill()["requests"] == 2
    assert booked() == ai.bill()["price_micros"]


def test_other_words_on_the_card_buy_nothing_anew(by_ana, channel, ai, accounts):
    video = ordered(by_ana, channel, KELP, illustrate="image")
    pictured(video)
    scene = video.scenes.get()
    scene_edits.edit_scene(by=by_ana, scene=scene, narration="Otters guard it all night.")
    pictured(video)
    assert ai.bill()["requests"] == 1


@pytest.mark.parametrize(
    ("how", "state", "reason"),
    [
        ("rate_limit", "waiting", "asks to wait"),
        ("server_error", "waiting", "has trouble"),
        ("wrong_key", "waiting", "IMAGE_API_KEY"),
        ("no_credit", "waiting", "out of credit"),
        ("unknown_model", "waiting", "knows no model"),
        ("refused", "failed", "Scene 1"),
        ("reset_after", "blocked", "Try again"),
        ("malformed", "failed", "can't be read"),
        ("empty", "failed", "no picture"),
    ],
)
def test_openai_says_no(by_ana, channel, ai, accounts, how, state, reason):
    ai.fail(how, "/v1/images/*")
    video = ordered(by_ana, channel, IMAGE)
    run = pictured(video)
    video.refresh_from_db()
    assert run.state == state
    assert reason in f"{run.reason} {video.reason}"
    assert booked() >= ai.bill()["price_micros"]
    assert booked() == 0 or ai.bill()["price_micros"] > 0


def test_a_refused_prompt_costs_nothing_and_loses_nothing(by_ana, channel, ai, accounts):
    ai.fail("refused", "/v1/images/*", nth=2)
    video = ordered(by_ana, channel, IMAGE, {**IMAGE, "prompt": "something awful"})
    run = pictured(video)
    assert run.reason.startswith("Scene 2 (“Scene of kelp 2”): openai refuses this: ")
    assert "Say otherwise what its picture shows" in run.reason
    second = video.scenes.get(uid="00000002")
    scene_edits.edit_scene(by=by_ana, scene=second, visual={**IMAGE, "prompt": "a calm sea"})
    assert pictured(video).state == RunState.DONE
    assert booked() == ai.bill()["price_micros"]
    assert [one["served"] for one in ai.log()] == [True, False, True]


def test_another_picture_is_bought_anew(by_ana, channel, ai, accounts):
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    before = p.facts(video)
    scene_edits.another_picture(by=by_ana, scene=video.scenes.get())
    pictured(video)
    assert ai.bill()["requests"] == 2
    assert booked() == ai.bill()["price_micros"]
    assert p.facts(video)["credit"] == before["credit"]


def test_who_has_set_up_nobody_is_told(by_ana, channel):
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    video.refresh_from_db()
    assert (video.state, video.reason_code) == ("blocked", "provider_account")
    assert "none is set up here" in video.reason
    with pytest.raises(Refused, match="nobody is set up here for image"):
        ordered(by_ana, channel, KELP, illustrate="image")
