"""Files that mean harm, or are broken: each is refused with a sentence, and nothing leaks."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from config.kit import files
from config.kit.models import BlobRef
from tests.videos import made_files as made
from videos import assets, preparing
from videos.models import Asset, AssetState

pytestmark = pytest.mark.media


@pytest.fixture
def taken(by_ana, tmp_path):
    """Takes bytes in under a name, has them prepared, and answers what became of them."""

    def take(content: bytes | Path, name: str, kind: str) -> Asset:
        path = content if isinstance(content, Path) else tmp_path / "came"
        if isinstance(content, bytes):
            path.write_bytes(content)
        asset = assets.take_in(by=by_ana, path=path, name=name, kind=kind)
        preparing.work()
        asset.refresh_from_db()
        return asset

    return take


def refused(asset: Asset) -> str:
    assert (asset.state, asset.sha256) == (AssetState.REFUSED, "")
    assert asset.reason.endswith(".")
    assert not BlobRef.objects.filter(kind=assets.HOLDER, ref_id=asset.pk).exists()
    return asset.reason


def test_a_playlist_named_mp4_fetches_nothing(taken):
    refused(taken(made.playlist("http://127.0.0.1:9/secret.ts"), "clip.mp4", "clip"))


def test_a_playlist_named_mp4_reads_no_other_file(taken, tmp_path):
    other = made.clip(tmp_path / "other.ts")
    refused(taken(made.playlist(f"file://{other}"), "clip.mp4", "clip"))


def test_a_concat_script_reads_no_other_file(taken):
    refused(taken(b"ffconcat version 1.0\nfile /etc/passwd\n", "clip.mp4", "clip"))


def test_a_picture_bomb_is_told_apart_by_its_size(taken):
    assert "30,000 x 30,000" in refused(taken(made.png_bomb(), "small.png", "picture"))


@pytest.mark.parametrize("name", ["drawing.png", "drawing.svg"])
@pytest.mark.parametrize("side", [100, 100_000])
def test_an_svg_is_no_picture_here(taken, name, side):
    assert "SVG" in refused(taken(made.svg(side), name, "picture"))


def test_an_avi_of_huge_frames_is_refused(taken, tmp_path):
    path = tmp_path / "huge.avi"
    made.ffmpeg(
        *("-f", "lavfi", "-i", "color=size=8192x8192:rate=1:duration=1"),
        *("-c:v", "mjpeg", str(path)),
    )
    refused(taken(path, "huge.mp4", "clip"))


def test_a_clip_that_is_cut_off_is_refused(taken, tmp_path):
    whole = made.clip(tmp_path / "whole.mp4", seconds=4).read_bytes()
    refused(taken(whole[: len(whole) // 2], "half.mp4", "clip"))


def test_a_clip_whose_end_is_missing_is_refused(taken, tmp_path):
    path = tmp_path / "whole.mp4"
    made.clip(tmp_path / "plain.mp4", seconds=6)
    made.ffmpeg(
        "-i", str(tmp_path / "plain.mp4"), "-c", "copy", "-movflags", "faststart", str(path)
    )
    whole = path.read_bytes()
    refused(taken(whole[: len(whole) // 2], "half.mp4", "clip"))


def test_a_name_with_a_pattern_is_only_a_name(taken, tmp_path):
    asset = taken(made.clip(tmp_path / "one.mp4"), "frame-%03d.mp4", "clip")
    assert (asset.state, asset.name) == (AssetState.READY, "frame-%03d.mp4")


def test_a_dash_manifest_named_mp4_is_refused(taken):
    refused(taken(made.mpd(), "clip.mp4", "clip"))


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"just some text", "song.mp3", "music"),
        (b"\0" * 4000, "clip.mp4", "clip"),
        (b"ID3" + b"\0" * 500, "song.mp3", "music"),
        (b"MZ" + b"\x90" * 500, "setup.jpg", "picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "broken.png", "picture"),
    ],
)
def test_what_is_something_else_is_refused(taken, content, name, kind):
    refused(taken(content, name, kind))


def test_a_clip_of_many_streams_is_refused(taken, tmp_path):
    path, plain = tmp_path / "many.mkv", made.clip(tmp_path / "plain.mp4", seconds=1)
    made.ffmpeg("-i", str(plain), *["-map", "0:v"] * 30, "-c", "copy", str(path))
    refused(taken(path, "many.mkv", "clip"))


def test_a_clip_that_says_it_lasts_ten_hours_is_refused(taken, tmp_path):
    path = made.clip(tmp_path / "long.mp4", seconds=1, sound=False)
    content = bytearray(path.read_bytes())
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        at = content.find(box)
        ticks = at + {b"mvhd": 20, b"tkhd": 24, b"mdhd": 20}[box]
        content[ticks : ticks + 4] = (0x7FFFFFFF).to_bytes(4, "big")
    refused(taken(bytes(content), "long.mp4", "clip"))


def test_music_without_sound_is_refused(taken, tmp_path):
    silent = made.clip(tmp_path / "silent.mp4", sound=False)
    assert "no sound" in refused(taken(silent, "song.mp4", "music"))


def test_where_a_picture_was_taken_is_forgotten(taken, tmp_path):
    asset = taken(
        made.picture(tmp_path / "p.jpg", exif=made.where_it_was_taken()), "p.jpg", "picture"
    )
    kept = files.path_of(asset.team_id, asset.sha256)
    with Image.open(kept) as clean:
        assert not clean.getexif()
    assert b"SecretCam" not in kept.read_bytes()


def test_what_hides_behind_a_picture_is_left_out(taken, tmp_path):
    content = made.picture(tmp_path / "p.jpg").read_bytes() + b"<script>alert(1)</script>PK\x03\x04"
    asset = taken(content, "p.jpg", "picture")
    clean = files.path_of(asset.team_id, asset.sha256).read_bytes()
    assert (asset.state, b"<script>" in clean) == (AssetState.READY, False)


def test_a_clip_is_made_uniform(taken, tmp_path):
    asset = taken(made.clip(tmp_path / "c.mp4", size="2560x1440"), "c.mp4", "clip")
    kept = files.path_of(asset.team_id, asset.sha256)
    shown = "stream=codec_name,width,r_frame_rate:format_tags"
    command = ["ffprobe", "-v", "error", "-show_entries", shown, "-of", "compact", str(kept)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "codec_name=h264|width=1920|r_frame_rate=30/1" in told
    assert "aac" not in told
    assert asset.facts["duration_s"] == pytest.approx(2.0, abs=0.1)
    assert files.is_kept(asset.team_id, asset.facts["poster"])


def test_music_is_made_uniform(taken, tmp_path):
    asset = taken(made.tune(tmp_path / "t.wav"), "t.wav", "music")
    assert (asset.state, asset.content_type) == (AssetState.READY, "audio/mp4")
    assert asset.facts["duration_s"] == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.png", "a.png"),
        ("a\0b\nc.png", "abc.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_names_are_made_harmless(given, kept):
    assert assets.name_of(given) == kept
