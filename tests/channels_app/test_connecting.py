"""Connecting a channel to YouTube in the browser: who may, whose channel it is, and what is refused
with which words."""

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client as Browser

from channels_app import actions, connecting, credentials, google, reference, tasks
from channels_app.actions import create_channel
from channels_app.models import (
    Credential,
    CredentialState,
    GoogleProject,
    QuotaLedger,
    SignIn,
    Upload,
)
from channels_app.youtube.oauth import EDIT, READ, UPLOAD, Ended
from config.kit.database import after
from teams.actions import add_member
from teams.models import Event, Role
from tests.channels_app.connected import Way, lead_to
from tests.conftest import acting

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def studio(db, youtube, settings):
    reference.write()
    lead_to(youtube, settings)


@pytest.fixture
def way(youtube, browser, ben, channel) -> Way:
    return Way(youtube, browser(ben), channel)


@pytest.fixture
def second(by_ana):
    return create_channel(by=by_ana, name="Tang", slug="tang", brand={})


def text(answer) -> str:
    return answer.content.decode()


def held() -> Credential:
    return Credential.objects.attached().get()


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# --- the way there and back


def test_a_channel_is_seen_before_it_is_connected(way, youtube, ben, channel):
    assert "Connect YouTube" in text(way.client.get(way.at))
    assert way.back() == f"{way.at}youtube/confirm/"
    page = text(way.client.get(f"{way.at}youtube/confirm/"))
    assert "Northlight" in page
    assert f"{youtube.address}/ch/{youtube.channels()['Northlight']}.svg" in page
    assert "upload videos" in page
    assert "/t/terms" in page
    assert not Credential.objects.exists()
    assert "Connected to “Northlight”." in text(way.confirm())
    row = held()
    assert (row.state, row.youtube_id) == ("connected", youtube.channels()["Northlight"])
    assert (row.team_id, row.channel_id, row.connected_by_id) == (
        channel.team_id,
        channel.pk,
        ben.pk,
    )
    assert set(row.scopes) == {READ, UPLOAD, EDIT}
    assert kinds()[-1] == "channels.youtube_connected"
    assert not SignIn.objects.exists()
    assert QuotaLedger.objects.get().channel_id == channel.pk
    assert youtube.violations() == []
    page = text(way.client.get(way.at))
    assert "Northlight" in page
    assert "Disconnect" in page


def test_what_lies_in_the_database_opens_nothing(way):
    way.connect()
    row = held()
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, refresh_token FROM channels_app_credential")
        [lies] = cursor.fetchall()
    assert row.access_token.startswith("ya29.")
    assert row.access_token not in str(lies)
    assert row.refresh_token not in str(lies)


def test_no_page_and_no_log_tells_a_token(way, caplog):
    with caplog.at_level(logging.DEBUG):
        end = way.connect()
    row = held()
    pages = text(end) + text(way.client.get("/channels/"))
    for secret in (row.access_token, row.refresh_token):
        assert secret not in pages
        assert secret not in caplog.text


def test_who_says_that_it_is_another_one_connects_nothing(way, youtube):
    way.back()
    token = SignIn.objects.get().refresh_token
    assert "Nothing was connected." in text(way.confirm("drop"))
    assert not Credential.objects.attached().exists()
    assert not SignIn.objects.exists()
    credentials.revoke()
    assert not Credential.objects.exists()
    assert _is_dead(youtube, token)


def _is_dead(youtube, token) -> bool:
    try:
        google.door().refresh(token)
    except Ended:
        return True
    return False


def test_who_says_no_at_google_is_told_so(way):
    state = parse_qs(urlsplit(way.to_google()).query)["state"][0]
    answer = way.client.get(
        "/channels/youtube/back/", {"state": state, "error": "access_denied"}, follow=True
    )
    assert "Nothing was allowed at Google" in text(answer)
    assert answer.redirect_chain[-1][0] == way.at


