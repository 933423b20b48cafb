"""Render: every scene drawn and encoded on its own, then joined under one mixed sound."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from videos.contracts import (
    FPS,
    SAMPLES_PER_FRAME,
    SIZES,
    WHOLE,
    Inputs,
    Made,
    Order,
    Part,
    Task,
    Work,
    asset,
    scene_part,
)
from videos.media import audio, clips, ffmpeg, process, takes
from videos.media.cards.layout import sheet_for
from videos.media.cards.motion import PUSH
from videos.stages.catalogue import stage

PRESET, CRF = "veryfast", 20
JOINING = 0.1  # the last part's share of the progress
MB = 1024 * 1024
SCENE_MB_A_SECOND = 2.0  # of 1080x1920, generously
SOUND_MB_A_SECOND = 0.35  # narration, music and mix


def plan(inputs: Inputs) -> list[Part]:
    order = inputs.order
    scenes = [scene_part(scene.id) for scene in inputs.script.scenes]
    frames = [int(inputs.facts("narration", scene)["frames"]) for scene in scenes]
    parts = [_segment(inputs, scenes, frames, index) for index in range(len(scenes))]
    whole = Part(
        WHOLE,
        needs=(
            *map(segment_of, scenes),
            *map(narration_of, scenes),
            *([asset(order.track)] if order.track else []),
        ),
        params={
            "scenes": scenes,
            "frames": frames,
            "size": SIZES[order.format],
            "music": order.track or order.music,
            "seed": music_seed(order),
        },
        weight=sum(frames) * JOINING,
    )
    return [*parts, whole]


def _segment(inputs: Inputs, scenes: list[str], frames: list[int], index: int) -> Part:
    """A scene is drawn over the end of the one before it, so it needs that one too."""
    shown = scenes[max(0, index - 1) : index + 1]
    played = {"clip": scenes[index], "previous_clip": shown[0] if index else ""}
    facts = {
        name: clip
        for name, scene in played.items()
        if scene and (clip := inputs.facts("visuals", scene).get("clip"))
    }
    return Part(
        scenes[index],
        needs=(
            *(name for scene in shown for name in _card(inputs, scene)),
            f"captions/{scenes[index]}/captions.json",
            *dict.fromkeys(asset(clip["asset"]) for clip in facts.values()),
        ),
        params={
            "index": index,
            "count": len(scenes),
            "frames": frames[index],
            "previous_frames": frames[index - 1] if index else 0,
            "size": SIZES[inputs.order.format],
            "fps": FPS,
            "preset": PRESET,
            "crf": CRF,
            **facts,
        },
        weight=float(frames[index]),
    )


def _card(inputs: Inputs, scene: str) -> list[str]:
    pictures = inputs.facts("visuals", scene).get("pictures", {})
    return [f"visuals/{scene}/{name}" for name in ("scene.json", *sorted(pictures.values()))]


def segment_of(scene: str) -> str:
    return f"render/{scene}/segment.mp4"


def narration_of(scene: str) -> str:
    return f"narration/{scene}/narration.wav"


def music_seed(order: Order) -> int:
    """Another piece for every video; the same one after an edit of the script."""
    told = "\0".join((order.title, order.source)).encode()
    return int.from_bytes(hashlib.sha256(told).digest()[:6], "big")


@stage(
    "render",
    version=1,
    needs=["narration.wav", "scene.json", "captions.json"],
    makes=["segment.mp4", "video.mp4"],
    plan=plan,
    silence_s=120,
)
def render(work: Work) -> Iterator[Made]:
    for task in work.parts:
        room = work.room / task.id.replace(":", "-")
        room.mkdir()
        yield _join(task, room, work) if task.id == WHOLE else _draw(task, room, work)
        shutil.rmtree(room)  # kept in the store by now; a long video must not fill the disk twice


def _draw(task: Task, room: Path, work: Work) -> Made:
    params = task.params
    frames, segment, spec = params["frames"], room / "segment.mp4", room / "draw.json"
    process.free_space(room, 50 + SCENE_MB_A_SECOND * frames / FPS)
    told, graph = _drawing(task), None
    if "previous_clip" in params:
        told["previous"]["pictures"]["main"] = str(_last_picture(task, room, work))
    if "clip" in params and params["frames"] > _push(params["index"]):
        layers = _layers(task, params["clip"])
        graph = clips.graph(_clip(task, params["clip"]), layers)
        bands = [(band.y, band.h) for band in layers.bands]
        told["over"] = {"bands": bands, "strips": layers.strips, "push": layers.push}
    spec.write_text(json.dumps(told), "utf-8")

    def drawn(line: str) -> None:
        if line.startswith('{"frame"'):
            work.beat(json.loads(line)["frame"] / frames, "drawing")

    ffmpeg.encode(
        process.python("videos.media.draw", str(spec)),
        ffmpeg.Encoding(
            tuple(params["size"]), params["preset"], params["crf"], work.tools.render_threads
        ),
        frames=frames,
        into=segment,
        stop=work.stopping,
        on_line=drawn,
        graph=graph,
    )
    return Made(task.id, {segment.name: segment}, facts={"frames": frames})


def _push(index: int) -> int:
    """Frames of a scene that are drawn whole, since it slides over the one before it."""
    return PUSH if index else 0


def _clip(task: Task, told: Mapping[str, Any]) -> clips.Clip:
    path = task.files[asset(told["asset"])].resolve()
    return clips.Clip(path, tuple(told["size"]), told["frames"])


def _layers(task: Task, told: Mapping[str, Any]) -> clips.Layers:
    sheet, push = sheet_for(*task.params["size"]), _push(task.params["index"])
    return clips.Layers(sheet, told["has_words"], task.params["frames"], push, told["fit"])


def _last_picture(task: Task, room: Path, work: Work) -> Path:
    """What the clip of the scene before shows at its end."""
    told, params, picture = task.params["previous_clip"], task.params, room / "before.jpg"
    clip = _clip(task, told)
    played = max(1, params["previous_frames"] - _push(params["index"] - 1))
    number = clips.last_shown(clip, played)
    clips.picture(clip, _layers(task, told), picture, stop=work.stopping, number=number)
    return picture


def _drawing(task: Task) -> dict[str, Any]:
    """What the drawing program is told; docs/files.md."""
    params = task.params
    cards = {name.split("/")[1] for name in task.files if name.startswith("visuals/")}
    before = next(iter(cards - {task.id}), "")
    previous = {**_shown(task, before), "frames": params["previous_frames"]} if before else None
    return {
        "size": params["size"],
        "fps": params["fps"],
        "frames": params["frames"],
        "index": params["index"],
        "count": params["count"],
        "scene": _shown(task, task.id),
        "previous": previous,
        "captions": str(task.files[f"captions/{task.id}/captions.json"].resolve()),
    }


def _shown(task: Task, scene: str) -> dict[str, Any]:
    def path(name: str) -> str:
        return str(task.files[f"visuals/{scene}/{name}"].resolve())

    card = json.loads(Path(path("scene.json")).read_text("utf-8"))
    pictures = {role: path(name) for role, name in card["pictures"].items()}
    return {"spec": path("scene.json"), "pictures": pictures}


def _join(task: Task, room: Path, work: Work) -> Made:
    params = task.params
    segments = [task.files[segment_of(scene)] for scene in params["scenes"]]
    frames = sum(params["frames"])
    size_mb = sum(path.stat().st_size for path in segments) / MB
    process.free_space(room, 50 + 1.1 * size_mb + SOUND_MB_A_SECOND * frames / FPS)
    mixed, video = room / "sound.m4a", room / "video.mp4"
    sound = _sound(task, room, work)
    loudness = audio.mix(
        sound,
        into=mixed,
        stop=work.stopping,
        beat=lambda share: work.beat(0.2 + 0.7 * share, "mixing"),
    )
    work.beat(0.9, "joining")
    ffmpeg.join(
        segments,
        params["frames"],
        mixed,
        size=tuple(params["size"]),
        into=video,
        stop=work.stopping,
    )
    facts = {
        "duration_s": round(frames / FPS, 3),
        "frames": frames,
        "size": list(params["size"]),
        "lufs": loudness.integrated_lufs,
        "true_peak_db": loudness.true_peak_db,
    }
    return Made(WHOLE, {video.name: video}, facts=facts)


def _sound(task: Task, room: Path, work: Work) -> audio.Sound:
    params = task.params
    narration = room / "narration.wav"
    waves = [task.files[narration_of(scene)] for scene in params["scenes"]]
    samples = audio.join_narration(waves, narration)
    if samples != sum(params["frames"]) * SAMPLES_PER_FRAME:
        raise ValueError(f"{samples} samples of narration for {sum(params['frames'])} frames")
    return audio.Sound(narration, _music(task, samples, room, work), samples)


def _music(task: Task, samples: int, room: Path, work: Work) -> Path | None:
    music = task.params["music"]
    if music == "none":
        return None
    if music == "composed":
        return _composed(task.params["seed"], samples, room, work)
    path = room / "music.wav"
    takes.played(task.files[asset(music)], samples, path, room=room, stop=work.stopping)
    return path


def _composed(seed: int, samples: int, room: Path, work: Work) -> Path:
    path = room / "music.wav"

    def played(line: str) -> None:
        if line.startswith('{"bar"'):
            told = json.loads(line)
            work.beat(0.2 * told["bar"] / told["bars"], "composing")

    done = process.run(
        process.python("videos.media.music", str(seed), str(samples), str(path)),
        room=room,
        stop=work.stopping,
        timeout_s=120 + samples / SAMPLES_PER_FRAME / FPS,
        on_line=played,
    )
    process.require(done, "composing the music")
    return path
