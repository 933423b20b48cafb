"""Somebody without an account reads and comments by a link, until it is taken back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk

pytestmark = [pytest.mark.processes, pytest.mark.media, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}


def makes_link(page: Page, role: str, name: str) -> str:
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("radio", name=role).check()
    page.get_by_label("For whom").fill(name)
    page.get_by_label("It ends after").select_option("7")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The link", exact=True).input_value()
    expect(page.locator("#links li")).to_contain_text([name])
    page.get_by_label("Close", exact=True).click()
    expect(page.locator("#made-link")).to_have_count(0)
    return link


def as_guest(desk: Desk, link: str, viewport: dict | None = None) -> Page:
    context = desk.browser.new_context(viewport=viewport or {"width": 1360, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.complaints = []
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(link)
    expect(page.locator("#saved")).to_have_text("Live")
    return page


def named(guest: Page, name: str) -> None:
    guest.get_by_role("textbox", name="Your name").fill(name)
    guest.keyboard.press("Enter")
    expect(guest.locator("#my-name")).to_have_text(name)


def test_a_guest_reads_along_at_an_address_without_the_secret(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    link = makes_link(editor, "Comment", "Client")
    guest = as_guest(desk, link)
    named(guest, "Zoë")
    expect(editor.locator("#people .face")).to_have_attribute("aria-label", "Zoë (guest)")
    expect(guest.locator("#people .face")).to_have_attribute("aria-label", "Ana")
    editor.locator(".cm-content").get_by_text("Divers replant it.").click()
    editor.keyboard.press("End")
    editor.keyboard.type(" By hand.")
    expect(guest.locator(".cm-content")).to_contain_text("Divers replant it. By hand.")
    expect(guest.locator(".peer-flag")).to_have_text("Ana")
    assert re.fullmatch(r".*/shared/\d+/", guest.url)
    assert link.rstrip("/").rpartition("/")[2] not in guest.content()
    assert all(address.startswith(desk.server.address) for address in guest.asked)
    assert guest.complaints == []


def test_a_guest_comments_and_does_not_write(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    guest = as_guest(desk, makes_link(editor, "Comment", "Client"))
    named(guest, "Zoë")
    guest.locator(".cm-content").get_by_text("Otters guard it.").dblclick()
    guest.keyboard.type("Vandal")
    guest.get_by_role("button", name="Comment", exact=True).click()
    guest.get_by_label("Your comment").fill("Sea otters?")
    guest.locator(".talk-new .primary").click()
    card = editor.locator("#comments .talk")
    expect(card).to_contain_text("Sea otters?")
    expect(card.locator("header")).to_contain_text(re.compile("Zoë.*Guest"))
    card.get_by_label("Reply").fill("Sea otters.")
    card.get_by_role("button", name="Send").click()
    expect(guest.locator("#comments .reply")).to_contain_text("Sea otters.")
    expect(guest.get_by_label("Resolve")).to_have_count(0)
    expect(editor.locator(".cm-content")).not_to_contain_text("Vandal")
    assert guest.complaints == []


def test_what_a_guest_is_typing_survives_what_others_say(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    guest = as_guest(desk, makes_link(editor, "Comment", "Client"))
    named(guest, "Zoë")
    guest.get_by_label("Comment on scene 2").click()
    guest.keyboard.type("Half a")
    editor.get_by_role("button", name="Comment", exact=True).click()
    editor.get_by_label("Your comment").fill("Meanwhile.")
    editor.locator(".talk-new .primary").click()
    expect(guest.locator("#comments .talk")).to_contain_text("Meanwhile.")
    guest.keyboard.type(" thought")
    expect(guest.get_by_label("Your comment")).to_have_value("Half a thought")


def test_a_guest_is_out_when_the_link_is_revoked(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    link = makes_link(editor, "Read", "Press")
    guest = as_guest(desk, link)
    editor.get_by_role("button", name="Share", exact=True).click()
    expect(editor.locator("#links")).to_contain_text("used")
    editor.get_by_role("button", name="Revoke Press", exact=True).click()
    editor.get_by_role("button", name="Revoke now Press").click()
    expect(guest.locator("h1")).to_have_text("This link opens nothing", timeout=3000)
    expect(editor.locator("#links")).to_contain_text("There is no link yet")
    guest.goto(link)
    expect(guest.locator("h1")).to_have_text("This link opens nothing")


def test_a_link_to_read_shows_no_way_to_speak(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    guest = as_guest(desk, makes_link(editor, "Read", "Press"), PHONE)
    expect(guest.locator(".cm-content")).to_contain_text("Otters guard it.")
    expect(guest.locator("#add-comment")).to_be_hidden()
    expect(guest.locator("#naming")).to_be_hidden()
    expect(guest.locator(".scene-head").get_by_role("button")).to_have_count(0)
    assert guest.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_scene_is_commented_by_keyboard_alone(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    guest = as_guest(desk, makes_link(editor, "Comment", "Client"), PHONE)
    guest.keyboard.press("Escape")
    guest.get_by_label("Comment on scene 2").focus()
    guest.keyboard.press("Enter")
    guest.keyboard.type("Too long?")
    guest.keyboard.press("Control+Enter")
    expect(editor.locator("#comments .talk")).to_contain_text("Too long?")
    assert guest.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_who_only_views_shares_nothing(desk, vic, written):
    page = desk.page_of(vic, written.pk)
    expect(page.locator("#share, #sharing")).to_have_count(0)


def test_a_guest_without_a_line_is_told_so(desk, ana, written):
    editor = desk.page_of(ana, written.pk)
    guest = as_guest(desk, makes_link(editor, "Read", "Press"))
    guest.route_web_socket(re.compile("/ws/"), lambda socket: socket.close(code=1011))
    guest.reload()
    expect(guest.locator("#saved")).to_contain_text("Offline: trying again")
