"""From sign-up to a finished video, and back to change one scene of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import Served, chromium, served
from tests.doubles.site import site
from tests.videos.test_web_pages import HEAD, article

pytestmark = [pytest.mark.processes, pytest.mark.media]

TEXT = """# Kelp forests

Kelp grows half a metre a day in cold clear water.

## Who guards it

Sea otters eat the urchins that eat the kelp.
"""
MADE_MS = 240_000  # of a short video on two busy cores


@pytest.fixture
def studio(installation):
    installation.env |= {"SIGN_UP": "open", "OUTBOUND_LOOPBACK": "1"}
    installation.manage("first_owner")  # else the set-up page stands before all others
    with served(installation) as running:
        yield running


@pytest.fixture
def page(studio: Served):
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{studio.address}/accounts/signup/")
        page.get_by_label("Your name").fill("Dee")
        page.get_by_label("Email").fill("dee@example.org")
        page.get_by_label("Password").fill("a long walk at dusk")
        page.get_by_role("button", name="Make the account").click()
        expect(page.locator("h1")).to_have_text("Home")
        yield page


def make_a_channel(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Make a channel").click()
    page.get_by_label("Name").first.fill("Deep Water")
    page.get_by_role("button", name=re.compile("Make|Create|Save")).first.click()
    expect(page.locator("h1")).to_have_text("Deep Water")


def order_a_video(page: Page) -> None:
    page.get_by_role("link", name="New video").first.click()
    page.get_by_label("Text", exact=True).fill(TEXT)
    page.get_by_role("radio", name="Square").check()
    page.get_by_role("radio", name="15 s").check()
    page.get_by_role("radio", name=re.compile("joe")).check()
    page.get_by_role("button", name="Make the video").click()


def test_a_text_becomes_a_video_and_one_scene_is_changed(page: Page, studio: Served):
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    make_a_channel(page)
    order_a_video(page)

    expect(page.locator("#video")).to_be_visible(timeout=MADE_MS)
    expect(page.locator("#status .badge").first).to_have_text("Approved", timeout=MADE_MS)
    page.wait_for_function("document.getElementById('video').duration > 5")
    first = page.locator("#player").get_attribute("data-sha")

    page.get_by_role("button", name="Edit scene 2").click()
    page.locator(".is-open [name=narration]").fill("Sea otters guard the whole forest.")
    page.get_by_role("button", name="Save and make again").click()
    expect(page.locator(".scenes")).to_contain_text("Sea otters guard the whole forest.")
    expect(page.locator("#status .badge").first).to_have_text("Approved", timeout=MADE_MS)
    expect(page.locator("#player")).not_to_have_attribute("data-sha", first or "")
    expect(page.locator("#status")).to_contain_text("kept")
    assert problems == []


def test_a_page_of_the_web_is_looked_at_and_becomes_a_script(page: Page, studio: Served):
    make_a_channel(page)
    page.get_by_role("link", name="New video").first.click()
    source = page.get_by_label("Text", exact=True)
    with site() as there:
        source.fill("Kelp grows.")
        expect(page.get_by_role("button", name="Read the page")).to_be_hidden()
        source.fill(there.page("/kelp", article(head=HEAD)))
        page.get_by_role("button", name="Read the page").click()
        expect(page.locator("#page")).to_contain_text("Ana Diver", timeout=60_000)
        expect(page.locator("#page")).to_contain_text("Kelp forests grow in cold and clear water")
        page.get_by_role("button", name="Make the video").click()
        expect(page.locator(".scenes")).to_contain_text("Otters guard", timeout=60_000)
        expect(page.locator("#web-page")).to_contain_text("The Sea Post")
