"""What a plan may look at, read from the rows of the video."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from config.kit.stores import Lend
from videos import rules, scripts
from videos.contracts import Order, Script
from videos.models import Artifact, RunPart, StageRun


class PipelineInputs:
    """What a plan may look at, read from the rows of the video."""

    def __init__(self, run: StageRun, lend: Lend) -> None:
        self._run, self._lend = run, lend

    @cached_property
    def order(self) -> Order:
        video = self._run.video
        return replace(video.order(), blocked=rules.topics_of(video.channel))

    @cached_property
    def script(self) -> Script:
        return scripts.current(self._run.video)

    def _artifact(self, stage: str, part: str) -> Artifact:
        return (
            RunPart.objects.select_related("artifact")
            .get(run__video=self._run.video_id, run__stage=stage, part=part)
            .artifact
        )

    def facts(self, stage: str, part: str) -> Mapping[str, Any]:
        return dict(self._artifact(stage, part).facts)

    def sha256(self, reference: str) -> str:
        """Of `stage/part/file`, or of `asset/<sha256>/file`."""
        stage, part, name = reference.split("/", 2)
        return part if stage == "asset" else str(self._artifact(stage, part).files[name])

    def path(self, reference: str) -> Path:
        return self._lend(self._run.team_id, self.sha256(reference))
