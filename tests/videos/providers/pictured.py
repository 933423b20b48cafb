"""Videos whose scenes ask for pictures, and their visuals done as a worker does them."""

import json
from datetime import timedelta

from billing.models import CostEntry
from config.kit import files
from config.kit.database import after
from videos import actions, pipeline, runs
from videos.contracts import SceneText, Script
from videos.models import RunPart, RunState, StageRun, Video

PAST = -timedelta(seconds=1)
KELP = {"template": "statement", "text": "Kelp grows half a metre a day", "kicker": ""}
IMAGE = {"template": "picture", "source": "image", "prompt": "a kelp forest at dawn"}
CLIP = {"template": "clip", "source": "clip", "prompt": "an otter in a kelp forest"}
PHOTO = {"template": "picture", "source": "footage", "prompt": "kelp forest"}
FILM = {"template": "clip", "source": "footage", "prompt": "kelp forest"}


def script_of(*visuals, title="Kelp forests") -> Script:
    scenes = [
        SceneText(f"0000000{n}", "Kelp grows in cold water.", f"Scene of kelp {n}", visual)
        for n, visual in enumerate(visuals, 1)
    ]
    return Script(title, "en", "edited", tuple(scenes))


def ordered(by, channel, *visuals, source="Kelp grows.", **wish) -> Video:
    """Its script is written already."""
    wanted = actions.Wish(source=source, title="Kelp", seconds=10, music="none", **wish)
    script = script_of(*visuals)
    return actions.create_video(by=by, channel=channel, wish=wanted, script=script)


def run_of(video: Video) -> StageRun:
    """The visuals, claimed; nothing else is ready."""
    StageRun.objects.filter(state=RunState.WAITING).update(due_at=None)
    video.runs.filter(stage="visuals").update(due_at=after(PAST))
    run = runs.claim("studio", "w:1", 9)
    assert run is not None
    return run


def pictured(video: Video) -> StageRun:
    """One attempt at the visuals, whatever its end."""
    run = run_of(video)
    pipeline.perform(run)
    run.refresh_from_db()
    return run


def booked() -> int:
    return sum(CostEntry.objects.values_list("amount_micros", flat=True))


def kinds() -> list[str]:
    return list(CostEntry.objects.order_by("id").values_list("kind", flat=True))


def facts(video: Video, scene: int = 1) -> dict:
    part = RunPart.objects.get(run__video=video, run__stage="visuals", part=f"scene:0000000{scene}")
    return part.artifact.facts


def card(video: Video, scene: int = 1) -> dict:
    part = RunPart.objects.get(run__video=video, run__stage="visuals", part=f"scene:0000000{scene}")
    path = files.path_of(video.team_id, part.artifact.files["scene.json"])
    return json.loads(path.read_text())
