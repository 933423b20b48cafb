"""Budgets in a browser: raised where a video says so, and followed live."""

import pytest
from playwright.sync_api import expect

from config.kit import sweeps
from tests.billing.spending import is_stopped, limit, set_aside, spend
from tests.browser.live import blocks_sockets, is_live

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
PATH = "/costs/budgets/"


@pytest.fixture
def budget(by_ana):
    return limit(by_ana, "team", 5)


def test_raised_where_the_video_says_so_it_goes_on(page, server, budget, video):
    is_stopped(video, 6)
    page.goto(f"{server.address}/videos/{video.pk}/")
    is_live(page)
    other = page.context.new_page()
    other.goto(f"{server.address}/videos/{video.pk}/")
    other.get_by_role("link", name="Raise the budget").click()
    amount = other.get_by_label("New limit")
    expect(amount).to_have_value("5.00")
    expect(amount).to_be_focused()
    amount.fill("60")
    other.get_by_role("button", name="Save").click()
    expect(other.locator("#toasts")).to_contain_text("The budget is USD 60.00 now.")
    sweeps.sweep()
    expect(page.locator("#status .badge").first).to_have_text("Queued", timeout=5000)
    expect(page.get_by_role("link", name="Raise the budget")).to_have_count(0)
    expect(other.locator(f"#budget-{budget.pk}")).not_to_contain_text("waits for room")


def test_the_page_follows_what_is_spent_and_what_waits(page, server, by_ana, budget, video):
    page.goto(server.address + PATH)
    is_live(page)
    row = page.locator(f"#budget-{budget.pk}")
    page.locator("#id_amount").fill("12")
    spend(video, 3)
    expect(row).to_contain_text("USD 3.00", timeout=5000)
    expect(row.get_by_role("meter")).to_have_attribute("aria-valuenow", "60")
    is_stopped(video, 6)
    expect(row).to_contain_text("1 video waits for room: Kelp", timeout=5000)
    again = limit(by_ana, "channel", 7)
    expect(page.locator(f"#budget-{again.pk}")).to_contain_text("Each channel", timeout=5000)
    expect(page.locator("#id_amount")).to_have_value("12")


def test_what_is_being_typed_is_left_alone(page, server, budget, video):
    page.goto(f"{server.address}{PATH}?raise={budget.pk}")
    is_live(page)
    page.get_by_label("New limit").fill("7")
    spend(video, 3)
    expect(page.locator(f"#budget-{budget.pk}")).to_contain_text("USD 3.00", timeout=5000)
    expect(page.get_by_label("New limit")).to_have_value("7")
    assert page.evaluate("window.shift") < 0.1


def test_where_no_socket_comes_through_the_page_asks(page, server, budget, video):
    blocks_sockets(page)
    page.goto(server.address + PATH)
    expect(page.locator("#live")).to_have_text("Every few seconds", timeout=20_000)
    set_aside(video, 2)
    expect(page.locator(f"#budget-{budget.pk}")).to_contain_text("set aside", timeout=10_000)


def test_an_empty_page_shows_the_first_budget(page, server, by_ana):
    page.goto(server.address + PATH)
    is_live(page)
    first = limit(by_ana, "team", 5)
    expect(page.locator(f"#budget-{first.pk}")).to_contain_text("USD 5.00", timeout=5000)


def test_a_removed_budget_is_undone(page, server, budget):
    page.goto(server.address + PATH)
    page.get_by_role("button", name="Remove the budget: The whole team").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No budget yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Each month")).to_be_visible()
