"""The page of a brand kit in a browser: what is chosen is seen at once, then as it will be."""

import re

import pytest
from playwright.sync_api import Page, expect

from channels_app.samples import KITS
from tests.browser.served import Served, chromium, served
from tests.processes import Installation

pytestmark = [pytest.mark.media, pytest.mark.processes]


def sign_in(page: Page, studio: Served) -> None:
    told = studio.installation.manage("first_owner").stdout
    page.goto(f"{studio.address}/accounts/login/")
    page.fill("[name=login]", "owner@localhost")
    page.fill("[name=password]", re.search(r"with (\S+)", told).group(1))
    page.click("main button")
    page.wait_for_load_state()


def test_a_look_is_sketched_at_once_then_drawn_then_saved(installation: Installation):
    with served(installation) as studio, chromium() as browser:
        page, complaints = browser.new_page(), []
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, studio)
        page.goto(f"{studio.address}/brand-kits/new/")
        page.fill("[name=name]", "Dusk")
        page.fill("[name=ink]", "#3a0d4f")
        sketched = "getComputedStyle(document.getElementById('look')).getPropertyValue('--ink')"
        assert page.evaluate(sketched).strip() == "#3a0d4f"
        expect(page.locator("#drawn")).to_have_attribute("src", re.compile("^blob:"))
        page.fill("[name=paper]", "#4a1d5f")
        expect(page.locator("#advice")).to_contain_text("Text on this background")
        page.click("[data-sample] >> nth=2")
        assert page.input_value("[name=ink]") == KITS[2].ink
        page.click("form#kit button.primary")
        page.wait_for_url(re.compile(r"/brand-kits/\d+/"))
        assert installation.ask("SELECT name, ink FROM channels_app_brandkit") == [
            ("Dusk", KITS[2].ink)
        ]
        assert complaints == []
