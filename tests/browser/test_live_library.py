"""The library shows what others upload, and how far it is, also where no socket comes through."""

import pytest
from playwright.sync_api import expect

from config.kit.database import after
from tests.browser.live import asked, blocks_sockets, is_live
from tests.videos import made_files
from videos import actions, assets, preparing, shelf
from videos.contracts import SceneText, Script
from videos.models import Asset, AssetKind
from videos.preparing import LEASE

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bay(by_ana, tmp_path) -> Asset:
    """A picture that waits for a worker."""
    return came(by_ana, tmp_path, "bay.png")


TEXT = {"template": "statement", "text": "Otters guard it"}


def came(by, folder, name: str) -> Asset:
    size = (800, 600 + Asset.objects.count())  # other bytes each time
    path = made_files.picture(folder / name, size=size)
    return assets.take_in(by=by, path=path, name=name, kind=AssetKind.PICTURE)


def is_at(asset: Asset, fraction: float) -> None:
    """As a worker writes it."""
    mine = Asset.objects.filter(pk=asset.pk)
    mine.update(fraction=fraction, lease_until=after(LEASE))


def gives_back(asset: Asset) -> None:
    Asset.objects.filter(pk=asset.pk).update(lease_until=None)


def test_a_file_is_seen_from_its_upload_until_it_is_ready(page, server, by_ana, bay):
    page.goto(f"{server.address}/library/")
    is_live(page)
    requests = asked(page)
    card = page.locator(f"#asset-{bay.pk}")
    is_at(bay, 0.4)
    expect(card).to_contain_text("40 %", timeout=5000)
    is_at(bay, 0.7)
    expect(card).to_contain_text("70 %", timeout=5000)
    assert requests == []
    gives_back(bay)
    preparing.work()
    expect(card).to_contain_text("800 × 600", timeout=5000)
    expect(card.locator("img")).to_be_visible()
    assert page.evaluate("window.shift") < 0.1


def test_what_others_add_rename_and_delete_is_seen_and_what_plays_goes_on(
    page, server, by_ana, bay, tmp_path
):
    page.goto(f"{server.address}/library/")
    is_live(page)
    page.evaluate(f"document.getElementById('asset-{bay.pk}').kept = true")
    other = came(by_ana, tmp_path, "otters.png")
    card = page.locator(f"#asset-{other.pk}")
    expect(card).to_contain_text("otters.png", timeout=5000)
    expect(page.locator("#kinds a").first).to_have_text("All 2")
    shelf.rename_asset(by=by_ana, asset=other, name="Sea otters")
    expect(card).to_contain_text("Sea otters", timeout=5000)
    shelf.delete_asset(by=by_ana, asset=other)
    expect(card).to_have_count(0, timeout=5000)
    assert page.evaluate(f"document.getElementById('asset-{bay.pk}').kept")


def test_an_empty_library_shows_the_first_file(page, server, by_ana, tmp_path):
    page.goto(f"{server.address}/library/")
    is_live(page)
    first = came(by_ana, tmp_path, "bay.png")
    expect(page.locator(f"#asset-{first.pk}")).to_contain_text("bay.png", timeout=5000)


def test_where_no_socket_comes_through_the_library_asks(page, server, bay):
    blocks_sockets(page)
    page.goto(f"{server.address}/library/")
    expect(page.locator("#live")).to_have_text("Every few seconds", timeout=20_000)
    preparing.work()
    expect(page.locator(f"#asset-{bay.pk}")).to_contain_text("800 × 600", timeout=8000)
    page.wait_for_timeout(1000)
    requests = asked(page)
    page.wait_for_timeout(4000)
    assert requests == []  # nothing is prepared any more


def test_the_page_of_a_file_shows_it_once_it_is_ready_and_keeps_what_is_typed(page, server, bay):
    page.goto(f"{server.address}/library/{bay.pk}/")
    is_live(page)
    requests = asked(page)
    is_at(bay, 0.4)
    expect(page.locator("#asset progress")).to_have_js_property("value", 0.4, timeout=5000)
    assert requests == []
    page.locator("#id_name").fill("The bay")
    gives_back(bay)
    preparing.work()
    expect(page.locator("#asset img")).to_be_visible(timeout=5000)
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.locator("#facts")).to_contain_text("800 × 600")
    expect(page.locator("#id_name")).to_have_value("The bay")


def test_a_picture_can_be_chosen_once_it_is_ready(page, server, by_ana, video, bay):
    scene = SceneText("00000001", "Otters guard the kelp.", "Otters", TEXT)
    actions.edit_script(by=by_ana, video=video, script=Script("Kelp", "en", "given", (scene,)))
    actions.pause(by=by_ana, video=video)  # else its stages go first
    page.goto(f"{server.address}/videos/{video.pk}/scenes/{scene.id}/picture/")
    is_live(page)
    preparing.work()
    expect(page.locator(f"#asset-{bay.pk} button")).to_be_visible(timeout=5000)
