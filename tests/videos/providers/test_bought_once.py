"""The same sentence in the same voice is bought once by a team, and never for another one."""

import pytest

from channels_app.actions import create_channel
from tests.conftest import acting
from tests.videos.paid import booked
from tests.videos.providers.speaking import (
    OPENAI,
    RACHEL,
    billed,
    entries,
    is_done,
    narrating,
    of_model,
    perform,
    spoken,
)
from videos import vendor_voices
from videos.models import RunPart

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]
BOTH = pytest.mark.parametrize("voice", [OPENAI, RACHEL])


@pytest.fixture(autouse=True)
def listed(accounts, db) -> None:
    vendor_voices.list_anew()


@BOTH
def test_two_videos_of_a_team_buy_a_sentence_once(ai, by_ana, channel, voice):
    assert is_done(perform(narrating(by_ana, channel, voice, "Kelp grows.", "Otters guard it.")))
    second = perform(narrating(by_ana, channel, voice, "Otters guard it.", "Nobody waters it."))
    assert is_done(second)
    made = RunPart.objects.filter(run__video=second, run__stage="narration").order_by("position")
    assert list(made.values_list("was_made", flat=True)) == [False, True]
    assert len(spoken(ai)) == 3
    assert booked() == billed(ai) > 0


@BOTH
def test_another_team_buys_its_own(ai, by_ana, channel, cho, voice):
    by_cho = acting(cho)
    theirs = create_channel(by=by_cho, name="Theirs", slug="theirs", brand={})
    assert is_done(perform(narrating(by_ana, channel, voice, "Kelp grows.")))
    assert is_done(perform(narrating(by_cho, theirs, voice, "Kelp grows.")))
    assert len(spoken(ai)) == 2
    assert booked() == billed(ai)


@pytest.mark.parametrize(
    ("voice", "account", "model", "unit"),
    [
        (OPENAI, "speech", "tts-1", "characters"),
        (OPENAI, "speech", "tts-1-hd", "characters"),
        (OPENAI, "speech", "gpt-4o-mini-tts", "seconds"),
        (RACHEL, "elevenlabs", "eleven_multilingual_v2", "characters"),
        (RACHEL, "elevenlabs", "eleven_flash_v2_5", "characters"),
    ],
)
def test_each_model_is_booked_as_its_vendor_bills_it(
    ai, settings, by_ana, channel, voice, account, model, unit
):
    of_model(settings, account, model)
    assert is_done(perform(narrating(by_ana, channel, voice)))
    assert booked() == billed(ai) > 0
    if voice == OPENAI:
        assert set(entries()) == {(voice, model, unit)}
    else:
        assert {line[0] for line in entries()} == {voice}


def test_another_model_is_another_purchase(ai, settings, by_ana, channel):
    of_model(settings, "speech", "tts-1")
    perform(narrating(by_ana, channel, OPENAI, "Kelp grows."))
    of_model(settings, "speech", "tts-1-hd")
    perform(narrating(by_ana, channel, OPENAI, "Kelp grows."))
    assert [line["model"] for line in spoken(ai)] == ["tts-1", "tts-1-hd"]
    assert booked() == billed(ai)


def test_a_server_of_ones_own_costs_nothing(ai, settings, by_ana, channel):
    of_model(settings, "speech", "tts-1")
    own = settings.ACCOUNTS["speech"]
    settings.ACCOUNTS = {
        **settings.ACCOUNTS,
        "speech": type(own)(own.env, own.base_url, "sk-any", own.model, is_local=True),
    }
    assert is_done(perform(narrating(by_ana, channel, OPENAI)))
    assert booked() == 0
