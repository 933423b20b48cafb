"""The narration stage: whole frames, even loudness, exact words, and clear refusals."""

import json
import subprocess
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from config.kit.errors import Rejected
from videos.contracts import Said, SceneText, Script, Task
from videos.media import loudness, waves
from videos.media.timing import estimated_s
from videos.providers.espeak import Espeak
from videos.providers.piper import Piper
from videos.stages import catalogue
from videos.stages.narration import fitted, narration, one_per_scene


@dataclass
class Inputs:
    script: Script


@dataclass
class Tools:
    voice: object

    def speaker(self, name):
        return self.voice


@dataclass
class Work:
    """The stage's ports, held in memory."""

    inputs: Inputs
    tools: Tools
    room: Path
    beats: list = field(default_factory=list)

    @property
    def parts(self):
        return (Task(part.id, part.params, {}) for part in one_per_scene(self.inputs))

    def beat(self, fraction, phase=""):
        self.beats.append(fraction)

    def stopping(self):
        return False


def work(room, voice, *texts, language="en"):
    scenes = tuple(
        SceneText(f"{n:08x}", text, f"Headline {n}", {"template": "statement"})
        for n, text in enumerate(texts, 1)
    )
    return Work(Inputs(Script("Kelp", language, "given", scenes)), Tools(voice), room)


def sound(seconds, rate=22_050, loud=0.3, hertz=440.0):
    return loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def said(folder, wave_, times, rate=22_050):
    waves.write(folder / "said.wav", wave_, rate)
    return Said(folder / "said.wav", rate, len(wave_), tuple(times))


def test_a_plan_has_one_part_a_scene_with_all_that_its_sound_depends_on(tmp_path):
    parts = one_per_scene(work(tmp_path, None, "One.", "Two.").inputs)
    assert [part.id for part in parts] == ["scene:00000001", "scene:00000002"]
    assert parts[0].params == {"text": "One.", "language": "en", "speed": 1.0}
    assert not parts[0].needs
    assert catalogue.get("narration").provider == "voice"


def test_silence_around_the_words_is_replaced_by_the_same_pauses_in_every_scene(tmp_path):
    quiet = np.zeros(22_050)
    wave_, times = fitted(
        said(tmp_path, np.concatenate([quiet, sound(1.0), quiet]), [(22_050, 44_100)]), "Scene 1"
    )
    assert len(wave_) % 1600 == 0
    loud = np.flatnonzero(np.abs(wave_) > 0.01)
    assert loud[0] == pytest.approx(0.25 * 48_000, abs=2000)
    assert len(wave_) - loud[-1] == pytest.approx(0.35 * 48_000, abs=2600)
    start, end = times[0]
    assert start == pytest.approx(loud[0], abs=300)
    assert end - start == pytest.approx(48_000, abs=2)


def test_word_times_follow_the_sound_to_the_sample(tmp_path):
    raw = [(2205 * n, 2205 * n + 2000) for n in range(10)]
    _, times = fitted(said(tmp_path, sound(1.0), raw), "Scene 1")
    moved = [
        start - round(before * 48_000 / 22_050)
        for (start, _), (before, _) in zip(times, raw, strict=True)
    ]
    assert max(moved) - min(moved) <= 1


def test_times_that_an_engine_mixed_up_are_put_in_order_inside_the_file(tmp_path):
    wave_, times = fitted(
        said(tmp_path, sound(1.0), [(500, 400), (100, 9000), (30_000, 90_000)]), "Scene 1"
    )
    flat = [edge for span in times for edge in span]
    assert flat == sorted(flat)
    assert flat[-1] <= len(wave_)


@pytest.mark.parametrize("loud", [0.02, 0.2, 0.9])
def test_every_scene_is_equally_loud_and_never_clips(tmp_path, loud):
    rng = np.random.default_rng(1)
    speech = loud * np.repeat(rng.random(200), 220) * rng.standard_normal(44_000) / 4
    wave_, _ = fitted(said(tmp_path, np.clip(speech, -1, 1), [(0, 44_000)]), "Scene 1")
    assert loudness.integrated_lufs(wave_, 48_000) == pytest.approx(-18, abs=1.0)
    assert np.abs(wave_).max() <= 10 ** (-1.5 / 20) + 1e-6


