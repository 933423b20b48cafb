"""The team's own files: who sees them, what a browser gets of them, and when they may go."""

import asyncio
import io
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from channels_app.actions import change_brand_kit
from config.kit import files
from config.kit.database import verb
from config.kit.models import BlobRef
from teams.access import Forbidden
from teams.models import Event
from tests.conftest import acting
from videos import shelf
from videos.models import Asset, AssetKind, AssetState, Video

DOORS = ["", "file", "thumb.jpg"]


@verb
def keep(team, folder: Path, *, content: bytes = b"clip", **fields) -> Asset:
    path = folder / "came"
    path.write_bytes(content)
    sha256 = files.store(team.pk, path)
    told = {"kind": AssetKind.CLIP, "content_type": "video/mp4", "name": "clip.mp4", **fields}
    blob = files.hold(team.pk, sha256, content_type=told["content_type"])
    asset = Asset.objects.create(
        team=team, sha256=sha256, source_sha256=sha256, size=blob.size, **told
    )
    files.refer(blob, kind="videos.asset", ref_id=asset.pk, name=asset.name)
    return asset


@pytest.fixture
def clip(team, tmp_path) -> Asset:
    return keep(team, tmp_path, content=b"not really a clip, but bytes all the same")


def at(asset: Asset, door: str = "") -> str:
    return f"/library/{asset.pk}/{door}"


def text(answer) -> str:
    return answer.content.decode()


def body(answer) -> bytes:
    async def collect() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    return asyncio.run(collect())


def test_an_empty_library_says_what_it_is_for(browser, ana, vic):
    assert "Drop files here" in text(browser(ana).get("/library/"))
    page = text(browser(vic).get("/library/"))
    assert "Nothing here yet" in page
    assert "Drop files here" not in page


@pytest.mark.parametrize("door", ["/library/", *DOORS])
def test_who_is_signed_out_is_asked_to_sign_in(browser, clip, door):
    answer = browser(None).get(door if door.startswith("/") else at(clip, door))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_finds_nothing(browser, cho, clip, door):
    assert browser(cho).get(at(clip, door)).status_code == 404
    assert "clip.mp4" not in text(browser(cho).get("/library/"))


def test_a_stranger_renames_and_deletes_nothing(browser, cho, clip):
    assert browser(cho).post(at(clip), {"name": "Mine"}).status_code == 404
    assert browser(cho).post(at(clip, "delete/")).status_code == 404
    with pytest.raises(Forbidden):
        shelf.delete_asset(by=acting(cho), asset=clip)
    assert Asset.objects.get().name == "clip.mp4"


def test_a_viewer_looks_and_changes_nothing(browser, vic, clip):
    client = browser(vic)
    page = text(client.get(at(clip)))
    assert "<video" in page
    assert "Rename" not in page
    assert "Delete" not in page
    client.post(at(clip), {"name": "Mine"})
    client.post(at(clip, "delete/"))
    assert Asset.objects.get().name == "clip.mp4"


def test_a_clip_is_played_in_ranges_as_what_it_is(browser, vic, clip):
    answer = browser(vic).get(at(clip, "file"), headers={"range": "bytes=4-9"})
    assert (answer.status_code, body(answer)) == (206, b"really")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Disposition"].startswith("inline")
    kept = browser(vic).get(at(clip, "file") + "?download")
    assert kept["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/pdf"])
def test_what_a_browser_could_run_is_not_served(browser, ana, team, tmp_path, content_type):
    strange = keep(team, tmp_path, content=b"<script>", content_type=content_type)
    assert browser(ana).get(at(strange, "file")).status_code == 404


@pytest.mark.parametrize("state", [AssetState.PREPARING, AssetState.REFUSED])
def test_what_is_not_ready_is_not_served(browser, ana, clip, state):
    Asset.objects.update(state=state, reason="It is <b>no</b> clip.", fraction=0.4)
    client = browser(ana)
    assert client.get(at(clip, "file")).status_code == 404
    assert client.get(at(clip, "thumb.jpg")).status_code == 404
    assert client.get(at(clip)).status_code == 200


def test_a_card_says_how_far_it_is_and_why_it_is_refused(browser, ana, clip):
    Asset.objects.update(state=AssetState.PREPARING, fraction=0.4)
    card = text(browser(ana).get("/library/"))
    assert "data-preparing" in card
    assert "40 %" in card
    Asset.objects.update(state=AssetState.REFUSED, reason="It is <b>no</b> clip.")
    card = text(browser(ana).get("/library/"))
    assert "data-preparing" not in card
    assert "It is &lt;b&gt;no&lt;/b&gt; clip." in card


