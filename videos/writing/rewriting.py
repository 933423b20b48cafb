"""Changes of a script as a person makes them: pure, ids of scenes survive them all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal

from videos.contracts import SceneText, Script
from videos.writing import scripts
from videos.writing.checks import Wrong


def _place(script: Script, uid: str) -> int:
    for place, scene in enumerate(script.scenes):
        if scene.id == uid:
            return place
    raise LookupError(f"the script has no scene {uid}")


def _with(script: Script, scenes: Sequence[SceneText]) -> Script:
    return replace(script, scenes=tuple(scenes), method="edited")


def _new_id(script: Script, text: str) -> str:
    return scripts.scene_ids([text], [scene.id for scene in script.scenes])[0]


def change(script: Script, uid: str, **fields: Any) -> Script:
    """Other narration, headline, visual or voice for one scene."""
    place = _place(script, uid)
    changed = replace(script.scenes[place], **fields)
    return _with(script, [*script.scenes[:place], changed, *script.scenes[place + 1 :]])


def add(script: Script, after: str, narration: str, headline: str = "", voice: str = "") -> Script:
    """A new scene behind `after`; "" puts it first."""
    place = _place(script, after) + 1 if after else 0
    shown = headline or narration[:120]
    visual = {"template": "statement", "text": shown}
    scene = SceneText(_new_id(script, narration), narration, headline, visual, voice)
    return _with(script, [*script.scenes[:place], scene, *script.scenes[place:]])


def remove(script: Script, uid: str) -> Script:
    place = _place(script, uid)
    if len(script.scenes) == 1:
        raise Wrong("scenes", "can't be empty: a video keeps one scene")
    return _with(script, [*script.scenes[:place], *script.scenes[place + 1 :]])


def move(script: Script, uid: str, to: int) -> Script:
    """`to` counts from 0 in the order as it is afterwards; past the end is the end."""
    place = _place(script, uid)
    others = [*script.scenes[:place], *script.scenes[place + 1 :]]
    others.insert(max(0, to), script.scenes[place])
    return _with(script, others)


def split(script: Script, uid: str, at: int) -> Script:
    """Two scenes of one, parted at a character of the narration; the first keeps id and picture,
    one voice speaks both."""
    place = _place(script, uid)
    scene = script.scenes[place]
    first, second = scene.narration[:at].strip(), scene.narration[at:].strip()
    if not _has_words(first) or not _has_words(second):
        raise Wrong("at", "must leave words on both sides")
    kept = replace(scene, narration=first)
    visual = {"template": "statement", "text": scene.headline or second[:120]}
    new = SceneText(_new_id(script, second), second, scene.headline, visual, scene.voice)
    return _with(script, [*script.scenes[:place], kept, new, *script.scenes[place + 1 :]])


def merge(script: Script, uid: str) -> Script:
    """The scene and the one behind it become one, with the first's id, headline, visual
    and voice."""
    place = _place(script, uid)
    if place + 1 == len(script.scenes):
        raise Wrong("scene", "is the last: there is none behind it to merge with")
    first, second = script.scenes[place], script.scenes[place + 1]
    merged = replace(first, narration=f"{first.narration} {second.narration}")
    return _with(script, [*script.scenes[:place], merged, *script.scenes[place + 2 :]])


def _has_words(text: str) -> bool:
    return any(mark.isalnum() for mark in text)


Side = Literal["same", "old", "new"]


@dataclass(frozen=True)
class Piece:
    """Words that stand in both texts, in the old one only or in the new one only."""

    side: Side
    text: str


@dataclass(frozen=True)
class SceneDiff:
    """`kind` is same, added, removed or changed; `moved` says that its neighbours are others."""

    uid: str
    kind: Literal["same", "added", "removed", "changed"]
    moved: bool
    narration: tuple[Piece, ...]
    headline: tuple[Piece, ...]
    new_visual: bool
    new_voice: bool = False


def diff(old: Script | None, new: Script) -> list[SceneDiff]:
    """Scene by scene in the new order; what was removed stands where it stood. Without an old one
    all is new."""
    old_scenes = old.scenes if old else ()
    before = {scene.id: scene for scene in old_scenes}
    after = {scene.id: scene for scene in new.scenes}
    stayed = _in_order([one.id for one in old_scenes], [one.id for one in new.scenes])
    found = [_compare(before.get(scene.id), scene, scene.id in stayed) for scene in new.scenes]
    for place, scene in enumerate(old_scenes):
        if scene.id not in after:
            found.insert(min(place, len(found)), _compare(scene, None, True))
    return found


def _in_order(old: list[str], new: list[str]) -> set[str]:
    """Ids of both that kept their order."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {old[block.a + step] for block in blocks for step in range(block.size)}


def _compare(old: SceneText | None, new: SceneText | None, stayed: bool) -> SceneDiff:
    one = new or old
    if one is None:
        raise LookupError("there is nothing to compare")
    narration = _pieces(old.narration if old else "", new.narration if new else "")
    headline = _pieces(old.headline if old else "", new.headline if new else "")
    if old is None:
        return SceneDiff(one.id, "added", False, narration, headline, True)
    if new is None:
        return SceneDiff(one.id, "removed", False, narration, headline, False)
    new_visual = dict(old.visual) != dict(new.visual)
    new_voice = old.voice != new.voice
    same_words = old.narration == new.narration and old.headline == new.headline
    is_same = same_words and not new_visual and not new_voice
    kind: Literal["same", "changed"] = "same" if is_same else "changed"
    return SceneDiff(one.id, kind, not stayed, narration, headline, new_visual, new_voice)


def words(old: str, new: str) -> tuple[Piece, ...]:
    """Word by word; nothing of an old text that there is no new one for."""
    return _pieces(old, new) if new else ()


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    if old == new:
        return (Piece("same", new),) if new else ()
    was, becomes = old.split(), new.split()
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, was, becomes, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", " ".join(was[a:b])))
            continue
        if b > a:
            pieces.append(Piece("old", " ".join(was[a:b])))
        if d > c:
            pieces.append(Piece("new", " ".join(becomes[c:d])))
    return tuple(pieces)
