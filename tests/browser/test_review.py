"""Comments on a video that was really rendered, by the frame, in two browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.served import Served, chromium, served
from tests.processes import Installation, until

pytestmark = [pytest.mark.processes, pytest.mark.media]

PASSWORD = "a long walk at dusk"
PEOPLE = """
from teams.actions import add_member
from teams.models import Role, User
from videos.models import Video

team = Video.objects.get().team
for name, role in {"Ana": Role.OWNER, "Ben": Role.EDITOR, "Vic": Role.VIEWER}.items():
    user = User.objects.create_user(f"{name.lower()}@example.org", "PASSWORD", name=name)
    add_member(team=team, user=user, role=role)
""".replace("PASSWORD", PASSWORD)
SAY = """
from collab.actions import create_comment, resolve_thread
from collab.moments import first_ms
from teams.access import acting
from teams.models import Membership
from videos.models import Video

by = acting(Membership.objects.get(user__name="Ana"))
for text, frame, cut, is_resolved in {told}:
    place = {{"at_ms": first_ms(frame), **({{"cut": cut}} if cut else {{}})}}
    made = create_comment(by=by, video=Video.objects.get(), text=text, place=place)
    if is_resolved:
        resolve_thread(by=by, comment=made)
"""
# keeps the frame that the player has drawn, by the time that its picture has in the file
DRAWS = """() => {
  const video = document.getElementById("video");
  const draws = (_, about) => {
    window.drawn = Math.round(about.mediaTime * 30);
    video.requestVideoFrameCallback(draws);
  };
  video.requestVideoFrameCallback(draws);
}"""


class Desk:
    """People at their browsers, before a video that is 495 frames long or so."""

    def __init__(self, studio: Served, browser: Browser) -> None:
        self.studio, self.browser = studio, browser
        self.complaints: list[str] = []

    def say(self, *told: tuple[str, int, str, bool]) -> None:
        """(text, frame, cut or "" for that of now, whether it is resolved)."""
        made = self.studio.installation.manage("shell", "-c", SAY.format(told=list(told)))
        assert made.returncode == 0, made.stderr

    def page_of(self, who: str, more: str = "") -> Page:
        page = self.browser.new_context(viewport={"width": 1360, "height": 900}).new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        page.goto(f"{self.studio.address}/accounts/login/")
        page.fill("[name=login]", f"{who.lower()}@example.org")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_load_state()
        page.goto(f"{self.studio.address}/videos/1/{more}")
        wait(page, "document.getElementById('video').readyState > 1")
        expect(page.locator("#live")).to_have_attribute("data-state", "open")
        return page


@pytest.fixture
def desk(made_once: Installation, tmp_path) -> Iterator[Desk]:
    installation = made_once.copy_to(tmp_path / "var")
    made = installation.manage("shell", "-c", PEOPLE)
    assert made.returncode == 0, made.stderr
    with served(installation, with_workers=False) as studio, chromium() as browser:
        desk = Desk(studio, browser)
        yield desk
        assert desk.complaints == []


def wait(page: Page, claim: str) -> None:
    """Playwright's own way would make the page evaluate a string, which its policy forbids."""
    until(lambda: page.evaluate(claim), what=claim)


def frame(page: Page) -> int:
    return page.evaluate("Math.floor(document.getElementById('video').currentTime * 30)")


def timecode(number: int) -> str:
    return f"00:{number // 30:02}:{number % 30:02}"


def thread(page: Page, text: str):
    return page.locator("#review-list .talk", has_text=text)


def test_a_comment_leads_to_exactly_its_frame(desk):
    frames = [1, 29, 30, 100, 203, 371, 479]
    desk.say(*[(f"Here is {number}.", number, "", False) for number in frames])
    page = desk.page_of("Ana")
    page.evaluate(DRAWS)
    for number in [*frames[::-1], *frames]:
        thread(page, f"Here is {number}.").locator("a.at").click()
        wait(page, "!document.getElementById('video').seeking")
        assert frame(page) == number
        wait(page, f"window.drawn === {number}")
        expect(page.locator("#timecode")).to_have_text(timecode(number))


