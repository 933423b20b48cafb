"""Pages that show at once what happens elsewhere, also where no socket comes through."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from config.kit.database import after
from tests.browser.live import asked, blocks_sockets, is_live
from tests.live.server import running, session_of
from videos import actions, removals
from videos.models import RunState, StageRun, Video
from videos.runs import LEASE

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def works(video: Video, fraction: float) -> None:
    """As a worker's heart writes it."""
    runs = StageRun.objects.filter(video=video, stage="script")
    runs.update(
        state=RunState.RUNNING, fraction=fraction, phase="sentences", lease_until=after(LEASE)
    )


@pytest.mark.parametrize("path", ["/videos/", "/"])
def test_lists_show_progress_and_states_without_asking(page, server, ana, video, path):
    page.goto(server.address + path)
    is_live(page)
    state, requests = page.locator(f"#state-{video.pk}"), asked(page)
    page.wait_for_timeout(4000)
    assert requests == []
    works(video, 0.5)
    expect(state).to_contain_text("Script", timeout=5000)
    works(video, 0.9)
    first = state.inner_text()
    expect(state).not_to_have_text(first, timeout=5000)
    # through a page: the server keeps lists where only its own changes are seen
    server.post("/videos/bulk/", session_of(ana), action="cancel", ids=str(video.pk))
    gone = page.locator("#running") if path == "/" else state
    expect(gone).to_contain_text("No video is being made" if path == "/" else "Cancelled")
    assert page.evaluate("window.shift") < 0.1


def test_a_studio_shows_what_somebody_else_did(page, server, by_ana, video):
    page.goto(f"{server.address}/videos/{video.pk}/")
    is_live(page)
    requests = asked(page)
    page.wait_for_timeout(4000)
    assert requests == []
    works(video, 0.5)
    expect(page.locator("#status")).to_contain_text("sentences", timeout=5000)
    actions.pause(by=by_ana, video=video)
    expect(page.locator("#status .badge").first).to_have_text("Paused", timeout=5000)
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=5000)


def test_the_list_shows_what_comes_and_goes_and_keeps_what_is_chosen(page, server, by_ana, video):
    page.goto(f"{server.address}/videos/")
    is_live(page)
    page.locator(f'[name="ids"][value="{video.pk}"]').check()
    again = actions.create_video(
        by=by_ana, channel=video.channel, wish=actions.Wish(source="Otters dive.", title="Otters")
    )
    row = page.locator(f"#video-{again.pk}")
    expect(row).to_contain_text("Otters", timeout=5000)
    expect(page.locator("#rows > tr")).to_have_count(2)
    expect(page.locator("[data-count]")).to_have_text("1 chosen")
    actions.cancel(by=by_ana, video=again)
    expect(row).to_contain_text("Cancelled", timeout=5000)
    removals.delete_video(by=by_ana, video=again)
    expect(row).to_have_count(0, timeout=5000)
    expect(page.locator(f'[name="ids"][value="{video.pk}"]')).to_be_checked()


def test_a_list_without_videos_shows_the_first(page, server, by_ana, channel):
    page.goto(f"{server.address}/videos/")
    is_live(page)
    expect(page.get_by_text("No video yet")).to_be_visible()
    wish = actions.Wish(source="Otters dive.", title="Otters")
    actions.create_video(by=by_ana, channel=channel, wish=wish)
    expect(page.locator("#rows > tr")).to_contain_text("Otters", timeout=5000)


def test_where_no_socket_comes_through_the_page_asks(page, server, by_ana, video):
    blocks_sockets(page)
    page.goto(f"{server.address}/videos/{video.pk}/")
    expect(page.locator("#live")).to_have_text("Every few seconds", timeout=20_000)
    works(video, 0.5)
    expect(page.locator("#status")).to_contain_text("sentences", timeout=8000)


def test_a_page_comes_back_by_itself_and_shows_what_it_missed(page, tmp_path, ana, by_ana, video):
    (tmp_path / "own").mkdir()
    with running(tmp_path / "own") as server:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(ana)}
        page.context.add_cookies([{**cookie, "url": server.address}])
        page.goto(f"{server.address}/videos/")
        is_live(page)
        server.kill()
        expect(page.locator("#live")).not_to_have_text("Live")
        actions.pause(by=by_ana, video=video)
        server.start()
        expect(page.locator("#live")).to_have_text("Live", timeout=30_000)
        expect(page.locator(f"#state-{video.pk}")).to_contain_text("Paused")


def test_a_signed_out_page_says_so(page, server, ana, video):
    page.goto(f"{server.address}/videos/")
    is_live(page)
    other = page.context.new_page()
    other.goto(f"{server.address}/videos/")
    other.get_by_role("button", name="Sign out").first.click()
    expect(page.locator("#live")).to_have_text("Not live", timeout=5000)
