"""A person connects a channel in a browser that holds to our policy of what pages may load and
where forms may lead."""

import pytest
from playwright.sync_api import expect

from channels_app import reference
from channels_app.models import Credential
from tests.live.server import running

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory, youtube_of_the_session):
    """Led to the stand-in."""
    folder = tmp_path_factory.mktemp("web")
    told = youtube_of_the_session.environment()
    with django_db_blocker.unblock(), running(folder, DEBUG="1", **told) as found:
        yield found


def test_a_channel_is_connected_and_disconnected(page, server, channel, youtube):
    reference.write()
    said = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(f"{server.address}/channels/{channel.pk}/")
    page.get_by_role("button", name="Connect YouTube").click()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    page.get_by_label("Northlight").check()
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Is this your channel?")).to_be_visible()
    picture = page.locator("main img")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth") > 0
    page.get_by_role("button", name="Connect Northlight").click()

    expect(page.locator("#youtube")).to_contain_text("Northlight")
    assert Credential.objects.get().channel_id == channel.pk
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("button", name="Connect YouTube")).to_be_visible()
    assert not Credential.objects.attached().exists()
    assert [one for one in said if "Content Security Policy" in one] == []
    # a browser asks for the icon of the stand-in's page as well
    assert {one["path"] for one in youtube.log() if one["violations"]} <= {"/favicon.ico"}
