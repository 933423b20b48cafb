"""The script of a video as a Yjs document: one text that people type into, scenes marked in it.

    <mark of 4f2a91c0>Half a metre a day
    Kelp grows half a metre a day.

A scene begins with its mark: the id of the scene between two characters for private use, which
nobody types and no script keeps. Behind the mark stands the headline, under it the narration, up to
the next mark. So an editor binds one Y.Text, scenes are moved and split like any text, and taking a
mark out merges a scene with the one before it. What is no text of a scene (its visual, its voice,
notes) lies in one Y.Map under `<scene id>/<what>`: two people who set two things both keep theirs.

Knows no Django. Documents belong to the thread that made them.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, islice
from typing import Any

from pycrdt import Doc, Map, Text, merge_updates

from collab.values import from_yjs, to_yjs
from videos.contracts import SceneText
from videos.writing.scripts import MAX_NARRATION, MAX_SCENES, scene_ids

SCRIPT, SCENES = "script", "scenes"  # the names of the two roots
VISUAL, VOICE = "visual", "voice"
OPENS, CLOSES = "\ue000", "\ue001"
SEEDER = 1  # the Yjs client of every first content: seeding twice from one script is one content
_MARK = re.compile(f"{OPENS}([0-9a-f]{{8}}){CLOSES}")
_LEFT_OVER = re.compile(f"{OPENS}[0-9a-f]{{0,8}}{CLOSES}?|[0-9a-f]{{0,8}}{CLOSES}")
MOST_MARKS = 10 * MAX_SCENES  # what stands behind so many is text of the last: it is no script
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_COMPARED = 2 * MAX_NARRATION  # characters of a scene; none is as long that becomes a video


class BadUpdate(ValueError):
    """These bytes are no update of a Yjs document."""


def apply(doc: Doc[Any], update: bytes) -> None:
    """Raises BadUpdate."""
    try:
        doc.apply_update(update)
    except (ValueError, RuntimeError) as error:
        raise BadUpdate(str(error)) from None


def loaded(*updates: bytes) -> Doc[Any]:
    doc: Doc[Any] = Doc()
    for update in updates:
        if update:
            apply(doc, update)
    return doc


def only_deletes(update: bytes) -> bool:
    """An update begins with the number of clients of whom it has content."""
    return update.startswith(b"\0")


def edited(doc: Doc[Any], change: Callable[[Doc[Any]], None]) -> bytes:
    """The update that a change makes; empty: it changes nothing."""
    updates: list[bytes] = []
    watch = doc.observe(lambda event: updates.append(event.update))
    change(doc)
    doc.unobserve(watch)
    return merge_updates(*updates) if updates else b""


def text_of(doc: Doc[Any]) -> Text:
    found: Text = doc.get(SCRIPT, type=Text)
    return found


def settings_of(doc: Doc[Any]) -> "Map[Any]":
    found: Map[Any] = doc.get(SCENES, type=Map)
    return found


def seed(scenes: Sequence[SceneText]) -> bytes:
    """The first content. From equal scenes comes one content, however often it is made."""
    doc: Doc[Any] = Doc(client_id=SEEDER)
    with doc.transaction():
        text = text_of(doc)
        text += "".join(_Block.of(scene).raw for scene in scenes)
        settings = settings_of(doc)
        for scene in scenes:
            settings[f"{scene.id}/{VISUAL}"] = to_yjs(scene.visual)
            if scene.voice:
                settings[f"{scene.id}/{VOICE}"] = scene.voice
    return doc.get_update()


def scenes_of(doc: Doc[Any]) -> list[SceneText]:
    """The scenes in their order, also those without words yet; an empty `visual` means that nobody
    chose one. A mark that stands twice (a copied scene) counts where it stands first: the copy gets
    the id that `mend` will write, as does text before the first mark."""
    settings = settings_of(doc)
    return [
        SceneText(
            block.uid,
            block.narration,
            block.headline,
            _visual(settings, block.settings_from),
            _voice(settings, block.settings_from),
        )
        for block in _blocks(str(text_of(doc)))
    ]


def _visual(settings: "Map[Any]", uid: str) -> dict[str, Any]:
    found = from_yjs(settings.get(f"{uid}/{VISUAL}"))
    return found if isinstance(found, dict) else {}


def _voice(settings: "Map[Any]", uid: str) -> str:
    found = settings.get(f"{uid}/{VOICE}")
    return found if isinstance(found, str) else ""


def mend(doc: Doc[Any]) -> None:
    """Writes the marks that `scenes_of` had to make up."""
    text, settings = text_of(doc), settings_of(doc)
    made_up = [block for block in _blocks(str(text)) if block.uid != block.marked]
    with doc.transaction():
        _replace(text, [_Edit(one.start, one.body_start, _new_mark(one)) for one in made_up])
        for block in made_up:
            for key in [key for key in settings if key.startswith(f"{block.settings_from}/")]:  # type: ignore[attr-defined]
                settings[f"{block.uid}/{key.partition('/')[2]}"] = settings[key]


def _new_mark(block: "_Block") -> str:
    return _mark(block.uid) if block.marked else f"{_mark(block.uid)}\n"


def apply_scenes(
    doc: Doc[Any], scenes: Sequence[SceneText], base: Sequence[SceneText] | None = None
) -> None:
    """Makes the document say what `scenes` change of `base` (None: of what it says now), by the
    smallest edit: what others type meanwhile, in these scenes or in others, stays.

    A scene that equals its base is left as it is, and one of which neither knows stays where it is.
    """
    mend(doc)
    text, settings = text_of(doc), settings_of(doc)
    known = {scene.id: scene for scene in (scenes_of(doc) if base is None else base)}
    blocks = _blocks(str(text))
    there = {block.uid: block for block in blocks}
    kept = [one for one in scenes if one.id in there or known.get(one.id) != one]
    raws = {one.id: _raw(one, known.get(one.id), there.get(one.id)) for one in kept}
    strangers = {block.uid: block.raw for block in blocks if block.uid not in {*raws, *known}}
    order = _with_strangers(list(raws), list(there), strangers)
    with doc.transaction():
        _replace(text, _edits(blocks, order, raws | strangers))
        for scene in kept:
            was = known.get(scene.id)
            is_new = was is None or scene.id not in there
            if is_new or (was and dict(was.visual) != dict(scene.visual)):
                _set_visual(settings, scene)
            if is_new or (was and was.voice != scene.voice):
                _set_voice(settings, scene)


def _set_visual(settings: "Map[Any]", scene: SceneText) -> None:
    visual = to_yjs(scene.visual)
    if visual != _visual(settings, scene.id):
        settings[f"{scene.id}/{VISUAL}"] = visual


def _set_voice(settings: "Map[Any]", scene: SceneText) -> None:
    """One without a voice of its own has no key: so it was before scenes had voices."""
    key = f"{scene.id}/{VOICE}"
    if scene.voice and settings.get(key) != scene.voice:
        settings[key] = scene.voice
    elif not scene.voice and key in settings:
        del settings[key]


# --- the text


@dataclass(frozen=True)
class _Block:
    """A scene in the text: where it begins and ends, and what stands there."""

    uid: str
    marked: str  # the id in the text; empty: there is no mark
    start: int
    body_start: int  # behind the mark
    raw: str
    settings_from: str = ""

    @property
    def headline(self) -> str:
        return _clean(self._body.partition("\n")[0]) if self.marked else ""

    @property
    def narration(self) -> str:
        return _clean(self._body.partition("\n")[2] if self.marked else self._body)

    @property
    def _body(self) -> str:
        return self.raw[self.body_start - self.start :]

    @property
    def end(self) -> int:
        return self.start + len(self.raw)

    @classmethod
    def of(cls, scene: SceneText) -> "_Block":
        mark = _mark(scene.id)
        headline = _one_line(scene.headline)
        narration = _LEFT_OVER.sub("", scene.narration).strip()
        return cls(scene.id, scene.id, 0, len(mark), f"{mark}{headline}\n{narration}\n")


def _mark(uid: str) -> str:
    return f"{OPENS}{uid}{CLOSES}"


def _clean(text: str) -> str:
    """Without what is left of a mark that two people broke at once."""
    return _LEFT_OVER.sub("", text).strip()


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _blocks(text: str) -> list[_Block]:
    marks = islice(_MARK.finditer(text), MOST_MARKS)
    places = [(found.group(1), found.start(), found.end()) for found in marks]
    first = places[0][1] if places else len(text)
    if _clean(text[:first]):
        places.insert(0, ("", 0, 0))
    elif places:
        places[0] = (places[0][0], 0, places[0][2])  # blank lines before it are its own
    ends = [*(start for _, start, _ in places[1:]), len(text)][: len(places)]
    found, seen = list[_Block](), {uid for uid, _, _ in places}
    told: set[str] = set()
    for (marked, start, body), end in zip(places, ends, strict=True):
        uid = marked
        if not marked or marked in told:
            # the place in it: of many empty copies each would try the ids of all before
            uid = scene_ids([f"{len(found)} {_clean(text[body:end])}"], seen)[0]
            seen.add(uid)
        told.add(uid)
        found.append(_Block(uid, marked, start, body, text[start:end], marked or uid))
    return found


def _raw(scene: SceneText, was: SceneText | None, block: _Block | None) -> str:
    """The text that a scene is to have; as it is typed where its words are not to change."""
    if block is None or was is None:
        return _Block.of(scene).raw
    new = _Block.of(scene)
    body = block.raw[block.body_start - block.start :]
    headline, _, narration = body.partition("\n")
    if scene.headline != was.headline:
        headline = _one_line(scene.headline)
    if scene.narration != was.narration:
        narration = new.raw.partition("\n")[2]
    return f"{block.raw[: block.body_start - block.start]}{headline}\n{narration}"


def _with_strangers(
    wanted: Sequence[str], there: Sequence[str], strangers: Collection[str]
) -> list[str]:
    """The wanted order, each stranger behind the scene that it stands behind now."""
    order, behind = list(wanted), ""
    for uid in there:
        if uid in strangers:
            order.insert(order.index(behind) + 1 if behind else 0, uid)
        if uid in strangers or uid in wanted:
            behind = uid
    return order


# --- the smallest edit


@dataclass(frozen=True)
class _Edit:
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


def _edits(blocks: Sequence[_Block], order: Sequence[str], raws: Mapping[str, str]) -> list[_Edit]:
    """Scenes that keep their order stay and change within; others leave and come back elsewhere."""
    there = {block.uid: block for block in blocks}
    stay = _heaviest_in_order(blocks, order)
    edits = [_Edit(block.start, block.end, "") for block in blocks if block.uid not in stay]
    at = 0
    for uid in order:
        if uid not in stay:
            edits.append(_Edit(at, at, _apart(raws[uid])))
            continue
        block = there[uid]
        last = uid == order[-1]
        edits += _within(block, raws[uid] if last else _apart(raws[uid]))
        at = block.end
    return edits


def _apart(raw: str) -> str:
    return raw if raw.endswith("\n") else raw + "\n"


def _within(block: _Block, new: str) -> Iterator[_Edit]:
    """Word by word, so that two people's words in one sentence stay whole."""
    if block.raw == new:
        return
    was, becomes = _words(block.raw), _words(new)
    places = list(accumulate(map(len, was), initial=block.start))
    matcher = SequenceMatcher(None, was, becomes)  # of what stands everywhere it makes no start
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield _Edit(places[a], places[b], "".join(becomes[c:d]))


