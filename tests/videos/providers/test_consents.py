"""Copies of persons' voices: used by the team that has consent, and no longer than that."""

import pytest

from config.kit.errors import Refused, Rejected
from teams.access import Forbidden
from teams.models import Event
from tests.conftest import acting
from tests.videos import paid
from tests.videos.paid import booked
from tests.videos.providers.speaking import (
    RACHEL,
    is_done,
    narrating,
    perform,
    spoken,
)
from videos import actions, consents, outputs, routing, vendor_voices
from videos.contracts import SceneText, Script
from videos.models import VendorVoice, VoiceConsent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
COPY = "elevenlabs:hWx0rnBanaKelpVoice1"
INVENTED = "elevenlabs:gEnerated0KelpVoice3"


@pytest.fixture(autouse=True)
def listed(accounts, db) -> None:
    vendor_voices.list_anew()


@pytest.fixture
def copy() -> VendorVoice:
    return VendorVoice.objects.get(voice_id="hWx0rnBanaKelpVoice1")


def agreed(by, voice: VendorVoice) -> VoiceConsent:
    return consents.record(by=by, voice=voice, person="Ana Kelp", agrees=True)


def offered(team) -> set[str]:
    return {one.full_name for one in routing.offers(team.pk)}


def test_the_voices_of_an_account_are_listed_with_their_kind(copy):
    kinds = dict(VendorVoice.objects.values_list("name", "category"))
    assert (kinds["Rachel"], kinds["Ana (own)"], kinds["Old sailor"]) == (
        "premade",
        "cloned",
        "generated",
    )
    assert VendorVoice.objects.filter(vendor="openai", voice_id="alloy").exists()


def test_a_voice_that_left_the_account_is_not_offered(team):
    VendorVoice.objects.create(
        vendor="elevenlabs", voice_id="g0ne", name="Gone", languages=["en"], category="premade"
    )
    assert "elevenlabs:g0ne" in offered(team)
    vendor_voices.list_anew()
    assert "elevenlabs:g0ne" not in offered(team)


def test_a_vendor_that_can_not_be_asked_keeps_its_list(ai, team):
    ai.fail("server_error", "/v1/voices", method="GET")
    vendor_voices.list_anew()
    assert RACHEL in offered(team)


def test_no_voice_that_costs_money_is_chosen_by_itself(team):
    sold = [one for one in routing.offers(team.pk) if one.is_sold]
    with pytest.raises(Rejected, match="Only voices that cost money"):
        routing.choose(team.pk, "", "en", sold)


def test_a_copy_is_offered_to_the_team_that_has_consent_alone(team, others, by_ana, copy):
    for voice in VendorVoice.objects.exclude(category="premade"):
        vendor_voices.assign(voice, [team, others])
    assert {RACHEL, INVENTED} <= offered(team)
    assert COPY not in offered(team)
    agreed(by_ana, copy)
    assert COPY in offered(team)
    assert COPY not in offered(others)


def test_without_consent_nothing_is_spoken_or_bought(ai, by_ana, channel):
    video = perform(narrating(by_ana, channel, COPY))
    assert video.state == "failed"
    assert "is a copy of a person’s: an owner or admin records" in video.reason
    assert (spoken(ai), booked()) == ([], 0)


@pytest.mark.media
def test_with_consent_it_speaks_and_the_record_of_the_video_names_it(by_ana, ana, channel, copy):
    agreed(by_ana, copy)
    video = perform(narrating(by_ana, channel, COPY))
    assert is_done(video)
    told = outputs.provenance(video)["voice_consents"]
    assert [(one["voice"], one["person"], one["statement"]) for one in told] == [
        (COPY, "Ana Kelp", consents.LATEST)
    ]
    assert told[0]["withdrawn_at"] is None
    assert outputs.provenance(video)["has_synthetic_media"] is True


@pytest.mark.media
def test_a_withdrawn_consent_stops_what_is_spoken_from_then_on(ai, by_ana, channel, copy):
    consent = agreed(by_ana, copy)
    video = perform(narrating(by_ana, channel, COPY))
    asked = len(spoken(ai))
    consents.withdraw(by=by_ana, consent=consent)
    actions.retry_stage(by=by_ana, run=video.runs.get(stage="narration"))
    paid.perform_again()
    video.refresh_from_db()
    assert video.state == "failed"
    assert "consent of Ana Kelp" in video.reason
    assert "was withdrawn: choose another voice" in video.reason
    assert len(spoken(ai)) == asked


def test_a_scene_can_not_be_given_a_voice_without_consent(by_ana, channel):
    run = narrating(by_ana, channel, RACHEL)
    scene = SceneText("aaaa0000", "Kelp.", "", {"template": "statement", "text": "A"}, COPY)
    script = Script(title="Kelp", language="en", method="edited", scenes=(scene,))
    with pytest.raises(Refused, match="copy of a person"):
        actions.edit_script(by=by_ana, video=run.video, script=script)


def test_the_journal_keeps_who_recorded_and_who_withdrew(by_ana, ana, copy):
    consents.withdraw(by=by_ana, consent=agreed(by_ana, copy))
    kinds = ["videos.voice_consent_recorded", "videos.voice_consent_withdrawn"]
    told = list(Event.objects.filter(kind__in=kinds).order_by("seq"))
    assert [one.kind for one in told] == kinds
    assert {one.payload["by_id"] for one in told} == {ana.pk}
    assert told[0].payload["person"] == "Ana Kelp"
    assert VoiceConsent.objects.get().withdrawn_at is not None


def test_recorded_twice_it_stands_once(by_ana, copy):
    assert agreed(by_ana, copy).pk == agreed(by_ana, copy).pk


@pytest.mark.parametrize(("person", "agrees"), [("", True), ("  ", True), ("Ana", False)])
def test_consent_names_a_person_and_is_confirmed(by_ana, copy, person, agrees):
    with pytest.raises(consents.BadConsent):
        consents.record(by=by_ana, voice=copy, person=person, agrees=agrees)


def test_a_voice_that_is_nobodys_needs_none(by_ana):
    rachel = VendorVoice.objects.get(name="Rachel")
    with pytest.raises(consents.BadConsent, match="needs nobody’s consent"):
        agreed(by_ana, rachel)


def test_only_owners_and_admins_record_and_withdraw(by_ana, ben, cho, team, copy):
    vendor_voices.assign(copy, [team])
    consent = agreed(by_ana, copy)
    with pytest.raises(Forbidden):
        agreed(acting(ben), copy)
    for other in (ben, cho):
        with pytest.raises(Forbidden):
            consents.withdraw(by=acting(other), consent=consent)


def test_an_account_without_a_key_waits_for_an_operator(settings, by_ana, channel):
    run = narrating(by_ana, channel, RACHEL)
    old = settings.ACCOUNTS["elevenlabs"]
    bare = type(old)(old.env, old.base_url, "", old.model)
    settings.ACCOUNTS = {**settings.ACCOUNTS, "elevenlabs": bare}
    video = perform(run)
    assert (video.state, video.reason_code) == ("blocked", "provider_account")
    assert "No key for ElevenLabs is set: an operator sets ELEVENLABS_API_KEY" in video.reason
