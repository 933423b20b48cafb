"""Two browsers write one script."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from teams.actions import remove_member
from teams.models import Membership, User
from tests.browser.served import chromium
from tests.live.server import Server, running, session_of
from tests.videos.test_rewriting import SCRIPT
from videos.actions import edit_script
from videos.models import Video

pytestmark = [pytest.mark.processes, pytest.mark.media, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    return video


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    with django_db_blocker.unblock(), running(folder, DEBUG="1") as found:
        yield found


class Desk:
    """People at their browsers. Playwright runs a loop in this thread, so the database is asked
    before it begins, or `aside`."""

    def __init__(self, browser: Browser, server: Server, sessions: dict[User, str]) -> None:
        self.browser, self.server, self.sessions = browser, server, sessions

    def page_of(self, who: User, video_id: int) -> Page:
        context = self.browser.new_context(viewport={"width": 1360, "height": 900})
        session = {"name": settings.SESSION_COOKIE_NAME, "value": self.sessions[who]}
        context.add_cookies([{**session, "url": self.server.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(f"{self.server.address}/videos/{video_id}/script/")
        expect(page.locator("#saved")).to_contain_text(re.compile("^(Saved|Up to date)"))
        return page

    @staticmethod
    def aside(act: Callable[[], object]) -> None:
        def done() -> None:
            try:
                act()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(done).result()


@pytest.fixture
def desk(server, ana, ben, vic, written):
    sessions = {who: session_of(who) for who in (ana, ben, vic)}
    with chromium() as browser:
        yield Desk(browser, server, sessions)


def test_two_people_see_each_others_words_cursors_and_comments(desk, ana, ben, written):
    one, other = desk.page_of(ana, written.pk), desk.page_of(ben, written.pk)
    one.locator(".cm-content").get_by_text("Divers replant it.").click()
    one.keyboard.press("End")
    one.keyboard.type(" By hand.")
    expect(other.locator(".cm-content")).to_contain_text("Divers replant it. By hand.")
    expect(other.locator(".peer-flag")).to_have_text("Ana")
    expect(other.locator("#people .face")).to_have_count(1)
    expect(one.locator("#saved")).to_contain_text("Saved")
    expect(one.locator("#remade")).to_contain_text("would be made again")
    other.locator(".cm-content").get_by_text("Otters guard it.").dblclick()
    other.get_by_role("button", name="Comment", exact=True).click()
    other.get_by_label("Your comment").fill("Sea otters?")
    other.locator(".talk-new .primary").click()
    expect(one.locator("#comments")).to_contain_text("Sea otters?")
    expect(one.locator(".place-comment")).to_have_count(1)


def test_a_viewer_cannot_type(desk, ana, vic, written):
    one, viewer = desk.page_of(ana, written.pk), desk.page_of(vic, written.pk)
    expect(viewer.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    viewer.locator(".cm-content").get_by_text("Divers replant it.").click()
    viewer.keyboard.type("Vandal")
    one.locator(".cm-content").get_by_text("Divers replant it.").click()
    one.keyboard.press("End")
    one.keyboard.type(" By hand.")
    expect(viewer.locator(".cm-content")).to_contain_text("By hand.")
    expect(one.locator(".cm-content")).not_to_contain_text("Vandal")


def test_a_kicked_editor_is_out(desk, ana, ben, by_ana, written):
    other = desk.page_of(ben, written.pk)
    desk.aside(lambda: remove_member(by=by_ana, membership=Membership.objects.get(user=ben)))
    expect(other.locator("#saved")).to_contain_text("You can no longer open this script")
