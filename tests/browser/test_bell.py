"""The bell goes up and down by itself, in every tab, and also where no socket comes through."""

import pytest
from playwright.sync_api import expect

from tests.browser.live import asked, blocks_sockets, follows_the_bell, is_live
from tests.live.test_bell import tell

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
SOON = 2000  # ms


def test_the_bell_goes_up_and_in_another_tab_down(page, server, ana, ben, team):
    page.goto(f"{server.address}/settings/")
    bell, count = page.get_by_role("link", name="Notifications"), page.locator("#unread-count")
    follows_the_bell(page)
    expect(count).to_be_hidden()
    requests = asked(page)
    tell(team, ana, ben)
    expect(count).to_have_text("1", timeout=SOON)
    expect(bell).to_have_accessible_name("Notifications, 1 unread")
    expect(page.locator("#bell-said")).to_have_text("One unread notification")
    tell(team, ben, seq=5)
    tell(team, ana, seq=9, count=120)
    expect(count).to_have_text("99+", timeout=SOON)
    assert requests == []

    other = page.context.new_page()
    other.goto(f"{server.address}/notifications/")
    is_live(other)
    other.get_by_role("button", name="Mark all as read").click()
    expect(count).to_be_hidden(timeout=SOON)
    expect(bell).to_have_accessible_name("Notifications")


def test_the_list_shows_what_comes_and_what_is_read_elsewhere(page, server, ana, team):
    page.goto(f"{server.address}/notifications/")
    is_live(page)
    expect(page.get_by_text("Nothing yet")).to_be_visible()
    expect(page.get_by_role("button", name="Mark all as read")).to_be_hidden()
    tell(team, ana)
    rows = page.locator("#rows > li")
    expect(rows).to_have_count(1, timeout=SOON + 1000)
    expect(page.get_by_role("button", name="Mark all as read")).to_be_visible()
    tell(team, ana, seq=5)
    expect(rows).to_have_count(2, timeout=SOON + 1000)
    expect(page.locator("#which")).to_contain_text("Unread 2")

    other = page.context.new_page()
    other.goto(f"{server.address}/notifications/")
    other.get_by_role("button", name="Mark as read").first.click()
    expect(page.locator("#rows > li.unread")).to_have_count(1, timeout=SOON + 2000)
    expect(page.locator("#which")).to_contain_text("Unread 1")


def test_where_no_socket_comes_through_the_bell_asks(page, server, ana, team):
    blocks_sockets(page)
    page.clock.install()
    page.goto(f"{server.address}/settings/")
    count = page.locator("#unread-count")
    tell(team, ana)
    expect(count).to_be_hidden()
    page.clock.run_for(31_000)
    expect(count).to_have_text("1", timeout=SOON + 2000)


def test_a_glance_at_a_page_opens_no_socket(page, server, ana):
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    for path in ("/settings/", "/channels/", "/team/"):
        page.goto(server.address + path)
    assert opened == []
    follows_the_bell(page)
    assert len(opened) == 1


def test_a_page_has_one_socket_for_all_that_it_follows(page, server, ana, video):
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    page.goto(f"{server.address}/videos/{video.pk}/")
    is_live(page)
    page.wait_for_timeout(2000)
    assert len(opened) == 1
