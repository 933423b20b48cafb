"""Clips of the team's own as scenes: which of their frames are shown, where, and what lies over."""

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.driver import Studio
from config.kit.errors import Rejected
from tests.videos import looks
from tests.videos.sounds import narrate
from videos.contracts import FPS, SIZES, WHOLE, Order, SceneText, Script, scene_part
from videos.media import clips, ffmpeg
from videos.media.cards.layout import bands, sheet_for
from videos.stages import captions, render, visuals  # noqa: F401 - registered by being imported

pytestmark = pytest.mark.media
STEP = 4  # of luma, from one frame of a clip to the next
PUSH = 12
LOOPED, WIDE, STILL = "a" * 64, "b" * 64, "c" * 64


def filmed(path: Path, size: str, frames: int, luma: str = f"40+{STEP}*N") -> Path:
    """As cleaned clips come: each frame a little lighter than the one before it."""
    drawn = f"color=black:s={size}:r={FPS},format=yuv420p,geq=lum='{luma}':cb=128:cr=128"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", drawn, "-frames:v", str(frames)]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", "30"]
    told = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    subprocess.run([*command, *told, "-color_range", "tv", str(path)], check=True)
    return path


def studio(root: Path, visual: list[dict], lengths: list[int], form: str = "square") -> Studio:
    words = ("Kelp", "grows", "here")
    scenes = tuple(
        SceneText(f"{place:08x}", " ".join(words), "", one) for place, one in enumerate(visual)
    )
    named = {"asset:1": LOOPED, "asset:2": WIDE, "asset:3": STILL}
    order = Order("Kelp", "Kelp.", "text", form, 60, "en", "", "none", looks.Brand(), clips=named)
    found = Studio(root, order, Script("Kelp", "en", "given", scenes))
    for scene, frames in zip(scenes, lengths, strict=True):
        narrate(found, scene_part(scene.id), frames, words)
    return found


def clip(number: int, **fields: str) -> dict:
    return {"template": "clip", "clip": f"asset:{number}", **fields}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    root = tmp_path_factory.mktemp("clips")
    cards = [clip(1), clip(2, caption="A forest"), {"template": "statement", "text": "Kelp"}]
    found = studio(root, cards, [50, 30, 14])
    found.put("asset", LOOPED, {"file": filmed(root / "a.mp4", "640x640", 15)}, {})
    found.put("asset", WIDE, {"file": filmed(root / "b.mp4", "1280x720", 10)}, {})
    for stage in ("visuals", "captions", "render"):
        found.run(stage)
    return found


def lights(found: Studio, scene: int) -> list[int]:
    """Luma in the middle of each frame, where nothing is drawn over a clip."""
    segment = found.path(f"render/{scene_part(f'{scene:08x}')}/segment.mp4")
    cut = "format=gray,crop=16:16:900:400,scale=1:1:flags=area"
    command = ["ffmpeg", "-v", "error", "-i", str(segment), "-vf", cut, "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return [int(one) for one in np.frombuffer(raw, "u1")]


def light_of(number: int) -> pytest.approx:
    full = (40 + STEP * number - 16) * 255 / 219  # gray is written in full range
    return pytest.approx(full, abs=5)


def test_a_clip_shorter_than_its_scene_starts_again(rendered):
    shown = lights(rendered, 0)
    assert len(shown) == 50
    for frame in (0, 7, 14, 15, 22, 29, 30, 49):
        assert shown[frame] == light_of(frame % 15), frame


def test_a_clip_that_slides_in_plays_once_it_has_come_and_ends_on_its_last_picture(rendered):
    shown = lights(rendered, 1)
    assert len(shown) == 30
    assert shown[PUSH] == light_of(0)
    assert shown[PUSH + 6] == light_of(6)
    assert shown[29] == light_of(9)


def test_the_next_scene_slides_over_the_picture_on_which_the_clip_ended(rendered):
    assert rendered.made[-1] == WHOLE
    assert lights(rendered, 2)[0] == pytest.approx(lights(rendered, 1)[29], abs=14)


def test_a_video_with_clips_is_whole(rendered):
    video = rendered.path("render/whole/video.mp4")
    media = ffmpeg.probe(video, room=rendered.root, stop=lambda: False, count=True)
    assert media.first("video").frames == 94


def test_the_scene_keeps_the_first_picture_and_knows_the_clip(rendered):
    facts = rendered.facts("visuals", scene_part("00000000"))
    assert facts["pictures"] == {"main": "picture.jpg"}
    assert (facts["clip"]["asset"], facts["clip"]["frames"]) == (LOOPED, 15)
    needs = render.plan(rendered)[1].needs
    assert f"asset/{LOOPED}/file" in needs
    assert f"asset/{WIDE}/file" in needs


def test_what_is_there_is_not_made_again(rendered):
    rendered.run("visuals")
    assert rendered.made == []
    rendered.run("render")
    assert rendered.made == []


def test_a_clip_that_is_not_the_videos_is_said_before_anything_is_drawn(tmp_path):
    found = studio(tmp_path, [clip(9)], [10])
    with pytest.raises(Rejected, match="The clip asset:9 is not among the video's clips"):
        found.run("visuals")


def test_a_broken_clip_is_said_before_anything_is_drawn(tmp_path):
    found = studio(tmp_path, [clip(1)], [10])
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(filmed(tmp_path / "a.mp4", "640x640", 15).read_bytes()[:900])
    found.put("asset", LOOPED, {"file": broken}, {})
    with pytest.raises(Rejected, match="The clip asset:1 is damaged or incomplete"):
        found.run("visuals")


@pytest.mark.parametrize("form", sorted(SIZES))
@pytest.mark.parametrize("has_words", [False, True])
def test_bands_are_even_apart_and_hold_the_captions(form, has_words):
    sheet = sheet_for(*SIZES[form])
    found = bands(sheet, has_words=has_words)
    assert all(band.y % 2 == band.h % 2 == 0 for band in found)
    assert found[0].y + found[0].h <= found[1].y
    assert found[1].y < sheet.captions.y
    assert sheet.captions.bottom < found[1].y + found[1].h <= sheet.height


@pytest.mark.parametrize(
    ("own", "form", "is_framed"),
    [
        ((1080, 1920), "short", False),
        ((1080, 1080), "short", False),
        ((1920, 1080), "short", True),
        ((1920, 1080), "square", False),
        ((1080, 1920), "landscape", True),
        ((640, 360), "landscape", False),
    ],
)
def test_a_clip_that_would_lose_half_of_itself_is_framed(own, form, is_framed):
    layers = clips.Layers(sheet_for(*SIZES[form]), has_words=False, frames=30, push=0)
    assert ("gblur" in clips.fitted(own, layers)) is is_framed
    assert "gblur" not in clips.fitted(own, replace(layers, fit="cover"))


@pytest.mark.parametrize(
    ("frames", "length", "last"), [(30, 60, 29), (60, 60, 59), (80, 60, 59), (100, 60, 39)]
)
def test_the_picture_on_which_a_clip_ends(frames, length, last):
    assert clips.last_shown(clips.Clip(Path("a"), (2, 2), length), frames) == last