def test_one_comments_at_a_frame_and_the_other_sees_it_and_jumps(desk):
    one, other = desk.page_of("Ben"), desk.page_of("Ana")
    one.locator("#video").focus()
    for _ in range(37):
        one.keyboard.press(".")
    one.keyboard.press(",")
    assert frame(one) == 36
    one.get_by_label("Your comment").fill("The title comes late. @Ana")
    for _ in range(5):
        one.get_by_role("button", name="One frame on").click()
    expect(one.locator("#pin-at")).to_have_text("00:01:06")  # where typing began
    one.get_by_label("Your comment").press("Control+Enter")
    said = thread(other, "The title comes late.")
    expect(said.locator("a.at")).to_have_text("00:01:06")
    expect(other.locator(".mark")).to_have_count(1)
    other.locator(".mark").click()
    assert frame(other) == 36
    expect(said).to_have_class("talk is-picked")
    expect(one.get_by_label("Your comment")).to_have_value("")
    told = "SELECT payload FROM teams_event WHERE kind = 'collab.comment_mentioned'"
    assert len(desk.studio.installation.ask(told)) == 1
    said.locator("[data-does=resolve]").click()
    expect(one.locator("[data-count=open]")).to_have_text("0")
    expect(thread(one, "The title comes late.")).to_be_hidden()
    one.get_by_role("button", name="Resolved 1").click()
    expect(thread(one, "The title comes late.")).to_contain_text("Resolved by Ana")


def test_typing_stops_the_picture_and_types_no_shortcuts(desk):
    page = desk.page_of("Vic")
    page.evaluate("document.getElementById('video').muted = true")
    page.evaluate("document.getElementById('video').play()")
    page.get_by_label("Your comment").type("k, l. j", delay=20)
    assert page.evaluate("document.getElementById('video').paused")
    assert page.get_by_label("Your comment").input_value() == "k, l. j"
    expect(page.locator("#pin-at")).to_have_text(timecode(frame(page)))


def test_an_answer_that_is_being_typed_survives_what_others_say(desk):
    desk.say(("Late.", 40, "", False))
    page = desk.page_of("Ben")
    answer = thread(page, "Late.").get_by_label("Reply")
    answer.type("Half an ans")
    desk.say(("Another thing.", 12, "", False))
    other = desk.page_of("Ana")
    thread(other, "Late.").get_by_label("Reply").fill("I agree.")
    thread(other, "Late.").get_by_label("Reply").press("Enter")
    expect(thread(page, "Late.")).to_contain_text("I agree.")
    expect(thread(page, "Another thing.")).to_be_visible()
    page.keyboard.type("wer")
    expect(answer).to_have_value("Half an answer")
    page.keyboard.press("Enter")
    expect(thread(other, "Late.")).to_contain_text("Half an answer")


def test_a_link_lands_on_a_resolved_thread_and_its_frame(desk):
    desk.say(("Too early.", 99, "", True), ("Late.", 40, "", False))
    page = desk.page_of("Vic", "?frame=99#comment-1")
    expect(thread(page, "Too early.")).to_have_class("talk is-picked")
    expect(thread(page, "Too early.")).to_be_visible()
    expect(page.locator("#timecode")).to_have_text(timecode(99))
    assert frame(page) == 99


def test_what_was_said_of_another_cut_says_so(desk):
    desk.say(("Of before.", 40, "b" * 64, False), ("Of now.", 50, "", False))
    page = desk.page_of("Ana")
    sign = "Made for an earlier version"
    expect(thread(page, "Of before.").get_by_text(sign)).to_be_visible()
    expect(thread(page, "Of now.").get_by_text(sign)).to_be_hidden()
    expect(page.locator(".mark.is-earlier")).to_have_count(1)


def test_without_scripts_the_comments_can_be_read(desk):
    desk.say(("Late.", 40, "", False), ("Too early.", 99, "", True))
    cookies = desk.page_of("Ana").context.cookies()
    context = desk.browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{desk.studio.address}/videos/1/")
    expect(thread(page, "Late.")).to_be_visible()
    expect(thread(page, "Too early.")).to_be_visible()
    expect(page.get_by_label("Your comment")).to_be_hidden()
