"""What the studio shows of one video: scenes with their times, stages, remarks, files, costs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Sum

from billing.models import CostEntry
from channels_app.models import Upload
from config.kit import files
from config.kit.models import Blob
from teams.access import Actor
from teams.models import User
from videos import askers, braked, casting, choices, outputs, progress, rules, scripts, writers
from videos.askers import Asked
from videos.contracts import FPS, scene_part
from videos.listing import MOVING
from videos.models import Proposal, RunPart, RunState, Scene, StageRun, Video, VideoState
from videos.naming import STAGES
from videos.writing.visuals import source_of

ABOUT = {
    "video.mp4": "The video",
    "thumbnail.jpg": "Thumbnail",
    "captions.srt": "Captions for editors",
    "captions.vtt": "Captions for players",
    "script.json": "Script",
    "quality.json": "Quality report",
}
RESUMABLE = (VideoState.PAUSED, VideoState.CANCELLED, VideoState.FAILED, VideoState.BLOCKED)
WORKING = (VideoState.QUEUED, VideoState.PRODUCING)
CANCELLABLE = (
    *WORKING,
    VideoState.BLOCKED,
    VideoState.PAUSED,
    VideoState.REVIEW,
    VideoState.APPROVED,
    VideoState.FAILED,
    VideoState.SCHEDULED,
)
AGAIN = (
    *WORKING,
    VideoState.FAILED,
    VideoState.BLOCKED,
    VideoState.REVIEW,
    VideoState.APPROVED,
    VideoState.PAUSED,
)
GONE_OUT = (
    VideoState.SCHEDULED,
    VideoState.UPLOADING,
    VideoState.PROCESSING,
    VideoState.PUBLISHED,
)


@dataclass(frozen=True)
class SceneLine:
    """A scene with its place in the finished video; None before it is spoken."""

    scene: Scene
    start_s: float | None
    length_s: float | None
    still: str  # the key of what it shows; empty: not made yet
    voice: str = ""  # where it is not the video's
    credit: Mapping[str, Any] = field(default_factory=dict)  # whose picture it shows
    credit_line: str = ""
    lacks: str = ""  # what it asked for and did not get
    source: str = ""  # who is asked for another one
    price: str = ""  # of another one, for who may see it; empty: it is free
    proposal: Proposal | None = None  # other words, that a writer is asked for or has proposed


def scene_lines(video: Video, by: Actor) -> list[SceneLine]:
    rows = list(video.scenes.order_by("position"))
    found, usual = _scene_parts(video), casting.usual(video)
    prices = choices.prices_of_another(video, rows, by)
    proposed = {one.uid: one for one in Proposal.objects.open_of(video.pk)}
    lines: list[SceneLine] = []
    at: float | None = 0.0
    for row in rows:
        part = scene_part(row.uid)
        frames = found.get(("narration", part), {}).get("frames")
        length = frames / FPS if frames else None
        shown = found.get(("visuals", part), {})
        asked = source_of(row.visual, video.illustrate)
        line = SceneLine(row, at, length, shown.get("key", ""), casting.label(row, usual))
        more = {"source": asked, "price": prices.get(asked, ""), **_pictured(shown)}
        lines.append(replace(line, **more, proposal=proposed.get(row.uid)))
        at = at + length if at is not None and length is not None else None
    return lines


def _pictured(facts: Mapping[str, Any]) -> dict[str, Any]:
    credit = facts.get("credit", {})
    told = outputs.credit_line(credit) if credit else ""
    licence = str(credit.get("licence", "")).partition(", ")[0]
    return {
        "credit": credit,
        "credit_line": f"{told} · {licence}" if licence else told,
        "lacks": facts.get("lacks", ""),
    }


def _scene_parts(video: Video) -> dict[tuple[str, str], dict[str, Any]]:
    """By stage and part; parts of a stage at work count as soon as they are made."""
    parts = RunPart.objects.filter(run__video=video, run__stage__in=["narration", "visuals"])
    rows = parts.values_list("run__stage", "part", "artifact__facts", "artifact__key")
    return {(stage, part): {**facts, "key": key} for stage, part, facts, key in rows}


@dataclass(frozen=True)
class StageLine:
    run: StageRun
    name: str
    made: int
    kept: int  # found by their keys: neither made nor paid again
    asked: Asked = field(default_factory=Asked)


def stage_lines(video: Video) -> list[StageLine]:
    runs = list(video.runs.order_by("position"))
    counts: dict[int, list[int]] = {run.pk: [0, 0] for run in runs}
    for run_id, was_made in RunPart.objects.filter(run__in=runs).values_list("run", "was_made"):
        counts[run_id][0 if was_made else 1] += 1
    asked = askers.told(video, runs)
    return [
        StageLine(run, STAGES.get(run.stage, run.stage), made, kept, asked[run.pk])
        for run in runs
        for made, kept in [counts[run.pk]]
    ]


def status(video: Video, by: Actor) -> dict[str, Any]:
    stages = stage_lines(video)
    done = [line.run.stage for line in stages if line.run.state == RunState.DONE]
    return {
        "video": video,
        "stages": stages,
        "progress": progress.of([line.run for line in stages]),
        "is_moving": video.state in MOVING,
        "signature": f"{video.state}.{video.script_id or 0}.{'-'.join(done)}{_proposed(video)}",
        "may": may(video, by),
        "shortage": braked.shortage(video, by),
        "in_doubt": braked.in_doubt(video, by),
        "made": sum(line.made for line in stages),
        "parts": sum(line.made + line.kept for line in stages),
    }


def _proposed(video: Video) -> str:
    """What waits of other words for scenes: empty where nothing does."""
    rows = Proposal.objects.open_of(video.pk).values_list("pk", "state")
    return "".join(f".{pk}{state[0]}" for pk, state in rows)


def may(video: Video, by: Actor) -> Mapping[str, bool]:
    """Which buttons make sense now; what a verb allows is the verb's to say."""
    edits = by.may_edit
    return {
        "edit": edits and video.state not in GONE_OUT and video.script_id is not None,
        "reword": edits and (video.state, video.reason_code) == (VideoState.FAILED, "script"),
        "produce": edits and video.reason_code == scripts.TO_BE_BOUGHT,
        "rewrite": edits
        and video.state not in GONE_OUT
        and video.script_id is not None
        and bool(writers.offered()),
        "pause": edits and video.state in (*WORKING, VideoState.BLOCKED),
        "resume": edits
        and video.state in RESUMABLE
        and not braked.goes_on_by_itself(video)
        and not rules.waits(video),
        "accept": edits and rules.waits(video),
        "cancel": edits and video.state in CANCELLABLE,
        "again": edits and video.state in AGAIN,
        "approve": by.may_approve
        and video.state == VideoState.REVIEW
        and video.reason_code != "quality",
        "publish": edits and video.state == VideoState.APPROVED,
        "copy": edits,
        "delete": edits and video.state not in (VideoState.UPLOADING, VideoState.PROCESSING),
    }


