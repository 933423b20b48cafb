"""A person's words, failed stages and publications: what each leaves possible."""

import pytest

from channels_app import actions as channel_actions
from channels_app import tasks as channel_tasks
from config.kit import files
from config.kit.errors import Refused
from teams.models import Event
from tests.videos.test_actions import due
from videos import actions, conclusions, runs, scripts
from videos.contracts import SceneText, Script
from videos.models import Artifact, RunPart, RunState, StageRun, VideoState

OWN = Script(
    title="Kelp",
    language="en",
    method="edited",
    scenes=(
        SceneText(
            "aaaa0001", "My own words here.", "Own", {"template": "statement", "text": "My own"}
        ),
    ),
)


def test_words_written_while_the_script_stage_runs_are_kept(by_ana, video):
    run = runs.claim("studio", "w:1", 2)
    actions.edit_script(by=by_ana, video=video, script=OWN)
    assert runs.beat(run, fraction=0.5, phase="", eta_s=None) is False
    assert [scene.narration for scene in video.scenes.all()] == ["My own words here."]
    assert due(video) == ["narration", "visuals"]


def test_a_failed_script_is_replaced_by_a_persons(by_ana, video):
    runs.fail(runs.claim("studio", "w:1", 2), "There is no text.")
    actions.edit_script(by=by_ana, video=video, script=OWN)
    video.refresh_from_db()
    assert video.state == "queued"
    assert due(video) == ["narration", "visuals"]


def test_doing_one_stage_again_also_takes_up_what_had_failed(by_ana, video):
    actions.edit_script(by=by_ana, video=video, script=OWN)
    runs.fail(runs.claim("studio", "w:1", 2), "The engine is gone.")
    failed = StageRun.objects.get(state=RunState.FAILED)
    other = StageRun.objects.get(video=video, stage="visuals")
    actions.retry_stage(by=by_ana, run=other)
    assert failed.stage in due(video)


def test_a_script_that_no_video_can_be_made_of_is_refused_by_name(by_ana, video):
    scene = SceneText("aaaa0001", "", "Own", {"template": "statement", "text": "My own"})
    empty = Script(title="Kelp", language="en", method="edited", scenes=(scene,))
    with pytest.raises(Refused, match="narration"):
        actions.edit_script(by=by_ana, video=video, script=empty)


def test_equal_words_are_no_new_version(by_ana, video):
    first = actions.edit_script(by=by_ana, video=video, script=OWN)
    assert actions.edit_script(by=by_ana, video=video, script=OWN).pk == first.pk


@pytest.fixture
def handed_over(video, by_ana, tmp_path):
    """A finished video whose publication waits."""
    path = tmp_path / "video.mp4"
    path.write_bytes(b"a finished video")
    sha256 = files.store(video.team_id, path)
    files.hold(video.team_id, sha256, content_type="video/mp4")
    artifact = Artifact.objects.create(
        team=video.team, key="k" * 64, stage="render", files={"video.mp4": sha256}
    )
    run = StageRun.objects.get(video=video, stage="render")
    RunPart.objects.create(run=run, part="whole", position=0, artifact=artifact, was_made=True)
    actions.edit_script(by=by_ana, video=video, script=OWN)
    type(video).objects.update(state=VideoState.APPROVED)
    video.refresh_from_db()
    actions.publish_video(by=by_ana, video=video)
    return video


def test_what_has_gone_out_is_not_edited(handed_over, by_ana):
    scene = SceneText("aaaa0001", "Other words.", "Own", OWN.scenes[0].visual)
    other = Script(title="Kelp", language="en", method="edited", scenes=(scene,))
    with pytest.raises(Refused, match="gone out"):
        actions.edit_script(by=by_ana, video=handed_over, script=other)


def test_a_video_follows_its_upload_to_the_end(handed_over):
    channel_tasks.work()
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    assert handed_over.state == "published"


def test_a_failed_publication_taken_up_by_an_operator_brings_its_video_along(handed_over, by_ana):
    upload = channel_actions.claim("w:1", 2)
    channel_actions.fail(upload, "The folder is gone.")
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    assert (handed_over.state, handed_over.reason) == ("failed", "The folder is gone.")
    channel_actions.retry_upload(by=by_ana, upload=upload)
    channel_tasks.work()
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    assert handed_over.state == "published"


def test_resuming_after_a_failed_publication_publishes_again(handed_over, by_ana):
    channel_actions.fail(channel_actions.claim("w:1", 2), "The folder is gone.")
    conclusions.follow_upload(handed_over.pk)
    actions.resume(by=by_ana, video=handed_over)
    channel_tasks.work()
    conclusions.follow_upload(handed_over.pk)
    handed_over.refresh_from_db()
    assert handed_over.state == "published"


def test_a_sweep_that_finds_nothing_new_tells_nothing(handed_over):
    conclusions.follow_all()
    before = Event.objects.count()
    for _ in range(3):
        conclusions.follow_all()
    assert Event.objects.count() == before


def test_the_current_script_is_what_was_saved(by_ana, video):
    actions.edit_script(by=by_ana, video=video, script=OWN)
    video.refresh_from_db()
    assert scripts.current(video).scenes[0].narration == "My own words here."
