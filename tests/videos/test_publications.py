"""What was handed over and did not go out, when its video is cancelled, edited or made again."""

from pathlib import Path

import pytest
from django.db.models.functions import Now

from channels_app import actions as channel_actions
from channels_app import tasks as channel_tasks
from channels_app.models import Channel, Upload
from config.kit import files
from config.kit.errors import Refused
from teams.models import Event
from tests.videos.test_edits import OWN, handed_over
from videos import actions, conclusions, runs
from videos.contracts import SceneText, Script
from videos.models import Artifact, RunPart, RunState, StageRun, Video, VideoState
from videos.moves import WrongState

__all__ = ["handed_over"]
OTHER = Script(
    title="Kelp",
    language="en",
    method="edited",
    scenes=(SceneText("aaaa0001", "Other words.", "Own", OWN.scenes[0].visual),),
)


@pytest.fixture
def upload(handed_over) -> Upload:
    """A publication that has failed, and its video with it."""
    taken = channel_actions.claim("w:1", 2)
    channel_actions.fail(taken, "The folder is gone.")
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    return taken


def cancel(by, video) -> None:
    actions.cancel(by=by, video=video)


def edit(by, video) -> None:
    actions.edit_script(by=by, video=video, script=OTHER)


def make_again(by, video) -> None:
    actions.retry_stage(by=by, run=StageRun.objects.get(video=video, stage="visuals"))


def order_otherwise(by, video) -> None:
    actions.change_order(by=by, video=video, format="square")


CHANGES = pytest.mark.parametrize("change", [cancel, edit, make_again, order_otherwise])


@CHANGES
def test_what_failed_to_go_out_is_withdrawn_and_told(upload, handed_over, by_ana, change):
    change(by_ana, handed_over)
    upload.refresh_from_db()
    assert upload.state == "cancelled"
    told = Event.objects.filter(kind="channels.upload_changed").latest("seq").payload
    assert (told["upload_id"], told["state"]) == (upload.pk, "cancelled")


@CHANGES
def test_nobody_can_send_the_old_files_out_afterwards(upload, handed_over, by_ana, change):
    change(by_ana, handed_over)
    with pytest.raises(Refused):
        channel_actions.retry_upload(by=by_ana, upload=upload)
    assert channel_actions.claim("w:1", 2) is None


@CHANGES
def test_the_follower_leaves_the_changed_video_alone(upload, handed_over, by_ana, change):
    change(by_ana, handed_over)
    before = Video.objects.get().state
    conclusions.follow_upload(handed_over.pk)
    assert Video.objects.get().state == before


@pytest.mark.parametrize("change", [edit, make_again, order_otherwise])
def test_what_is_being_tried_again_stops_the_change(upload, handed_over, by_ana, change):
    channel_actions.retry_upload(by=by_ana, upload=upload)  # and no wake has come yet
    with pytest.raises(Refused):
        change(by_ana, handed_over)
    upload.refresh_from_db()
    assert upload.state == "waiting"


def test_what_is_being_tried_again_can_be_cancelled(upload, handed_over, by_ana):
    channel_actions.retry_upload(by=by_ana, upload=upload)
    actions.cancel(by=by_ana, video=handed_over)
    upload.refresh_from_db()
    assert (upload.state, Video.objects.get().state) == ("cancelled", "cancelled")


def test_a_video_that_has_gone_out_meanwhile_is_not_cancelled(upload, handed_over, by_ana):
    channel_actions.retry_upload(by=by_ana, upload=upload)
    channel_tasks.work()
    with pytest.raises(WrongState, match="published"):
        actions.cancel(by=by_ana, video=handed_over)


def test_a_publisher_at_work_is_not_withdrawn_from(handed_over):
    channel_actions.claim("w:1", 2)
    with pytest.raises(Refused, match="right now"):
        channel_actions.withdraw(handed_over.pk)


def test_an_upload_left_behind_by_a_cancelled_video_is_never_taken(handed_over):
    Video.objects.update(state=VideoState.CANCELLED)
    assert channel_actions.claim("w:1", 2) is None
    assert Upload.objects.get().state == "cancelled"
    assert Event.objects.filter(kind="channels.upload_changed").count() == 1


def test_an_upload_left_behind_does_not_keep_the_next_one_waiting(handed_over):
    Upload.objects.create(
        team=handed_over.team, channel=handed_over.channel, video_id=10**6, due_at=Now()
    )
    Upload.objects.filter(video_id=handed_over.pk).update(due_at=Now())
    assert channel_actions.claim("w:1", 2).video_id == handed_over.pk


