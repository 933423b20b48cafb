"""What a script that nobody has produced yet would make again: parts whose keys would change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from videos import routing
from videos.contracts import Order, Part, Script
from videos.keys import key_of
from videos.models import Artifact, RunPart, Video
from videos.stages import catalogue

SCRIPT = "script"


@dataclass(frozen=True)
class Remade:
    """`parts` maps each stage to those of its parts that would be made, in the order of work; a
    stage of which everything stands is left out. `kept` counts the parts that stand."""

    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: int = 0

    @property
    def scenes(self) -> tuple[str, ...]:
        """The ids of all scenes of which something would be made."""
        named = (part for parts in self.parts.values() for part in parts)
        found = (part.partition(":")[2] for part in named if part.startswith("scene:"))
        return tuple(dict.fromkeys(found))


def remade(video: Video, script: Script) -> Remade:
    """Looks at rows alone: no file of a video is read and nothing is made. An undone edit makes
    nothing again.

    What is to be made has outputs that nobody knows yet, so all that needs them counts as well; an
    output that turns out the same (a comma that isn't heard) stops the cascade when it is made.
    """
    known = _Known(video, script)
    parts: dict[str, tuple[str, ...]] = {}
    kept = 0
    for name in catalogue.in_order():
        if name == SCRIPT or not video.plan["stages"].get(name):
            continue
        plan = catalogue.get(name).plan(known)
        known.look(name, plan)
        missing = tuple(part.id for part in plan if not known.has(name, part.id))
        kept += len(plan) - len(missing)
        if missing:
            parts[name] = missing
    return Remade(parts, kept)


class Unmade(dict[str, Any]):
    """The facts of a part that is not made: a plan that asks gets something that is never equal to
    what was there."""

    def __missing__(self, key: str) -> int:
        return -1

    def get(self, key: str, default: Any = None) -> Any:
        return default


class _Known:
    """The Inputs of a plan for a script that is not yet the video's."""

    def __init__(self, video: Video, script: Script) -> None:
        self._video, self.script = video, script
        self.order: Order = video.order()
        rows = RunPart.objects.filter(run__video=video).select_related("run", "artifact")
        self._were = {(row.run.stage, row.part): row.artifact for row in rows}
        self._stand: dict[tuple[str, str], Artifact] = {}
        self._voices: dict[str, str] = {}  # as they stand in keys

    def has(self, stage: str, part: str) -> bool:
        return (stage, part) in self._stand

    def facts(self, stage: str, part: str) -> Mapping[str, Any]:
        standing = self._stand.get((stage, part))
        return standing.facts if standing else Unmade()

    def path(self, reference: str) -> Path:
        raise LookupError(f"a plan that reads {reference} can't be made ahead of it")

    def look(self, stage: str, plan: Iterable[Part]) -> None:
        """Finds the artifacts that stand for these parts, now or from an earlier script."""
        left = list(plan)
        # a part may need earlier ones of its own stage, so one look more for each that is new
        while True:
            keys = dict(self._keys(stage, left))
            found = self._artifacts(stage, keys)
            if not found:
                return
            for part, artifact in found.items():
                self._stand[stage, part] = artifact
            left = [part for part in left if part.id not in found]

    def _keys(self, stage: str, plan: Iterable[Part]) -> Iterator[tuple[str, str]]:
        version = catalogue.get(stage).version
        for part in plan:
            provider = self._provider(stage, part)
            needs = {need: self._sha256(need) for need in part.needs}
            if "" in needs.values():
                continue
            yield (
                part.id,
                key_of(
                    stage=stage, version=version, provider=provider, params=part.params, needs=needs
                ),
            )

    def _provider(self, stage: str, part: Part) -> str:
        """As the part itself names it, or the last ones of its kind: what it would be made by
        again, or stays made by though another has taken over since."""
        kind = part.provider or catalogue.get(stage).provider
        if not kind:
            return ""
        made_by = [one.provider for (where, _), one in self._were.items() if where == stage]
        if kind == routing.VOICE:
            return self._voice(part, made_by)
        was = self._were.get((stage, part.id))
        if was is not None:
            return was.provider
        if kind in routing.MAKERS:
            return routing.maker_in_keys(self._video, kind)
        return made_by[0] if made_by else ""

    def _voice(self, part: Part, made_by: Sequence[str]) -> str:
        name = part.voice or self._video.plan["providers"].get(routing.VOICE, "")
        if name not in self._voices:
            spoken = [one for one in made_by if one.partition(" ")[0] == name]
            self._voices[name] = spoken[0] if spoken else routing.voice_in_keys(name)
        return self._voices[name]

    def _sha256(self, reference: str) -> str:
        """Empty: nobody has made it."""
        stage, part, name = reference.split("/", 2)
        if stage == "asset":
            return part
        standing = self._stand.get((stage, part))
        return str(standing.files.get(name, "")) if standing else ""

    def _artifacts(self, stage: str, keys: Mapping[str, str]) -> dict[str, Artifact]:
        """One query for those that an earlier script had, none where all stand as they are."""
        found = {}
        for part, key in keys.items():
            was = self._were.get((stage, part))
            if was is not None and was.key == key:
                found[part] = was
        wanted = {key: part for part, key in keys.items() if part not in found}
        if wanted:
            others = Artifact.objects.filter(team=self._video.team_id, key__in=wanted)
            by_key = {one.key: one for one in others}
            found |= {part: by_key[key] for part, key in keys.items() if key in by_key}
        return found
