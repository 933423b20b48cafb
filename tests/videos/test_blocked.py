"""What a channel blocks, wherever it stands: nothing is bought, spoken or published of it."""

from dataclasses import replace

import pytest

from channels_app.models import Channel, Upload
from tests.doubles.site import site
from tests.kit.test_api import problem
from tests.videos.test_script_rules import SCENES, WRITTEN, ordered, ruled, state
from tests.videos.test_web_pages import HEAD, article
from videos import actions, pipeline, runs
from videos.models import RunState, StageRun, Video, VideoState

PLAIN = replace(WRITTEN, claims=(), hooks=("Under the waves stands a casino.",))
STATEMENT = {"template": "statement", "text": "Kelp"}
TOLD = {
    "narration": {"narration": "A casino in the sea."},
    "headline": {"headline": "Ca\u00adsi\u200dno"},
    "statement": {"visual": {**STATEMENT, "text": "The ＣＡＳＩＮＯ opens"}},
    "kicker": {"visual": {**STATEMENT, "kicker": "Casino"}},
    "prompt": {"visual": {**STATEMENT, "source": "image", "prompt": "a casino by night"}},
    "quote": {"visual": {"template": "quote", "text": "Kelp wins.", "attribution": "The Casino"}},
    "list": {
        "visual": {
            "template": "list",
            "items": [{"title": "Kelp"}, {"title": "A", "detail": "casino"}],
        }
    },
    "number": {
        "visual": {"template": "number", "value": "3", "amount": 3, "label": "chips of the casino"}
    },
    "chart": {
        "visual": {
            "template": "chart", "kind": "bar", "labels": ["Kelp", "Casino"],
            "values": [1, 2], "shown": ["1", "2"],
        }
    },
    "comparison": {
        "visual": {
            "template": "comparison",
            "sides": [
                {"title": "Kelp", "points": ["grows"]},
                {"title": "Casino", "points": ["wins"]},
            ],
        }
    },
    "caption": {"visual": {"template": "picture", "source": "image", "caption": "Casino, 1900"}},
}  # fmt: skip
RULES = {"topics": ("blocked_topics", "blocked_topic"), "words": ("blocked_words", "blocked_words")}


@pytest.fixture(params=RULES)
def blocking(request, by_ana, channel) -> str:
    """The channel blocks it as a topic, and as a word; answers the code that tells so."""
    setting, code = RULES[request.param]
    ruled(by_ana, channel, **{setting: "casino"}, unsupported_claims="allow")
    return code


@pytest.mark.parametrize("place", TOLD)
def test_it_is_found_wherever_a_scene_tells_or_shows_it(place, blocking, by_ana):
    video = ordered(by_ana, Channel.objects.get(), PLAIN)
    assert state(video)[0] == VideoState.QUEUED
    told = replace(SCENES[1], **TOLD[place])
    actions.edit_script(by=by_ana, video=video, script=replace(PLAIN, scenes=(SCENES[0], told)))
    assert state(video) == (VideoState.FAILED, blocking)
    assert "scene 2" in video.reason.lower()
    actions.edit_script(by=by_ana, video=video, script=PLAIN)
    assert state(video)[0] == VideoState.QUEUED


@pytest.mark.parametrize(
    "told", [{"title": "The casino"}, {"description": "Of casino."}, {"tags": ("kelp", "Casino")}]
)
def test_it_is_found_in_what_goes_out_with_the_video(told, blocking, by_ana):
    video = ordered(by_ana, Channel.objects.get(), PLAIN)
    actions.edit_script(by=by_ana, video=video, script=replace(PLAIN, **told))
    assert state(video) == (VideoState.FAILED, blocking)


def test_nobody_names_or_describes_a_video_so_nor_begins_with_it(
    blocking, program, ben, browser, ana, by_ana
):
    video = ordered(by_ana, Channel.objects.get(), PLAIN)
    its, path = program(ben), f"videos/{video.pk}/"
    for change in ({"title": "Our casino"}, {"description": "A casino"}, {"tags": ["casino"]}):
        problem(its.patch(path, change, If_Match="*"), 409, "blocked_topic")
    problem(its.post(f"{path}hook/", {"number": 1}), 409, "blocked_topic")
    form = {"title": "Our casino", "description": "", "tags": ""}
    page = browser(ana).post(f"/videos/{video.pk}/details/", form)
    assert (page.status_code, "blocks “casino”" in page.content.decode()) == (422, True)
    assert state(video) == (VideoState.QUEUED, "")
    assert video.title == "Kelp"


def test_a_ready_script_about_a_blocked_topic_makes_no_video(program, ben, by_ana, channel):
    ruled(by_ana, channel, blocked_topics="casino")
    scene = {"narration": "Kelp grows.", "visual": {"template": "statement", "text": "Casino"}}
    order = {"channel": channel.pk, "script": {"title": "Kelp", "scenes": [scene]}}
    problem(program(ben).post("videos/", order), 409, "blocked_topic")
    assert not Video.objects.exists()


def test_what_is_blocked_after_a_video_was_made_keeps_it_from_going_out(blocking, by_ana):
    channel = ruled(by_ana, Channel.objects.get(), blocked_topics="", blocked_words="")
    video = ordered(by_ana, channel, replace(PLAIN, description="A casino."))
    Video.objects.update(state=VideoState.APPROVED)
    setting = next(name for name, code in RULES.values() if code == blocking)
    ruled(by_ana, Channel.objects.get(), **{setting: "casino"})
    with pytest.raises(actions.rules.BlockedTopic, match="The description says “casino”"):
        actions.publish_video(by=by_ana, video=video)
    assert not Upload.objects.exists()


def scripted() -> StageRun:
    StageRun.objects.exclude(stage="script").update(due_at=None)
    pipeline.perform(runs.claim("studio", "w:1", 9))
    return StageRun.objects.get(stage="script")


@pytest.fixture
def page(settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True
    with site() as found:
        found.page("/kelp", article(head=HEAD))
        yield f"{found.url}/kelp"


@pytest.mark.django_db(transaction=True)
def test_a_page_about_a_blocked_topic_is_told_nothing_of(page, by_ana, channel):
    ruled(by_ana, channel, blocked_topics="otters")
    wish = actions.Wish(source=page, seconds=20)
    video = actions.create_video(by=by_ana, channel=Channel.objects.get(), wish=wish)
    run = scripted()
    assert (run.state, "“otters”" in run.reason) == (RunState.FAILED, True)
    assert not video.scenes.exists()
