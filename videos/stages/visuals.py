"""Visuals: each scene's card as `scene.json`, and its picture made clean. Nothing is drawn yet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
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
from videos.stages import illustrating
from videos.stages.catalogue import stage
from videos.writing import visuals as templates

VERSION = 1  # of scene.json
PICTURE, LOGO = "picture.jpg", "logo.png"
UNSEEN = {"picture", "clip", "source", "prompt"}  # fields that are no words on the card


def plan(inputs: Inputs) -> list[Part]:
    script, order = inputs.script, inputs.order
    return [part for scene in script.scenes for part in _parts(scene, script, order)]


def _parts(scene: SceneText, script: Script, order: Order) -> list[Part]:
    """What the scene asks others for comes before its card."""
    card, asked = _part(scene, script, order), illustrating.part_for(scene, script, order)
    if asked is None:
        return [card]
    return [asked, replace(card, needs=(*card.needs, illustrating.found_of(scene.id)))]


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


@stage(
    "visuals",
    version=1,
    needs=["script.json"],
    makes=["scene.json", PICTURE, LOGO],
    plan=plan,
    uses=illustrating.uses,
)
def visuals(work: Work) -> Iterator[Made]:
    names = _names(work.inputs.script)
    for task in work.parts:
        room = work.room / task.id.replace(":", "-")
        room.mkdir()
        if illustrating.is_one(task):
            yield illustrating.illustrate(work, task, room, names[task.id.partition(":")[2]])
        else:
            yield _card(task, room, work)


def _names(script: Script) -> Mapping[str, str]:
    """As people know a scene."""
    return {
        scene.id: f"Scene {n}" + (f" (“{scene.headline}”)" if scene.headline else "")
        for n, scene in enumerate(script.scenes, 1)
    }


def _card(task: Task, room: Path, work: Work) -> Made:
    found = _found(task)
    visual, headline = _drawn(task.params, found)
    _check(task, visual)
    files = _pictures(task, room, work)
    facts: dict[str, Any] = {name: found[name] for name in ("credit", "lacks") if name in found}
    clip = _own_clip(task) or _found_clip(task, found, work)
    if clip is not None:
        words = [headline, visual.get("caption", ""), visual["kicker"]]
        facts["clip"] = _clip(clip, any(words), visual, task, room, work)
        files["main"] = room / PICTURE
    elif found.get("shows") == "picture":
        files["main"] = Path(shutil.copyfile(_lies(task, found, work), room / PICTURE))
    spec = room / "scene.json"
    names = {name: path.name for name, path in files.items()}
    told = _spec({**task.params, "visual": visual, "headline": headline}, names)
    spec.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    made = {spec.name: spec, **{path.name: path for path in files.values()}}
    return Made(task.id, made, facts={"pictures": names, **facts})


def _found(task: Task) -> Mapping[str, Any]:
    """What came of what the scene asks others for; {} where it asks nobody."""
    reference = illustrating.found_of(task.id.partition(":")[2])
    if reference not in task.files:
        return {}
    found: Mapping[str, Any] = json.loads(task.files[reference].read_text("utf-8"))
    return found


def _lies(task: Task, found: Mapping[str, Any], work: Work) -> Path:
    part = illustrating.part_of(task.id.partition(":")[2])
    return work.inputs.path(f"visuals/{part}/{found['file']}")


def _drawn(params: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Card and headline as they stand over what was found, or without it."""
    visual, headline = params["visual"], str(params["headline"])
    if not found:
        return visual, headline
    if not found["shows"]:
        return illustrating.card_without(visual, headline), headline
    if visual["template"] == "statement":
        headline = visual["text"]
    return illustrating.card_with(visual, found["shows"]), headline


def _check(task: Task, visual: Mapping[str, Any]) -> None:
    """What can't be drawn is said here, before money and time go into the video."""
    params = task.params
    language, font = params["language"], params["brand"]["font"]
    is_own = "source" not in params["visual"] and visual == params["visual"]
    fonts.check(
        [params["headline"], params["brand"]["name"], *_texts(visual)], language=language, font=font
    )
    if is_own and visual["template"] == "picture" and "main" not in params["pictures"]:
        raise Rejected(
            f"The picture {visual['picture']} is not among the video's pictures. "
            "Add it, or give the scene another template."
        )
    if is_own and visual["template"] == "clip" and not params.get("clip"):
        raise Rejected(
            f"The clip {visual['clip']} is not among the video's clips. "
            "Add it, or give the scene another template."
        )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [
            text for name, inner in value.items() if name not in UNSEEN for text in _texts(inner)
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


def _own_clip(task: Task) -> tuple[Path, str, str] | None:
    """Where the team's own lies, its hash, and how people know it."""
    sha = task.params.get("clip")
    if not sha:
        return None
    return task.files[asset(sha)].resolve(), sha, str(task.params["visual"]["clip"])


def _found_clip(task: Task, found: Mapping[str, Any], work: Work) -> tuple[Path, str, str] | None:
    if found.get("shows") != "clip":
        return None
    path = _lies(task, found, work).resolve()
    return path, found["sha256"], f"of {found['credit']['provider']}"


def _clip(
    clip: tuple[Path, str, str],
    has_words: bool,
    visual: Mapping[str, Any],
    task: Task,
    room: Path,
    work: Work,
) -> dict[str, Any]:
    """Facts of the clip; its first frame, as it fills the page, becomes the scene's picture."""
    path, sha, name = clip
    seen = clips.look(path, name=name, room=room, stop=work.stopping)
    sheet, fit = sheet_for(*SIZES[task.params["format"]]), visual["fit"]
    layers = clips.Layers(sheet, has_words, seen.frames, 0, fit)
    clips.picture(seen, layers, room / PICTURE, stop=work.stopping)
    return {
        "asset": sha,
        "size": list(seen.size),
        "frames": seen.frames,
        "has_words": has_words,
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
