"""What a channel does not want told, and claims that a person has to answer for."""

from dataclasses import replace

import pytest

from channels_app.actions import change_channel
from channels_app.models import Channel
from teams.models import Event
from tests.kit.test_api import problem
from videos import actions, rules
from videos.contracts import SceneText, Script
from videos.models import RunState, Video, VideoState
from videos.writing.asked import Claim

CARD = {"template": "statement", "text": "Kelp"}
SCENES = (
    SceneText("aaaa0001", "Kelp grows half a metre a day. Otters guard it.", "Kelp", CARD),
    SceneText("aaaa0002", "Urchins eat it by night.", "Urchins", CARD),
)
WRITTEN = Script(
    title="Kelp",
    language="en",
    method="written",
    scenes=SCENES,
    hooks=("Under the waves stands a forest.", "What eats a forest at night?"),
    claims=(
        Claim("aaaa0001", "Otters guard it.", (2,), "Otters guard the kelp.", True),
        Claim("aaaa0002", "Urchins eat it by night."),
    ),
)


def ordered(by, channel, script=WRITTEN) -> Video:
    wish = actions.Wish(source="Kelp grows. Otters guard the kelp.", title="Kelp")
    return actions.create_video(by=by, channel=channel, wish=wish, script=script)


def ruled(by, channel: Channel, **settings) -> Channel:
    return change_channel(by=by, channel=channel, settings=settings)


def test_claims_without_a_source_wait_for_a_person_before_anything_is_spoken(by_ana, channel):
    video = ordered(by_ana, channel)
    assert (video.state, video.reason_code) == (VideoState.BLOCKED, "unsupported_claims")
    assert "“Urchins eat it by night.”" in video.reason
    assert "Otters" not in video.reason
    assert video.runs.get(stage="narration").state == RunState.WAITING