@pytest.mark.parametrize(
    ("who", "scopes", "words"),
    [
        ("Northlight", [READ], "not ticked: upload videos"),
        ("Northlight", [UPLOAD], "not ticked: see the channel"),
        ("account:nobody@example.org", None, "has no YouTube channel"),
        ("Suspended Songs", None, "has suspended this account"),
    ],
)
def test_what_google_did_not_give_is_named(way, who, scopes, words):
    answer = way.client.get(way.there(who, scopes), follow=True)
    assert words in text(answer)
    assert answer.redirect_chain[-1][0] == way.at
    assert not Credential.objects.exists()


def test_less_than_all_is_enough_and_more_can_be_added(way):
    assert "change videos. That can be added later" in _confirmed(way, [READ, UPLOAD])
    assert set(held().scopes) == {READ, UPLOAD}
    assert "Captions, playlists and later changes were not allowed" in text(way.client.get(way.at))
    way.connect(scopes=[EDIT])
    assert set(held().scopes) == {READ, UPLOAD, EDIT}


def _confirmed(way, scopes) -> str:
    way.back(scopes=scopes)
    page = text(way.client.get(f"{way.at}youtube/confirm/"))
    way.confirm()
    return " ".join(page.split())


@pytest.mark.parametrize("path", ["/token", "/youtube/v3/channels"])
def test_trouble_at_google_is_told_and_nothing_is_connected(way, youtube, path):
    place = way.there()
    youtube.fail("unavailable", path=path)
    answer = way.client.get(place, follow=True)
    assert answer.redirect_chain[-1][0] == way.at
    assert 'data-tone="bad"' in text(answer)
    assert not Credential.objects.exists()
    assert way.connect().status_code == 200


def test_a_wrong_secret_is_named_as_the_operators_matter(way, settings):
    place = way.there()
    settings.GOOGLE_CLIENT_SECRET = "GOCSPX-wrong"
    assert "an operator checks" in text(way.client.get(place, follow=True))


def test_a_picture_from_elsewhere_is_not_shown(way, settings):
    settings.YOUTUBE_PICTURES = ["https://yt3.ggpht.com"]
    way.connect()
    assert held().picture == ""


def test_browsers_let_the_button_lead_to_google(way):
    """A form's redirects are held to form-action as well."""
    policy = way.client.get(way.at)["Content-Security-Policy"]
    [line] = [one for one in policy.split(";") if "form-action" in one]
    assert line.split() == ["form-action", "'self'", "https://accounts.google.com"]
    assert "https://yt3.ggpht.com" in policy


# --- the state


def test_a_way_back_is_taken_once(way):
    place = way.there()
    way.client.get(place)
    assert "begin again" in text(way.client.get(place, follow=True))
    assert way.confirm().status_code == 200
    assert held()


@pytest.mark.parametrize("state", ["", "made-up", "\0", "x" * 5_000])
def test_a_state_that_nobody_began_leads_nowhere(way, state):
    answer = way.client.get(
        "/channels/youtube/back/", {"state": state, "code": "4/0A"}, follow=True
    )
    assert "begin again" in text(answer)
    assert not SignIn.objects.exists()


def test_nobody_comes_back_on_another_persons_way(way, youtube, ana):
    place, other = way.there(), Browser()
    other.force_login(ana)
    assert "begin again" in text(other.get(place, follow=True))
    assert not SignIn.objects.exclude(youtube_id="").exists()
    assert way.client.get(place)["Location"] == f"{way.at}youtube/confirm/"


def test_nobody_comes_back_within_another_team(way, ben, others):
    place = way.there()
    add_member(team=others, user=ben, role=Role.OWNER)
    by = acting(ben)
    elsewhere = type(by)(others.pk, Role.OWNER, ben.pk)
    state = parse_qs(urlsplit(place).query)["state"][0]
    with pytest.raises(connecting.SignInOver):
        connecting.take(by=elsewhere, state=state)
    assert connecting.take(by=by, state=state)


def test_a_way_that_took_too_long_is_over(way):
    place = way.there()
    SignIn.objects.update(expires_at=after(-timedelta(seconds=1)))
    assert "begin again" in text(way.client.get(place, follow=True))
    assert connecting.prune() == 1


