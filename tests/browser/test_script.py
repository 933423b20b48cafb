"""Two browsers write one script."""

import re

import pytest
from playwright.sync_api import expect

from teams.actions import remove_member
from teams.models import Membership

pytestmark = [pytest.mark.processes, pytest.mark.media, pytest.mark.django_db(transaction=True)]


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


def test_a_voice_is_chosen_seen_by_the_other_and_taken_back(desk, ana, ben, vic, written):
    one, other = desk.page_of(ana, written.pk), desk.page_of(ben, written.pk)
    viewer = desk.page_of(vic, written.pk)
    one.get_by_role("button", name="Voice of scene 2").click()
    one.locator('#voice input[value="espeak:default"]').check()
    one.get_by_role("button", name="Use this voice").click()
    expect(other.get_by_role("button", name="Voice of scene 2: espeak")).to_be_visible()
    expect(viewer.locator('.scene-voice[title="Spoken by espeak:default"]')).to_have_text("espeak")
    expect(viewer.get_by_role("button", name="Voice of scene 2")).to_have_count(0)
    expect(one.locator("#saved")).to_contain_text("Saved")
    one.locator(".cm-content").get_by_text("Otters guard it.").click()
    one.keyboard.press("Home")
    for _ in "Otters guard it.":
        one.keyboard.press("ArrowRight")
    one.keyboard.press("Control+Enter")
    expect(other.get_by_role("button", name="Voice of scene 3: espeak")).to_be_visible()
    one.keyboard.press("Control+z")
    one.keyboard.press("Control+z")
    expect(other.get_by_role("button", name=re.compile("Voice of scene .: espeak"))).to_have_count(
        0
    )


def test_a_kicked_editor_is_out(desk, ana, ben, by_ana, written):
    other = desk.page_of(ben, written.pk)
    desk.aside(lambda: remove_member(by=by_ana, membership=Membership.objects.get(user=ben)))
    expect(other.locator("#saved")).to_contain_text("You can no longer open this script")
