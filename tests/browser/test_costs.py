"""The page of costs in a browser keeps up with the ledger."""

import pytest
from playwright.sync_api import expect

from billing import ledger
from tests.billing.spending import purpose, spend
from tests.browser.live import is_live
from videos.models import Video

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
USD = 1_000_000


def set_aside(video: Video) -> ledger.Hold:
    return ledger.hold(purpose(video), amount_micros=3 * USD)


def test_what_is_freed_is_seen_though_nobody_tells(page, server, video):
    spend(video, 1)
    held = set_aside(video)
    page.goto(f"{server.address}/costs/")
    is_live(page)
    figures = page.locator("#cost-figures")
    expect(figures).to_contain_text("USD 3.00")
    ledger.refund(held)
    expect(figures).not_to_contain_text("USD 3.00", timeout=15_000)


def test_what_is_spent_on_a_video_stands_there_at_once(page, server, video):
    spend(video, 1)
    page.goto(f"{server.address}/costs/")
    is_live(page)
    spend(video, 4)
    expect(page.locator("#cost-figures")).to_contain_text("USD 5.00", timeout=5000)