def test_nobody_confirms_what_another_person_brought(way, ana):
    way.back()
    other = Browser()
    other.force_login(ana)
    answer = other.post(f"{way.at}youtube/confirm/", {"answer": "connect"}, follow=True)
    assert "begin again" in text(answer)
    assert not Credential.objects.exists()


def test_who_lost_the_right_meanwhile_connects_nothing(way, ben):
    way.back()
    ben.memberships.update(role=Role.VIEWER)
    way.confirm()
    assert not Credential.objects.exists()


def test_what_nobody_confirms_is_given_back(way, youtube):
    way.back()
    token = SignIn.objects.get().refresh_token
    SignIn.objects.update(expires_at=after(-timedelta(seconds=1)))
    tasks.sweep()
    tasks.revoke()
    assert _is_dead(youtube, token)
    assert not Credential.objects.exists()


def test_a_second_way_takes_the_place_of_the_first(way):
    first = way.there()
    way.connect()
    assert "begin again" in text(way.client.get(first, follow=True))


# --- again, elsewhere, and no more


def test_connected_again_the_row_stays(way):
    way.connect()
    row = held()
    way.connect()
    again = held()
    assert again.pk == row.pk
    assert again.access_token != row.access_token
    assert again.fence > row.fence


def test_another_channel_than_before_is_refused_by_name(way):
    way.connect()
    answer = way.client.get(way.there("Kelp Daily"), follow=True)
    assert "Kelp is connected to “Northlight”" in text(answer)
    assert "“Kelp Daily” was chosen" in text(answer)
    assert held().title == "Northlight"


def test_an_empty_refresh_token_takes_no_place(way):
    way.connect()
    token = held().refresh_token
    way.back()
    SignIn.objects.update(refresh_token="")
    way.confirm()
    assert held().refresh_token == token


def test_without_any_lasting_permission_nothing_is_connected(way):
    way.back()
    SignIn.objects.update(refresh_token="")
    assert "gave no lasting permission" in text(way.confirm())
    assert not Credential.objects.exists()


def test_one_youtube_channel_is_in_one_channel_of_the_studio(way, youtube, second):
    way.connect()
    other = Way(youtube, way.client, second)
    assert "is connected to Kelp: disconnect it there" in text(
        way.client.get(other.there(), follow=True)
    )
    other.connect("Kelp Daily")
    assert Credential.objects.attached().count() == 2


def test_one_youtube_channel_is_in_one_team(way, youtube, cho):
    way.connect()
    theirs = create_channel(by=acting(cho), name="Cho", slug="cho", brand={})
    client = Browser()
    client.force_login(cho)
    answer = client.get(Way(youtube, client, theirs).there(), follow=True)
    assert "connected in another team" in text(answer)
    assert "Kelp" not in text(answer)
    assert held().channel.name == "Kelp"


def test_of_two_that_confirm_one_channel_at_once_the_second_is_refused(way, youtube, second):
    other = Way(youtube, way.client, second)
    way.back()
    other.back()
    way.confirm()
    assert "is connected to Kelp" in text(other.confirm())


def test_disconnected_it_is_gone_here_at_once_and_at_google_soon(way, youtube):
    way.connect()
    token = held().refresh_token
    answer = way.client.post(f"{way.at}youtube/disconnect/", follow=True)
    assert "Disconnected." in text(answer)
    assert "Northlight" not in text(answer)
    left = Credential.objects.get()
    assert (left.state, left.title, left.picture, left.access_token) == ("revoked", "", "", "")
    assert kinds()[-1] == "channels.youtube_disconnected"
    tasks.revoke()
    assert not Credential.objects.exists()
    assert _is_dead(youtube, token)


def test_google_is_told_again_where_it_did_not_listen(way, youtube):
    way.connect()
    way.client.post(f"{way.at}youtube/disconnect/")
    youtube.fail("unavailable", path="/revoke")
    tasks.revoke()
    assert Credential.objects.get().state == CredentialState.REVOKED
    assert not credentials.to_be_revoked()  # not at once
    Credential.objects.update(lease_until=after(-timedelta(seconds=1)))
    tasks.revoke()
    assert not Credential.objects.exists()


