"""How well the voices speak and time their words: `python -m bench.voice --json FILE|-`."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.voice_text import SCENES
from videos.contracts import (
    NARRATION_RATE,
    HeardWord,
    Said,
    SceneText,
    Script,
    Task,
    Voice,
)
from videos.media import engine_places, waves
from videos.media.engines import Engine
from videos.providers.espeak import Espeak
from videos.providers.kokoro import Kokoro
from videos.providers.local_voice import LocalVoice
from videos.providers.piper import Piper
from videos.providers.whisper import Whisper
from videos.stages.narration import narration, one_per_scene
from videos.writing.spoken import spoken_words

VOICES = (Piper("joe"), Kokoro("af_heart"), Kokoro("bm_george"), Espeak("default"))
COUNTED = ("piper:joe", "kokoro:af_heart")  # the defaults; the figures without a voice's name
METHOD = (
    "Ten scenes of prose with numbers, dates and money ({words} words) go through the narration "
    "stage with each voice. Whisper tiny.en transcribes each narration.wav; both sides are read by "
    "the same rules (numbers to words, no case, no punctuation); word_error_rate is the word edit "
    "distance over all scenes by the number of spoken words. caption_error: the start of each "
    "caption word against the start that Whisper gives the same word (matched by difflib; words "
    "that Whisper gives no length are left out, and silence at the edges of its spans is cut, as "
    "it is in ours). Whisper's stamps are late by a constant, listener_lag_ms, the same for all "
    "voices, while our words after a pause begin where the sound does (onset_error); the constant "
    "is taken off, and the figures ending in _raw are those with it. times_off_ms: the largest "
    "distance between a word's time in words.json and the engine's own sample count, the scene's "
    "constant shift apart. cpu: of the engine's process at one thread. load_s: the first short "
    "sentence less the second. Figures without a voice's name join {counted}."
)
STEPS_A_SECOND = 200
SILENT = 0.02  # of a scene's loudest sample
PAUSE_STEPS = 20
BRITISH = {"metre": "meter", "metres": "meters", "centre": "center"}


@dataclass
class Inputs:
    script: Script


@dataclass
class Tools:
    voice: Voice


@dataclass
class Room:
    """What the stage asks of its pipeline, held in memory."""

    inputs: Any
    tools: Any
    room: Path

    @property
    def parts(self) -> Iterator[Task]:
        for part in one_per_scene(self.inputs):
            yield Task(part.id, part.params, {})

    def beat(self, fraction: float, phase: str = "") -> None:
        pass

    def stopping(self) -> bool:
        return False

    def once(self, request_key: str) -> None:
        return None


@dataclass
class Tally:
    spoken: int = 0
    errors: int = 0
    gaps_ms: list[float] = field(default_factory=list)  # ours less Whisper's
    onsets_ms: list[float] = field(default_factory=list)  # ours less the sound's
    off_ms: float = 0.0
    audio_s: float = 0.0
    cpu_s: float = 0.0
    load_s: float = 0.0
    peak_mb: float = 0.0
    wrong: list[str] = field(default_factory=list)


def measured(voice: LocalVoice, folder: Path) -> Tally:
    scenes = tuple(
        SceneText(f"{n:08x}", text, "", {"template": "statement"}) for n, text in enumerate(SCENES)
    )
    script = Script("Kelp", "en", "given", scenes)
    work: Any = Room(Inputs(script), Tools(voice), folder)
    engine, tally = Engine(voice.engine), Tally()
    tally.load_s = _load_s(voice, folder)
    before = float(engine.state().get("cpu_s", 0.0))
    for made in narration(work):
        words = json.loads(made.files["words.json"].read_text())
        tally.audio_s += words["samples"] / NARRATION_RATE
        heard = Whisper().hear(made.files["narration.wav"], language="en", stopping=lambda: False)
        _count_words(tally, words["words"], heard)
        loud = _loud(made.files["narration.wav"])
        tally.gaps_ms += _gaps_ms(words["words"], heard, loud)
        tally.onsets_ms += _onsets_ms(words["words"], loud)
    state = engine.state()
    tally.cpu_s, tally.peak_mb = float(state["cpu_s"]) - before, float(state["peak_mb"])
    tally.off_ms = max(_off_ms(voice, text, folder) for text in SCENES[:3])
    return tally


def _count_words(
    tally: Tally, words: Sequence[Mapping[str, Any]], heard: Sequence[HeardWord]
) -> None:
    said = _plain(word["spoken"] for word in words)
    text = " ".join(word.text for word in heard)
    text = re.sub(r"\b(\d{1,2})\.(\d\d)\b", r"\1:\2", text)  # it writes 6:30 as 6.30
    got = _plain(word.spoken for word in spoken_words(text, "en"))
    tally.spoken += len(said)
    tally.errors += _distance(said, got)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, said, got, autojunk=False).get_opcodes():
        if kind != "equal":
            tally.wrong.append(f"{' '.join(said[a:b])} -> {' '.join(got[c:d])}")


def _plain(spoken: Iterator[str]) -> list[str]:
    """One spelling for what sounds the same: British words, and `fifteen hundred`."""
    text = " ".join(spoken).lower().replace("-", " ").replace(".", "")
    text = re.sub(r"\b(eleven|twelve|\w+teen) hundred\b", _thousand, text)
    return [BRITISH.get(word, word) for word in re.findall(r"[\w']+", text)]


def _thousand(found: re.Match[str]) -> str:
    rest = {
        "eleven": "one",
        "twelve": "two",
        "thirteen": "three",
        "fifteen": "five",
        "eighteen": "eight",
    }
    return f"one thousand {rest.get(found[1], found[1].removesuffix('teen'))} hundred"


def _distance(said: Sequence[str], got: Sequence[str]) -> int:
    line = list(range(len(got) + 1))
    for row, word in enumerate(said, 1):
        above, line = line, [row]
        for column, other in enumerate(got, 1):
            swap = above[column - 1] + (word != other)
            line.append(min(swap, above[column] + 1, line[-1] + 1))
    return line[-1]


def _loud(wave: Path) -> NDArray[np.bool_]:
    """For each step of 5 ms whether something is heard."""
    sound, rate = waves.read(wave)
    step = rate // STEPS_A_SECOND
    peaks = np.abs(np.pad(sound, (0, -len(sound) % step))).reshape(-1, step).max(axis=1)
    return np.asarray(peaks > SILENT * peaks.max())


def _gaps_ms(
    words: Sequence[Mapping[str, Any]], heard: Sequence[HeardWord], loud: NDArray[np.bool_]
) -> list[float]:
    mine = [_key(word["text"]) for word in words]
    theirs = [_key(word.text) for word in heard]
    gaps = []
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    for a, b, size in matcher.get_matching_blocks():
        for n in range(size):
            if heard[b + n].end_s > heard[b + n].start_s:
                start_s = words[a + n]["start"] / NARRATION_RATE
                gaps.append((start_s - _start_s(heard[b + n], loud)) * 1000)
    return gaps


def _start_s(word: HeardWord, loud: NDArray[np.bool_]) -> float:
    first = int(word.start_s * STEPS_A_SECOND)
    sounding = np.flatnonzero(loud[first : int(word.end_s * STEPS_A_SECOND)])
    return (
        max(word.start_s, (first + sounding[0]) / STEPS_A_SECOND) if sounding.size else word.start_s
    )


def _onsets_ms(words: Sequence[Mapping[str, Any]], loud: NDArray[np.bool_]) -> list[float]:
    """Where sound begins after a pause of 100 ms, the nearest word should begin."""
    starts = np.array([word["start"] for word in words]) / NARRATION_RATE
    onsets = [
        at / STEPS_A_SECOND
        for at in np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
        if at >= PAUSE_STEPS and not loud[at - PAUSE_STEPS : at].any()
    ]
    return [float(starts[np.abs(starts - at).argmin()] - at) * 1000 for at in onsets]


def _key(text: str) -> str:
    return re.sub(r"[^\w]", "", text.lower())


def _load_s(voice: LocalVoice, folder: Path) -> float:
    """From a stopped engine to the first sound, less the same with a warm one."""
    took = []
    for _ in range(2):
        begun = time.monotonic()
        _say(voice, "Good morning.", folder)
        took.append(time.monotonic() - begun)
    return took[0] - took[1]


def _say(voice: LocalVoice, text: str, folder: Path) -> Said:
    return voice.say(
        spoken_words(text, "en"),
        language="en",
        speed=1.0,
        into=folder / "again.wav",
        stopping=lambda: False,
        beat=lambda fraction: None,
    )


def _off_ms(voice: LocalVoice, text: str, folder: Path) -> float:
    """The stage only cuts and pads: all words must have moved by the same number of samples."""
    said = _say(voice, text, folder)
    rows = json.loads((folder / f"scene-{SCENES.index(text):08x}" / "words.json").read_text())
    raw = np.array([start for start, _ in said.times]) * NARRATION_RATE / said.sample_rate
    moved = np.array([row["start"] for row in rows["words"]]) - raw
    return float(np.abs(moved - np.median(moved)).max() / NARRATION_RATE * 1000)


def _figures(name: str, tallies: Sequence[Tally], lag_ms: float) -> dict[str, float]:
    gaps = np.array([gap for tally in tallies for gap in tally.gaps_ms])
    onsets = np.abs([gap for tally in tallies for gap in tally.onsets_ms])
    audio = sum(tally.audio_s for tally in tallies)
    figures = {
        "word_error_rate": sum(t.errors for t in tallies) / sum(t.spoken for t in tallies),
        "caption_error_ms_mean": np.abs(gaps + lag_ms).mean(),
        "caption_error_ms_p95": np.percentile(np.abs(gaps + lag_ms), 95),
        "caption_error_ms_mean_raw": np.abs(gaps).mean(),
        "caption_error_ms_p95_raw": np.percentile(np.abs(gaps), 95),
        "own_lag_ms": -np.median(gaps),
        "onset_error_ms_mean": onsets.mean(),
        "onset_error_ms_p95": np.percentile(onsets, 95),
        "words_compared": len(gaps),
        "times_off_ms": max(tally.off_ms for tally in tallies),
        "cpu_s_per_audio_s": sum(tally.cpu_s for tally in tallies) / audio,
        "load_s": max(tally.load_s for tally in tallies),
        "peak_mb": max(tally.peak_mb for tally in tallies),
        "audio_s": audio,
    }
    suffix = f"_{name}" if name else ""
    return {f"{key}{suffix}": round(float(value), 4) for key, value in figures.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", default="-", help="file, or - for standard output")
    parser.add_argument("--run", type=Path, help="folder of the engines' sockets")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        engine_places.configure(run=asked.run or Path(temporary) / "run")
        report = _report(Path(temporary))
    text = json.dumps(report, indent=1, ensure_ascii=False)
    if asked.json == "-":
        print(text)
    else:
        Path(asked.json).write_text(text + "\n")
    return 0


def _report(folder: Path) -> dict[str, Any]:
    tallies: dict[str, Tally] = {}
    for voice in VOICES:
        room = folder / voice.name.replace(":", "-")
        room.mkdir()
        tallies[voice.name] = measured(voice, room)
        print(f"{voice.name}: {tallies[voice.name].wrong or 'every word heard'}", file=sys.stderr)
    counted = [tallies[name] for name in COUNTED]
    lag_ms = -float(np.median([gap for tally in counted for gap in tally.gaps_ms]))
    figures = _figures("", counted, lag_ms) | {"listener_lag_ms": round(lag_ms, 1)}
    for name, tally in tallies.items():
        figures |= _figures(re.sub(r"\W", "_", name), [tally], lag_ms)
    figures["peak_mb_whisper"] = Engine("whisper").state()["peak_mb"]
    words = sum(len(text.split()) for text in SCENES)
    return {
        "bench": "voice",
        "figures": figures,
        "method": METHOD.format(words=words, counted=" and ".join(COUNTED)),
        "commit": _commit(),
        "machine": {
            "cpu": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
            "at": int(time.time()),
        },
    }


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
