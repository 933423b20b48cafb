"""A text becomes a video, through the command, the queue, the workers and the store."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.videos.snapshots import ARGUMENTS, TEXT, make

pytestmark = pytest.mark.media
FILES = {
    "video.mp4",
    "thumbnail.jpg",
    "captions.srt",
    "captions.vtt",
    "script.json",
    "quality.json",
    "provenance.json",
}


@pytest.fixture
def out(made_once) -> Path:
    return made_once.folder.parent / "out"


def probe(path: Path) -> dict:
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)],
        capture_output=True,
        check=True,
    )
    return json.loads(answer.stdout)


def test_every_file_is_written(made_once, out):
    result = json.loads((made_once.folder.parent / "result.json").read_text())
    assert set(result["files"]) == FILES == {p.name for p in out.iterdir()}
    assert result["state"] == "approved"
    assert result["quality"]["passed"] is True


def test_the_video_is_what_was_ordered(out):
    found = probe(out / "video.mp4")
    picture, sound = sorted(found["streams"], key=lambda stream: stream["codec_type"], reverse=True)
    assert (picture["width"], picture["height"]) == (1080, 1080)
    assert picture["codec_name"] == "h264"
    assert picture["color_space"] == "bt709"
    assert (sound["codec_name"], sound["sample_rate"]) == ("aac", "48000")
    assert 12 < float(found["format"]["duration"]) < 24


def test_the_words_are_from_the_text(out):
    script = json.loads((out / "script.json").read_text())
    source = re.sub(r"\W+", " ", TEXT).lower()
    said = " ".join(scene["narration"] for scene in script["scenes"][1:])
    for sentence in re.split(r"(?<=[.!?])\s+", said):
        assert re.sub(r"\W+", " ", sentence).lower().strip() in source


def test_the_captions_hold_every_word(out):
    script = json.loads((out / "script.json").read_text())
    shown = re.sub(r"\d+\n[\d:,]+ --> [\d:,]+\n", " ", (out / "captions.srt").read_text())
    spoken = " ".join(scene["narration"] for scene in script["scenes"])
    assert re.findall(r"\w+", shown) == re.findall(r"\w+", spoken)


def test_the_quality_report_names_its_figures(out):
    report = json.loads((out / "quality.json").read_text())
    assert -15 <= report["figures"]["lufs"] <= -13
    assert report["figures"]["true_peak"] <= -1.0


def test_the_provenance_names_every_part_and_engine(out):
    record = json.loads((out / "provenance.json").read_text())
    assert {part["stage"] for part in record["parts"]} == {
        "script", "narration", "visuals", "captions", "render", "thumbnail", "quality",
    }  # fmt: skip
    assert record["providers"]["voice"] == "piper:joe"
    assert record["synthetic_voice"] is True


def test_nothing_is_left_in_the_rooms(made_once):
    rooms = made_once.folder / "rooms"
    assert not rooms.exists() or list(rooms.iterdir()) == []


def test_made_twice_in_empty_stores_the_bytes_are_equal(made_once, empty_installation, tmp_path):
    again = empty_installation.copy_to(tmp_path / "var")
    again.env["RUN_DIR"] = made_once.env["RUN_DIR"]
    source = tmp_path / "kelp.md"
    source.write_text(TEXT)
    code, _ = make(again, source, *ARGUMENTS)
    assert code == 0
    sql = "select stage, key, files from videos_artifact order by key"
    assert again.ask(sql) == made_once.ask(sql)
    for name in ("video.mp4", "thumbnail.jpg", "captions.srt"):
        first, second = made_once.folder.parent / "out" / name, tmp_path / "out" / name
        assert first.read_bytes() == second.read_bytes()


def test_the_same_text_again_is_not_made_again(made_once, tmp_path):
    twin = made_once.copy_to(tmp_path / "var")
    source = tmp_path / "kelp.md"
    source.write_text(TEXT)
    before = twin.ask("select count(*) from videos_artifact")
    code, result = make(twin, source, *ARGUMENTS)
    assert code == 0
    assert twin.ask("select count(*) from videos_artifact") == before
    assert twin.ask(
        "select count(*) from videos_runpart p join videos_stagerun r on r.id = p.run_id "
        "where was_made and video_id = ?",
        result["video_id"],
    ) == [(0,)]


def test_a_video_is_published_to_its_folder_once(made_once, tmp_path):
    twin = made_once.copy_to(tmp_path / "var")
    source = tmp_path / "kelp.md"
    source.write_text(TEXT)
    code, result = make(twin, source, *ARGUMENTS, "--publish")
    assert (code, result["state"]) == (0, "published")
    ((folder,),) = twin.ask("select address from channels_app_upload")
    published = {path.name for path in Path(folder).iterdir()}
    assert {"video.mp4", "thumbnail.jpg", "captions.srt", "metadata.json"} <= published
