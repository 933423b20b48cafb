"""script.json: reading it with precise complaints, and writing it always the same way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from videos.contracts import SceneText, Script
from videos.writing import checks, visuals
from videos.writing.asked import DESCRIPTION, TITLE, Claim
from videos.writing.checks import Wrong
from videos.writing.languages import find_language, primary, seconds_of
from videos.writing.told import card_lines

VERSION = 1
MAX_SCENES = 200
MAX_NARRATION = 2_000
MAX_SCENE_S = 60.0
MAX_CLAIMS = 1_000
METHODS = ("assembled", "given", "written", "edited")
Method = Literal["assembled", "given", "written", "edited"]

_ID = re.compile(r"[0-9a-f]{8}")
_SCRIPT_FIELDS = {
    "version", "title", "language", "method", "description", "tags", "notes", "scenes", "hooks",
    "claims",
}  # fmt: skip
_CLAIM_FIELDS = {"scene", "text", "sentences", "evidence", "is_supported"}
_SCENE_FIELDS = {"id", "narration", "headline", "visual", "voice"}
_VOICE = re.compile(r"[a-z][a-z0-9_]*:[A-Za-z0-9][A-Za-z0-9_.-]*")
MAX_VOICE = 60


def to_json(script: Script) -> str:
    """Canonical: equal scripts are equal bytes."""
    plain = {
        "version": VERSION,
        "title": script.title,
        "language": script.language,
        "method": script.method,
        "description": script.description,
        "tags": list(script.tags),
        "notes": list(script.notes),
        "scenes": [_told(scene) for scene in script.scenes],
        **_written(script),
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def _written(script: Script) -> dict[str, Any]:
    """Nothing of what no writer said: scripts without a paid writer keep their hash."""
    claims = [{**vars(claim), "sentences": list(claim.sentences)} for claim in script.claims]
    told = {"hooks": list(script.hooks), "claims": claims}
    return {name: value for name, value in told.items() if value}


def _told(scene: SceneText) -> dict[str, Any]:
    """No `voice` where none is named: what was written before scenes had one keeps its hash."""
    told = {
        "id": scene.id,
        "narration": scene.narration,
        "headline": scene.headline,
        "visual": visuals.normalise(scene.visual),
    }
    return {**told, "voice": scene.voice} if scene.voice else told


def from_json(text: str, *, title: str = "", language: str = "") -> Script:
    """Raises `Wrong`. Title and language are for a script that names none."""
    try:
        plain = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise Wrong("The script", f"is not valid JSON ({where}: {fault.msg})") from None
    except (RecursionError, ValueError):
        raise Wrong(
            "The script", "is not valid JSON (nested too deeply or a number too long)"
        ) from None
    return read(plain, title=title, language=language)


def read(plain: Any, *, title: str = "", language: str = "") -> Script:
    given = checks.mapping(plain, "The script")
    checks.no_others(given, _SCRIPT_FIELDS, "script")
    if given.get("version", VERSION) != VERSION:
        raise Wrong("version", f"must be {VERSION}")
    scenes = checks.many(checks.mapping, 1, MAX_SCENES)(given.get("scenes", []), "scenes")
    texts = [_narration(scene, f"scenes[{number}]") for number, scene in enumerate(scenes)]
    spoken = _language(given.get("language") or language, texts)
    for number, narration in enumerate(texts):
        _not_too_long(narration, spoken, f"scenes[{number}].narration")
    ids = _ids(scenes, texts)
    claims = checks.many(_claim, 0, MAX_CLAIMS)(given.get("claims", []), "claims")
    told = Script(
        title=checks.text(100, needed=True)(given.get("title") or title, "title"),
        language=spoken,
        method=cast(Method, checks.one_of(*METHODS)(given.get("method", "given"), "method")),
        scenes=tuple(
            _scene(scene, f"scenes[{number}]", ids[number], texts[number])
            for number, scene in enumerate(scenes)
        ),
        description=checks.text(5_000)(given.get("description", ""), "description"),
        tags=checks.many(checks.text(60, needed=True), 0, 30)(given.get("tags", []), "tags"),
        notes=checks.many(checks.text(500, needed=True), 0, 50)(given.get("notes", []), "notes"),
        hooks=checks.many(checks.text(400, needed=True), 0, 5)(given.get("hooks", []), "hooks"),
    )
    return replace(told, claims=_standing(told, claims))


def _standing(script: Script, claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Without those whose words were edited away."""
    told = {TITLE: script.title, DESCRIPTION: script.description}
    for scene in script.scenes:
        told[scene.id] = "\n".join((scene.narration, scene.headline, *card_lines(scene.visual)))
    return tuple(one for one in claims if one.text in told.get(one.scene, ""))


