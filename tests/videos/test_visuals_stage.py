"""The visuals and captions stages, run on files in memory's stead."""

import json
from dataclasses import replace

import pytest

import videos.stages.captions
import videos.stages.visuals  # noqa: F401 - registers itself
from bench.driver import Studio
from config.kit.errors import Rejected
from tests.videos import looks
from videos.contracts import SIZES, Brand, Order, SceneText, Script
from videos.media import captions, fonts

pytestmark = pytest.mark.media

ORDER = Order("", "Kelp", "text", "short", 30, "en", "", "none", Brand())
SCENES = (
    SceneText("0a0a0a0a", "Kelp grows.", "Kelp", {"template": "title", "title": "Kelp"}),
    SceneText("0b0b0b0b", "Look.", "Hills", {"template": "picture", "picture": "hills.jpg"}),
)
SCRIPT = Script("Kelp", "en", "given", SCENES)


def given(tmp_path, order=ORDER, script=SCRIPT) -> Studio:
    work = Studio(tmp_path, replace(order, pictures={"hills.jpg": "abc"}), script)
    work.put("asset", "abc", {"file": looks.hills(tmp_path / "upload")}, {})
    return work


def test_each_scene_becomes_a_card_with_its_picture(tmp_path):
    work = given(tmp_path)
    made = work.run("visuals")
    assert list(made) == ["scene:0a0a0a0a", "scene:0b0b0b0b"]
    assert made["scene:0a0a0a0a"].facts == {"pictures": {}}
    card = json.loads(made["scene:0b0b0b0b"].files["scene.json"].read_text())
    assert (card["template"], card["pictures"]) == ("picture", {"main": "picture.jpg"})
    assert made["scene:0b0b0b0b"].files["picture.jpg"].read_bytes()[:2] == b"\xff\xd8"


def test_what_visuals_makes_can_be_drawn(tmp_path):
    made = given(tmp_path).run("visuals")["scene:0b0b0b0b"]
    spec = looks.drawing(tmp_path, json.loads(made.files["scene.json"].read_text()))
    spec["scene"]["pictures"] = {"main": str(made.files["picture.jpg"])}
    from_stage = looks.still(spec, 30)
    assert from_stage.width() == 1080


@pytest.mark.parametrize("form", sorted(SIZES))
@pytest.mark.parametrize("shape", [(1600, 900), (900, 1600), (1000, 1000)])
def test_a_photograph_of_the_teams_own_is_shown_in_every_format(tmp_path, form, shape):
    card = {"template": "picture", "picture": "asset:3", "caption": "Ohio in 1990"}
    order = replace(ORDER, format=form, pictures={"asset:3": "abc"})
    script = replace(SCRIPT, scenes=(SceneText("0c0c0c0c", "Look.", "Hills", card),))
    work = Studio(tmp_path, order, script)
    work.put("asset", "abc", {"file": looks.hills(tmp_path / "upload", shape)}, {})
    made = work.run("visuals")["scene:0c0c0c0c"]
    spec = looks.drawing(tmp_path, json.loads(made.files["scene.json"].read_text()))
    spec["scene"]["pictures"] = {"main": str(made.files["picture.jpg"])}
    shown = looks.still(spec, 59)
    assert (shown.width(), shown.height()) == SIZES[form]


def test_another_word_in_one_scene_changes_only_that_scenes_part(tmp_path):
    before = given(tmp_path).plan("visuals")
    edited = replace(SCENES[0], headline="Giant kelp")
    after = given(tmp_path, script=replace(SCRIPT, scenes=(edited, SCENES[1]))).plan("visuals")
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_narration_is_no_part_of_what_a_card_is_made_of(tmp_path):
    before = given(tmp_path).plan("visuals")
    edited = replace(SCENES[0], narration="Something else is said.")
    assert (
        given(tmp_path, script=replace(SCRIPT, scenes=(edited, SCENES[1]))).plan("visuals")
        == before
    )


def test_a_picture_that_nobody_added_is_named(tmp_path):
    work = given(tmp_path)
    work.order = replace(work.order, pictures={})
    with pytest.raises(Rejected, match=r"hills\.jpg is not among"):
        work.run("visuals")


def test_letters_without_a_font_are_refused_before_anything_is_drawn(tmp_path, monkeypatch):
    (tmp_path / "inter").symlink_to("/usr/share/fonts/opentype/inter")
    monkeypatch.setattr(fonts, "FOLDERS", (tmp_path / "inter",))
    fonts.forget()
    tokyo = SceneText("0c0c0c0c", "x", "", {"template": "statement", "text": "東京は大きい"})
    try:
        with pytest.raises(Rejected, match="Install fonts-noto-cjk"):
            given(tmp_path, script=replace(SCRIPT, scenes=(tokyo,))).run("visuals")
    finally:
        monkeypatch.undo()
        fonts.forget()


def speak(work: Studio, scene: str, text: str, frames: int) -> None:
    words = [
        {"text": word, "spoken": word, "start": 9600 + n * 16_000, "end": 24_000 + n * 16_000}
        for n, word in enumerate(text.split())
    ]
    said = {"language": "en", "voice": "x", "rate": 48_000, "samples": frames * 1600}
    path = work.root / f"{scene}.json"
    path.write_text(json.dumps({**said, "frames": frames, "words": words}))
    work.put("narration", f"scene:{scene}", {"words.json": path}, {})


def test_captions_of_the_video_follow_the_scenes_lengths(tmp_path):
    work = given(tmp_path)
    speak(work, "0a0a0a0a", "Kelp grows.", 45)
    speak(work, "0b0b0b0b", "Look there.", 60)
    made = work.run("captions")
    assert made["whole"].files["captions.srt"].read_text() == (
        "1\n00:00:00,200 --> 00:00:01,233\nKelp grows.\n\n"
        "2\n00:00:01,700 --> 00:00:02,733\nLook there.\n"
    )
    cues = captions.read(json.loads(made["scene:0a0a0a0a"].files["captions.json"].read_text()))
    assert cues[0].words[1].start_s == pytest.approx(0.533, abs=0.001)