@pytest.mark.media
def test_our_loudness_is_that_of_ffmpeg(tmp_path):
    tones = np.concatenate([sound(2.0, 48_000, 0.1), sound(2.0, 48_000, 0.4, 3000.0)])
    waves.write(tmp_path / "a.wav", tones, 48_000)
    command = ["ffmpeg", "-nostats", "-i", tmp_path / "a.wav", "-af", "ebur128", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, text=True).stderr
    theirs = float(report.rpartition("I:")[2].split()[0])
    assert loudness.integrated_lufs(tones, 48_000) == pytest.approx(theirs, abs=0.1)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100])
def test_a_new_rate_leaves_the_sound_as_it_was(rate):
    out = waves.resample(sound(1.0, rate, 0.5, 3000.0), rate, 48_000)
    wanted = sound(1.0, 48_000, 0.5, 3000.0)
    assert len(out) == 48_000
    assert np.abs(out - wanted)[500:-500].max() < 1e-4


def test_a_silent_voice_is_an_error_and_no_silent_video(tmp_path):
    with pytest.raises(Rejected, match=r"Scene 2 .* stays silent"):
        fitted(said(tmp_path, np.zeros(22_050), [(0, 10)]), "Scene 2 (“Kelp”)")


def test_a_scene_that_is_surely_too_long_is_refused_before_anything_is_said(tmp_path):
    texts = ("Short.", "A long sentence about kelp. " * 60)
    with pytest.raises(
        Rejected, match=r"Scene 2 \(“Headline 2”\) takes about 1\d\d seconds.*split"
    ):
        list(narration(work(tmp_path, None, *texts)))


def test_a_scene_that_turns_out_too_long_is_refused_by_its_length(tmp_path):
    with pytest.raises(Rejected, match=r"Scene 1 takes 61 seconds .* split it into two scenes"):
        fitted(said(tmp_path, sound(60.0), [(0, 100)]), "Scene 1")


def test_signs_of_chinese_take_longer_than_letters():
    assert estimated_s("你好世界" * 10) > 2 * estimated_s("abcd" * 10)


def test_a_scene_without_words_is_refused(tmp_path):
    with pytest.raises(Rejected, match=r"Scene 1 .* has no words to say"):
        list(narration(work(tmp_path, None, "🎉 …")))


@pytest.mark.media
@pytest.mark.parametrize(
    ("voice", "language", "text"),
    [
        (Piper("joe"), "en", "In 2024, Dr. Marsh counted 1,500 otters — that is $5 each."),
        (Espeak("default"), "de", "Am 5. März 2024 kostete es 1.234,50 € bzw. 5 %."),
        (Espeak("default"), "zh", "你好世界，这是一个很长的中文句子没有空格的。"),
    ],
    ids=["piper", "espeak-de", "espeak-zh"],
)
def test_a_scene_becomes_a_wave_of_whole_frames_and_its_words(tmp_path, voice, language, text):
    work_ = work(tmp_path, voice, text, language=language)
    (made,) = narration(work_)
    words = json.loads(made.files["words.json"].read_text())
    with wave.open(str(made.files["narration.wav"])) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        assert file.getnframes() == words["samples"] == made.facts["samples"]
    assert words["samples"] == 1600 * words["frames"] == 1600 * made.facts["frames"]
    assert words["voice"] == voice.name
    shown = "".join(row["text"] for row in words["words"])
    assert "".join(shown.split()) == "".join(text.split())
    edges = [row[edge] for row in words["words"] for edge in ("start", "end")]
    assert edges == sorted(edges)
    assert 0.2 * 48_000 < edges[0] < edges[-1] < words["samples"] - 0.3 * 48_000
    assert sorted(path.name for path in made.files["words.json"].parent.iterdir()) == [
        "narration.wav",
        "words.json",
    ]
    assert work_.beats[-1] == 1.0
