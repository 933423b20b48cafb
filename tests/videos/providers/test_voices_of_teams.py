"""Voices that were made in the account: of the teams that an operator assigns them to."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.urls import reverse

from config.kit.errors import Refused, Rejected
from tests.conftest import acting
from tests.videos.paid import booked
from tests.videos.providers.speaking import RACHEL, narrating, perform, spoken
from videos import actions, casting, consents, routing, vendor_voices
from videos.contracts import SceneText, Script
from videos.models import VendorVoice, VoiceConsent
from videos.providers.openai_voice import OpenAiVoice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
COPY = "elevenlabs:hWx0rnBanaKelpVoice1"
INVENTED = "elevenlabs:gEnerated0KelpVoice3"
NOBODYS = "elevenlabs:n0nsense"
GIVEN = {"person": "Ana Kelp", "agrees": "on"}


@pytest.fixture(autouse=True)
def listed(accounts, db) -> None:
    vendor_voices.list_anew()


@pytest.fixture
def copy() -> VendorVoice:
    return VendorVoice.objects.get(voice_id="hWx0rnBanaKelpVoice1")


@pytest.fixture
def invented() -> VendorVoice:
    return VendorVoice.objects.get(voice_id="gEnerated0KelpVoice3")


def offered(team) -> set[str]:
    return {one.full_name for one in routing.offers(team.pk)}


def refused(team, name: str) -> str:
    with pytest.raises(Rejected) as refusal:
        routing.choose(team.pk, name, "en", routing.offers(team.pk))
    return refusal.value.message


def test_the_only_team_has_every_voice_of_the_account(team):
    assert {RACHEL, INVENTED} <= offered(team)


def test_where_there_are_several_one_that_nobody_assigned_is_seen_by_none(
    team, others, cho, browser
):
    assert RACHEL in offered(team)
    assert INVENTED not in offered(team) | offered(others)
    told = browser(cho).get("/voices/").content.decode()
    assert "Rachel" in told
    assert "Ana (own)" not in told
    assert "Old sailor" not in told


def test_a_team_has_what_is_assigned_to_it(team, others, ana, cho, invented, browser):
    vendor_voices.assign(invented, [team])
    assert INVENTED in offered(team)
    assert INVENTED not in offered(others)
    assert "Old sailor" in browser(ana).get("/voices/").content.decode()
    assert "Old sailor" not in browser(cho).get("/voices/").content.decode()
    vendor_voices.assign(invented, [])
    assert INVENTED not in offered(team)


def test_the_voice_of_another_team_is_refused_as_what_does_not_exist(team, others, copy, by_ana):
    vendor_voices.assign(copy, [team])
    consents.record(by=by_ana, voice=copy, person="Ana Kelp", agrees=True)
    assert refused(others, COPY) == refused(others, NOBODYS).replace(NOBODYS, COPY)
    assert routing.choose(team.pk, COPY, "en", routing.offers(team.pk)) == COPY


def test_a_video_that_names_the_voice_of_another_team_buys_nothing(ai, by_ana, channel, others):
    video = perform(narrating(by_ana, channel, COPY))
    assert video.state == "failed"
    assert "There is no voice" in video.reason
    assert (spoken(ai), booked()) == ([], 0)


def test_a_voice_that_is_taken_from_a_team_speaks_no_further(by_ana, channel, others, invented):
    vendor_voices.assign(invented, [others])
    with pytest.raises(Rejected, match="There is no voice"):
        routing.refuse_unusable(channel.team_id, INVENTED)


def test_a_scene_is_not_given_the_voice_of_another_team(by_ana, channel, others):
    run = narrating(by_ana, channel, RACHEL)
    scene = SceneText("aaaa0000", "Kelp.", "", {"template": "statement", "text": "A"}, INVENTED)
    script = Script(title="Kelp", language="en", method="edited", scenes=(scene,))
    with pytest.raises(Refused, match="there is no voice"):
        actions.edit_script(by=by_ana, video=run.video, script=script)
    assert INVENTED not in {one.full_name for one in casting.cast_of(run.video).voices}


def test_another_team_records_no_consent_and_hears_no_sample(team, cho, copy, browser):
    vendor_voices.assign(copy, [team])
    client = browser(cho)
    assert client.post(f"/voices/{copy.pk}/consent/", GIVEN).status_code == 404
    with pytest.raises(consents.BadConsent, match="no such voice"):
        consents.record(by=acting(cho), voice=copy, person="Ana", agrees=True)
    assert client.get(f"/voices/{COPY}/sample.wav").status_code == 404
    assert not VoiceConsent.objects.exists()


def test_consent_is_withdrawn_also_where_the_voice_is_not_the_teams_any_more(
    by_ana, ana, team, others, copy, browser
):
    vendor_voices.assign(copy, [team])
    consent = consents.record(by=by_ana, voice=copy, person="Ana Kelp", agrees=True)
    vendor_voices.assign(copy, [])
    client = browser(ana)
    assert "Ana Kelp" in client.get("/voices/").content.decode()
    client.post(f"/voices/consents/{consent.pk}/withdraw/")
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None


def test_an_operator_sees_what_is_unassigned_and_assigns_it(admin_client, team, others, copy):
    place = reverse("admin:videos_vendorvoice_changelist")
    unassigned = admin_client.get(place, {"assigned": "no"}).content.decode()
    assert "Ana (own)" in unassigned
    assert "nobody: assign it" in unassigned
    assert "Rachel" not in unassigned
    one = reverse("admin:videos_vendorvoice_change", args=[copy.pk])
    assert admin_client.post(one, {"teams": [team.pk]}).status_code == 302
    assert list(copy.teams.all()) == [team]
    told = admin_client.get(place, {"assigned": "yes"}).content.decode()
    assert "Ana (own)" in told
    assert "Kelp Films" in told


def test_a_voice_that_is_for_all_is_assigned_to_nobody(admin_client, team):
    rachel = VendorVoice.objects.get(name="Rachel")
    one = reverse("admin:videos_vendorvoice_change", args=[rachel.pk])
    answer = admin_client.post(one, {"teams": [team.pk]})
    assert "Every team may use this voice" in answer.content.decode()
    assert not rachel.teams.exists()


def test_voices_of_a_server_of_ones_own_are_neither_ready_made_nor_copies(settings, team, others):
    account = settings.ACCOUNTS["speech"]
    own = replace(account, key="", is_local=True)
    assert {one.category for one in OpenAiVoice.known(own)} == {"own"}
    VendorVoice.objects.create(
        vendor="openai", voice_id="af_bella", name="Bella", languages=["en"], category="own"
    )
    assert {"openai:af_bella"} <= offered(team) & offered(others)


class OwnServer(BaseHTTPRequestHandler):
    """Two voices, of which it says of one what it is."""

    def do_GET(self) -> None:
        body = json.dumps({"voices": ["af_bella", {"id": "kim", "category": "cloned"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_of_ones_own_may_say_that_a_voice_is_a_copy(settings, tmp_path):
    server = HTTPServer(("127.0.0.1", 0), OwnServer)
    threading.Thread(target=server.handle_request, daemon=True).start()
    base_url = f"http://127.0.0.1:{server.server_port}"
    own = replace(settings.ACCOUNTS["speech"], base_url=base_url, key="", is_local=True)
    found = OpenAiVoice.sold(own, tmp_path, lambda: False)
    server.server_close()
    assert {one.name: one.category for one in found} == {"af_bella": "own", "kim": "cloned"}


def test_a_team_that_has_consent_keeps_its_voice_when_the_studio_is_upgraded(
    team, others, by_ana, copy
):
    told = {"voice_name": "Ana", "person": "Ana", "statement": 1, "recorded_by": "Ana"}
    VoiceConsent.objects.create(team=team, voice=COPY, **told)
    import_module("videos.migrations.0023_assign_voices").assign(apps, SimpleNamespace())
    assert list(copy.teams.all()) == [team]
    assert COPY in offered(team)