def test_what_google_never_hears_of_goes_after_a_week(way, youtube):
    way.connect()
    way.client.post(f"{way.at}youtube/disconnect/")
    Credential.objects.update(ended_at=after(-timedelta(days=8)))
    youtube.fail("unavailable", path="/revoke")
    tasks.revoke()
    assert not Credential.objects.exists()


def test_a_channel_that_is_connected_again_is_not_revoked_by_what_was_before(way, youtube):
    way.connect()
    way.client.post(f"{way.at}youtube/disconnect/")
    way.connect()
    tasks.revoke()
    assert not _is_dead(youtube, held().refresh_token)


def test_nothing_is_disconnected_twice(way):
    assert "is not connected" in text(way.client.post(f"{way.at}youtube/disconnect/", follow=True))


# --- who may


def addresses(channel) -> list[str]:
    return [
        f"/channels/{channel.pk}/youtube/{one}/" for one in ("connect", "confirm", "disconnect")
    ]


def test_who_is_signed_out_is_asked_to_sign_in(browser, channel):
    client = browser(None)
    for address in addresses(channel):
        assert "/accounts/login/" in client.post(address)["Location"]
    assert "/accounts/login/" in client.get("/channels/youtube/back/?state=x&code=y")["Location"]
    assert "/accounts/login/" in client.get(addresses(channel)[1])["Location"]


def test_a_stranger_finds_no_channel(browser, cho, channel):
    client = browser(cho)
    for address in addresses(channel):
        assert client.post(address).status_code == 404
    assert client.get(addresses(channel)[1]).status_code == 404


def test_a_viewer_sees_whose_it_is_and_changes_nothing(way, browser, vic, channel):
    way.connect()
    client = browser(vic)
    page = text(client.get(way.at))
    assert "Northlight" in page
    assert "Disconnect" not in page
    assert "Connect again" not in page
    for address in addresses(channel):
        assert client.post(address).status_code == 302
    assert held().state == "connected"
    assert not SignIn.objects.exists()


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.EDITOR])
def test_who_keeps_channels_connects_them(youtube, browser, ben, channel, role):
    ben.memberships.update(role=role)
    assert "Connected to" in text(Way(youtube, browser(ben), channel).connect())


def test_a_program_begins_no_way_to_google(by_ana, channel):
    program = type(by_ana)(by_ana.team_id, Role.OWNER, by_ana.user_id, token_id=3)
    with pytest.raises(connecting.Forbidden):
        connecting.begin(by=program, channel=channel)


# --- without a project, and with one of the admin's


def test_without_a_project_nothing_is_on_offer(way, settings):
    settings.GOOGLE_CLIENT_ID = ""
    page = text(way.client.get(way.at))
    assert "an operator sets up" in page
    assert "Connect YouTube" not in page
    answer = way.client.post(f"{way.at}youtube/connect/", follow=True)
    assert "No Google project is set up" in text(answer)


def test_a_project_may_come_from_the_database(way, settings, youtube):
    GoogleProject.objects.create(
        client_id=settings.GOOGLE_CLIENT_ID,
        client_secret=settings.GOOGLE_CLIENT_SECRET,
        is_active=True,
    )
    settings.GOOGLE_CLIENT_ID = ""
    assert "Connected to" in text(way.connect())


def test_what_goes_to_youtube_waits_until_the_channel_is_connected(way, channel):
    upload = actions.request_publication(
        channel=channel, video_id=7, title="Kelp", files={}, metadata={}
    )
    assert list(Upload.objects.due()) == [upload]  # to its folder
    type(channel).objects.filter(pk=channel.pk).update(publisher="youtube")
    assert not Upload.objects.due().exists()
    way.connect()
    assert list(Upload.objects.due()) == [upload]
    credentials.lose(held())
    assert not Upload.objects.due().exists()
    way.connect()
    assert list(Upload.objects.due()) == [upload]
