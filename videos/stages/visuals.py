"""Visuals: each scene's card as `scene.json`, and its picture made clean. Nothing is drawn yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected
from videos.contracts import (
    SIZES,
    Inputs,
    Made,
    Order,
    Part,
    SceneText,
    Script,
    Task,
    Work,
    asset,
    scene_part,
)
from videos.media import clips, fonts, pictures
from videos.media.cards.layout import sheet_for
from videos.stages.catalogue import stage
from videos.writing import visuals as templates

VERSION = 1  # of scene.json
PICTURE, LOGO = "picture.jpg", "logo.png"


def plan(inputs: Inputs) -> list[Part]:
    return [_part(scene, inputs.script, inputs.order) for scene in inputs.script.scenes]


def _part(scene: SceneText, script: Script, order: Order) -> Part:
    reference = templates.picture_of(scene.visual)
    shas = {"main": order.pictures.get(reference, ""), "logo": order.brand.logo}
    shas = {name: sha for name, sha in shas.items() if sha}
    clip = order.clips.get(templates.clip_of(scene.visual), "")
    shown = dict.fromkeys([*shas.values(), *([clip] if clip else [])])
    return Part(
        scene_part(scene.id),
        needs=tuple(asset(sha) for sha in shown),
        params={
            "visual": templates.normalise(scene.visual),
            "headline": scene.headline,
            "brand": asdict(order.brand),
            "format": order.format,
            "language": script.language,
            "pictures": shas,
            **({"clip": clip} if clip else {}),
        },
    )


@stage("visuals", version=1, needs=["script.json"], makes=["scene.json", PICTURE, LOGO], plan=plan)
def visuals(work: Work) -> Iterator[Made]:
    for task in work.parts:
        room = work.room / task.id.replace(":", "-")
        room.mkdir()
        _check(task)
        files = _pictures(task, room, work)
        clip = _clip(task, room, work) if task.params.get("clip") else None
        if clip:
            files["main"] = room / PICTURE
        spec = room / "scene.json"
        names = {name: path.name for name, path in files.items()}
        spec.write_text(json.dumps(_spec(task.params, names), ensure_ascii=False), "utf-8")
        made = {spec.name: spec, **{path.name: path for path in files.values()}}
        yield Made(task.id, made, facts={"pictures": names, **({"clip": clip} if clip else {})})


def _check(task: Task) -> None:
    """What can't be drawn is said here, before money and time go into the video."""
    params = task.params
    visual, language, font = params["visual"], params["language"], params["brand"]["font"]
    fonts.check(
        [params["headline"], params["brand"]["name"], *_texts(visual)], language=language, font=font
    )
    if visual["template"] == "picture" and "main" not in params["pictures"]:
        raise Rejected(
            f"The picture {visual['picture']} is not among the video's pictures. "
            "Add it, or give the scene another template."
        )
    if visual["template"] == "clip" and not params.get("clip"):
        raise Rejected(
            f"The clip {visual['clip']} is not among the video's clips. "
            "Add it, or give the scene another template."
        )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [
            text
            for name, inner in value.items()
            if name not in {"picture", "clip"}
            for text in _texts(inner)
        ]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []


def _pictures(task: Task, room: Path, work: Work) -> dict[str, Path]:
    made: dict[str, Path] = {}
    for name, sha in task.params["pictures"].items():
        is_logo = name == "logo"
        target = room / (LOGO if is_logo else PICTURE)
        shown = "of the channel's logo" if is_logo else task.params["visual"].get("picture", "")
        pictures.prepare(
            task.files[asset(sha)],
            target,
            form=task.params["format"],
            name=shown,
            stop=work.stopping,
            logo=is_logo,
        )
        made[name] = target
        work.beat(0.5, "pictures")
    return made


def _clip(task: Task, room: Path, work: Work) -> dict[str, Any]:
    """Facts of the clip; its first frame, as it fills the page, becomes the scene's picture."""
    params, visual = task.params, task.params["visual"]
    path = task.files[asset(params["clip"])].resolve()
    clip = clips.look(path, name=visual["clip"], room=room, stop=work.stopping)
    words = [params["headline"], visual["caption"], visual["kicker"]]
    sheet, fit = sheet_for(*SIZES[params["format"]]), visual["fit"]
    layers = clips.Layers(sheet, any(words), clip.frames, 0, fit)
    clips.picture(clip, layers, room / PICTURE, stop=work.stopping)
    return {
        "asset": params["clip"],
        "size": list(clip.size),
        "frames": clip.frames,
        "has_words": any(words),
        "fit": fit,
    }


def _spec(params: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    fields = dict(params["visual"])
    return {
        "version": VERSION,
        "template": fields.pop("template"),
        "format": params["format"],
        "language": params["language"],
        "brand": params["brand"],
        "fields": fields,
        "headline": params["headline"],
        "pictures": dict(files),
    }
