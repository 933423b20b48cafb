"""Drives stages in memory: a Work without pipeline, database or queue, for tests and benches.

It keeps parts by key as the pipeline does, so that it can tell which parts an edit makes again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from config.kit.errors import Spend
from videos.contracts import Made, Order, Part, SceneText, Script, Task
from videos.stages import catalogue


@dataclass
class Tools:
    """Providers by name; asking for one that is not here raises LookupError."""

    render_threads: int = 2
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def script(self) -> Any:
        return self.given["script"]

    def speaker(self, name: str) -> Any:
        """`voice` is the video's; another one goes by its full name."""
        return self.given[name or "voice"]

    @property
    def listener(self) -> Any:
        return self.given["listener"]

    def maker(self, kind: str) -> Any:
        return self.given[kind]

    @property
    def shown(self) -> frozenset[str]:
        return frozenset()


@dataclass
class Studio:
    """One video's order, script and store. `put` stands for stages that are not under test."""

    root: Path
    order: Order
    script: Script
    tools: Tools = field(default_factory=Tools)
    stop: Callable[[], bool] = lambda: False
    settled: Callable[[Made], None] = lambda made: None
    beats: list[tuple[float, str]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)  # parts of the last run
    _files: dict[str, Path] = field(default_factory=dict)
    _facts: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _replies: dict[str, Path] = field(default_factory=dict)

    def put(
        self, stage: str, part: str, files: Mapping[str, Path], facts: Mapping[str, Any]
    ) -> None:
        store = self.root / "store"
        store.mkdir(exist_ok=True)
        folder = Path(mkdtemp(prefix=f"{stage}-", dir=store))  # what was put before stays as it is
        for name, path in files.items():
            shutil.copyfile(path, folder / name)
            self._files[f"{stage}/{part}/{name}"] = folder / name
        self._facts[stage, part] = facts

    def plan(self, name: str) -> list[Part]:
        return catalogue.get(name).plan(self)

    def run(self, name: str) -> dict[str, Made]:
        """Make what is missing of a stage and settle each part before the next is asked for."""
        self.made = []
        found = {}
        room = self.root / "room" / name
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        for made in catalogue.get(name).make(_Work(self, name, room)):
            self.put(name, made.part, made.files, made.facts)
            self.made.append(made.part)
            found[made.part] = made
            self.settled(made)
        return found

    def facts(self, stage: str, part: str) -> Mapping[str, Any]:
        return self._facts[stage, part]

    def path(self, reference: str) -> Path:
        return self._files[reference]

    def edit(self, index: int, **changes: Any) -> None:
        scenes: list[SceneText] = list(self.script.scenes)
        scenes[index] = replace(scenes[index], **changes)
        self.script = replace(self.script, scenes=tuple(scenes))

    def missing(self, name: str) -> Iterator[Task]:
        """Lazily: a later part's needs may be made by an earlier one."""
        for part in self.plan(name):
            key = self._key(name, part)
            if self._keys.get((name, part.id)) != key:
                files = {need: self.path(need) for need in part.needs}
                params = json.loads(json.dumps(part.params))
                yield Task(part.id, params, files, key, part.voice)
                self._keys[name, part.id] = key

    def once(self, request: str) -> Path | None:
        return self._replies.get(request)

    def keep(self, request: str, reply: Path) -> None:
        store = self.root / "replies"
        store.mkdir(exist_ok=True)
        self._replies[request] = Path(shutil.copyfile(reply, store / request))

    def _key(self, name: str, part: Part) -> str:
        told = [name, catalogue.get(name).version, part.params, part.voice]
        contents = [hashlib.sha256(self.path(n).read_bytes()).hexdigest() for n in part.needs]
        return hashlib.sha256(json.dumps([told, contents]).encode()).hexdigest()


@dataclass
class _Work:
    inputs: Studio
    name: str
    room: Path

    @property
    def parts(self) -> Iterator[Task]:
        return self.inputs.missing(self.name)

    @property
    def tools(self) -> Tools:
        return self.inputs.tools

    def beat(self, fraction: float, phase: str = "") -> None:
        self.inputs.beats.append((fraction, phase))

    def stopping(self) -> bool:
        return self.inputs.stop()

    def once(self, request: str) -> Path | None:
        return self.inputs.once(request)

    def keep(self, request: str, reply: Path) -> None:
        self.inputs.keep(request, reply)

    def learn(self, request: str, spent: Sequence[Spend]) -> None:
        """Nothing is booked here."""
