"""The child that draws: raw frames on stdout, news on stderr, quiet when the reader goes away."""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.videos import looks

pytestmark = pytest.mark.media


def started(spec: dict, room) -> subprocess.Popen:
    path = room / "spec.json"
    path.write_text(json.dumps(spec))
    return subprocess.Popen(
        [sys.executable, "-m", "videos.media.draw", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_every_frame_is_written_whole_and_the_same_each_time(tmp_path):
    spec = looks.drawing(tmp_path, looks.scene("number", "square"), frames=8)
    runs = [started(spec, tmp_path).communicate(timeout=60) for _ in range(2)]
    assert len(runs[0][0]) == 8 * 1080 * 1080 * 4
    assert hashlib.sha256(runs[0][0]).digest() == hashlib.sha256(runs[1][0]).digest()
    news = [json.loads(line) for line in runs[0][1].splitlines()]
    assert news[-1] == {"frame": 8}


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path):
    child = started(looks.drawing(tmp_path, looks.scene("title", "square")), tmp_path)
    child.stdout.read(1000)
    child.stdout.close()
    assert child.wait(timeout=30) == 3
    assert b"Traceback" not in child.stderr.read()
    child.stderr.close()


def test_a_still_is_one_frame_as_a_png(tmp_path):
    spec, out = tmp_path / "spec.json", tmp_path / "still.png"
    spec.write_text(json.dumps(looks.drawing(tmp_path, looks.scene("quote", "landscape"))))
    command = [sys.executable, "-m", "videos.media.draw", str(spec), "--still", "20", "--out", out]
    subprocess.run(command, check=True, timeout=60)
    assert out.read_bytes()[16:24] == (1920).to_bytes(4, "big") + (1080).to_bytes(4, "big")


def test_drawing_knows_no_web_framework(tmp_path):
    code = "import sys, videos.media.draw; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_memory_stays_small_with_a_large_picture_on_a_tall_page(tmp_path):
    picture = str(looks.hills(tmp_path / "hills.jpg", (2600, 2000)))
    card = looks.scene("picture", fields={"picture": "hills.jpg"})
    spec = looks.drawing(tmp_path, card, frames=14)
    spec["scene"]["pictures"] = {"main": picture}
    spec["previous"] = {**spec["scene"], "frames": 30}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    code = (
        "import sys; from videos.media import draw; "
        f"draw.main([{str(tmp_path / 'spec.json')!r}]); "
        "sys.stderr.write(open('/proc/self/status').read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
    )
    peak = next(line for line in done.stderr.splitlines() if line.startswith(b"VmHWM"))
    assert int(peak.split()[1]) < 250 * 1024
