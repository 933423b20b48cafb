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

from bench.voice_text import SCENES
from videos.contracts import (
    NARRATION_RATE,
    HeardWord,
    SceneText,
    Script,
    Task,
    Voice,
)
from videos.media import engine_places
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
    "the same rules (numbers to words, no case, no punctuation), and word_error_rate is the word "
    "edit distance over all scenes by the number of spoken words. caption_error: start of each "
    "caption word against the start that Whisper gives the same word (matched by difflib; the first "
    "word of each Whisper segment is left out, since Whisper puts it at the segment's start; "
    "a word that Whisper gives no length is left out). times_off_ms: the largest distance between "
    "a word's time in words.json and the engine's own sample count. cpu: of the engine's process, "
    "at one thread. Figures without a voice's name join {counted}."
)


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
    gaps_ms: list[float] = field(default_factory=list)
    off_ms: float = 0.0
    audio_s: float = 0.0
    cpu_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def measured(voice: LocalVoice, folder: Path) -> Tally:
    scenes = tuple(
        SceneText(f"{n:08x}", text, "", {"template": "statement"}) for n, text in enumerate(SCENES)
    )
    script = Script("Kelp", "en", "given", scenes)
    work: Any = Room(Inputs(script), Tools(voice), folder)
    engine, tally = Engine(voice.engine), Tally()
    before = float(engine.state().get("cpu_s", 0.0))
    for made in narration(work):
        words = json.loads(made.files["words.json"].read_text())
        tally.audio_s += words["samples"] / NARRATION_RATE
        heard = Whisper().hear(made.files["narration.wav"], language="en", stopping=lambda: False)
        _count_words(tally, words["words"], heard)
        tally.gaps_ms += _gaps_ms(words["words"], heard)
    tally.cpu_s = float(engine.state()["cpu_s"]) - before
    tally.off_ms = max(_off_ms(voice, text, folder) for text in SCENES[:3])
    return tally


def _count_words(
    tally: Tally, words: Sequence[Mapping[str, Any]], heard: Sequence[HeardWord]
) -> None:
    said = _plain(word["spoken"] for word in words)
    text = " ".join(word.text for word in heard)
    got = _plain(word.spoken for word in spoken_words(text, "en"))
    tally.spoken += len(said)
    tally.errors += _distance(said, got)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, said, got, autojunk=False).get_opcodes():
        if kind != "equal":
            tally.wrong.append(f"{' '.join(said[a:b])} -> {' '.join(got[c:d])}")


def _plain(spoken: Iterator[str]) -> list[str]:
    text = " ".join(spoken).lower().replace("-", " ").replace(".", "")
    return re.findall(r"[\w']+", text)


def _distance(said: Sequence[str], got: Sequence[str]) -> int:
    line = list(range(len(got) + 1))
    for row, word in enumerate(said, 1):
        above, line = line, [row]
        for column, other in enumerate(got, 1):
            swap = above[column - 1] + (word != other)
            line.append(min(swap, above[column] + 1, line[-1] + 1))
    return line[-1]


def _gaps_ms(words: Sequence[Mapping[str, Any]], heard: Sequence[HeardWord]) -> list[float]:
    mine = [_key(word["text"]) for word in words]
    theirs = [_key(word.text) for word in heard]
    gaps = []
    for a, b, size in difflib.SequenceMatcher(
        None, mine, theirs, autojunk=False
    ).get_matching_blocks():
        for n in range(size):
            other = heard[b + n]
            if b + n == 0 or other.end_s - other.start_s <= 0 or _begins_segment(heard, b + n):
                continue
            gaps.append(abs(words[a + n]["start"] / NARRATION_RATE - other.start_s) * 1000)
    return gaps


def _key(text: str) -> str:
    return re.sub(r"[^\w]", "", text.lower())


def _begins_segment(heard: Sequence[HeardWord], at: int) -> bool:
    return heard[at - 1].text.rstrip("\"'").endswith((".", "?", "!"))


def _off_ms(voice: LocalVoice, text: str, folder: Path) -> float:
    """The stage only cuts and pads: all words must have moved by the same number of samples."""
    words = spoken_words(text, "en")
    said = voice.say(
        words,
        language="en",
        speed=1.0,
        into=folder / "again.wav",
        stopping=lambda: False,
        beat=lambda fraction: None,
    )
    rows = json.loads((folder / f"scene-{SCENES.index(text):08x}" / "words.json").read_text())
    raw = np.array([start for start, _ in said.times]) * NARRATION_RATE / said.sample_rate
    moved = np.array([row["start"] for row in rows["words"]]) - raw
    return float(np.abs(moved - np.median(moved)).max() / NARRATION_RATE * 1000)


def _figures(name: str, tallies: Sequence[Tally]) -> dict[str, float]:
    gaps = [gap for tally in tallies for gap in tally.gaps_ms]
    suffix = f"_{name}" if name else ""
    audio = sum(tally.audio_s for tally in tallies)
    figures = {
        "word_error_rate": sum(t.errors for t in tallies) / sum(t.spoken for t in tallies),
        "caption_error_ms_mean": float(np.mean(gaps)),
        "caption_error_ms_p95": float(np.percentile(gaps, 95)),
        "caption_words_compared": len(gaps),
        "times_off_ms": max(tally.off_ms for tally in tallies),
        "cpu_s_per_audio_s": sum(tally.cpu_s for tally in tallies) / audio,
        "audio_s": audio,
    }
    return {f"{key}{suffix}": round(value, 4) for key, value in figures.items()}


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
    figures = _figures("", [tallies[name] for name in COUNTED])
    for name, tally in tallies.items():
        figures |= _figures(re.sub(r"\W", "_", name), [tally])
    for engine in ("piper", "kokoro", "espeak", "whisper"):
        figures[f"peak_mb_{engine}"] = Engine(engine).state()["peak_mb"]
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
