"""The pictures and clips that a video's scenes ask others for: each is a part of its own, so that
other words on a card buy nothing anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config.kit.errors import AccountFault, Rejected
from config.kit.money import Use
from videos.contracts import Made, Order, Part, SceneText, Script, Task, Work, scene_part
from videos.media import pictures, takes
from videos.shots import BoughtPicture, Brief, Ordered, Shot, Shows
from videos.stages.buying import bought, telling
from videos.writing import visuals as templates
from videos.writing.wishes import words_for

FOUND, PICTURE, CLIP = "found.json", "picture.jpg", "clip.mp4"
WEIGHT = 6.0  # beside a card's 1
SHOWS: Mapping[str, tuple[Shows, ...]] = {
    "image": ("picture",),
    "clip": ("clip",),
    "footage": ("clip", "picture"),
}


def part_of(scene_id: str) -> str:
    return f"picture:{scene_id}"


def scene_of(part: str) -> str:
    """The part of the scene that this one is for; a part that is no picture is its own."""
    kind, _, scene_id = part.partition(":")
    return scene_part(scene_id) if kind == "picture" else part


def is_one(task: Task) -> bool:
    return task.id.startswith("picture:")


def found_of(scene_id: str) -> str:
    """The reference of what came of it."""
    return f"visuals/{part_of(scene_id)}/{FOUND}"


def part_for(scene: SceneText, script: Script, order: Order) -> Part | None:
    """None: the scene asks nobody."""
    source = templates.source_of(scene.visual, order.illustrate)
    if not source:
        return None
    template = scene.visual["template"]
    shows = [template] if template in ("picture", "clip") else list(SHOWS[source])
    params: dict[str, Any] = {
        "source": source,
        "words": words_for(scene, source, script.title, script.language),
        "shows": shows,
        "format": order.format,
        "turn": int(scene.visual.get("turn", 0)),
    }
    if source == "footage":  # free, so each scene of each video looks for one of its own
        told = "\0".join((order.title, order.source)).encode()
        params |= {"scene": scene.id, "video": hashlib.sha256(told).hexdigest()[:12]}
        params["language"] = script.language
    return Part(part_of(scene.id), params=params, weight=WEIGHT, provider=source)


def uses(work: Work, task: Task) -> Sequence[Use]:
    return maker_of(work, task).uses(brief_of(task)) if is_one(task) else ()


def maker_of(work: Work, task: Task) -> BoughtPicture:
    source = str(task.params["source"])
    try:
        return work.tools.maker(source)
    except LookupError:
        raise AccountFault(
            f"A scene asks for {source}, and none is set up here: an operator sets a key for it, "
            "or give the scene another card."
        ) from None


def brief_of(task: Task, avoid: frozenset[str] = frozenset()) -> Brief:
    params = task.params
    return Brief(
        params["words"],
        params["format"],
        tuple(params["shows"]),
        params.get("language", "en"),
        params["turn"],
        avoid,
    )


def illustrate(work: Work, task: Task, room: Path, name: str) -> Made:
    """Buys or finds it, and makes it harmless. `name` is the scene's, for people."""
    try:
        shot = _shot(work, task, room)
        with telling(shot.spent):
            made = _made(work, task, shot, room)
    except Rejected as error:
        error.message = (
            f"{name}: {error.message} Say otherwise what its picture shows, or give it another "
            "card."
        )
        raise
    for path in room.iterdir():  # what came is large, and kept as it came
        if path.name not in made.files:
            path.unlink()
    return made


def _shot(work: Work, task: Task, room: Path) -> Shot:
    maker = maker_of(work, task)
    is_footage = task.params["source"] == "footage"
    brief = brief_of(task, work.tools.shown if is_footage else frozenset())
    order = Ordered(
        task.request,
        work,
        work.stopping,
        lambda share: work.beat(0.6 * share, "asking"),
        work.tools.searches(str(task.params["source"])),
    )
    return bought(
        work,
        task.request,
        ask=lambda into: maker.ask(brief, order, into=into),
        read=lambda reply: maker.read(reply, brief, into=room / "came"),
        into=room / "reply",
    )


def _made(work: Work, task: Task, shot: Shot, room: Path) -> Made:
    if shot.path is None:
        lacks = f"No footage fits “{task.params['words']}”: the scene keeps its card."
        found = _write(room / FOUND, {"shows": "", "lacks": lacks})
        return Made(task.id, {FOUND: found}, shot.spent, {"lacks": lacks})
    clean = _clean(work, task, shot, room)
    credit = {name: value for name, value in asdict(shot.credit).items() if value}
    told = {"shows": shot.shows, "file": clean.name, "credit": credit, "sha256": _sha(clean)}
    found = _write(room / FOUND, told)
    return Made(task.id, {FOUND: found, clean.name: clean}, shot.spent, {"credit": credit})


def _clean(work: Work, task: Task, shot: Shot, room: Path) -> Path:
    """What came is a stranger's file, whoever sent it."""
    came = room / "came"
    vendor = shot.credit.provider
    try:
        if shot.shows == "picture":
            target = room / PICTURE
            form = task.params["format"]
            pictures.prepare(came, target, form=form, name=f"of {vendor}", stop=work.stopping)
            return target
        threads = work.tools.render_threads
        work.beat(0.6, "preparing")
        return takes.clip(
            came,
            room,
            threads=threads,
            stop=work.stopping,
            beat=lambda share: work.beat(0.6 + 0.4 * share, "preparing"),
        ).path
    except Rejected as error:
        raise Rejected(f"{vendor} sent a file that can't be used. {error.message}") from error


def _sha(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, told: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(told, ensure_ascii=False, sort_keys=True), "utf-8")
    return path


def card_with(visual: Mapping[str, Any], shows: str) -> dict[str, Any]:
    """The card as it is drawn over what was found: a statement becomes the headline of it."""
    if visual["template"] != "statement":
        return dict(visual)
    kept = {name: visual[name] for name in ("kicker", "accent")}
    return templates.normalise({"template": shows, shows: FOUND, **kept})


def card_without(visual: Mapping[str, Any], headline: str) -> dict[str, Any]:
    """The card that stands where nothing was found."""
    if visual["template"] == "statement":
        return dict(visual)
    text = visual["caption"] or headline or visual["prompt"]
    return templates.normalise(
        {"template": "statement", "text": text[:180], "kicker": visual["kicker"]}
    )
