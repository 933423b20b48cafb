"""Whom the stages of a video ask, told to people: who makes what, who is waited for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from videos import clusters, outputs, resting
from videos.models import ProviderRest, RunState, StageRun, Video


@dataclass(frozen=True)
class Asked:
    """`by` is empty where nobody beyond this studio is asked; `until` is when who is waited for is
    asked again."""

    by: str = ""
    waits: str = ""
    until: datetime | None = None


def told(video: Video, runs: Sequence[StageRun]) -> dict[int, Asked]:
    """By run. One query, none where nobody waits."""
    waiting = [run for run in runs if run.state == RunState.WAITING and run.due_at]
    rests = resting.resting() if any(_remote(run) for run in waiting) else {}
    return {run.pk: _of(video, run, rests if run in waiting else {}) for run in runs}


def _of(video: Video, run: StageRun, rests: Mapping[str, ProviderRest]) -> Asked:
    by = ", ".join(_named(provider, video) for provider in _remote(run))
    tired = [rests[provider] for provider in _remote(run) if provider in rests]
    if tired:
        names = ", ".join(_vendor(row.provider) for row in tired)
        until = max(row.rests_until for row in tired if row.rests_until)
        return Asked(by, f"Waits for {names}, which failed several times.", until)
    return Asked(by, until=run.due_at if run.state == RunState.WAITING and run.reason else None)


def _remote(run: StageRun) -> list[str]:
    return [provider for provider in run.provider.split() if clusters.is_remote(provider)]


def _vendor(provider: str) -> str:
    return outputs.vendor_name(provider.partition(":")[2])


def _named(provider: str, video: Video) -> str:
    """With whom it has taken over for."""
    kind = provider.partition(":")[0]
    steps = [step for step in video.plan.get("rerouted", []) if step["kind"] == kind]
    if not steps:
        return _vendor(provider)
    was = outputs.vendor_name(str(steps[-1]["was"]).partition(":")[0])
    return f"{_vendor(provider)} (took over from {was})"
