"""Google's sign-in as the studio uses it: what is asked, what is kept, and which answer ends it."""

from urllib.parse import parse_qs, urlsplit

import pytest

from channels_app.youtube import oauth
from channels_app.youtube.oauth import EDIT, READ, UPLOAD, WANTED, Door, Ended, Places, Project
from config.kit.errors import AccountFault, Unavailable
from tests.doubles.youtube.client import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.processes
BACK = "http://127.0.0.1:8000/channels/youtube/back/"
VERIFIER = "v" * 64


@pytest.fixture
def door(youtube):
    return Door(Project(CLIENT_ID, CLIENT_SECRET, BACK), Places.at(youtube.address), answer_s=2)


def code(youtube, door, channel="Northlight", scopes=None):
    """What comes back from Google's page."""
    came = youtube.consent(door.consent("s-1", VERIFIER), youtube.channels()[channel], scopes)
    told = parse_qs(urlsplit(came).query)
    assert told["state"] == ["s-1"]
    return told["code"][0]


def test_google_is_asked_as_it_says_one_should(door):
    told = {
        name: value
        for name, [value] in parse_qs(urlsplit(door.consent("s", VERIFIER)).query).items()
    }
    assert told["redirect_uri"] == BACK
    assert told["scope"].split() == list(WANTED)
    assert (told["access_type"], told["prompt"]) == ("offline", "consent")
    assert told["include_granted_scopes"] == "true"
    assert told["code_challenge_method"] == "S256"
    assert VERIFIER not in told.values()


def test_without_a_base_it_is_google_itself():
    assert Places.at("").consent.startswith("https://accounts.google.com/")
    assert {urlsplit(one).hostname for one in (Places.at("").token, Places.at("").revoke)} == {
        "oauth2.googleapis.com"
    }


def test_a_code_brings_tokens_once(youtube, door):
    given = code(youtube, door)
    granted = door.redeem(given, VERIFIER)
    assert granted.access.startswith("ya29.")
    assert granted.refresh
    assert set(granted.scopes) == set(WANTED)
    assert 3_000 < granted.expires_s < 3_600
    with pytest.raises(Ended):
        door.redeem(given, VERIFIER)
    assert youtube.violations() == []


def test_a_code_that_somebody_else_began_brings_nothing(youtube, door):
    given = code(youtube, door)
    with pytest.raises(Ended):
        door.redeem(given, "w" * 64)


def test_what_was_unticked_is_not_among_the_scopes(youtube, door):
    assert door.redeem(code(youtube, door, scopes=[READ]), VERIFIER).scopes == (READ,)
    again = door.redeem(code(youtube, door, scopes=[UPLOAD]), VERIFIER)
    assert again.scopes == (READ, UPLOAD)  # those of before are included
    assert EDIT not in again.scopes


def test_a_refresh_brings_another_token_and_no_new_permission(youtube, door):
    granted = door.redeem(code(youtube, door), VERIFIER)
    fresh = door.refresh(granted.refresh)
    assert fresh.access not in ("", granted.access)
    assert fresh.refresh in ("", granted.refresh)


def test_what_was_taken_back_ends(youtube, door):
    granted = door.redeem(code(youtube, door), VERIFIER)
    oauth.revoke(granted.refresh, Places.at(youtube.address))
    with pytest.raises(Ended):
        door.refresh(granted.refresh)
    oauth.revoke(granted.refresh, Places.at(youtube.address))  # twice is once


@pytest.mark.parametrize("how", ["html", "malformed", "lost", "reset_before", "half"])
def test_whatever_else_goes_wrong_may_pass(youtube, door, how):
    refresh = youtube.grant()["refresh_token"]
    youtube.fail(how, path="/token")
    with pytest.raises(Unavailable) as error:
        door.refresh(refresh)
    assert refresh not in str(error.value)
    assert door.refresh(refresh).access


def test_an_answer_that_drips_is_not_waited_for(youtube, door):
    refresh = youtube.grant()["refresh_token"]
    youtube.fail("drip", path="/token", seconds=0.3)
    with pytest.raises(Unavailable, match="does not answer"):
        door.refresh(refresh)


def test_a_wrong_secret_is_the_operators_matter(youtube):
    wrong = Door(Project(CLIENT_ID, "GOCSPX-wrong", BACK), Places.at(youtube.address))
    with pytest.raises(AccountFault, match="an operator checks"):
        wrong.refresh(youtube.grant()["refresh_token"])


def test_nobody_is_there():
    gone = Door(Project(CLIENT_ID, CLIENT_SECRET, BACK), Places.at("http://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="does not answer"):
        gone.refresh("1//0x")
    with pytest.raises(Unavailable):
        oauth.revoke("1//0x", Places.at("http://127.0.0.1:9"))


def test_secrets_are_not_shown(youtube, door):
    granted = door.redeem(code(youtube, door), VERIFIER)
    shown = f"{granted!r} {Project(CLIENT_ID, CLIENT_SECRET, BACK)!r}"
    for secret in (granted.access, granted.refresh, CLIENT_SECRET):
        assert secret not in shown
