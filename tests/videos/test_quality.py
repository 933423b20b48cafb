import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.videos import sounds
from tests.videos.sounds import RATE, studio
from tests.videos.test_ffmpeg import segment
from videos.contracts import HeardWord
from videos.media import measure
from videos.stages import quality

pytestmark = pytest.mark.media

FIRST, SECOND = "scene:00000000", "scene:00000001"


@dataclass
class Ear:
    """A listener that hears what it is told to hear."""

    words: str
    name: str = "ear"
    version: str = "1"
    languages: tuple[str, ...] = ("en",)

    def hear(self, wave: Path, *, language: str, stopping) -> list[HeardWord]:
        return [HeardWord(word, 0.0, 1.0) for word in self.words.split()]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    found = studio(tmp_path_factory.mktemp("studio"), [30, 24], music="none")
    found.run("render")
    return found


@pytest.fixture
def made(rendered):
    """A rendered video of two scenes that a test may change; its stored files stay as they are."""
    return deepcopy(rendered)


def checked(found) -> dict:
    found.run("quality")
    return json.loads(found.path("quality/whole/quality.json").read_text())


def codes(report: dict, level: str) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["level"] == level]


def test_a_good_video_passes_and_its_figures_are_told(made):
    made.tools.given = {"listener": Ear(" ".join(sounds.WORDS))}
    report = checked(made)
    assert report["passed"]
    assert codes(report, "fail") == []
    assert report["figures"]["word_error_rate"] == 0
    assert report["figures"]["frames"] == 54
    assert report["summary"][0].startswith("The video may be published. 0 failures")


def test_a_narration_that_nobody_understands_holds_the_video_back(made):
    made.tools.given = {"listener": Ear("thank you for watching")}
    report = checked(made)
    assert not report["passed"]
    assert codes(report, "fail") == ["words", "words", "words"]  # both scenes and the whole
    found = [finding for finding in report["findings"] if finding["code"] == "words"]
    assert [(finding["scene_id"], finding["at_s"]) for finding in found] == [
        ("", 0.0),
        ("00000000", 0.0),
        ("00000001", 1.0),
    ]
    assert found[2]["message"].startswith("Scene 2: The narration is hard to understand")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "no listener is installed"),
        ({"listener": Ear("", languages=("de",))}, "ear can't hear it"),
    ],
)
def test_without_a_listener_it_says_so_once_and_passes(made, given, reason):
    made.tools.given = given
    report = checked(made)
    assert report["passed"]
    assert codes(report, "info") == ["not_transcribed"]
    assert reason in report["findings"][0]["message"] + report["findings"][-1]["message"]
    assert report["figures"]["word_error_rate"] is None


def test_a_silent_scene_holds_the_video_back(made):
    silent = sounds.save(made.root / "silent.wav", np.zeros(24 * 1600))
    words = made.path(f"narration/{SECOND}/words.json")
    made.put("narration", SECOND, {"narration.wav": silent, "words.json": words}, {"frames": 24})
    report = checked(made)
    assert "silent" in codes(report, "fail")


def test_a_segment_of_another_size_holds_the_video_back(made):
    small = segment(made.root / "small.mp4", 24)
    made.put("render", SECOND, {"segment.mp4": small}, {})
    assert "wrong_size" in codes(checked(made), "fail")


def test_an_edit_checks_only_its_own_scene_again(made):
    checked(made)
    sounds.narrate(made, SECOND, 24, ["Bamboo", "is", "faster", "still"])
    for stage in ("captions", "render", "quality"):
        made.run(stage)
    assert made.made == [SECOND, "whole"]


def test_scenes_are_checked_without_their_place(made):
    parts = quality.plan(made)
    assert dict(parts[0].params) == {"size": (1080, 1920)}
    assert parts[0].needs[0] == f"render/{FIRST}/segment.mp4"


def test_black_and_still_pictures_are_seen(tmp_path):
    frames = b"\0\0\0\xff" * (64 * 64) * 30 + b"\xff\x80\x20\xff" * (64 * 64) * 60
    video = tmp_path / "video.mp4"
    sounds.encode(frames, (64, 64), video)
    seen = measure.look(video, length_s=3.0, room=tmp_path, stop=lambda: False)
    assert [(span.start_s, round(span.end_s, 1)) for span in seen.black] == [(0.0, 1.0)]
    assert seen.frozen[-1].end_s == 3.0
    assert seen.frozen[-1].length_s > 1.5


def test_a_dark_card_is_not_black(tmp_path):
    dark = b"\x17\x0f\x0b\xff" * (64 * 64)  # the ink of the default brand
    video = tmp_path / "video.mp4"
    sounds.encode(dark * 30, (64, 64), video)
    assert measure.look(video, length_s=1.0, room=tmp_path, stop=lambda: False).black == ()


def test_pauses_are_heard(tmp_path):
    tone = 0.3 * np.sin(np.arange(RATE) * 0.05)
    wave = sounds.save(tmp_path / "w.wav", np.concatenate([tone, np.zeros(2 * RATE), tone]))
    pauses = measure.listen(wave, length_s=4.0, room=tmp_path, stop=lambda: False)
    assert [(round(p.start_s, 1), round(p.end_s, 1)) for p in pauses] == [(1.0, 3.0)]
