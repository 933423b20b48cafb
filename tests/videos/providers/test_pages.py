"""Pictures from others at the doors: what may be ordered, what it costs, who may ask for more."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from billing.price_book import Price
from teams.models import Membership
from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import IMAGE, KELP, PHOTO, ordered, pictured
from videos import outputs
from videos.conclusions import _described
from videos.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def another(browser, who, video, seen: int = 0):
    return browser(who).post(f"/videos/{video.pk}/scenes/00000001/another/", {"turn": seen})


def turn(video) -> int:
    return video.scenes.get(uid="00000001").visual.get("turn", 0)


def plain(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_who_edits_may_ask_for_another_picture(browser, ben, by_ana, channel, accounts):
    video = ordered(by_ana, channel, PHOTO)
    assert another(browser, ben, video).status_code == 302
    assert turn(video) == 1


def test_a_double_click_buys_one_picture(browser, ben, by_ana, channel, accounts, ai):
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    shown = plain(browser(ben).get(f"/videos/{video.pk}/"))
    seen = int(re.search(r'name="turn" value="(\d+)"', shown)[1])

    def click(client) -> int:
        try:
            path = f"/videos/{video.pk}/scenes/00000001/another/"
            return client.post(path, {"turn": seen}).status_code
        finally:
            connection.close()

    clients = [Client(), Client()]
    for one in clients:
        one.force_login(ben)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(click, clients)) == [302, 302]
    pictured(video)
    assert (turn(video), ai.bill()["requests"]) == (1, 2)
    assert another(browser, ben, video, seen=1).status_code == 302
    assert turn(video) == 2


@pytest.mark.parametrize(("who", "status"), [("vic", 302), ("cho", 404), (None, 302)])
def test_nobody_else_may(browser, request, by_ana, channel, accounts, who, status):
    video = ordered(by_ana, channel, PHOTO)
    person = request.getfixturevalue(who) if who else None
    assert another(browser, person, video).status_code == status
    assert turn(video) == 0


def test_a_scene_that_asks_nobody_has_no_other_picture(browser, ana, by_ana, channel, accounts):
    video = ordered(by_ana, channel, KELP)
    another(browser, ana, video)
    assert "turn" not in video.scenes.get().visual


def test_a_statement_that_was_left_open_gets_another_one_too(
    browser, ana, by_ana, channel, accounts
):
    video = ordered(by_ana, channel, KELP, illustrate="footage")
    another(browser, ana, video)
    assert video.scenes.get().visual["turn"] == 1


def test_the_page_says_what_another_picture_costs_and_asks(browser, ana, by_ana, channel, accounts):
    video = ordered(by_ana, channel, IMAGE)
    told = plain(browser(ana).get(f"/videos/{video.pk}/"))
    assert "Buy another picture?" in told
    assert re.search(r"paid anew: about USD 0\.0\d+ each, USD 0\.\d+ at most", told)


def test_prices_are_hidden_from_who_may_not_see_costs(browser, ana, ben, by_ana, channel, accounts):
    Membership.objects.filter(user=ben).update(can_see_costs=False)
    video = ordered(by_ana, channel, IMAGE)
    assert "paid anew: about USD" not in plain(browser(ben).get(f"/videos/{video.pk}/"))
    assert "paid anew: about USD" in plain(browser(ana).get(f"/videos/{video.pk}/"))


def test_only_what_is_set_up_can_be_chosen(browser, ana, channel, accounts, settings):
    told = plain(browser(ana).get("/videos/new/"))
    assert "Stock footage, Pexels: free" in told
    assert re.search(r"Generated pictures, OpenAI: about USD 0\.0\d+ each", told)
    settings.ACCOUNTS = {name: type(one)("X", "") for name, one in accounts.items()}
    bare = plain(browser(ana).get("/videos/new/"))
    assert "Cards alone" in bare
    assert "Generated" not in bare


def test_what_has_no_price_says_so(browser, ana, channel, accounts):
    Price.objects.filter(provider="openai").delete()
    told = plain(browser(ana).get("/videos/new/"))
    assert "OpenAI: nobody has entered its price" in told


def test_an_order_by_program_names_its_pictures(program, ana, channel, accounts):
    api = program(ana)
    wanted = {"source": "Kelp grows fast.", "illustrate": "footage"}
    answer = api.post("videos/", wanted)
    assert (answer.status_code, answer.json()["illustrate"]) == (201, "footage")
    video = Video.objects.get()
    assert video.runs.get(stage="visuals").provider == "footage:pexels"
    wrong = api.post("videos/", {**wanted, "illustrate": "google"})
    assert wrong.status_code == 400


def test_a_run_names_all_whom_its_scenes_ask(by_ana, channel, accounts):
    video = ordered(by_ana, channel, IMAGE, PHOTO)
    assert video.runs.get(stage="visuals").provider == "footage:pexels image:openai"


def test_the_scene_form_takes_a_source_and_a_prompt(browser, ana, by_ana, channel, accounts):
    video = ordered(by_ana, channel, KELP)
    scene = video.scenes.get()
    given = {"headline": "Kelp", "narration": "Kelp.", "template": "keep", "version": scene.version}
    asked = {"source": "image", "prompt": "a calm sea"}
    address = f"/videos/{video.pk}/scenes/00000001/edit/"
    assert 'name="prompt"' in browser(ana).get(address).content.decode()
    browser(ana).post(address, {**given, **asked})
    visual = video.scenes.get().visual
    assert (visual["source"], visual["prompt"], visual["text"]) == (*asked.values(), KELP["text"])


@pytest.mark.media
def test_credits_go_where_the_video_goes(browser, ana, by_ana, channel, ai, accounts):
    video = ordered(by_ana, channel, PHOTO, IMAGE)
    pictured(video)
    record = outputs.provenance(video)
    assert record["has_synthetic_media"] is True
    photo, made = record["credits"]
    assert photo["author"]
    assert made["model"] == "gpt-image-1"
    text = outputs.credit_text(record["credits"])
    assert f"{photo['author']} on Pexels {photo['url']}" in text
    assert "Made by AI: gpt-image-1, OpenAI" in text
    assert text in _described("x" * 6_000, text)
    assert len(_described("x" * 6_000, text)) <= 5_000
    told = browser(ana).get(f"/videos/{video.pk}/").content.decode()
    assert f'<a href="{photo["url"]}"' in told
    assert json.dumps(record)


@pytest.mark.media
def test_footage_alone_needs_no_disclosure(by_ana, channel, ai, accounts):
    video = ordered(by_ana, channel, PHOTO)
    pictured(video)
    assert outputs.provenance(video)["has_synthetic_media"] is False


@pytest.mark.media
def test_what_was_not_found_is_told(browser, ana, by_ana, channel, ai, accounts):
    ai.fail("empty", "*", method="GET", times=0)
    video = ordered(by_ana, channel, PHOTO)
    pictured(video)
    told = {"scene": "00000001", "what": p.facts(video)["lacks"]}
    assert outputs.provenance(video)["lacking"] == [told]
    assert "No footage fits" in browser(ana).get(f"/videos/{video.pk}/").content.decode()
