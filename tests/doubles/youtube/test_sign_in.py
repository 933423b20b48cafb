"""The page of Google that asks a person, and what becomes of the answer."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.doubles.youtube.client import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.processes
BACK = "http://127.0.0.1:1/channels/youtube/back/"
UPLOAD = "https://www.googleapis.com/auth/youtube.upload"
READ = "https://www.googleapis.com/auth/youtube.readonly"
VERIFIER = "v" * 64


def url(youtube, **told):
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": f"{UPLOAD} {READ}",
        "access_type": "offline",
        "state": "s-1",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **told,
    }
    wanted = {name: value for name, value in asked.items() if value}
    return f"{youtube.address}/o/oauth2/v2/auth?{urlencode(wanted)}"


def back(youtube, channel="Northlight", scopes=None, **told):
    key = youtube.channels().get(channel, channel)
    return dict(parse_qsl(urlsplit(youtube.consent(url(youtube, **told), key, scopes)).query))


def token(youtube, code, **told):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **told,
    }
    wanted = {name: value for name, value in form.items() if value}
    return httpx.post(f"{youtube.address}/token", data=wanted)


def refreshed(youtube, name):
    return token(youtube, "", grant_type="refresh_token", refresh_token=name)


def test_the_page_lets_choose_an_account_and_a_channel(youtube):
    page = httpx.get(url(youtube)).text
    for name in (
        "ana@example.org",
        "Kelp Daily",
        "nobody@example.org",
        "Manage your YouTube videos",
    ):
        assert name in page


def test_a_consent_leads_back_with_a_code_for_one_channel(youtube):
    found = back(youtube, "Kelp Daily")
    assert found["state"] == "s-1"
    told = token(youtube, found["code"]).json()
    assert set(told["scope"].split()) == {UPLOAD, READ}
    assert told["refresh_token"]
    heads = {"Authorization": f"Bearer {told['access_token']}"}
    mine = httpx.get(
        f"{youtube.address}/youtube/v3/channels",
        params={"part": "snippet", "mine": "true"},
        headers=heads,
    ).json()
    assert [one["snippet"]["title"] for one in mine["items"]] == ["Kelp Daily"]


def test_a_cancelled_consent(youtube):
    form = {"decision": "deny"}
    answer = httpx.post(url(youtube), data=form)
    assert dict(parse_qsl(urlsplit(answer.headers["location"]).query)) == {
        "state": "s-1",
        "error": "access_denied",
    }


def test_a_scope_that_was_unticked_is_not_granted(youtube):
    found = back(youtube, scopes=[READ])
    assert found["scope"] == READ
    told = token(youtube, found["code"]).json()
    assert told["scope"] == READ
    answer = httpx.post(
        f"{youtube.address}/upload/youtube/v3/videos",
        params={"uploadType": "resumable", "part": "snippet"},
        json={"snippet": {"title": "K"}},
        headers={"Authorization": f"Bearer {told['access_token']}"},
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


def test_scopes_of_before_are_included_where_asked(youtube):
    token(youtube, back(youtube, scope=READ)["code"])
    found = back(youtube, scope=UPLOAD, include_granted_scopes="true")
    assert set(found["scope"].split()) == {UPLOAD, READ}
    assert back(youtube, scope=UPLOAD)["scope"] == UPLOAD


def test_a_second_consent_brings_no_refresh_token_unless_asked_to(youtube):
    assert "refresh_token" in token(youtube, back(youtube)["code"]).json()
    assert "refresh_token" not in token(youtube, back(youtube)["code"]).json()
    assert "refresh_token" in token(youtube, back(youtube, prompt="consent")["code"]).json()
    online = back(youtube, prompt="consent", access_type="online")
    assert "refresh_token" not in token(youtube, online["code"]).json()


def test_a_code_is_taken_once(youtube):
    code = back(youtube)["code"]
    assert token(youtube, code).status_code == 200
    assert token(youtube, code).json()["error"] == "invalid_grant"


def test_a_code_that_is_too_old(youtube):
    code = back(youtube)["code"]
    youtube.clock(advance_s=700)
    assert token(youtube, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("told", "status", "error"),
    [
        ({"code_verifier": "w" * 64}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/else/"}, 400, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_code_that_is_not_taken(youtube, told, status, error):
    answer = token(youtube, back(youtube)["code"], **told)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    "told",
    [
        {"client_id": "someone-else"},
        {"scope": "https://www.googleapis.com/auth/everything"},
        {"response_type": "token"},
        {"redirect_uri": ""},
        {"acces_type": "offline"},
    ],
)
def test_an_order_that_google_would_not_show(youtube, told):
    assert httpx.get(url(youtube, **told)).status_code == 400
    assert len(youtube.violations()) == 1


def test_an_address_that_is_not_registered(youtube):
    youtube.settings(redirects=["https://studio.example.org/back/"])
    assert "redirect_uri_mismatch" in httpx.get(url(youtube)).text


def test_a_refresh_token_works_until_it_is_revoked(youtube):
    name = token(youtube, back(youtube)["code"]).json()["refresh_token"]
    assert refreshed(youtube, name).json()["access_token"]
    assert httpx.post(f"{youtube.address}/revoke", data={"token": name}).status_code == 200
    answer = refreshed(youtube, name)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert httpx.post(f"{youtube.address}/revoke", data={"token": name}).status_code == 400


def test_refresh_tokens_of_a_screen_in_testing_die_after_a_week(youtube):
    youtube.settings(consent="testing")
    told = token(youtube, back(youtube)["code"]).json()
    assert told["refresh_token_expires_in"] == 604_799
    youtube.clock(advance_s=604_000)
    assert refreshed(youtube, told["refresh_token"]).status_code == 200
    youtube.clock(advance_s=900)
    assert refreshed(youtube, told["refresh_token"]).status_code == 400


def test_the_oldest_of_a_hundred_and_one_is_dropped(youtube):
    names = [
        token(youtube, back(youtube, prompt="consent")["code"]).json()["refresh_token"]
        for _ in range(101)
    ]
    assert [refreshed(youtube, one).status_code for one in names[:2]] == [400, 200]


def test_an_account_without_a_channel(youtube):
    told = token(youtube, back(youtube, "account:nobody@example.org")["code"]).json()
    heads = {"Authorization": f"Bearer {told['access_token']}"}
    mine = httpx.get(
        f"{youtube.address}/youtube/v3/channels",
        params={"part": "id", "mine": "true"},
        headers=heads,
    ).json()
    assert "items" not in mine
    answer = httpx.post(
        f"{youtube.address}/upload/youtube/v3/videos",
        params={"uploadType": "resumable", "part": "snippet"},
        json={"snippet": {"title": "K"}},
        headers=heads,
    )
    assert answer.json()["error"]["errors"][0]["reason"] == "youtubeSignupRequired"


def test_a_grant_that_is_gone_by_order(youtube):
    name = token(youtube, back(youtube)["code"]).json()["refresh_token"]
    youtube.fail("invalid_grant", "/token")
    assert [refreshed(youtube, name).status_code for _ in range(2)] == [400, 200]
