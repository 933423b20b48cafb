"""Everything that goes wrong with a voice that is sold: what people are told, what is booked
against the vendor's bill, and how it goes on."""

import pytest

from channels_app.actions import create_channel
from config.kit.errors import Rejected
from tests.conftest import acting
from tests.videos.paid import booked, claimed, kinds
from tests.videos.providers.speaking import (
    OPENAI,
    PLACES,
    RACHEL,
    billed,
    go_on,
    is_done,
    killed_before_it_kept,
    narrating,
    perform,
    some_time_passes,
    spoken,
)
from videos import actions, routing, vendor_voices
from videos.models import Video
from videos.writing.spoken import spoken_words

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
BOTH = pytest.mark.parametrize("voice", [OPENAI, RACHEL])
SLOW = {"late", "hang", "drip"}


@pytest.fixture(autouse=True)
def listed(accounts, db) -> None:
    """The voices of the accounts are known."""
    vendor_voices.list_anew()


@pytest.fixture
def going_wrong(accounts, ai, by_ana, channel, monkeypatch):
    """A video whose narration met a fault; nobody waits long for a vendor that is silent."""

    def act(voice: str, how: str, **more) -> Video:
        run = narrating(by_ana, channel, voice)
        ai.fail(how, PLACES[voice], **more)
        return perform(run, monkeypatch if how in SLOW else None)

    return act


@BOTH
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("rate_limit", "asks to wait"),
        ("server_error", "has trouble (500)"),
        ("unavailable", "has trouble (503)"),
        ("overloaded", ""),
    ],
)
def test_what_passes_is_waited_for_and_costs_nothing(going_wrong, ai, by_ana, voice, how, said):
    video = going_wrong(voice, how)
    run = video.runs.get(stage="narration")
    assert (run.state, booked(), billed(ai)) == ("waiting", 0, 0)
    assert said in run.reason
    assert is_done(go_on(by_ana, video))
    assert booked() == billed(ai) > 0


@BOTH
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("wrong_key", "does not take the key in {env}_API_KEY"),
        ("no_credit", "is out of credit"),
        ("unknown_model", "set {env}_MODEL"),
    ],
)
def test_what_is_wrong_with_the_account_waits_for_an_operator(
    going_wrong, ai, by_ana, voice, how, said
):
    video = going_wrong(voice, how)
    assert (video.state, video.reason_code, booked()) == ("blocked", "provider_account", 0)
    assert said.format(env="SPEECH" if voice == OPENAI else "ELEVENLABS") in video.reason
    assert is_done(go_on(by_ana, video))
    assert booked() == billed(ai) > 0


@BOTH
@pytest.mark.parametrize("how", ["bad_request", "too_long", "refused"])
def test_what_the_vendor_will_never_say_fails_and_costs_nothing(going_wrong, ai, voice, how):
    video = going_wrong(voice, how)
    assert (video.state, booked(), billed(ai)) == ("failed", 0, 0)
    assert "refuses this: " in video.reason


@pytest.mark.parametrize("how", ["malformed", "empty"])
def test_an_answer_of_openai_that_is_no_sound_is_booked_and_bought_anew_by_a_person(
    going_wrong, ai, by_ana, how
):
    video = going_wrong(OPENAI, how)
    assert video.state == "failed"
    assert "can't be played" in video.reason
    assert booked() >= billed(ai) > 0
    assert is_done(go_on(by_ana, video))
    assert booked() >= billed(ai)


@pytest.mark.parametrize(("how", "goes_on"), [("malformed", True), ("empty", False)])
def test_an_answer_of_elevenlabs_that_is_no_sound_is_fetched_again_and_not_bought(
    going_wrong, ai, by_ana, how, goes_on
):
    video = going_wrong(RACHEL, how)
    assert video.state == "failed"
    assert "fetch it from the account's history" in video.reason
    assert booked() == billed(ai) > 0
    assert is_done(go_on(by_ana, video)) is goes_on
    assert booked() == billed(ai)
    assert len(spoken(ai)) == (video.scenes.count() if goes_on else 1)


def test_what_is_gone_from_the_history_is_bought_and_booked_once_more(going_wrong, ai, by_ana):
    video = going_wrong(RACHEL, "malformed")
    before = billed(ai)
    ai.reset()
    assert is_done(go_on(by_ana, video))
    assert len(spoken(ai)) == video.scenes.count()
    assert booked() == before + billed(ai)


def test_a_worker_that_dies_with_what_was_bought_once_more_leaves_both_booked(
    going_wrong, ai, by_ana
):
    video = going_wrong(RACHEL, "malformed")
    first = billed(ai)
    ai.reset()
    actions.retry_stage(by=by_ana, run=video.runs.get(stage="narration"))
    killed_before_it_kept(claimed())
    assert booked() >= first + billed(ai) > first
    assert is_done(go_on(by_ana, video))
    assert len(spoken(ai)) == video.scenes.count()
    assert booked() == first + billed(ai)