def test_a_failed_upload_of_a_cancelled_video_is_not_tried_again(upload, by_ana):
    Video.objects.update(state=VideoState.CANCELLED, reason_code="")
    with pytest.raises(Refused, match="publish it anew"):
        channel_actions.retry_upload(by=by_ana, upload=upload)


def test_the_admin_refuses_in_words_what_the_verb_refuses(upload, admin_client):
    Video.objects.update(state=VideoState.CANCELLED, reason_code="")
    form = {"action": "retry", "_selected_action": [upload.pk]}
    page = admin_client.post("/admin/channels_app/upload/", form, follow=True)
    assert "publish it anew" in page.content.decode()
    upload.refresh_from_db()
    assert upload.state == "failed"


def passed(video, sha256: str) -> None:
    """Ends every run, with a passed check and these bytes for a film."""
    check = Artifact.objects.create(
        team=video.team, key=sha256, stage="quality", facts={"passed": True}
    )
    quality = StageRun.objects.get(video=video, stage="quality")
    RunPart.objects.create(run=quality, part="whole", position=0, artifact=check, was_made=True)
    Artifact.objects.filter(stage="render").update(files={"video.mp4": sha256})
    StageRun.objects.filter(video=video).exclude(stage="quality").update(state=RunState.DONE)
    StageRun.objects.filter(pk=quality.pk).update(due_at=Now())
    Video.objects.update(state=VideoState.QUEUED, wants_publishing=True)


def store(video, tmp_path, words: bytes) -> str:
    (tmp_path / "film").write_bytes(words)
    return files.store(video.team_id, tmp_path / "film")


def test_resumed_after_all_it_goes_out_with_its_new_files(upload, handed_over, by_ana, tmp_path):
    actions.cancel(by=by_ana, video=handed_over)
    passed(handed_over, store(handed_over, tmp_path, b"the new film"))
    runs.finish(runs.claim("studio", "w:1", 2), ["whole"])
    channel_tasks.work()
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    assert handed_over.state == "published"
    out = Path(Upload.objects.get(state="done").address) / "video.mp4"
    assert out.read_bytes() == b"the new film"


def test_where_another_version_is_out_the_video_says_so_and_waits(handed_over, tmp_path):
    channel_tasks.work()
    passed(handed_over, store(handed_over, tmp_path, b"the new film"))
    runs.finish(runs.claim("studio", "w:1", 2), ["whole"])
    handed_over.refresh_from_db()
    assert (handed_over.state, handed_over.reason_code) == ("blocked", "already_out")
    assert "Another version" in handed_over.reason
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("state", ["review", "blocked", "paused", "cancelled", "queued"])
def test_what_is_out_can_be_neither_halted_nor_taken_up_again(handed_over, by_ana, state):
    channel_tasks.work()
    Video.objects.update(state=state, reason_code="already_out")
    for verb in (actions.cancel, actions.pause, actions.resume):
        with pytest.raises(WrongState, match="published"):
            verb(by=by_ana, video=handed_over)
    for change in (edit, make_again, order_otherwise):
        with pytest.raises(Refused, match="gone out"):
            change(by_ana, handed_over)


@pytest.mark.parametrize("state", ["review", "blocked", "cancelled", "failed"])
def test_the_sweep_finds_that_a_video_is_out_whatever_it_says(handed_over, state):
    channel_tasks.work()
    Video.objects.update(state=state, reason="Waits.", reason_code="approval")
    conclusions.follow_all()
    handed_over.refresh_from_db()
    assert (handed_over.state, handed_over.reason, handed_over.reason_code) == ("published", "", "")


def test_the_sweep_finds_a_publication_that_was_taken_up_again(upload, handed_over, by_ana):
    channel_actions.retry_upload(by=by_ana, upload=upload)
    conclusions.follow_all()
    handed_over.refresh_from_db()
    assert handed_over.state == "scheduled"


def test_a_video_that_is_going_out_again_is_not_made_ready_for_review(upload, handed_over, by_ana):
    Channel.objects.update(approval="one")
    channel_actions.retry_upload(by=by_ana, upload=upload)  # and no wake has come yet
    taken = channel_actions.claim("w:1", 2)
    with pytest.raises(WrongState, match="uploading"):
        actions.resume(by=by_ana, video=handed_over)
    channel_actions.settle(taken, "/there")
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    assert handed_over.state == "published"
