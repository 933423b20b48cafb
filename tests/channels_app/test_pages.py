"""The pages of channels and brand kits: who sees them, who changes what, and what is never lost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from channels_app import actions
from channels_app.models import BrandKit, Channel, Upload, UploadState
from channels_app.samples import KITS
from config.kit import files
from config.kit.cache import forget_everything
from tests.conftest import acting
from videos.models import Video, VideoState

PAGES = ["/channels/", "/channels/new/", "/brand-kits/", "/brand-kits/new/", "/brand-kits/advice/"]
LOOK = {
    "ink": "#101010",
    "paper": "#fafafa",
    "accent": "#ffb224",
    "second": "#33d69f",
    "glow": "#6d5ef6",
    "font": "Inter",
}


def text(answer) -> str:
    return answer.content.decode()


def shown(client, address: str) -> dict[str, str]:
    """What a browser would send back if nobody typed anything."""
    form = client.get(address).context["form"]
    values = {}
    for field in form:
        value = field.value()
        if field.name in ("logo",):
            continue
        values[field.html_name] = "" if value is None else str(value)
        if field.field.show_hidden_initial:
            values[field.html_initial_name] = values[field.html_name]
    return values


def png(side: int = 80) -> SimpleUploadedFile:
    stream = io.BytesIO()
    told = PngInfo()
    told.add_text("Comment", "where it was taken")
    Image.new("RGBA", (side, side), (200, 30, 30, 255)).save(stream, "PNG", pnginfo=told)
    return SimpleUploadedFile("logo.png", stream.getvalue(), "image/png")


@pytest.fixture
def at(channel) -> str:
    return f"/channels/{channel.pk}/"


@pytest.fixture
def kit_at(channel) -> str:
    return f"/brand-kits/{channel.brand_kit_id}/"


@pytest.fixture
def failed(channel) -> Upload:
    return Upload.objects.create(
        team=channel.team,
        channel=channel,
        video_id=7,
        title="Kelp",
        state=UploadState.FAILED,
        reason="The folder is full.",
    )


# --- who gets in


@pytest.mark.parametrize("page", PAGES)
def test_who_is_signed_out_is_asked_to_sign_in(browser, db, page):
    answer = browser(None).get(page)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_who_is_signed_out_reaches_no_row(browser, at, kit_at, failed):
    for address in (at, kit_at):
        assert browser(None).get(address).status_code == 302
    assert browser(None).post(f"{at}uploads/{failed.pk}/retry/").status_code == 302
    failed.refresh_from_db()
    assert failed.state == UploadState.FAILED


def test_a_stranger_finds_nothing(browser, cho, at, kit_at, failed):
    client = browser(cho)
    for address in (at, kit_at):
        assert client.get(address).status_code == client.post(address).status_code == 404
    assert client.post(f"{at}uploads/{failed.pk}/retry/").status_code == 404
    assert "No channel yet" in text(client.get("/channels/"))


def test_a_viewer_sees_and_changes_nothing(browser, vic, at, kit_at, failed, channel):
    client = browser(vic)
    for address in ("/channels/", "/brand-kits/", at, kit_at):
        page = text(client.get(address))
        assert "Kelp" in page
        assert "New channel" not in page
        assert ">Save<" not in page
    for address in ("/channels/new/", "/brand-kits/new/"):
        assert client.get(address).status_code == client.post(address).status_code == 302
    for address in (at, kit_at, f"{at}uploads/{failed.pk}/retry/"):
        client.post(address, {**shown(client, at), "name": "Mine"})
    channel.refresh_from_db()
    assert (channel.name, Channel.objects.count()) == ("Kelp", 1)
    assert Upload.objects.get().state == UploadState.FAILED


# --- channels


def test_an_editor_makes_a_channel_with_a_sampled_look(browser, ben):
    wanted = {"name": "Tang", "look": "sample:Deep sea", "music": "none", "approval": "one"}
    answer = browser(ben).post("/channels/new/", {**wanted, "external_id": "yt-1"})
    made = Channel.objects.get()
    assert answer["Location"] == f"/channels/{made.pk}/"
    assert (made.slug, made.music, made.approval, made.external_id) == (
        "tang",
        "none",
        "one",
        "yt-1",
    )
    assert made.brand_kit.ink == KITS[2].ink


def test_channels_of_one_name_get_short_names_of_their_own(browser, ana):
    wanted = {"look": "sample:Midnight", "music": "none", "approval": "none"}
    for name in ("Kelp", "Kelp", "海藻", "海藻"):
        assert browser(ana).post("/channels/new/", {**wanted, "name": name}).status_code == 302
    slugs = list(Channel.objects.order_by("id").values_list("slug", flat=True))
    assert slugs == ["kelp", "kelp-2", "channel", "channel-2"]
    kits = list(BrandKit.objects.order_by("id").values_list("name", flat=True))
    assert kits == ["Kelp", "Kelp 2", "海藻", "海藻 2"]


def test_a_new_channel_takes_a_kit_that_is_there(browser, ana, channel):
    wanted = {"name": "Tang", "look": f"kit:{channel.brand_kit_id}", "music": "none"}
    browser(ana).post("/channels/new/", {**wanted, "approval": "none"})
    assert Channel.objects.get(slug="tang").brand_kit_id == channel.brand_kit_id


def test_a_new_channel_takes_no_kit_of_strangers(browser, cho, channel):
    wanted = {"name": "Tang", "look": f"kit:{channel.brand_kit_id}", "music": "none"}
    answer = browser(cho).post("/channels/new/", {**wanted, "approval": "none"})
    assert answer.status_code == 422
    assert Channel.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("external_id", "yt-1", "has it already"),
        ("slug", "kelp", "has it already"),
        ("name", "Kelp\0", "Null characters"),
        ("name", "", "required"),
        ("language", "English!", "Write a tag"),
        ("voice", "piper:nobody", "Select a valid choice"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(browser, ana, channel, field, value, said):
    Channel.objects.update(external_id="yt-1")
    wanted = {"name": "Tang <b>", "look": "sample:Midnight", "music": "none", "approval": "none"}
    answer = browser(ana).post("/channels/new/", {**wanted, field: value})
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert Channel.objects.count() == 1
    assert BrandKit.objects.count() == 1
    if field != "name":
        assert 'value="Tang &lt;b&gt;"' in text(answer)


def test_only_what_was_changed_is_saved(browser, ben, at, channel):
    client = browser(ben)
    answer = client.post(at, {**shown(client, at), "language": "de"})
    assert answer.status_code == 302
    channel.refresh_from_db()
    assert (channel.language, channel.version) == ("de", 2)


def test_an_editor_is_told_that_approval_is_not_theirs(browser, ben, at, channel):
    client = browser(ben)
    answer = client.post(at, {**shown(client, at), "approval": "one", "name": "Typed"})
    assert "You may not approve" in text(answer)
    assert 'value="Typed"' in text(answer)
    channel.refresh_from_db()
    assert channel.approval == "none"


def test_of_two_who_edit_the_second_sees_both_and_loses_nothing(browser, ana, by_ana, at, channel):
    client = browser(ana)
    typed = {**shown(client, at), "name": "Mine", "language": "de"}
    change = {"name": "Theirs", "music": "none"}
    actions.change_channel(by=by_ana, channel=channel, settings=change)
    answer = client.post(at, typed)
    form = answer.context["form"]
    assert answer.status_code == 422
    assert "Somebody else saved this" in " ".join(form.non_field_errors())
    assert form.errors["name"] == ["Saved meanwhile: Theirs"]
    assert [form[name].value() for name in ("name", "language", "music")] == ["Mine", "de", "none"]
    again = {**typed, "version": form["version"].value(), "music": "none", "initial-name": "Theirs"}
    again["initial-music"] = "none"
    assert client.post(at, again).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.language, channel.music) == ("Mine", "de", "none")


def test_a_channel_takes_no_brand_kit_of_another_team(browser, ana, cho, at, channel):
    theirs = actions.create_channel(by=acting(cho), name="Cho", slug="cho", brand={})
    client = browser(ana)
    answer = client.post(at, {**shown(client, at), "brand_kit": theirs.brand_kit_id})
    assert "brand_kit" in answer.context["form"].errors
    channel.refresh_from_db()
    assert channel.brand_kit_id != theirs.brand_kit_id


def test_a_failed_publication_is_tried_again(browser, ben, at, failed, video):
    Upload.objects.update(video_id=video.pk)
    Video.objects.update(state=VideoState.UPLOADING)
    assert "The folder is full." in text(browser(ben).get(at))
    assert browser(ben).post(f"{at}uploads/{failed.pk}/retry/")["Location"] == at
    failed.refresh_from_db()
    assert failed.state == UploadState.WAITING


def test_what_was_changed_since_is_not_tried_again(browser, ben, at, failed, video):
    Upload.objects.update(video_id=video.pk)
    answer = browser(ben).post(f"{at}uploads/{failed.pk}/retry/", follow=True)
    assert "publish it anew" in text(answer)
    failed.refresh_from_db()
    assert failed.state == UploadState.FAILED


def test_a_search_finds_by_name_and_number(browser, ana, by_ana, channel):
    actions.create_channel(
        by=by_ana, name="Bread", slug="bread", brand={}, settings={"external_id": "yt-9"}
    )
    for asked in ("brea", "yt-9"):
        page = text(browser(ana).get("/channels/", {"q": asked}))
        assert "Bread" in page
        assert ">Kelp<" not in page
    assert "No channel is called" in text(browser(ana).get("/channels/", {"q": "\0<i>"}))


def test_lists_cost_the_same_for_one_and_for_fifty(browser, ana, by_ana, channel, at, failed):
    client = browser(ana)

    def queries() -> list[int]:
        counts = []
        forget_everything()
        for address in ("/channels/", "/brand-kits/", at):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(address).status_code == 200
            counts.append(len(seen))
        return counts

    before = queries()
    for n in range(50):
        actions.create_channel(by=by_ana, name=f"C {n:02}", slug=f"c-{n}", brand={})
        Upload.objects.create(
            team=channel.team, channel=channel, video_id=n, title=f"Video {n}", state="done"
        )
    assert queries() == before
    assert max(before) <= 13


def test_the_chosen_look_is_shown_before_the_channel_is_made(browser, ana, cho, channel):
    def look(user, **asked) -> str:
        return text(browser(user).get("/channels/new/look/", asked))

    assert f"%23{KITS[2].ink[1:]}" in look(ana, look="sample:Deep sea", name="Tang")
    assert "A brand kit that is there" in look(ana, look=f"kit:{channel.brand_kit_id}")
    assert "A brand kit that is there" not in look(cho, look=f"kit:{channel.brand_kit_id}")
    assert "<b>" not in look(ana, look="<b>", name="<b>\0")


# --- brand kits


def test_a_kit_is_made_from_what_was_typed(browser, ben):
    answer = browser(ben).post("/brand-kits/new/", {"name": "Dusk", "version": 1, **LOOK})
    kit = BrandKit.objects.get()
    assert answer["Location"] == f"/brand-kits/{kit.pk}/"
    assert (kit.name, kit.ink, kit.version) == ("Dusk", "#101010", 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ink", "red"),
        ("paper", "#12345"),
        ("glow", "#000000;}"),
        ("accent", "<script>"),
        ("font", "Comic Kelp"),
        ("name", "a\0b"),
        ("name", "x" * 61),
        ("logo_sha256", "0" * 64),
        ("logo_sha256", "../../etc"),
    ],
)
def test_a_look_that_can_not_be_is_refused_and_stays_typed(browser, ana, kit_at, field, value):
    client = browser(ana)
    answer = client.post(kit_at, {**shown(client, kit_at), "second": "#123456", field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert 'value="#123456"' in text(answer)
    assert "<script>" not in text(answer).replace('<script type="application/json">', "")
    assert BrandKit.objects.get().version == 1


def test_a_stale_look_keeps_the_typed_colours(browser, ana, by_ana, kit_at, channel):
    client = browser(ana)
    typed = {**shown(client, kit_at), "ink": "#111111"}
    actions.change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"ink": "#222222"})
    answer = client.post(kit_at, typed)
    assert answer.context["form"].errors["ink"] == ["Saved meanwhile: #222222"]
    assert 'value="#111111"' in text(answer)
    assert BrandKit.objects.get().ink == "#222222"


def test_weak_contrast_is_said_in_words(browser, ana):
    weak = {**LOOK, "paper": "#444444", "second": "#ffb020"}
    page = text(browser(ana).get("/brand-kits/advice/", weak))
    assert "Text on this background has a contrast of" in page
    assert "look alike" in page
    assert "can be read well" in text(browser(ana).get("/brand-kits/advice/", LOOK))


def test_only_a_kit_that_no_channel_wears_is_deleted(browser, ben, vic, cho, by_ana, kit_at):
    spare = actions.create_brand_kit(by=by_ana, name="Spare", look={})
    address = f"/brand-kits/{spare.pk}/delete/"
    assert browser(cho).post(address).status_code == 404
    browser(vic).post(address)
    assert BrandKit.objects.count() == 2
    assert browser(ben).post(address)["Location"] == "/brand-kits/"
    answer = browser(ben).post(f"{kit_at}delete/", follow=True)
    assert "wears this brand kit" in text(answer)
    assert [kit.name for kit in BrandKit.objects.all()] == ["Kelp"]


@pytest.mark.media
def test_a_logo_is_kept_as_a_clean_copy(browser, ana, kit_at, team):
    client = browser(ana)
    answer = client.post(kit_at, {**shown(client, kit_at), "logo": png()})
    assert answer.status_code == 302
    kit = BrandKit.objects.get()
    kept = files.path_of(team.pk, kit.logo_sha256).read_bytes()
    assert b"where it was taken" not in kept
    assert Image.open(io.BytesIO(kept)).size == (80, 80)
    answer = client.get(f"{kit_at}logo.png")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    client.post(kit_at, {**shown(client, kit_at), "drop_logo": "1"})
    assert BrandKit.objects.get().logo_sha256 == ""


@pytest.mark.media
def test_a_logo_survives_an_error_elsewhere(browser, ana, kit_at):
    client = browser(ana)
    answer = client.post(kit_at, {**shown(client, kit_at), "logo": png(), "ink": "red"})
    kept = answer.context["form"]["logo_sha256"].value()
    assert len(kept) == 64
    again = {**shown(client, kit_at), "logo_sha256": kept, "ink": "#101010"}
    assert client.post(kit_at, again).status_code == 302
    assert BrandKit.objects.get().logo_sha256 == kept


@pytest.mark.media
@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\nbroken", b""])
def test_what_is_no_picture_is_no_logo(browser, ana, kit_at, content):
    client = browser(ana)
    came = SimpleUploadedFile("logo.png", content, "image/png")
    answer = client.post(kit_at, {**shown(client, kit_at), "logo": came, "name": "Typed"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["logo"]
    assert 'value="Typed"' in text(answer)
    assert BrandKit.objects.get().logo_sha256 == ""
