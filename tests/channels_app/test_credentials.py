"""Tokens of connected channels: renewed by one of many workers, and ended by nothing but Google's
word that they have ended."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from channels_app import credentials, notices
from channels_app.models import Credential, CredentialState
from channels_app.news import YouTubeNeedsReconnect
from channels_app.youtube.oauth import WANTED
from config.kit.database import after
from config.kit.errors import AccountFault, Unavailable
from teams import listening
from teams.models import Event, Notification
from tests.channels_app.connected import lead_to

pytestmark = pytest.mark.processes
GONE = timedelta(seconds=-1)


@pytest.fixture
def held(db, youtube, settings, channel) -> Credential:
    """Connected a while ago: its token has run out."""
    lead_to(youtube, settings)
    return Credential.objects.create(
        team=channel.team,
        channel=channel,
        youtube_id=youtube.channels()["Northlight"],
        title="Northlight",
        scopes=list(WANTED),
        refresh_token=youtube.grant()["refresh_token"],
        access_token="ya29.old",
        access_expires_at=after(GONE),
    )


def refreshes(youtube) -> int:
    return Counter(line.get("grant_type") for line in youtube.log())["refresh_token"]


def test_a_token_is_renewed_before_it_runs_out(held, youtube):
    token = credentials.token(held.channel_id)
    assert token.value.startswith("ya29.")
    assert token.value != "ya29.old"
    assert token.expires_at - time.time() > 3_000
    assert credentials.token(held.channel_id).value == token.value
    Credential.objects.update(access_expires_at=after(timedelta(minutes=5)))
    assert credentials.token(held.channel_id).value != token.value
    assert refreshes(youtube) == 2


def test_one_that_google_refused_is_renewed_though_it_looks_fresh(held, youtube):
    ask = credentials.tokens(held.channel_id)
    first = ask("")
    second = ask(first.value)
    assert second.value != first.value
    assert ask(first.value).value == second.value  # whoever is late takes what is there
    assert refreshes(youtube) == 2


def test_a_renewal_keeps_the_lasting_permission_and_says_that_it_went_well(held):
    credentials.token(held.channel_id)
    row = Credential.objects.get()
    assert row.refresh_token == held.refresh_token
    assert row.last_ok_at
    assert row.lease_until is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_asks_google(held, youtube):
    youtube.fail("slow", path="/token", seconds=0.5)

    def one(_: int) -> str:
        try:
            return credentials.token(held.channel_id).value
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        found = set(threads.map(one, range(6)))
    assert len(found) == 1
    assert refreshes(youtube) == 1


def test_who_died_while_asking_holds_nobody_up_for_long(held):
    Credential.objects.update(lease_until=after(GONE))
    assert credentials.token(held.channel_id)


def test_who_waits_too_long_is_told_to_come_again(held, monkeypatch):
    monkeypatch.setattr(credentials, "PATIENCE_S", 0.2)
    Credential.objects.update(lease_until=after(timedelta(seconds=60)))
    with pytest.raises(Unavailable, match="takes its time"):
        credentials.token(held.channel_id)


def test_only_invalid_grant_asks_for_a_reconnect_and_once(held, youtube, ben, vic):
    youtube.revoke()
    for _ in range(2):
        with pytest.raises(credentials.NotConnected):
            credentials.token(held.channel_id)
    row = Credential.objects.get()
    assert row.state == CredentialState.NEEDS_RECONNECT
    assert "Connect the channel again" in row.reason
    assert (row.refresh_token, row.access_token) == ("", "")
    assert Event.objects.filter(kind=YouTubeNeedsReconnect.kind).count() == 1
    assert refreshes(youtube) == 1
    listening.work(held.team_id)
    listening.work(held.team_id)
    told = Notification.objects.get(user=ben, kind="channel_reconnect")
    assert "Kelp has to be connected to YouTube again" in told.text
    assert told.url == f"/channels/{held.channel_id}/#youtube"
    assert not Notification.objects.filter(user=vic, kind="channel_reconnect").exists()


def test_a_permission_of_a_project_in_testing_ends_after_a_week(held, youtube):
    youtube.fail("invalid_grant", path="/token")
    with pytest.raises(credentials.NotConnected):
        credentials.token(held.channel_id)
    assert Credential.objects.get().needs_reconnect


@pytest.mark.parametrize("how", ["unavailable", "html", "per_minute", "forbidden", "lost"])
def test_trouble_at_google_asks_nobody_to_connect_again(held, youtube, how):
    youtube.fail(how, path="/token")
    with pytest.raises(Unavailable) as error:
        credentials.token(held.channel_id)
    assert not isinstance(error.value, credentials.NotConnected)
    assert Credential.objects.get().state == CredentialState.CONNECTED
    assert credentials.token(held.channel_id)  # nobody has to wait for a lease


def test_a_wrong_secret_of_the_project_ends_nothing(held, settings):
    settings.GOOGLE_CLIENT_SECRET = "GOCSPX-wrong"
    with pytest.raises(AccountFault):
        credentials.token(held.channel_id)
    assert Credential.objects.get().state == CredentialState.CONNECTED


def test_what_was_connected_again_meanwhile_stays(held):
    """A worker hears that the old permission has ended, after a person gave a new one."""
    Credential.objects.update(fence=held.fence + 1, connected_at=Now())
    assert not credentials.lose(held)
    assert Credential.objects.get().state == CredentialState.CONNECTED


def test_a_channel_that_was_never_connected(channel):
    with pytest.raises(credentials.NotConnected, match="connect it first"):
        credentials.token(channel.pk)


def test_nobody_is_told_of_a_channel_that_is_gone(held, ben):
    notices.hear(held.team_id, [Event(seq=1, payload={"channel_id": 0})])
    assert not Notification.objects.filter(kind="channel_reconnect").exists()


def test_the_page_asks_to_connect_again(held, youtube, browser, ben, vic):
    youtube.revoke()
    with pytest.raises(credentials.NotConnected):
        credentials.token(held.channel_id)
    page = browser(ben).get(f"/channels/{held.channel_id}/").content.decode()
    assert "Has to be connected again" in page
    assert "To the button" in page
    assert "Connect again" in page
    page = browser(vic).get(f"/channels/{held.channel_id}/").content.decode()
    assert "Has to be connected again" in page
    assert "To the button" not in page
