"""A deleted video is out of sight and out of work, and comes back as it was."""

from datetime import timedelta

import pytest

from channels_app.actions import GoingOut
from channels_app.models import Upload, UploadState
from config.kit.database import after
from config.kit.models import BlobRef
from teams.access import Forbidden
from teams.models import Event
from tests.conftest import acting
from tests.videos.test_actions import due
from tests.videos.test_edits import OWN
from videos import actions, runs
from videos.models import Scene, ScriptVersion, StageRun, Video
from videos.moves import Deleted
from videos.removals import delete_video, purge_deleted, restore_video


def test_a_deleted_video_is_seen_in_the_bin_alone(by_ana, video):
    delete_video(by=by_ana, video=video)
    assert not Video.objects.visible_to(by_ana).exists()
    assert list(Video.objects.deleted_of(by_ana)) == [video]


def test_the_bin_of_another_team_is_not_seen(by_ana, cho, video):
    delete_video(by=by_ana, video=video)
    assert not Video.objects.deleted_of(acting(cho)).exists()
    assert not Video.objects.deleted_of(None).exists()


@pytest.mark.parametrize("who", ["vic", "cho"])
def test_who_may_not_edit_deletes_and_restores_nothing(request, by_ana, video, who):
    other = acting(request.getfixturevalue(who))
    with pytest.raises(Forbidden):
        delete_video(by=other, video=video)
    delete_video(by=by_ana, video=video)
    with pytest.raises(Forbidden):
        restore_video(by=other, video=video)


def test_deleting_takes_the_work_from_its_worker(by_ana, video):
    run = runs.claim("studio", "w:1", 2)
    delete_video(by=by_ana, video=video)
    assert runs.beat(run, fraction=0.5, phase="", eta_s=None) is False
    assert runs.claim("studio", "w:1", 2) is None


def test_a_restored_video_goes_on_where_it_was(by_ana, video):
    delete_video(by=by_ana, video=video)
    restore_video(by=by_ana, video=video)
    video.refresh_from_db()
    assert video.state == "queued"
    assert due(video) == ["script"]


def test_a_paused_video_is_restored_paused(by_ana, video):
    actions.pause(by=by_ana, video=video)
    delete_video(by=by_ana, video=video)
    restore_video(by=by_ana, video=video)
    video.refresh_from_db()
    assert (video.state, due(video)) == ("paused", [])


@pytest.mark.parametrize("verb", ["pause", "cancel", "resume", "approve", "publish_video"])
def test_nothing_is_done_with_a_deleted_video(by_ana, video, verb):
    delete_video(by=by_ana, video=video)
    with pytest.raises(Deleted):
        getattr(actions, verb)(by=by_ana, video=video)


def test_a_deleted_videos_script_is_not_edited(by_ana, video):
    delete_video(by=by_ana, video=video)
    with pytest.raises(Deleted):
        actions.edit_script(by=by_ana, video=video, script=OWN)


def waiting_upload(video, state=UploadState.WAITING) -> Upload:
    return Upload.objects.create(
        team=video.team, channel=video.channel, video_id=video.pk, title="Kelp", state=state
    )


def test_what_waits_to_go_out_is_withdrawn(by_ana, video):
    upload = waiting_upload(video)
    delete_video(by=by_ana, video=video)
    upload.refresh_from_db()
    assert upload.state == UploadState.CANCELLED


def test_a_video_that_is_going_out_is_not_deleted(by_ana, video):
    waiting_upload(video, UploadState.RUNNING)
    with pytest.raises(GoingOut):
        delete_video(by=by_ana, video=video)
    assert Video.objects.visible_to(by_ana).exists()


def test_both_are_told_to_the_journal(by_ana, video):
    delete_video(by=by_ana, video=video)
    restore_video(by=by_ana, video=video)
    restore_video(by=by_ana, video=video)
    kinds = list(Event.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds[-2:] == ["videos.video_deleted", "videos.video_restored"]


def test_what_was_deleted_long_ago_is_removed_for_good(by_ana, video):
    actions.edit_script(by=by_ana, video=video, script=OWN)
    delete_video(by=by_ana, video=video)
    assert purge_deleted() == 0
    Video.objects.update(deleted_at=after(-timedelta(days=31)))
    assert purge_deleted() == 1
    for model in (Video, Scene, StageRun, ScriptVersion):
        assert not model.objects.exists()
    assert not BlobRef.objects.filter(kind="videos.scriptversion").exists()


def test_a_scheduled_video_can_be_cancelled(by_ana, video):
    upload = waiting_upload(video)
    Video.objects.update(state="scheduled")
    actions.cancel(by=by_ana, video=video)
    upload.refresh_from_db()
    video.refresh_from_db()
    assert (video.state, upload.state) == ("cancelled", UploadState.CANCELLED)
