"""People at their browsers, with a script before them."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from teams.models import User
from tests.live.server import Server


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
