import pytest

from channels_app.actions import change_channel, create_channel
from config.kit.rows import ExternalIdTaken
from tests.conftest import acting
from videos.actions import Wish, create_video
from videos.models import Video
from videos.removals import delete_video

WISH = Wish(source="Kelp grows half a metre a day.", external_id="crm-7")


def test_an_external_id_names_one_video_of_a_team(by_ana, channel):
    first = create_video(by=by_ana, channel=channel, wish=WISH)
    with pytest.raises(ExternalIdTaken, match=f"video {first.pk}"):
        create_video(by=by_ana, channel=channel, wish=WISH)
    assert Video.objects.count() == 1


def test_another_team_may_use_the_same(by_ana, channel, cho):
    create_video(by=by_ana, channel=channel, wish=WISH)
    theirs = create_channel(by=acting(cho), name="Other", slug="other", brand={})
    create_video(by=acting(cho), channel=theirs, wish=WISH)
    assert Video.objects.count() == 2


def test_videos_without_one_do_not_meet(by_ana, channel):
    for _ in range(2):
        create_video(by=by_ana, channel=channel, wish=Wish(source="Kelp grows."))
    assert Video.objects.count() == 2


def test_a_deleted_video_keeps_its_id(by_ana, channel):
    first = create_video(by=by_ana, channel=channel, wish=WISH)
    delete_video(by=by_ana, video=first)
    with pytest.raises(ExternalIdTaken):
        create_video(by=by_ana, channel=channel, wish=WISH)


def test_a_channels_id_is_its_own(by_ana, channel):
    other = create_channel(by=by_ana, name="Sea", slug="sea", brand={})
    change_channel(by=by_ana, channel=other, settings={"external_id": "yt-1"})
    with pytest.raises(ExternalIdTaken, match=f"channel {other.pk}"):
        change_channel(by=by_ana, channel=channel, settings={"external_id": "yt-1"})