def test_a_file_may_be_renamed_while_it_is_prepared(browser, ben, clip):
    Asset.objects.update(state=AssetState.PREPARING, content_type="", sha256="")
    assert browser(ben).post(at(clip), {"name": "Bay"}).status_code == 302
    assert Asset.objects.get().name == "Bay"


def test_names_are_changed_and_told_once(browser, ben, clip):
    for _ in range(2):
        assert browser(ben).post(at(clip), {"name": "Bay <b>"}).status_code == 302
    assert Asset.objects.get().name == "Bay <b>"
    assert Event.objects.filter(kind="videos.asset_renamed").count() == 1
    assert "Bay &lt;b&gt;" in text(browser(ben).get("/library/"))


@pytest.mark.parametrize("name", ["", " ", "a\0b", "x" * 201])
def test_a_name_that_can_not_be_stored_is_an_error_at_the_field(browser, ana, clip, name):
    answer = browser(ana).post(at(clip), {"name": name})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert Asset.objects.get().name == "clip.mp4"


def test_what_nobody_uses_is_deleted_and_its_bytes_are_let_go(browser, ben, clip):
    assert browser(ben).post(at(clip, "delete/"))["Location"] == "/library/"
    assert not Asset.objects.exists()
    assert not BlobRef.objects.filter(kind="videos.asset").exists()
    assert Event.objects.filter(kind="videos.asset_deleted").count() == 1


@pytest.mark.parametrize("field", ["pictures", "clips"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_a_video_uses_stays(browser, ana, clip, video, field, is_deleted):
    Video.objects.update(**{field: {"bay": clip.sha256}})
    if is_deleted:
        Video.objects.update(deleted_at=video.created_at)
    answer = browser(ana).post(at(clip, "delete/"), follow=True)
    assert "uses this file" in text(answer)
    assert Asset.objects.exists()
    assert (f"/videos/{video.pk}/" in text(browser(ana).get(at(clip)))) != is_deleted


def test_a_logo_stays(by_ana, browser, ana, channel, team, tmp_path):
    logo = keep(team, tmp_path, kind=AssetKind.PICTURE, content_type="image/png", name="l.png")
    change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"logo_sha256": logo.sha256})
    answer = browser(ana).post(at(logo, "delete/"), follow=True)
    assert "as its logo" in text(answer)
    assert Asset.objects.exists()


def test_kinds_and_names_are_filtered(browser, ana, team, tmp_path, clip):
    keep(
        team,
        tmp_path,
        content=b"tune",
        kind=AssetKind.MUSIC,
        name="tune.m4a",
        content_type="audio/mp4",
    )
    client = browser(ana)
    music = text(client.get("/library/", {"kind": "music"}))
    assert "tune.m4a" in music
    assert "clip.mp4" not in music
    found = text(client.get("/library/", {"q": "CLIP"}))
    assert "clip.mp4" in found
    assert "tune.m4a" not in found
    for hostile in ({"kind": "x'"}, {"q": "\0"}, {"page": "-1"}, {"page": "9" * 30}):
        assert client.get("/library/", hostile).status_code == 200
    assert "No file here is called" in text(client.get("/library/", {"q": "<nobody>"}))


def test_the_library_costs_the_same_for_one_and_for_fifty(browser, ana, team, clip):
    client = browser(ana)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/library/").status_code == 200
        return len(seen)

    queries()  # what the cache keeps is there now
    before = queries()
    Asset.objects.bulk_create(
        Asset(team=team, name=f"{n}.mp4", kind="clip", sha256=f"{n:064}", size=9) for n in range(50)
    )
    assert queries() == before <= 12


@pytest.mark.media
def test_a_picture_has_a_small_one_for_lists(browser, ana, team, tmp_path):
    stream = io.BytesIO()
    Image.new("RGB", (1600, 900), (200, 30, 30)).save(stream, "JPEG")
    picture = keep(
        team,
        tmp_path,
        content=stream.getvalue(),
        kind=AssetKind.PICTURE,
        content_type="image/jpeg",
        name="red.jpg",
    )
    answer = browser(ana).get(at(picture, "thumb.jpg"))
    small = Image.open(io.BytesIO(answer.content))
    assert (small.format, small.size) == ("JPEG", (480, 270))


@pytest.mark.media
def test_a_picture_that_can_not_be_read_has_no_small_one(browser, ana, team, tmp_path):
    broken = keep(
        team, tmp_path, kind=AssetKind.PICTURE, content_type="image/png", name="broken.png"
    )
    assert browser(ana).get(at(broken, "thumb.jpg")).status_code == 404
