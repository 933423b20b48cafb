"""The logo that a video was ordered with stays, whatever becomes of the channel's."""

import importlib

import pytest
from django.apps import apps

from channels_app.actions import change_brand_kit
from channels_app.models import Channel
from config.kit.models import BlobRef
from teams.access import Forbidden
from tests.channels_app.test_channels import stored
from tests.conftest import acting
from tests.videos.test_actions import TEXT
from videos import actions
from videos.models import Video


@pytest.fixture
def logo(by_ana, channel, tmp_path) -> str:
    sha256 = stored(channel.team, tmp_path, "image/png")
    change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"logo_sha256": sha256})
    return sha256


@pytest.fixture
def ordered(by_ana, channel, logo) -> Video:
    wish = actions.Wish(source=TEXT, title="Kelp")
    return actions.create_video(by=by_ana, channel=Channel.objects.get(), wish=wish)


def drop(by, channel) -> None:
    change_brand_kit(by=by, kit=channel.brand_kit, look={"logo_sha256": ""})


def held_for(video: Video) -> list[str]:
    held = BlobRef.objects.filter(kind="videos.video", ref_id=video.pk)
    return list(held.values_list("blob__sha256", flat=True))


def test_an_ordered_logo_is_held_when_the_channel_drops_it(by_ana, channel, logo, ordered):
    drop(by_ana, channel)
    assert ordered.order().brand.logo == logo
    assert held_for(ordered) == [logo]


def test_a_changed_order_keeps_its_logo(by_ana, channel, logo, ordered):
    drop(by_ana, channel)
    for format_ in ("square", "landscape"):
        actions.change_order(by=by_ana, video=ordered, format=format_)
    assert Video.objects.get().order().brand.logo == logo
    assert held_for(ordered) == [logo]


def test_an_order_without_a_logo_holds_nothing(video):
    assert held_for(video) == []


def test_a_stranger_can_not_drop_the_logo(cho, channel, logo, ordered):
    with pytest.raises(Forbidden):
        drop(acting(cho), channel)
    assert BlobRef.objects.filter(blob__sha256=logo).count() == 2


def test_what_was_ordered_before_logos_were_held_is_held_since(logo, ordered, by_ana, channel):
    BlobRef.objects.filter(kind="videos.video").delete()
    actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=TEXT, title="None"))
    migration = importlib.import_module("videos.migrations.0005_hold_ordered_logos")
    for _ in range(2):
        migration.hold_ordered_logos(apps, None)
    assert held_for(ordered) == [logo]
    assert BlobRef.objects.filter(kind="videos.video").count() == 1