@BOTH
def test_a_sound_that_does_not_end_is_not_taken_for_the_text(going_wrong, ai, voice):
    video = going_wrong(voice, "overlong", factor=12)
    assert video.state == "failed"
    assert "is not the text" in video.reason
    assert booked() == billed(ai) > 0


UNANSWERED = ["late", "cut", "reset_after", "hang", "reset_before", "html", "gateway", "drip"]


@pytest.mark.parametrize("how", UNANSWERED)
def test_openai_is_not_asked_again_before_a_person_says_so(going_wrong, ai, by_ana, how):
    video = going_wrong(OPENAI, how)
    assert (video.state, video.reason_code) == ("blocked", "outcome_unknown")
    assert "it may be billed again" in video.reason
    assert kinds() == ["unknown"]
    assert booked() >= billed(ai)
    assert is_done(go_on(by_ana, video))
    assert booked() >= billed(ai)


@pytest.mark.parametrize("how", ["late", "cut", "reset_after", "gateway"])
def test_what_elevenlabs_made_all_the_same_is_found_and_not_bought_again(
    going_wrong, ai, by_ana, how
):
    video = going_wrong(RACHEL, how, nth=2)
    assert (kinds()[-1], booked() >= billed(ai)) == ("unknown", True)
    asked = len(spoken(ai))
    assert is_done(go_on(by_ana, video))
    scenes = video.scenes.count()
    assert (asked, len(spoken(ai))) == (2, scenes)
    assert booked() == billed(ai) > 0


@pytest.mark.parametrize("how", ["hang", "reset_before", "html"])
def test_what_elevenlabs_never_made_is_bought_once_that_is_sure(going_wrong, ai, by_ana, how):
    video = go_on(by_ana, going_wrong(RACHEL, how))
    run = video.runs.get(stage="narration")
    assert (run.state, len(spoken(ai))) == ("waiting", 1)
    assert "looked at once more" in run.reason
    some_time_passes()
    assert is_done(go_on(by_ana, video))
    assert booked() == billed(ai) > 0


@pytest.mark.parametrize("status", [408, 504, 524])
def test_a_small_doubt_after_a_gateway_is_bought_again_by_itself(
    going_wrong, ai, by_ana, settings, status
):
    settings.AUTO_RETRY_UNKNOWN_MICROS = 1_000_000
    video = going_wrong(OPENAI, "gateway", status=status)
    assert (video.runs.get(stage="narration").state, kinds()) == ("waiting", ["unknown"])
    assert is_done(go_on(by_ana, video))
    assert kinds()[1:] == ["usage"] * video.scenes.count()
    assert booked() >= billed(ai) > 0


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_instead_of_the_vendors_own_error_is_a_doubt(going_wrong, ai, status):
    video = going_wrong(OPENAI, "html", status=status)
    assert (video.state, video.reason_code) == ("blocked", "outcome_unknown")
    assert booked() >= billed(ai)


def test_a_worker_that_dies_with_the_answer_of_openai_costs_it_twice_and_says_so(
    accounts, ai, by_ana, channel
):
    run = narrating(by_ana, channel, OPENAI)
    killed_before_it_kept(run)
    video = Video.objects.get(pk=run.video_id)
    assert (video.reason_code, kinds()) == ("outcome_unknown", ["unknown"])
    assert booked() >= billed(ai) > 0
    assert is_done(go_on(by_ana, video))
    assert booked() >= billed(ai)
    assert len(spoken(ai)) == video.scenes.count() + 1


def test_a_worker_that_dies_with_the_answer_of_elevenlabs_costs_nothing_more(
    accounts, ai, by_ana, channel
):
    run = narrating(by_ana, channel, RACHEL)
    killed_before_it_kept(run)
    assert booked() >= billed(ai) > 0
    video = go_on(by_ana, Video.objects.get(pk=run.video_id))
    assert is_done(video)
    assert len(spoken(ai)) == video.scenes.count()
    assert booked() == billed(ai)


@pytest.fixture
def theirs(cho):
    """A channel of another team, and who owns it."""
    by = acting(cho)
    return by, create_channel(by=by, name="Theirs", slug="theirs", brand={})


def test_another_teams_answer_is_never_adopted(accounts, ai, by_ana, channel, theirs):
    assert is_done(perform(narrating(*theirs, RACHEL)))
    ours = narrating(by_ana, channel, RACHEL)
    ai.fail("reset_before", PLACES[RACHEL])
    video = perform(ours)
    some_time_passes()
    assert is_done(go_on(by_ana, video))
    assert len([line for line in spoken(ai) if line["served"]]) == 2 * video.scenes.count()
    assert booked() == billed(ai)


@pytest.mark.parametrize(("voice", "most"), [(OPENAI, "4,096"), (RACHEL, "10,000")])
def test_what_is_too_long_for_one_request_is_refused_before_money_is_set_aside(
    accounts, voice, most
):
    words = spoken_words("forests of kelp " * 700, "en")
    with pytest.raises(Rejected, match=f"takes {most} at once: split it into two scenes"):
        routing.made("voice", voice).uses(words, {})
