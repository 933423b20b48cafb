"""What is made already: nobody makes it, or pays for it, again."""

from collections.abc import Iterator, Sequence

from config.kit import files
from videos import routing
from videos.contracts import Part
from videos.models import Artifact, RunPart, StageRun
from videos.stages.catalogue import Stage


def find(run: StageRun, part: str, keys: Sequence[str]) -> Artifact | None:
    """Under one of these keys, whole in the store: what stands for the part now, else the first
    of them that there is."""
    made = {one.key: one for one in Artifact.objects.filter(team=run.team_id, key__in=keys)}
    wanted = [*_standing(run, part), *keys] if len(keys) > 1 else keys
    found = (made[key] for key in wanted if key in made)
    return next((one for one in found if _is_kept(run.team_id, one)), None)


def _standing(run: StageRun, part: str) -> Sequence[str]:
    rows = RunPart.objects.filter(run=run, part=part)
    return list(rows.values_list("artifact__key", flat=True))


def _is_kept(team_id: int, artifact: Artifact) -> bool:
    return bool(artifact.files) and all(
        files.is_kept(team_id, sha256) for sha256 in artifact.files.values()
    )


def former_identities(run: StageRun, stage: Stage, part: Part) -> Iterator[str]:
    """Of those whom another took over for in this video, as keys name them. None of voices: two of
    them would tell one story."""
    kind = part.provider or stage.provider
    if kind and kind != routing.VOICE:
        for name in routing.formers(run.video, kind):
            try:
                yield routing.in_keys(routing.made(kind, name))
            except LookupError:  # this version knows it no more
                continue
