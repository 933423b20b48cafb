"""The thumbnail: 1280x720, from the title, the first picture and the first figure of the script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from videos.contracts import WHOLE, Inputs, Made, Part, SceneText, Task, Work, scene_part
from videos.media import fonts, process
from videos.stages.catalogue import stage
from videos.stages.visuals import PICTURE
from videos.writing import visuals as templates


def plan(inputs: Inputs) -> list[Part]:
    script, order = inputs.script, inputs.order
    shown = next((s for s in script.scenes if _sha(s, inputs)), None)
    needs = () if shown is None else (f"visuals/{scene_part(shown.id)}/{PICTURE}",)
    first = f"visuals/{scene_part(script.scenes[0].id)}/scene.json"
    return [
        Part(
            WHOLE,
            needs=(first, *needs),
            params={
                "title": script.title,
                "figure": _figure(script.scenes),
                "language": script.language,
                "brand": asdict(order.brand),
                "picture": needs[0] if needs else "",
                "opening": first,
            },
        )
    ]


def _sha(scene: SceneText, inputs: Inputs) -> str:
    return inputs.order.pictures.get(templates.picture_of(scene.visual), "")


def _figure(scenes: tuple[SceneText, ...]) -> str:
    """The first figure that is short enough for a tag."""
    for scene in scenes:
        card = templates.read(scene.visual)
        if isinstance(card, templates.Number):
            written = f"{card.prefix}{card.value}{card.suffix}".strip()
            if len(written) <= 9:
                return written
    return ""


@stage(
    "thumbnail", version=1, needs=["scene.json"], makes=["thumbnail.jpg"], plan=plan, silence_s=90
)
def thumbnail(work: Work) -> Iterator[Made]:
    for task in work.parts:
        given = _given(task)
        fonts.check([given["title"]], language=given["language"], font=given["brand"]["font"])
        spec, made = work.room / "poster.json", work.room / "thumbnail.jpg"
        spec.write_text(json.dumps({"poster": given}, ensure_ascii=False), "utf-8")
        finished = process.run(
            process.python("videos.media.draw", str(spec), "--out", str(made)),
            room=work.room,
            stop=work.stopping,
            timeout_s=60,
            memory_mb=1500,
        )
        process.require(finished, "drawing the thumbnail")
        yield Made(task.id, {made.name: made}, facts={"bytes": made.stat().st_size})


def _given(task: Task) -> dict[str, Any]:
    """The opening card lends its kicker, and its accent where the title has the same words."""
    params = task.params
    opening = json.loads(task.files[params["opening"]].read_text("utf-8"))["fields"]
    accent = opening.get("accent", "")
    return {
        "title": params["title"],
        "kicker": opening.get("kicker", ""),
        "accent": accent if accent in params["title"] else "",
        "figure": params["figure"],
        "language": params["language"],
        "brand": params["brand"],
        "picture": str(task.files[params["picture"]]) if params["picture"] else "",
    }
