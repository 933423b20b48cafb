"""Who may change a channel and its look, and what a look may be."""

import pytest

from channels_app.actions import change_brand_kit, change_channel, create_channel
from channels_app.models import Approval, Channel
from config.kit import files
from config.kit.database import verb
from config.kit.errors import Refused
from config.kit.models import BlobRef
from teams.access import Forbidden
from teams.models import Event
from tests.conftest import acting


@pytest.fixture
def logo(team, tmp_path) -> str:
    return stored(team, tmp_path, "image/png")


@verb
def stored(team, tmp_path, content_type: str) -> str:
    path = tmp_path / "logo"
    path.write_bytes(content_type.encode())
    sha256 = files.store(team.pk, path)
    files.hold(team.pk, sha256, content_type=content_type)
    return sha256


def told(kind: str) -> list[dict]:
    return [row.payload for row in Event.objects.filter(kind=f"channels.{kind}").order_by("seq")]


def test_an_editor_changes_how_a_channel_sounds(channel, ben):
    change_channel(by=acting(ben), channel=channel, settings={"language": "de", "name": "Tang"})
    channel.refresh_from_db()
    assert (channel.language, channel.name) == ("de", "Tang")
    assert told("channel_changed") == [{"channel_id": channel.pk, "name": "Tang"}]


def test_only_who_approves_may_drop_the_approval(channel, by_ana, ben):
    with pytest.raises(Forbidden):
        change_channel(by=acting(ben), channel=channel, settings={"approval": Approval.ONE})
    change_channel(by=by_ana, channel=channel, settings={"approval": Approval.ONE})
    with pytest.raises(Forbidden):
        change_channel(by=acting(ben), channel=channel, settings={"approval": Approval.NONE})
    assert Channel.objects.get().approval == Approval.ONE


@pytest.mark.parametrize("who", ["vic", "cho"])
def test_viewers_and_strangers_change_neither_channel_nor_look(channel, who, request):
    by = acting(request.getfixturevalue(who))
    with pytest.raises(Forbidden):
        change_channel(by=by, channel=channel, settings={"name": "Mine"})
    with pytest.raises(Forbidden):
        change_brand_kit(by=by, kit=channel.brand_kit, look={"ink": "#000000"})
    assert told("channel_changed") == told("brand_kit_changed") == []


def test_a_channel_takes_no_brand_kit_of_another_team(channel, by_ana, cho):
    theirs = create_channel(by=acting(cho), name="Cho", slug="cho", brand={})
    with pytest.raises(Refused, match="another team"):
        change_channel(by=by_ana, channel=channel, settings={"brand_kit": theirs.brand_kit})


def test_a_publisher_that_does_not_exist_is_refused(channel, by_ana):
    with pytest.raises(Refused, match="publisher"):
        change_channel(by=by_ana, channel=channel, settings={"publisher": "pigeon"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("music", "jazz"),
        ("music", ""),
        ("language", "English!"),
        ("language", "en\n"),
        ("voice", "piper:\0"),
        ("voice", "x" * 61),
        ("name", "Kelp\ud800"),
        ("name", ""),
    ],
)
def test_what_no_video_could_be_ordered_with_is_refused_by_name(channel, by_ana, field, value):
    with pytest.raises(Refused, match=field):
        change_channel(by=by_ana, channel=channel, settings={field: value})
    assert getattr(Channel.objects.get(), field) != value
    assert told("channel_changed") == []


def test_a_name_that_can_not_be_stored_makes_no_channel(by_ana):
    with pytest.raises(Refused, match="name"):
        create_channel(by=by_ana, name="Kelp\0", slug="kelp", brand={})


def test_the_slug_of_a_channel_stays(channel, by_ana):
    with pytest.raises(LookupError, match="slug"):
        change_channel(by=by_ana, channel=channel, settings={"slug": "elsewhere"})


def test_a_look_is_changed_and_told_once(channel, by_ana):
    kit = channel.brand_kit
    for _ in range(2):
        change_brand_kit(by=by_ana, kit=kit, look={"ink": "#112233", "font": "Inter"})
    kit.refresh_from_db()
    assert kit.ink == "#112233"
    assert told("brand_kit_changed") == [{"brand_kit_id": kit.pk, "name": kit.name}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ink", "red"),
        ("logo_sha256", "zz"),
        ("logo_sha256", "0" * 64),
        ("font", "Comic Kelp"),
    ],
)
def test_a_look_that_can_not_be_drawn_is_refused_by_name(channel, by_ana, field, value):
    with pytest.raises(Refused, match=field):
        change_brand_kit(by=by_ana, kit=channel.brand_kit, look={field: value})
    with pytest.raises(Refused):
        create_channel(by=by_ana, name="Second", slug="second", brand={field: value})
    channel.brand_kit.refresh_from_db()
    assert getattr(channel.brand_kit, field) != value


def test_a_logo_keeps_its_bytes_while_it_is_the_logo(channel, by_ana, logo):
    kit = channel.brand_kit
    held = BlobRef.objects.filter(kind="channels_app.brandkit", ref_id=kit.pk)
    change_brand_kit(by=by_ana, kit=kit, look={"logo_sha256": logo})
    assert [row.blob.sha256 for row in held] == [logo]
    change_brand_kit(by=by_ana, kit=kit, look={"logo_sha256": ""})
    assert not held.all().exists()


def test_a_logo_of_another_team_is_none_of_ours(others, channel, by_ana, tmp_path):
    theirs = stored(others, tmp_path, "image/png")
    with pytest.raises(Refused, match="no such picture"):
        change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"logo_sha256": theirs})


def test_a_film_is_no_logo(team, channel, by_ana, tmp_path):
    film = stored(team, tmp_path, "video/mp4")
    with pytest.raises(Refused, match="no such picture"):
        change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"logo_sha256": film})
