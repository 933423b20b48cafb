import hashlib
import json
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from config.kit.errors import Stopped, Unavailable
from tests.processes import own_programs
from tests.videos.sounds import narrate, studio
from videos.contracts import WHOLE
from videos.media import ffmpeg, mp4
from videos.stages import catalogue, render

pytestmark = pytest.mark.media

SCENES = ["scene:00000000", "scene:00000001", "scene:00000002", "scene:00000003"]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    found = studio(tmp_path_factory.mktemp("studio"), [12, 9, 15, 10])
    found.run("render")
    return found


@pytest.fixture
def made(rendered):
    """A rendered video of four scenes that a test may edit and render again."""
    return deepcopy(rendered)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_video_has_all_frames_and_the_sound_beside_them(made):
    video = made.path("render/whole/video.mp4")
    media = ffmpeg.probe(video, room=made.root, stop=lambda: False, count=True)
    picture, sound = media.first("video"), media.first("audio")
    assert (picture.width, picture.height, picture.frames) == (1080, 1920, 46)
    assert picture.duration_s == pytest.approx(46 / 30, abs=0.001)
    assert sound.duration_s == pytest.approx(46 / 30, abs=0.001)
    assert mp4.starts_fast(video)
    assert mp4.is_whole(video)


def test_the_facts_of_a_video_say_what_it_is(made):
    facts = made.facts("render", WHOLE)
    assert (facts["frames"], facts["size"], facts["duration_s"]) == (46, [1080, 1920], 1.533)
    assert -15 < facts["lufs"] < -13
    assert facts["true_peak_db"] <= -1


def test_progress_is_told_from_drawing_to_joining(made):
    phases = list(dict.fromkeys(phase for _, phase in made.beats))
    assert phases == ["drawing", "composing", "mixing", "joining"]
    assert all(0 <= fraction <= 1 for fraction, _ in made.beats)


def test_a_video_made_twice_is_the_same_to_the_byte(made, tmp_path):
    again = studio(tmp_path, [12, 9, 15, 10])
    again.run("render")
    files = [f"render/{scene}/segment.mp4" for scene in SCENES] + ["render/whole/video.mp4"]
    assert [digest(again.path(name)) for name in files] == [digest(made.path(n)) for n in files]


def test_what_is_there_is_not_made_again(made):
    made.run("render")
    assert made.made == []


def test_another_word_of_equal_length_makes_one_segment_again(made):
    narrate(made, SCENES[1], 9, ["Bamboo", "grows", "faster"])
    made.run("captions")
    made.run("render")
    assert made.made == [SCENES[1], WHOLE]


def test_a_longer_scene_makes_its_segment_and_the_next_again(made):
    narrate(made, SCENES[1], 11)
    made.run("captions")
    made.run("render")
    assert made.made == [SCENES[1], SCENES[2], WHOLE]


def test_another_headline_makes_its_segment_and_the_next_again(made):
    made.edit(2, headline="Something else")
    made.run("visuals")
    made.run("render")
    assert made.made == [SCENES[2], SCENES[3], WHOLE]


def test_a_plan_names_only_what_a_part_is_made_of(made):
    parts = {part.id: part for part in render.plan(made)}
    assert parts[SCENES[1]].needs == (
        f"visuals/{SCENES[0]}/scene.json",
        f"visuals/{SCENES[1]}/scene.json",
        f"captions/{SCENES[1]}/captions.json",
    )
    assert set(parts[SCENES[0]].params) == {
        *("index", "count", "frames", "previous_frames", "size", "fps", "preset", "crf")
    }
    assert parts[WHOLE].needs[0] == f"render/{SCENES[0]}/segment.mp4"


def test_pictures_are_needed_under_the_names_they_were_made_with(tmp_path):
    found = studio(tmp_path, [5, 5])
    card = found.path(f"visuals/{SCENES[0]}/scene.json")
    picture = tmp_path / "p.jpg"
    picture.write_bytes(b"")
    files = {"scene.json": card, "picture.jpg": picture}
    found.put("visuals", SCENES[0], files, {"pictures": {"main": "picture.jpg"}})
    parts = render.plan(found)
    assert f"visuals/{SCENES[0]}/picture.jpg" in parts[0].needs
    assert f"visuals/{SCENES[0]}/picture.jpg" in parts[1].needs


def test_videos_get_different_music_and_edits_keep_it(made):
    seed = render.music_seed(made.order)
    assert seed == render.music_seed(made.order)
    assert seed != render.music_seed(replace(made.order, title="Bamboo"))


def test_a_video_without_music_holds_the_narration_alone(tmp_path):
    found = studio(tmp_path, [15], music="none")
    found.run("render")
    assert "composing" not in {phase for _, phase in found.beats}
    assert -15 < found.facts("render", WHOLE)["lufs"] < -13


def test_cancelling_while_drawing_ends_everything_within_five_seconds(tmp_path):
    found = studio(tmp_path, [300])
    start = time.monotonic()
    found.stop = lambda: time.monotonic() > start + 1.5
    with pytest.raises(Stopped):
        found.run("render")
    assert time.monotonic() - start < 6.5
    assert own_programs() == []
    assert not list((tmp_path / "room").rglob("segment.mp4"))


def test_parts_that_were_settled_before_a_cancel_are_kept(tmp_path):
    found = studio(tmp_path, [5, 300])
    found.stop = lambda: bool(found.made)
    with pytest.raises(Stopped):
        found.run("render")
    assert found.made == [SCENES[0]]
    assert found.path(f"render/{SCENES[0]}/segment.mp4").exists()


def test_a_full_disk_is_said_before_a_long_scene_is_drawn(tmp_path, monkeypatch):
    found = studio(tmp_path, [5])
    monkeypatch.setattr(render, "SCENE_MB_A_SECOND", 1e9)
    with pytest.raises(Unavailable, match=r"The disk is full: free \d+ MB and press Retry"):
        found.run("render")


def test_render_waits_for_narration_cards_and_captions():
    declared = catalogue.get("render")
    assert declared.needs == ("narration.wav", "scene.json", "captions.json")
    assert json.dumps(declared.makes) == '["segment.mp4", "video.mp4"]'