def _words(text: str) -> list[str]:
    return _WORDS.findall(text) if len(text) <= _COMPARED else [text]


def _heaviest_in_order(blocks: Sequence[_Block], order: Sequence[str]) -> set[str]:
    """The scenes that stay where they are, so that the least text moves: what is typed into a scene
    while it moves is left where it stood. The heaviest increasing subsequence, by a Fenwick tree
    that knows the best one up to each place."""
    place = {uid: number for number, uid in enumerate(order, 1)}
    tree: list[tuple[int, str]] = [(0, "")] * (len(order) + 1)
    before: dict[str, str] = {}

    def best_up_to(at: int) -> tuple[int, str]:
        found = (0, "")
        while at:
            found = max(found, tree[at])
            at -= at & -at
        return found

    for block in blocks:
        at = place.get(block.uid, 0)
        if not at:
            continue
        weight, before[block.uid] = best_up_to(at - 1)
        while at <= len(order):
            tree[at] = max(tree[at], (weight + len(block.raw), block.uid))
            at += at & -at
    found, uid = set[str](), best_up_to(len(order))[1]
    while uid:
        found.add(uid)
        uid = before[uid]
    return found


def _replace(text: Text, edits: Sequence[_Edit]) -> None:
    """From the end on, so that places stay true. pycrdt counts in bytes of UTF-8."""
    now, at, place = str(text), 0, 0
    counted = []
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        at += len(now[place : edit.start].encode())
        counted.append((at, len(now[edit.start : edit.end].encode()), edit.new))
        place = edit.start
    for start, length, new in reversed(counted):
        del text[start : start + length]
        if new:
            text.insert(start, new)


def replace_words(doc: Doc[Any], uid: str, start: int, end: int, new: str) -> None:
    """Other words for `narration[start:end]` of a scene as it is typed (`typed_narration`)."""
    block = next(block for block in _blocks(str(text_of(doc))) if block.uid == uid)
    at = _narration_at(block)
    _replace(text_of(doc), [_Edit(at + start, at + end, _LEFT_OVER.sub("", new))])


def typed_narration(doc: Doc[Any], uid: str) -> str | None:
    """The narration with the line breaks that people typed; None: there is no such scene."""
    for block in _blocks(str(text_of(doc))):
        if block.uid == uid:
            return block.raw[_narration_at(block) - block.start :]
    return None


def _narration_at(block: _Block) -> int:
    line = block.raw.find("\n", block.body_start - block.start)
    return block.start + (line + 1 if line >= 0 else len(block.raw))
