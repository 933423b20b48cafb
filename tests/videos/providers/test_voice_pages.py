"""The page of the voices that are sold: what they cost, and whose consent stands."""

import pytest

from config.kit import jobs
from tests.conftest import acting
from videos import consents, vendor_voices
from videos.models import VendorVoice, VoiceConsent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
GIVEN = {"person": "Ana Kelp", "agrees": "on"}


@pytest.fixture
def copy(accounts, db) -> VendorVoice:
    vendor_voices.list_anew()
    return VendorVoice.objects.get(voice_id="hWx0rnBanaKelpVoice1")


def page(client) -> str:
    answer = client.get("/voices/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_voices_kinds_and_what_a_minute_costs(browser, ana, copy):
    told = page(browser(ana))
    for text in ("ElevenLabs", "Rachel", "copy of a person’s voice", "needed", "OpenAI", "Alloy"):
        assert text in told
    assert "about USD 0.09 a minute" in told
    assert "about USD 0.015" in told


def test_who_may_not_see_costs_sees_no_prices(browser, vic, copy):
    told = page(browser(vic))
    assert "Rachel" in told
    assert "a minute" not in told
    assert "Record consent" not in told


def test_an_empty_installation_says_what_an_operator_does(browser, ana):
    assert "No account is set" in page(browser(ana))


def test_an_owner_records_and_withdraws_consent(browser, ana, copy):
    client = browser(ana)
    assert client.post(f"/voices/{copy.pk}/consent/", GIVEN).status_code == 302
    consent = VoiceConsent.objects.get()
    assert "Ana Kelp" in page(client)
    client.post(f"/voices/consents/{consent.pk}/withdraw/")
    told = page(client)
    assert "Withdrawn" in told
    assert "Record consent" in told


def test_what_was_not_confirmed_is_not_recorded(browser, ana, copy):
    browser(ana).post(f"/voices/{copy.pk}/consent/", {"person": "Ana Kelp"})
    assert not VoiceConsent.objects.exists()


@pytest.mark.parametrize("role", ["ben", "vic"])
def test_others_of_the_team_may_look_and_change_nothing(browser, request, ana, copy, role):
    consent = consents.record(by=acting(ana), voice=copy, person="Ana", agrees=True)
    client = browser(request.getfixturevalue(role))
    page(client)
    for place in (
        f"/voices/{copy.pk}/consent/",
        f"/voices/consents/{consent.pk}/withdraw/",
        "/voices/list/",
    ):
        assert client.post(place, GIVEN).status_code in (302, 403)
    assert VoiceConsent.objects.get().withdrawn_at is None


def test_another_team_neither_sees_nor_withdraws_consent(browser, ana, cho, team, others, copy):
    vendor_voices.assign(copy, [team, others])
    consent = consents.record(by=acting(ana), voice=copy, person="Ana Kelp", agrees=True)
    client = browser(cho)
    assert "Ana Kelp" not in page(client)
    assert client.post(f"/voices/consents/{consent.pk}/withdraw/").status_code == 404
    assert VoiceConsent.objects.get().withdrawn_at is None


@pytest.mark.parametrize("place", ["/voices/", "/voices/list/", "/voices/1/consent/"])
def test_who_is_signed_out_signs_in_first(browser, db, place):
    client = browser(None)
    answer = client.get(place) if place == "/voices/" else client.post(place)
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_the_button_has_a_worker_ask_the_vendors(browser, ana, accounts, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs, "enqueue", lambda *task, **to: asked.append((task, to)))
    client = browser(ana)
    client.post("/voices/list/")
    client.post("/voices/list/")
    assert asked == [((vendor_voices.LIST,), {"to": "ai"})]


def test_an_order_shows_what_a_voice_costs_and_pays_for_no_sample(browser, ana, channel, copy):
    told = browser(ana).get("/videos/new/").content.decode()
    assert 'value="elevenlabs:21m00Tcm4TlvDq8ikWAM"' in told
    assert "about USD 0.09 a minute" in told
    assert "hWx0rnBanaKelpVoice1" not in told
    assert "/voices/elevenlabs:21m00Tcm4TlvDq8ikWAM/sample.wav" not in told
    heard = browser(ana).get("/voices/elevenlabs:21m00Tcm4TlvDq8ikWAM/sample.wav")
    assert heard.status_code == 404
