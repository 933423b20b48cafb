import hashlib
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from config.kit.errors import Rejected, Stopped, Unavailable
from tests.processes import own_programs
from videos.media import ffmpeg, mp4

pytestmark = pytest.mark.media

SIZE = (270, 480)
PAINTER = """
import os, sys
frames, width, height, slow = map(int, sys.argv[1:])
for frame in range(frames):
    row = bytes((frame * 5 + x) % 256 for x in range(width * 4))
    data = memoryview(row * height)
    while data:
        try:
            data = data[os.write(1, data):]
        except BrokenPipeError:
            os._exit(3)
    if slow:
        import time; time.sleep(slow)
sys.stderr.write('{"frame": %d}' % frames)
"""


def never() -> bool:
    return False


def painter(frames: int, size: tuple[int, int] = SIZE, slow: int = 0) -> list[str]:
    numbers = map(str, (frames, *size, slow))
    return [sys.executable, "-I", "-S", "-c", PAINTER, *numbers]


def segment(into: Path, frames: int, **changes) -> Path:
    encoding = ffmpeg.Encoding(SIZE)
    draw = changes.pop("draw", painter(frames))
    options = {"frames": frames, "into": into, "stop": never, **changes}
    ffmpeg.encode(draw, encoding, **options)
    return into


def tone(into: Path, seconds: float) -> Path:
    make = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"sine=d={seconds}:r=48000"]
    subprocess.run([*make, "-ac", "2", "-c:a", "aac", str(into)], check=True)
    return into


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_segment_has_every_frame_and_the_marks_that_players_need(tmp_path):
    made = segment(tmp_path / "segment.mp4", 13)
    video = ffmpeg.probe(made, room=tmp_path, stop=never, count=True).first("video")
    assert (video.width, video.height, video.frames, video.fps) == (*SIZE, 13, 30.0)
    assert (video.codec, video.profile, video.pixels) == ("h264", "High", "yuv420p")
    assert video.colours == ("bt709", "bt709", "bt709", "tv")


def test_the_same_frames_make_the_same_bytes(tmp_path):
    one, other = segment(tmp_path / "one.mp4", 40), segment(tmp_path / "other.mp4", 40)
    assert digest(one) == digest(other)
    joined = [_joined(tmp_path / name, [one, other], [40, 40]) for name in ("a.mp4", "b.mp4")]
    assert digest(joined[0]) == digest(joined[1])
    assert b"Lavf" not in joined[0].read_bytes()


def _joined(into: Path, segments: list[Path], frames: list[int]) -> Path:
    sound = tone(into.with_suffix(".m4a"), sum(frames) / 30)
    ffmpeg.join(segments, frames, sound, size=SIZE, into=into, stop=never)
    return into


def test_joined_frames_stay_exactly_a_thirtieth_apart(tmp_path):
    lengths = [7, 11, 3, 19, 1, 23, 5, 13]
    segments = [segment(tmp_path / f"it's {n}.mp4", length) for n, length in enumerate(lengths)]
    video = _joined(tmp_path / "video.mp4", segments, lengths)
    show = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts"]
    told = subprocess.run([*show, "-of", "csv=p=0", str(video)], capture_output=True, check=True)
    times = sorted(int(line.strip(b",")) for line in told.stdout.split())
    assert times == [n * 512 for n in range(sum(lengths))]


def test_a_joined_video_can_play_while_it_loads(tmp_path):
    made = segment(tmp_path / "segment.mp4", 9)
    video = _joined(tmp_path / "video.mp4", [made], [9])
    assert mp4.starts_fast(video)
    assert not mp4.starts_fast(made)


def test_a_drawing_that_ends_early_leaves_no_segment(tmp_path):
    with pytest.raises(Unavailable, match="wrote 5 frames of 270x480 instead of 9"):
        segment(tmp_path / "segment.mp4", 9, draw=painter(5))
    assert not list(tmp_path.glob("*.mp4"))


def test_a_drawing_that_fails_is_named(tmp_path):
    broken = [sys.executable, "-I", "-S", "-c", "raise SystemExit('no such font')"]
    with pytest.raises(Unavailable, match="failed while drawing a scene: no such font"):
        segment(tmp_path / "segment.mp4", 9, draw=broken)
    assert not (tmp_path / "segment.mp4").exists()


def test_a_cancelled_segment_never_looks_finished(tmp_path):
    start = time.monotonic()
    with pytest.raises(Stopped):
        segment(
            tmp_path / "segment.mp4",
            90,
            draw=painter(90, slow=1),
            stop=lambda: time.monotonic() > start + 1,
        )
    assert time.monotonic() - start < 6
    assert not (tmp_path / "segment.mp4").exists()
    assert own_programs() == []


def test_a_full_disk_is_said_and_leaves_no_segment(tmp_path):
    (tmp_path / "segment.unfinished.mp4").symlink_to("/dev/full")
    with pytest.raises(Unavailable, match="The disk is full"):
        segment(tmp_path / "segment.mp4", 9)
    assert not (tmp_path / "segment.mp4").exists()


def test_a_disk_that_fills_up_while_joining_leaves_no_video(tmp_path):
    made = segment(tmp_path / "segment.mp4", 9)
    (tmp_path / "video.unfinished.mp4").symlink_to("/dev/full")
    with pytest.raises(Unavailable, match="The disk is full"):
        _joined(tmp_path / "video.mp4", [made], [9])
    assert not (tmp_path / "video.mp4").exists()


def test_without_ffmpeg_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="ffmpeg is not installed: run bin/setup"):
        segment(tmp_path / "segment.mp4", 3)


def png(width: int, height: int) -> bytes:
    """A picture of one colour: small to send, large to open."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj()
    row = b"\0" * (1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    parts = chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def avi(folder: Path) -> bytes:
    path = folder / "made.avi"
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=0.1", "-c:v", "mjpeg"]
    subprocess.run([*make, str(path)], check=True)
    return path.read_bytes()


HOSTILE = {
    "a playlist of other people's files": lambda folder: (
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    ),
    "a list of files": lambda folder: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a bomb of a picture": lambda folder: png(30_000, 30_000),
    "an old container": avi,
    "a drawing with links": lambda folder: (
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1/"/></svg>'
    ),
    "nothing": lambda folder: b"",
    "half a video": lambda folder: segment(folder / "s.mp4", 9).read_bytes()[:3000],
    "a container with nothing inside": lambda folder: b"\0\0\0\x10ftypisom\0\0\0\0",
    "a picture in name only": lambda folder: b"\x89PNG\r\n\x1a\n" + b"x" * 4000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_with_what_to_do(tmp_path, what):
    sent = tmp_path / "holiday.mp4"
    sent.write_bytes(HOSTILE[what](tmp_path))
    with pytest.raises(Rejected, match=r"save it anew|is not read here: use MP4"):
        ffmpeg.probe(sent, room=tmp_path, stop=never)


def test_a_small_picture_is_read(tmp_path):
    sent = tmp_path / "upload"
    sent.write_bytes(png(64, 32))
    picture = ffmpeg.probe(sent, room=tmp_path, stop=never).first("video")
    assert (picture.codec, picture.width, picture.height) == ("png", 64, 32)
