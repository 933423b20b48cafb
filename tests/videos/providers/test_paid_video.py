"""A whole video in a voice that is sold: its captions come when its words are heard, and its books
are the vendor's bill."""

import json
import subprocess

import numpy as np
import pytest

from tests.videos.providers.speaking import OPENAI, RACHEL
from tests.videos.snapshots import make
from videos.media import heard as hearing
from videos.providers.whisper import Whisper

pytestmark = [pytest.mark.media, pytest.mark.processes]
TEXT = """Kelp grows half a metre a day in cold clear water. Sea otters guard it from the urchins.

Divers plant young forests every spring. Whales bring their calves to rest in the shade.
"""
LIST = "from videos import vendor_voices; vendor_voices.list_anew()"


def cues(vtt: str) -> list[tuple[float, str]]:
    """When each begins, and its words."""
    blocks = [block.splitlines() for block in vtt.split("\n\n") if "-->" in block]
    found = []
    for lines in blocks:
        at = next(n for n, line in enumerate(lines) if "-->" in line)
        clock = lines[at].split(" --> ")[0].split(":")
        seconds = sum(float(part) * 60**n for n, part in enumerate(reversed(clock)))
        found.append((seconds, " ".join(lines[at + 1 :])))
    return found


def begins(cue: tuple[float, str], heard) -> float | None:
    """How much later its first word is heard than it is shown; None: it was not understood."""
    shown_s, text = cue
    first = hearing.tokens(text)[0]
    near = [
        word.start_s - shown_s
        for word in heard
        if hearing.tokens(word.text)[:1] == [first] and abs(word.start_s - shown_s) < 2
    ]
    return min(near, key=abs) if near else None


@pytest.mark.parametrize("voice", [OPENAI, RACHEL])
def test_a_video_in_a_voice_that_is_sold(installation, ai, tmp_path, voice):
    installation.env |= ai.environment()
    assert installation.manage("shell", "-c", LIST).returncode == 0
    source = tmp_path / "kelp.md"
    source.write_text(TEXT)
    given = ("--seconds", "15", "--format", "square", "--voice", voice, "--language", "en")
    _, told = make(installation, source, *given, "--music", "none", "--json")
    assert told["state"] in ("approved", "review"), told
    provenance = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert provenance["providers"]["voice"] == voice
    assert "an AI voice" in provenance["licences"]["voice"]
    booked = installation.ask("SELECT sum(amount_micros) FROM billing_costentry")[0][0]
    assert booked == ai.bill()["price_micros"] > 0
    late = lateness(tmp_path)
    assert len(late) >= 3
    assert np.abs(late).mean() < 0.3
    assert np.abs(late).max() < 0.8


def lateness(folder) -> list[float]:
    sound = folder / "sound.wav"
    to_wave = ["ffmpeg", "-v", "error", "-i", str(folder / "out" / "video.mp4"), "-ac", "1"]
    subprocess.run([*to_wave, "-c:a", "pcm_s16le", str(sound)], check=True)
    words = Whisper().hear(sound, language="en", stopping=lambda: False)
    shown = cues((folder / "out" / "captions.vtt").read_text())
    return [found for cue in shown if (found := begins(cue, words)) is not None]
