"""The operators' admin in a browser, under its own policy: everything opens, nothing complains."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import chromium, served
from tests.browser.test_looks import sign_in
from tests.processes import Installation

pytestmark = [pytest.mark.media, pytest.mark.processes]


def listening(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def test_an_operator_reaches_every_list_filters_searches_and_acts(installation: Installation):
    with served(installation) as studio, chromium() as browser:
        page = browser.new_page()
        complaints = listening(page)
        sign_in(page, studio)
        page.goto(f"{studio.address}/admin/")
        expect(page.locator(".op-tiles")).to_contain_text("Clusters alive")
        for link in page.eval_on_selector_all("#nav-sidebar-apps a", "all => all.map(a => a.href)"):
            assert page.goto(link).status == 200
        page.goto(f"{studio.address}/admin/teams/event/")
        page.get_by_text("Filters").first.click()
        page.locator(".select2-selection").first.click()
        expect(page.locator(".select2-results")).to_contain_text("Studio")
        page.goto(f"{studio.address}/admin/")
        page.locator("#nav-sidebar input").first.press_sequentially("stage", delay=30)
        expect(page.locator("#search-results")).to_contain_text("Stage runs")
        assert complaints == []


def test_pages_of_the_admin_fit_a_phone(installation: Installation):
    with served(installation) as studio, chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        sign_in(page, studio)
        for path in ("", "providers/", "teams/team/", "kit/clusterbeat/", "videos/video/"):
            page.goto(f"{studio.address}/admin/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
