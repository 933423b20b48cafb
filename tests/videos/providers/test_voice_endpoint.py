"""`GET /api/v1/voices/`: what a team may name, to whom its price is told, page by page."""

import pytest

from teams.models import Membership
from tests.conftest import acting
from tests.kit.test_api import problem
from videos import consents, vendor_voices
from videos.models import VendorVoice

pytestmark = pytest.mark.django_db
RACHEL = "elevenlabs:21m00Tcm4TlvDq8ikWAM"
COPY = "elevenlabs:hWx0rnBanaKelpVoice1"


@pytest.fixture
def copy(accounts, db) -> VendorVoice:
    vendor_voices.list_anew()
    return VendorVoice.objects.get(voice_id="hWx0rnBanaKelpVoice1")


def told(its) -> dict[str, dict]:
    answer = its.get("voices/?limit=200")
    assert answer.status_code == 200
    return {one["voice"]: one for one in answer.json()["results"]}


def test_it_tells_what_a_voice_is_and_costs(program, ana, copy):
    found = told(program(ana))
    rachel = found[RACHEL]
    assert (rachel["engine"], rachel["name"]) == ("elevenlabs", "Rachel")
    assert "en" in rachel["languages"]
    assert (rachel["is_clone"], rachel["consent"]) == (False, "not_needed")
    assert (rachel["minute_micros"], rachel["currency"]) == (90_000, "USD")


def test_the_state_of_a_persons_consent_is_told(program, ana, by_ana, copy):
    its = program(ana)
    assert (told(its)[COPY]["is_clone"], told(its)[COPY]["consent"]) == (True, "needed")
    consent = consents.record(by=by_ana, voice=copy, person="Kim Kelp", agrees=True)
    assert told(its)[COPY]["consent"] == "recorded"
    consents.withdraw(by=by_ana, consent=consent)
    assert told(its)[COPY]["consent"] == "withdrawn"


def test_who_may_not_see_costs_is_told_no_price(program, ana, vic, copy):
    assert told(program(vic, "videos:read"))[RACHEL]["minute_micros"] is None
    assert told(program(ana, "videos:read"))[RACHEL]["minute_micros"] is None
    assert told(program(ana, "videos:read", "costs:read"))[RACHEL]["minute_micros"] == 90_000
    Membership.objects.filter(user=ana).update(can_see_costs=False)
    assert told(program(ana))[RACHEL]["minute_micros"] is None


def test_another_teams_voice_is_not_listed(program, ana, cho, team, copy):
    vendor_voices.assign(copy, [team])
    consents.record(by=acting(ana), voice=copy, person="Kim Kelp", agrees=True)
    assert COPY in told(program(ana))
    strangers = told(program(cho))
    assert RACHEL in strangers
    assert COPY not in strangers


def test_pages_lead_through_all_of_them_and_back(program, ana, copy):
    its = program(ana)
    names = list(told(its))
    assert names == sorted(names)
    found, page, last = [], its.get("voices/?limit=3").json(), None
    assert page["previous"] is None
    while True:
        found += [one["voice"] for one in page["results"]]
        if page["next"] is None:
            break
        last = page
        page = its.get(page["next"].partition("/api/v1/")[2]).json()
    assert found == names
    assert last is not None
    back = its.get(page["previous"].partition("/api/v1/")[2]).json()
    assert back["results"] == last["results"]


def test_who_is_signed_out_or_lacks_the_scope_is_refused(program, ana, copy):
    problem(program(None).get("voices/"), 401, "not_authenticated")
    problem(program(ana, "channels:read").get("voices/"), 403, "forbidden")


def test_a_filter_or_place_that_does_not_exist_is_refused(program, ana, copy):
    problem(program(ana).get("voices/?colour=blue"), 400, "invalid")
    problem(program(ana).get("voices/?cursor=nonsense"), 404, "not_found")
