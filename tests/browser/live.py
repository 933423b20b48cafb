"""What tests of live pages do with a page."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.processes import until


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_text("Live", timeout=15_000)
    page.wait_for_timeout(1500)  # what the first look asks for


def follows_the_bell(page: Page) -> None:
    """A page that follows nothing else opens its socket after a moment."""
    state = "globalThis.pageLine?.feed.state"
    until(lambda: page.evaluate(state) == "open", what="the page has a socket")
    page.wait_for_timeout(500)  # what it is told at first


def asked(page: Page) -> list[str]:
    """What the page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda r: found.append(r.url) if r.resource_type in ("xhr", "fetch") else 0)
    return found


def blocks_sockets(place: Page | BrowserContext) -> None:
    """As some proxies do."""
    place.route_web_socket(re.compile("/ws/"), lambda socket: socket.close(code=1011))
