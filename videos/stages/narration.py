"""Speaks each scene: one wave file of whole video frames, and the exact times of its words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from config.kit.errors import Rejected
from config.kit.money import Use
from videos.contracts import (
    FPS,
    NARRATION_RATE,
    SAMPLES_PER_FRAME,
    BoughtVoice,
    Former,
    Inputs,
    Made,
    Metered,
    Part,
    Remembered,
    Said,
    SceneText,
    Task,
    Voice,
    Word,
    Work,
    is_bought,
    scene_part,
)
from videos.media import loudness, waves
from videos.media.timing import estimated_s
from videos.media.waves import Sound
from videos.stages.buying import bought, telling
from videos.stages.catalogue import stage
from videos.writing.spoken import spoken_words

LONGEST_S = 60
CERTAINLY_LONGER = 1.5  # an estimate is refused only when it is so far over the limit
LEAD_S, TAIL_S = 0.25, 0.35
FADE_S = 0.005
AUDIBLE = 0.006  # of full scale; engines put less than that around what they say
MARGIN_S = 0.02  # kept around the audible part, so that soft beginnings stay whole


def one_per_scene(inputs: Inputs) -> list[Part]:
    script = inputs.script
    return [
        Part(
            id=scene_part(scene.id),
            params={"text": scene.narration, "language": script.language, "speed": 1.0},
            weight=max(1.0, float(len(scene.narration))),
            voice=scene.voice,
        )
        for scene in script.scenes
    ]


def uses(work: Work, task: Task) -> Sequence[Use]:
    """Of a voice that is paid."""
    voice = work.tools.speaker(task.voice)
    if not isinstance(voice, Metered):
        return ()
    return voice.uses(_words(task), task.params)


def _words(task: Task) -> list[Word]:
    return spoken_words(str(task.params["text"]), str(task.params["language"]))


@stage(
    "narration",
    version=1,
    needs=["script.json"],
    makes=["narration.wav", "words.json"],
    plan=one_per_scene,
    provider="voice",
    uses=uses,
)
def narration(work: Work) -> Iterator[Made]:
    scenes = work.inputs.script.scenes
    names = {scene_part(scene.id): _name(scene, n) for n, scene in enumerate(scenes, 1)}
    for scene in scenes:  # before anything is spoken, and perhaps paid
        _refuse_if_surely_long(scene, names[scene_part(scene.id)])
    for task in work.parts:
        yield _spoken(work, task, names.get(task.id, task.id))
        work.beat(1.0)


def _name(scene: SceneText, number: int) -> str:
    return f"Scene {number} (“{scene.headline}”)" if scene.headline else f"Scene {number}"


def _refuse_if_surely_long(scene: SceneText, name: str) -> None:
    seconds = estimated_s(scene.narration)
    if seconds > LONGEST_S * CERTAINLY_LONGER:
        raise Rejected(_too_long(name, f"about {seconds:.0f}"))


def _too_long(name: str, seconds: str) -> str:
    return (
        f"{name} takes {seconds} seconds to say, and a scene may take {LONGEST_S}: "
        "split it into two scenes."
    )


def _spoken(work: Work, task: Task, name: str) -> Made:
    language = str(task.params["language"])
    words = _words(task)
    if not words:
        raise Rejected(f"{name} has no words to say: write some, or delete the scene.")
    folder = work.room / task.id.replace(":", "-")
    folder.mkdir(parents=True, exist_ok=True)
    voice = work.tools.speaker(task.voice)
    said = _said(work, task, voice, words, folder)
    with telling(said.spent):
        wave, times = fitted(said, name)
    waves.write(folder / "narration.wav", wave, NARRATION_RATE)
    said.path.unlink()
    frames = len(wave) // SAMPLES_PER_FRAME
    facts = {"frames": frames, "samples": len(wave)}
    head = {"language": language, "voice": voice.name, "rate": NARRATION_RATE, **facts}
    _write_words(folder / "words.json", {**head, "words": _rows(words, times)})
    files = {file: folder / file for file in ("narration.wav", "words.json")}
    return Made(part=task.id, files=files, spent=said.spent, facts=facts)


def _said(
    work: Work, task: Task, voice: Voice | BoughtVoice, words: Sequence[Word], folder: Path
) -> Said:
    if is_bought(voice):
        return _bought(work, task, voice, words, folder)
    return voice.say(
        words,
        language=str(task.params["language"]),
        speed=float(task.params["speed"]),
        into=folder / "said.wav",
        stopping=work.stopping,
        beat=lambda fraction: work.beat(0.95 * fraction, "speaking"),
    )


def _bought(
    work: Work, task: Task, voice: BoughtVoice, words: Sequence[Word], folder: Path
) -> Said:
    def ask(into: Path) -> None:
        voice.ask(
            words,
            params=task.params,
            request=task.request,
            into=into,
            stopping=work.stopping,
            beat=lambda fraction: work.beat(0.95 * fraction, "speaking"),
        )

    def find_or_ask(into: Path) -> None:
        if not isinstance(voice, Remembered):
            ask(into)
            return
        former = work.former(task.request)
        was_found = former is not None and _was_found(work, former, voice, words, into)
        is_another = former is not None and former.is_booked and not was_found
        if is_another:
            work.claim(task.request, "", is_another=True)
        if not was_found:
            ask(into)
        work.claim(task.request, voice.called(into), is_another=is_another)

    def read(reply: Path) -> Said:
        return voice.read(reply, words, into=folder / "said.wav")

    return bought(work, task.request, ask=find_or_ask, read=read, into=folder / "reply")


def _was_found(
    work: Work, former: Former, voice: Remembered, words: Sequence[Word], into: Path
) -> bool:
    """Whether a former attempt has bought it already."""
    return voice.find(
        words,
        former=former,
        into=into,
        stopping=work.stopping,
        beat=lambda fraction: work.beat(0.5 * fraction, "looking for what was bought"),
    )


def fitted(said: Said, name: str) -> tuple[Sound, list[tuple[int, int]]]:
    """The sound at 48 kHz: trimmed, levelled, with its pauses, in whole frames; and the times."""
    sound, rate = waves.read(said.path)
    times = [(_scaled(start, rate), _scaled(end, rate)) for start, end in said.times]
    sound = waves.resample(sound, rate, NARRATION_RATE)
    first, last = _audible(sound, times, name)
    lead = round(LEAD_S * NARRATION_RATE)
    kept = _faded(loudness.levelled(sound[first:last], NARRATION_RATE))
    count = lead + len(kept) + round(TAIL_S * NARRATION_RATE)
    frames = -(-count // SAMPLES_PER_FRAME)
    if frames > LONGEST_S * FPS:
        raise Rejected(_too_long(name, f"{frames / FPS:.0f}"))
    wave = np.zeros(frames * SAMPLES_PER_FRAME)
    wave[lead : lead + len(kept)] = kept
    return wave, _shifted(times, lead - first, lead, lead + len(kept))


def _scaled(samples: int, rate: int) -> int:
    return (samples * NARRATION_RATE + rate // 2) // rate


def _audible(sound: Sound, times: Sequence[tuple[int, int]], name: str) -> tuple[int, int]:
    """From the first word or sound to the last, whichever is wider."""
    loud = np.flatnonzero(np.abs(sound) > AUDIBLE)
    if not loud.size:
        raise Rejected(f"{name} stays silent: this voice can't say its text. Choose another voice.")
    margin = round(MARGIN_S * NARRATION_RATE)
    first = min(times[0][0], int(loud[0]) - margin)
    last = max(times[-1][1], int(loud[-1]) + margin)
    return max(0, first), min(len(sound), last)


def _faded(sound: Sound) -> Sound:
    """No click where the silence begins."""
    count = min(len(sound) // 2, round(FADE_S * NARRATION_RATE))
    ramp = np.linspace(0.0, 1.0, count, endpoint=False)
    faded = sound.copy()
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded


def _shifted(
    times: Sequence[tuple[int, int]], by: int, least: int, most: int
) -> list[tuple[int, int]]:
    """Inside the file and in order, whatever an engine answered."""
    out: list[tuple[int, int]] = []
    at = least
    for start, end in times:
        start = min(max(start + by, at), most)
        at = min(max(end + by, start), most)
        out.append((start, at))
    return out


def _rows(words: Sequence[Word], times: Sequence[tuple[int, int]]) -> list[dict[str, object]]:
    return [
        {"text": word.text, "spoken": word.spoken, "start": start, "end": end}
        for word, (start, end) in zip(words, times, strict=True)
    ]


def _write_words(path: Path, words: object) -> None:
    path.write_text(json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8")