def report(video: Video) -> dict[str, Any]:
    """The quality report; {} while there is none."""
    sha256 = outputs.delivered(video).get("quality.json")
    if not sha256:
        return {}
    path = files.path_of(video.team_id, sha256)
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@dataclass(frozen=True)
class Deliverable:
    name: str
    about: str
    size: int


def deliverables(video: Video) -> list[Deliverable]:
    delivered = outputs.delivered(video)
    sizes = dict(
        Blob.objects.filter(team_id=video.team_id, sha256__in=delivered.values()).values_list(
            "sha256", "size"
        )
    )
    return [
        Deliverable(name, about, sizes.get(delivered[name], 0))
        for name, about in ABOUT.items()
        if name in delivered
    ]


def versions(video: Video) -> list[dict[str, Any]]:
    rows = list(video.script_versions.defer("content").order_by("-number")[:50])
    people = User.objects.in_bulk({row.saved_by_id for row in rows if row.saved_by_id})
    return [
        {"row": row, "by": people.get(row.saved_by_id), "is_now": row.pk == video.script_id}
        for row in rows
    ]


def publication(video: Video) -> Upload | None:
    return Upload.objects.filter(video_id=video.pk).order_by("id").last()


def costs(video: Video) -> list[tuple[int, str]]:
    """(micros, currency) for each currency that something was paid in."""
    booked = CostEntry.objects.filter(video_id=video.pk).values_list("currency").order_by()
    totals = booked.annotate(total=Sum("amount_micros"))
    return [(total, currency) for currency, total in totals if total]
