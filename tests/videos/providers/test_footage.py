"""Footage: found by the scene's words, shown once, and credited to who took it."""

from dataclasses import replace

import pytest

from config.kit.vendors import Account
from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import FILM, KELP, PHOTO, booked, ordered, pictured
from videos import limits, scene_edits
from videos.models import ProviderLimit, RunState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
PAGES = {"pexels": "https://www.pexels.com/", "pixabay": "https://pixabay.com/"}


@pytest.fixture(params=["pexels", "pixabay"])
def vendor(request, accounts, settings) -> str:
    for name in PAGES:
        key = accounts[name].key if name == request.param else ""
        settings.ACCOUNTS = {**settings.ACCOUNTS, name: replace(accounts[name], key=key)}
    return request.param


def shown(video, scene: int = 1) -> str:
    return p.facts(video, scene)["credit"]["id"]


def test_a_photo_and_a_film_with_their_credits(by_ana, channel, ai, vendor):
    video = ordered(by_ana, channel, PHOTO, FILM)
    assert pictured(video).state == RunState.DONE
    photo, film = p.facts(video, 1), p.facts(video, 2)
    assert "clip" not in photo
    assert film["clip"]["frames"] >= 90
    for credit in (photo["credit"], film["credit"]):
        assert credit["author"]
        assert credit["url"].startswith(PAGES[vendor])
        assert vendor.capitalize() in credit["licence"]
        assert credit["id"].startswith(f"{vendor}:")
    assert booked() == ai.bill()["price_micros"] == 0


def test_nothing_is_shown_twice_in_a_video_nor_in_the_channels_next(by_ana, channel, ai, vendor):
    first = ordered(by_ana, channel, PHOTO, PHOTO)
    second = ordered(by_ana, channel, PHOTO, source="Another text.")
    pictured(first)
    pictured(second)
    assert len({shown(first, 1), shown(first, 2), shown(second)}) == 3


def test_another_picture_is_the_next_that_is_found(by_ana, channel, ai, vendor):
    video = ordered(by_ana, channel, PHOTO)
    pictured(video)
    before = shown(video)
    scene_edits.another_picture(by=by_ana, scene=video.scenes.get())
    pictured(video)
    assert shown(video) != before


def test_a_statement_keeps_its_words_over_what_is_found(by_ana, channel, ai, accounts):
    title = {"template": "title", "title": "Kelp"}
    video = ordered(by_ana, channel, title, KELP, illustrate="footage")
    pictured(video)
    told = p.card(video, 2)
    assert (told["template"], told["headline"]) == ("clip", KELP["text"])
    assert p.card(video, 1)["template"] == "title"
    asked = [one for one in ai.log() if "search" in one["path"]]
    assert len(asked) == 1


def test_a_statement_may_stay_bare(by_ana, channel, ai, accounts):
    video = ordered(by_ana, channel, {**KELP, "source": "none"}, illustrate="footage")
    pictured(video)
    assert p.card(video)["template"] == "statement"
    assert ai.log() == []


def test_where_nothing_is_found_the_card_stays_and_says_so(by_ana, channel, ai, vendor):
    ai.fail("empty", "*", method="GET", times=0)
    video = ordered(by_ana, channel, PHOTO, KELP, illustrate="footage")
    assert pictured(video).state == RunState.DONE
    assert p.facts(video)["lacks"] == "No footage fits “kelp forest”: the scene keeps its card."
    assert p.card(video)["template"] == p.card(video, 2)["template"] == "statement"
    assert p.card(video)["fields"]["text"] == "Scene of kelp 1"


@pytest.mark.parametrize(
    ("how", "state", "reason"),
    [
        ("rate_limit", "waiting", "asks to wait"),
        ("unavailable", "waiting", "has trouble"),
        ("wrong_key", "waiting", "API_KEY"),
        ("malformed", "waiting", "can't be read"),
        ("reset_after", "waiting", "can't be reached"),
    ],
)
def test_a_search_goes_wrong(by_ana, channel, ai, vendor, how, state, reason):
    ai.fail(how, "*", method="GET")
    video = ordered(by_ana, channel, PHOTO)
    run = pictured(video)
    video.refresh_from_db()
    assert reason in f"{run.reason} {video.reason}"
    assert booked() == 0
    if how != "wrong_key":
        assert pictured(video).state == RunState.DONE


def searched(ai) -> int:
    return len([one for one in ai.log() if "/files/" not in one["path"]])


def test_the_same_search_goes_out_once_in_a_day_and_each_is_counted(by_ana, channel, ai, vendor):
    limits.set_limit(f"footage:{vendor}", 9, per_minute=9)
    pictured(ordered(by_ana, channel, PHOTO, PHOTO))
    pictured(ordered(by_ana, channel, PHOTO, source="Another text."))
    assert searched(ai) == ProviderLimit.objects.get().asked == 1


def test_every_search_for_one_scene_counts(by_ana, channel, ai, vendor):
    ai.fail("empty", "*", method="GET", times=0)
    limits.set_limit(f"footage:{vendor}", 9, per_minute=9)
    pictured(ordered(by_ana, channel, KELP, KELP, illustrate="footage"))
    assert searched(ai) == ProviderLimit.objects.get().asked == 4


def test_searches_beyond_the_minute_wait_and_are_no_attempt(by_ana, channel, ai, vendor):
    ai.fail("empty", "*", method="GET", times=0)
    limits.set_limit(f"footage:{vendor}", 9, per_minute=2)
    run = pictured(ordered(by_ana, channel, KELP, illustrate="footage"))
    assert (run.state, run.attempt, searched(ai)) == ("waiting", 0, 2)
    ProviderLimit.objects.update(asked=0)
    assert pictured(run.video).state == RunState.DONE
    assert searched(ai) == 4


def test_no_answer_of_a_vendor_leads_elsewhere(by_ana, channel, ai, settings, accounts):
    """Its files lie on a host that is neither its own nor the one that is asked."""
    here = accounts["pexels"].base_url.replace("127.0.0.1", "localhost")
    settings.ACCOUNTS = {**accounts, "pexels": Account("FOOTAGE_PEXELS", here, "sk-double")}
    run = pictured(ordered(by_ana, channel, PHOTO))
    assert run.state == "failed"
    assert "which is no host of its own" in run.reason
    assert not [one for one in ai.log() if one["path"].startswith("/files/")]
