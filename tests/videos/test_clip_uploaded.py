"""From somebody's upload to a scene of the finished video, through the pipeline."""

import pytest

from config.kit import files
from tests.videos import made_files
from videos import actions, assets, pipeline, preparing, runs, scene_edits
from videos.contracts import SceneText, Script
from videos.media import ffmpeg
from videos.models import Artifact, AssetState, RunState, Scene, StageRun

pytestmark = pytest.mark.media
TEXT = {"template": "statement", "text": "Kelp grows"}
SCRIPT = Script(
    "Kelp", "en", "given", (SceneText("aaaa0001", "Kelp grows in cold water.", "Kelp", TEXT),)
)


def test_a_clip_that_was_uploaded_plays_in_the_video(by_ana, channel, tmp_path):
    came = made_files.clip(tmp_path / "came.mp4")
    asset = assets.take_in(by=by_ana, path=came, name="kelp.mp4", kind="clip")
    preparing.work()
    asset.refresh_from_db()
    assert asset.state == AssetState.READY
    wish = actions.Wish(source="Kelp grows.", title="Kelp", seconds=10, music="none")
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    actions.edit_script(by=by_ana, video=video, script=SCRIPT)
    scene = Scene.objects.get(video=video, uid="aaaa0001")
    scene_edits.use_asset(by=by_ana, scene=scene, asset=asset)
    while run := runs.claim("studio", "w:1", 9):
        pipeline.perform(run)
        if run.stage == "render":
            break
    assert StageRun.objects.get(video=video, stage="render").state == RunState.DONE
    made = Artifact.objects.get(stage="visuals")
    assert made.facts["clip"]["asset"] == asset.sha256
    whole = Artifact.objects.get(stage="render", files__has_key="video.mp4")
    path = files.path_of(video.team_id, whole.files["video.mp4"])
    assert ffmpeg.probe(path, room=tmp_path, stop=lambda: False).first("video").height == 1920