def test_a_person_accepts_the_claims_and_it_goes_on(program, ben, by_ana, channel):
    video = ordered(by_ana, channel)
    answer = program(ben).post(f"videos/{video.pk}/accept-claims/", {"script": 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    assert Event.objects.filter(kind="videos.claims_accepted").count() == 1
    actions.pause(by=by_ana, video=video)
    actions.resume(by=by_ana, video=video)
    video.refresh_from_db()
    assert video.state == VideoState.QUEUED


def test_nobody_gets_around_the_question_by_pausing(by_ana, channel):
    video = ordered(by_ana, channel)
    actions.pause(by=by_ana, video=video)
    actions.resume(by=by_ana, video=video)
    video.refresh_from_db()
    assert (video.state, video.reason_code) == (VideoState.BLOCKED, "unsupported_claims")


def test_resuming_is_no_answer_to_the_question(program, ben, by_ana, channel):
    video = ordered(by_ana, channel)
    problem(program(ben).post(f"videos/{video.pk}/resume/"), 409, "unsupported_claims")


def test_accepting_asks_for_an_editor_of_the_team(program, vic, cho, by_ana, channel):
    path = f"videos/{ordered(by_ana, channel).pk}/accept-claims/"
    assert program(vic).post(path).status_code == 403
    assert program(cho).post(path).status_code == 404
    assert program(None).post(path).status_code == 401


def test_nobody_accepts_claims_that_they_have_not_read(program, browser, ben, ana, by_ana, channel):
    video = ordered(by_ana, channel)
    page = browser(ana).get(f"/videos/{video.pk}/").content.decode()
    assert '<input type="hidden" name="script" value="1">' in page
    more = Claim("aaaa0001", "Kelp grows half a metre a day.")
    other = replace(WRITTEN, title="Kelp forests", claims=(*WRITTEN.claims, more))
    actions.edit_script(by=by_ana, video=video, script=other)
    path = f"videos/{video.pk}/accept-claims/"
    refused = problem(program(ben).post(path, {"script": 1}), 409, "text_changed")
    assert "read them again" in refused["detail"]
    for form in ({"script": 1}, {}):
        answer = browser(ana).post(f"/videos/{video.pk}/accept/", form, follow=True)
        assert "read them again" in answer.content.decode()
    assert state(video) == (VideoState.BLOCKED, "unsupported_claims")
    assert program(ben).post(path, {}).status_code == 400
    assert program(ben).post(path, {"script": 2}).json()["state"] == "queued"


def test_claims_that_were_edited_away_need_no_answer(by_ana, channel):
    video = ordered(by_ana, channel)
    other = replace(SCENES[1], narration="Urchins live beside it.")
    actions.edit_script(by=by_ana, video=video, script=replace(WRITTEN, scenes=(SCENES[0], other)))
    video.refresh_from_db()
    assert video.state == VideoState.QUEUED
    assert [claim["scene"] for claim in video.script.content["claims"]] == ["aaaa0001"]


@pytest.mark.parametrize(
    ("policy", "state"), [("block", VideoState.FAILED), ("allow", VideoState.QUEUED)]
)
def test_a_channel_decides_what_becomes_of_such_claims(policy, state, by_ana, channel):
    video = ordered(by_ana, ruled(by_ana, channel, unsupported_claims=policy))
    assert video.state == state
    if policy == "block":
        assert "Change those scenes" in video.reason
        actions.resume(by=by_ana, video=video)
        video.refresh_from_db()
        assert video.state == VideoState.FAILED


def test_a_text_about_a_blocked_topic_is_refused_before_anything_is_spent(
    program, ben, by_ana, channel
):
    ruled(by_ana, channel, blocked_topics="gambling\nsea urchins")
    order = {"source": "Here live Sea  Urchins.", "channel": channel.pk}
    problem(program(ben).post("videos/", order), 409, "blocked_topic")
    assert not Video.objects.exists()
    order["source"] = "Here live sea urchinsfolk and gamblings."
    assert program(ben).post("videos/", order).status_code == 201


def test_an_order_is_not_changed_to_a_blocked_topic(by_ana, channel, video):
    ruled(by_ana, channel, blocked_topics="urchins")
    video.refresh_from_db()
    with pytest.raises(rules.BlockedTopic):
        actions.change_order(by=by_ana, video=video, source="Urchins eat kelp.")


def test_a_script_that_says_a_blocked_word_is_not_spoken(by_ana, channel):
    ruled(by_ana, channel, blocked_words="otters, otter", unsupported_claims="allow")
    video = ordered(by_ana, Channel.objects.get())
    assert (video.state, video.reason_code) == (VideoState.FAILED, "blocked_words")
    assert "“otters”" in video.reason
    clean = replace(SCENES[0], narration="Kelp grows half a metre a day.")
    actions.edit_script(by=by_ana, video=video, script=replace(WRITTEN, scenes=(clean, SCENES[1])))
    video.refresh_from_db()
    assert video.state == VideoState.QUEUED


def test_a_person_picks_another_beginning(program, ben, vic, cho, by_ana, channel):
    video = ordered(by_ana, channel)
    path = f"videos/{video.pk}/hook/"
    answer = program(ben).post(path, {"number": 2})
    assert (answer.status_code, answer.json()["narration"]) == (200, WRITTEN.hooks[1])
    problem(program(ben).post(path, {"number": 3}), 409, "no_such_hook")
    assert program(vic).post(path, {"number": 1}).status_code == 403
    assert program(cho).post(path, {"number": 1}).status_code == 404


def test_the_studio_shows_claims_and_beginnings_and_takes_the_answer(
    browser, ana, vic, by_ana, channel
):
    video = ordered(by_ana, channel)
    page = browser(ana).get(f"/videos/{video.pk}/").content.decode()
    for told in ("Accept the claims", "Not in the text", "In the text", WRITTEN.hooks[0]):
        assert told in page
    assert "Accept the claims" not in browser(vic).get(f"/videos/{video.pk}/").content.decode()
    for other in (vic, None):
        browser(other).post(f"/videos/{video.pk}/accept/", {"script": 1})
        browser(other).post(f"/videos/{video.pk}/hook/", {"number": 1})
    video.refresh_from_db()
    assert (video.state, video.scenes.first().narration) == (
        VideoState.BLOCKED,
        SCENES[0].narration,
    )
    browser(ana).post(f"/videos/{video.pk}/hook/", {"number": 1})
    video.refresh_from_db()
    browser(ana).post(f"/videos/{video.pk}/accept/", {"script": video.script.number})
    video.refresh_from_db()
    assert (video.state, video.scenes.first().narration) == (VideoState.QUEUED, WRITTEN.hooks[0])


def test_what_is_assembled_from_a_text_is_asked_nothing(by_ana, channel):
    video = ordered(by_ana, channel, replace(WRITTEN, method="assembled", hooks=(), claims=()))
    assert video.state == VideoState.QUEUED


def test_a_channel_keeps_its_rules_by_page_and_program(browser, ana, program, ben, channel):
    path = f"channels/{channel.pk}/"
    told = program(ben).get(path)
    change = {"blocked_words": "cheap\nbest", "unsupported_claims": "block"}
    kept = program(ben).patch(path, change, If_Match=told["ETag"]).json()
    assert (kept["blocked_words"], kept["unsupported_claims"]) == ("cheap\nbest", "block")
    page = browser(ana).get(f"/channels/{channel.pk}/").content.decode()
    assert "Claims that no source bears out" in page


def test_a_writer_is_offered_only_where_one_is_set_up(browser, ana, settings, channel):
    page = browser(ana).get("/videos/new/").content.decode()
    assert 'name="writer"' not in page
    assert 'name="tone"' not in page
    account = replace(settings.ACCOUNTS["llm"], key="sk-double")
    settings.ACCOUNTS = {**settings.ACCOUNTS, "llm": account}
    page = browser(ana).get("/videos/new/").content.decode()
    assert 'name="writer"' in page
    order = {"channel": channel.pk, "source": "Kelp.", "seconds": 20, "format": "short"}
    browser(ana).post("/videos/new/", {**order, "writer": "openai", "tone": "dry"})
    video = Video.objects.get()
    assert (video.writer, video.tone, video.order().writer) == (
        "openai",
        "dry",
        "openai:gpt-6-luna",
    )


def test_a_program_orders_a_writer_and_is_told_which_there_are(program, ben, settings, channel):
    its = program(ben)
    order = {"source": "Kelp grows.", "writer": "openai", "tone": "dry", "audience": "sailors"}
    told = its.post("videos/", order).json()
    assert [told[name] for name in ("writer", "tone", "audience")] == ["openai", "dry", "sailors"]
    problem(its.post("videos/", {**order, "writer": "nobody"}), 409, "no_such_writer")
    problem(its.post("videos/", {**order, "writer": "extractive"}), 409, "no_such_writer")


def blocked_word(by, channel) -> Video:
    ruled(by, channel, blocked_words="otters", unsupported_claims="allow")
    video = ordered(by, Channel.objects.get())
    assert video.state == VideoState.FAILED
    return video


def state(video: Video) -> tuple[str, str]:
    video.refresh_from_db()
    return video.state, video.reason_code


@pytest.mark.parametrize("stage", ["narration", "render"])
def test_doing_a_stage_again_is_no_way_around_a_blocked_word(stage, by_ana, channel):
    video = blocked_word(by_ana, channel)
    actions.retry_stage(by=by_ana, run=video.runs.get(stage=stage))
    assert state(video) == (VideoState.FAILED, "blocked_words")


def test_another_order_is_no_way_around_a_blocked_word(by_ana, channel):
    video = blocked_word(by_ana, channel)
    actions.change_order(by=by_ana, video=video, music="none")
    assert state(video) == (VideoState.FAILED, "blocked_words")


def test_doing_a_stage_again_is_no_answer_to_open_claims(by_ana, channel):
    video = ordered(by_ana, channel)
    run = video.runs.get(stage="narration")
    with pytest.raises(rules.ClaimsOpen):
        actions.retry_stage(by=by_ana, run=run)
