"""Captions: cues for each scene, then SRT and WebVTT of the whole video."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from videos.contracts import WHOLE, Inputs, Made, Part, Task, Work, scene_part
from videos.media import captions as cueing
from videos.media import fonts
from videos.stages.catalogue import stage


def plan(inputs: Inputs) -> list[Part]:
    form, font = inputs.order.format, inputs.order.brand.font
    scenes = [scene_part(scene.id) for scene in inputs.script.scenes]
    each = [
        Part(scene, needs=(_words(scene),), params={"format": form, "font": font})
        for scene in scenes
    ]
    needs = tuple(name for scene in scenes for name in (_cues(scene), _words(scene)))
    return [*each, Part(WHOLE, needs=needs, params={"format": form, "scenes": scenes})]


def _words(scene: str) -> str:
    return f"narration/{scene}/words.json"


def _cues(scene: str) -> str:
    return f"captions/{scene}/captions.json"


@stage(
    "captions",
    version=1,
    needs=["words.json"],
    makes=["captions.json", "captions.srt", "captions.vtt"],
    plan=plan,
)
def captions(work: Work) -> Iterator[Made]:
    for task in work.parts:
        room = work.room / task.id.replace(":", "-")
        room.mkdir()
        yield _whole(task, room) if task.id == WHOLE else _scene(task, room)


def _scene(task: Task, room: Path) -> Made:
    said = _read(task.files[_words(task.id)])
    rate = said["rate"]
    words = [
        cueing.Timed(word["text"], word["start"] / rate, word["end"] / rate)
        for word in said["words"]
    ]
    fonts.check([word.text for word in words], language=said["language"], font=task.params["font"])
    found = cueing.cues(words, length_s=said["samples"] / rate, form=task.params["format"])
    made = room / "captions.json"
    document = cueing.document(found, said["language"])
    made.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return Made(task.id, {made.name: made}, facts={"cues": len(found)})


def _whole(task: Task, room: Path) -> Made:
    scenes = [
        (cueing.read(_read(task.files[_cues(scene)])), _read(task.files[_words(scene)])["frames"])
        for scene in task.params["scenes"]
    ]
    found, form = cueing.whole(scenes), task.params["format"]
    srt, vtt = room / "captions.srt", room / "captions.vtt"
    srt.write_text(cueing.srt(found, form), "utf-8")
    vtt.write_text(cueing.vtt(found, form), "utf-8")
    return Made(task.id, {srt.name: srt, vtt.name: vtt}, facts={"cues": len(found)})


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
