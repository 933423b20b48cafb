"""A track of the team's own under the voice: played again, faded, part of the mix's key."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from tests.videos.sounds import RATE, load, studio
from videos.contracts import WHOLE
from videos.media import takes

pytestmark = pytest.mark.media


@pytest.fixture
def track(tmp_path):
    """A second of a clear tone, as the library keeps it."""
    path = tmp_path / "track.m4a"
    tone = ["-f", "lavfi", "-i", "sine=frequency=1000:duration=1"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *tone, "-ac", "2", "-ar", "48000", str(path)], check=True
    )
    return path


def test_a_short_track_is_played_again_and_faded_out(track, tmp_path):
    into = tmp_path / "music.wav"
    takes.played(track, 5 * RATE, into, room=tmp_path, stop=lambda: False)
    sound = np.abs(load(into)[:, 0])
    assert len(sound) == 5 * RATE
    middle, end = sound[2 * RATE : 4 * RATE], sound[-RATE // 20 :]
    assert middle.mean() > 0.02
    assert end.mean() < middle.mean() / 5


def test_a_video_plays_the_teams_own_track(track, tmp_path):
    found = studio(tmp_path / "studio", [60], form="square")
    found.order = replace(found.order, music="asset:1", track="f" * 64)
    found.put("asset", "f" * 64, {"file": track}, {})
    found.run("render")
    sound = load(found.path(f"render/{WHOLE}/video.mp4"))[:, 0]
    heard = np.abs(np.fft.rfft(sound))
    tones = np.fft.rfftfreq(len(sound), 1 / RATE)
    near = heard[(tones > 995) & (tones < 1005)].max()
    beside = np.median(heard[(tones > 1020) & (tones < 1080)])
    assert near > 5 * beside, near / beside


def test_another_track_mixes_anew_and_draws_nothing(track, tmp_path):
    found = studio(tmp_path / "studio", [60, 60], form="square")
    found.run("render")
    found.order = replace(found.order, music="asset:1", track="f" * 64)
    found.put("asset", "f" * 64, {"file": track}, {})
    found.run("render")
    assert found.made == [WHOLE]