def _claim(value: Any, where: str) -> Claim:
    given = checks.mapping(value, where)
    checks.no_others(given, _CLAIM_FIELDS, where)
    numbers = checks.many(checks.whole(1, 10**6), 0, 60)(given.get("sentences", []), where)
    return Claim(
        scene=str(given.get("scene", "")),
        text=checks.text(MAX_NARRATION, needed=True)(given.get("text"), f"{where}.text"),
        sentences=numbers,
        evidence=checks.text(500)(given.get("evidence", ""), f"{where}.evidence"),
        is_supported=checks.flag(given.get("is_supported", False), f"{where}.is_supported"),
    )


def scene_ids(texts: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """From the words alone, so that a scene keeps its id where it moves; equal words count on."""
    seen = set(taken)
    ids: list[str] = []
    for text in texts:
        turn = 0
        while (name := _digest(text, turn)) in seen:
            turn += 1
        seen.add(name)
        ids.append(name)
    return ids


def in_words(fault: Wrong) -> str:
    """ "scenes[2].visual.text is empty" as a person counts: "Scene 3: visual.text is empty."."""
    place = re.match(r"scenes\[(\d+)\]\.?(.*)", fault.where)
    if not place:
        return f"{fault.where[:1].upper()}{fault.where[1:]} {fault.fault}."
    return f"Scene {int(place[1]) + 1}: {place[2] or 'it'} {fault.fault}."


def _digest(text: str, turn: int) -> str:
    told = f"{text}\n{turn}" if turn else text
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _narration(scene: Mapping[str, Any], where: str) -> str:
    checks.no_others(scene, _SCENE_FIELDS, where)
    if "narration" not in scene:
        raise Wrong(f"{where}.narration", "is missing")
    text: str = checks.text(MAX_NARRATION, needed=True)(scene["narration"], f"{where}.narration")
    if not any(mark.isalnum() for mark in text):
        raise Wrong(f"{where}.narration", "has no words to say")
    return text


def _language(named: Any, texts: list[str]) -> str:
    tag = checks.text(35)(named, "language")
    if tag and not re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", tag):
        raise Wrong("language", "must be a tag such as en, de or pt-BR")
    return primary(tag) if tag else find_language(texts)


def _not_too_long(narration: str, language: str, where: str) -> None:
    length = seconds_of(narration, language)
    if length > MAX_SCENE_S:
        fault = f"takes about {length:.0f} s to say; {MAX_SCENE_S:.0f} s is the most, so split it"
        raise Wrong(where, fault)


def _ids(scenes: tuple[Mapping[str, Any], ...], texts: list[str]) -> list[str]:
    given: dict[int, str] = {}
    for number, scene in enumerate(scenes):
        if name := scene.get("id", ""):
            if not isinstance(name, str) or not _ID.fullmatch(name):
                raise Wrong(f"scenes[{number}].id", "must be eight hex digits, such as 4f2a91c0")
            if name in given.values():
                raise Wrong(f"scenes[{number}].id", "is used by an earlier scene")
            given[number] = name
    free = [text for number, text in enumerate(texts) if number not in given]
    made = iter(scene_ids(free, given.values()))
    return [given.get(number) or next(made) for number in range(len(texts))]


def _scene(scene: Mapping[str, Any], where: str, name: str, narration: str) -> SceneText:
    headline: str = checks.text(80)(scene.get("headline", ""), f"{where}.headline")
    visual = scene.get("visual")
    if visual is None:
        shown = headline or _opening(narration)
        visual = {"template": "statement", "text": shown}
    card = visuals.normalise(visual, f"{where}.visual")
    voice = _voice(scene.get("voice", ""), f"{where}.voice")
    return SceneText(id=name, narration=narration, headline=headline, visual=card, voice=voice)


def _voice(given: Any, where: str) -> str:
    """Its form alone: which voices there are depends on the machine."""
    name: str = checks.text(MAX_VOICE)(given, where)
    if name and not _VOICE.fullmatch(name):
        raise Wrong(where, "must be engine and name, such as piper:joe, or empty")
    return name


def _opening(narration: str) -> str:
    """The first words, whole, as many as a statement can hold."""
    if len(narration) <= 120:
        return narration
    kept = narration[:119]
    return f"{kept.rpartition(' ')[0] or kept}…"
