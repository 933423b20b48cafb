"""How well the voices speak and time their words: `python -m bench.voice --json FILE|-`."""

from __future__ import annotations

import difflib
import json
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import report
from bench.driver import Studio, Tools
from bench.voice_text import SCENES
from videos.contracts import (
    NARRATION_RATE,
    Brand,
    HeardWord,
    Order,
    Said,
    SceneText,
    Script,
    scene_part,
)
from videos.media import engine_places, waves
from videos.media import heard as hearing
from videos.media.engines import Engine
from videos.providers.espeak import Espeak
from videos.providers.kokoro import Kokoro
from videos.providers.local_voice import LocalVoice
from videos.providers.piper import Piper
from videos.providers.whisper import Whisper
from videos.stages import narration  # noqa: F401 - registers itself
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
    order = Order("Kelp", "Kelp.", "text", "short", 60, "en", "", "none", Brand())
    tools = Tools(given={"voice": voice})
    found = Studio(folder, order, Script("Kelp", "en", "given", scenes), tools)
    engine, tally = Engine(voice.engine), Tally()
    tally.load_s = _load_s(voice, folder)
    before = float(engine.state().get("cpu_s", 0.0))
    for made in found.run("narration").values():
        _compare(tally, found, made.part)
    state = engine.state()
    tally.cpu_s, tally.peak_mb = float(state["cpu_s"]) - before, float(state["peak_mb"])
    tally.off_ms = max(_off_ms(voice, found, scene) for scene in scenes[:3])
    return tally


def _compare(tally: Tally, found: Studio, part: str) -> None:
    wave = found.path(f"narration/{part}/narration.wav")
    words = _words(found, part)
    tally.audio_s += words["samples"] / NARRATION_RATE
    heard = Whisper().hear(wave, language="en", stopping=lambda: False)
    _count_words(tally, words["words"], heard)
    loud = _loud(wave)
    tally.gaps_ms += _gaps_ms(words["words"], heard, loud)
    tally.onsets_ms += _onsets_ms(words["words"], loud)


def _words(found: Studio, part: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(found.path(f"narration/{part}/words.json").read_text())
    return told


def _count_words(
    tally: Tally, words: Sequence[Mapping[str, Any]], heard: Sequence[HeardWord]
) -> None:
    said = " ".join(word["spoken"] for word in words)
    text = " ".join(word.text for word in heard)
    text = re.sub(r"\b(\d{1,2})\.(\d\d)\b", r"\1:\2", text)  # it writes 6:30 as 6.30
    misheard = hearing.compare(said, text)
    tally.spoken += misheard.words
    tally.errors += misheard.errors
    if misheard.errors:
        wanted, got = hearing.tokens(said), hearing.tokens(text)
        matcher = difflib.SequenceMatcher(None, wanted, got, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind != "equal":
                tally.wrong.append(f"{' '.join(wanted[a:b])} -> {' '.join(got[c:d])}")


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


def _off_ms(voice: LocalVoice, found: Studio, scene: SceneText) -> float:
    """The stage only cuts and pads: all words must have moved by the same number of samples."""
    said = _say(voice, scene.narration, found.root)
    rows = _words(found, scene_part(scene.id))["words"]
    raw = np.array([start for start, _ in said.times]) * NARRATION_RATE / said.sample_rate
    moved = np.array([row["start"] for row in rows]) - raw
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


def main() -> None:
    parser = report.options("voice", __doc__ or "")
    parser.add_argument("--run", type=Path, help="folder of the engines' sockets")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        engine_places.configure(run=asked.run or Path(temporary) / "run")
        figures = _all(Path(temporary))
    words = sum(len(text.split()) for text in SCENES)
    method = METHOD.format(words=words, counted=" and ".join(COUNTED))
    report.write("voice", figures, method, asked.json)


def _all(folder: Path) -> dict[str, float]:
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
    return figures | {"peak_mb_whisper": Engine("whisper").state()["peak_mb"]}


if __name__ == "__main__":
    main()
