"""The ports of a stage, in memory: a run of one stage on given files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from videos.contracts import Made, Order, Part, Script, Task
from videos.stages import catalogue


class Given:
    """`Inputs`, and the `Work` of a run that has everything still to make."""

    tools = None

    def __init__(self, order: Order, script: Script, room: Path, files: Mapping[str, Path]) -> None:
        self.order, self.script, self.room = order, script, room
        self.files = dict(files)
        self.inputs = self
        self.stage = ""

    def facts(self, stage: str, part: str) -> Mapping[str, Any]:
        raise LookupError(f"{stage}/{part}")

    def path(self, reference: str) -> Path:
        return self.files[reference]

    @property
    def parts(self) -> Iterator[Task]:
        for part in catalogue.get(self.stage).plan(self):
            yield Task(part.id, part.params, {need: self.files[need] for need in part.needs})

    def beat(self, fraction: float, phase: str = "") -> None: ...

    def stopping(self) -> bool:
        return False

    def once(self, request_key: str) -> None:
        return None

    def plan(self, stage: str) -> list[Part]:
        return catalogue.get(stage).plan(self)

    def run(self, stage: str) -> dict[str, Made]:
        """Each part's files are there for the parts and stages after it."""
        self.stage, made = stage, {}
        self.room = self.room / stage
        self.room.mkdir()
        for one in catalogue.get(stage).make(self):
            made[one.part] = one
            self.files |= {f"{stage}/{one.part}/{name}": path for name, path in one.files.items()}
        self.room = self.room.parent
        return made
