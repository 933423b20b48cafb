"""The finished files of a video, and the record of how they came about."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from config.kit import files
from videos import consented
from videos.contracts import WHOLE
from videos.models import Artifact, RunPart, RunState, Video
from videos.stages.script import SOURCE

UNREAD = (RunState.WAITING, RunState.RUNNING)
DELIVERED = {
    "video.mp4": "render",
    "thumbnail.jpg": "thumbnail",
    "captions.srt": "captions",
    "captions.vtt": "captions",
    "quality.json": "quality",
}


def _standing(video: Video) -> QuerySet[RunPart]:
    """Parts of finished stages: what an edit sent back to work belongs to the video of before."""
    return RunPart.objects.select_related("run", "artifact").filter(
        run__video=video, run__state=RunState.DONE
    )


def part_of(video: Video, stage: str, part: str) -> Artifact | None:
    found = _standing(video).filter(run__stage=stage, part=part).first()
    return found.artifact if found else None


def delivered(video: Video) -> dict[str, str]:
    """File name -> sha256 of everything that a person or a publisher gets; only what exists."""
    wholes = {row.run.stage: row.artifact.files for row in _standing(video).filter(part=WHOLE)}
    found = {
        name: wholes[stage][name]
        for name, stage in DELIVERED.items()
        if name in wholes.get(stage, {})
    }
    if video.script:
        found["script.json"] = video.script.sha256
    return found


def facts(video: Video, stage: str) -> Mapping[str, Any]:
    artifact = part_of(video, stage, WHOLE)
    return artifact.facts if artifact else {}


def _licences(video: Video) -> dict[str, Any]:
    """Of the providers, and of the voices that scenes of the current script name."""
    scenes = video.script.content.get("scenes", []) if video.script else []
    named = {scene.get("voice", "") for scene in scenes}
    told = video.plan.get("licences", {})
    return {name: one for name, one in told.items() if ":" not in name or name in named}


def page(video: Video) -> Mapping[str, Any]:
    """The page of the web that the script was made of; empty for any other source."""
    read = RunPart.objects.select_related("artifact").filter(run__video=video, run__stage="script")
    found = read.filter(part=SOURCE).exclude(run__state__in=UNREAD).first()
    return found.artifact.facts if found else {}


def credits_of(video: Video) -> list[dict[str, Any]]:
    """Whose each picture or clip is that a scene asked others for; scenes in their order."""
    cards = _standing(video).filter(run__stage="visuals", part__startswith="scene:")
    told = cards.order_by("position").values_list("part", "artifact__facts")
    return [
        {"scene": part.partition(":")[2], **facts["credit"]}
        for part, facts in told
        if facts.get("credit")
    ]


def has_synthetic_media(video: Video, credited: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a model made a picture or clip, or a person's voice is copied: viewers are told where
    the video goes out."""
    return any(one.get("model") for one in credited) or consented.has_copy(video)


def vendor_name(provider: str) -> str:
    """As the vendor writes itself."""
    return {"openai": "OpenAI", "elevenlabs": "ElevenLabs"}.get(provider, provider.capitalize())


def credit_line(credit: Mapping[str, Any]) -> str:
    """`Ana Kelp on Pexels`, or the model that made it."""
    vendor = vendor_name(credit["provider"])
    if credit.get("model"):
        return f"Made by AI: {credit['model']}, {vendor}"
    return f"{credit.get('author', '')} on {vendor}"


def credit_text(credited: Sequence[Mapping[str, Any]]) -> str:
    """For the description of the video: each work once."""
    lines = [f"{credit_line(one)} {one.get('url', '')}".strip() for one in credited]
    return "\n".join(["Pictures and footage:", *dict.fromkeys(lines)]) if lines else ""


def _lacking(video: Video) -> list[dict[str, str]]:
    """What a scene asked for and did not get."""
    cards = _standing(video).filter(run__stage="visuals", part__startswith="scene:")
    told = cards.order_by("position").values_list("part", "artifact__facts")
    return [
        {"scene": part.partition(":")[2], "what": facts["lacks"]}
        for part, facts in told
        if facts.get("lacks")
    ]


def provenance(video: Video) -> dict[str, Any]:
    """What made each part, so that it can be disclosed: engines, versions, hashes, licences."""
    rows = _standing(video).order_by("run__position", "position")
    credited = credits_of(video)
    return {
        "version": 1,
        "title": video.title,
        "format": video.format,
        "method": video.script.content.get("method", "") if video.script else "",
        "script_sha256": video.script.sha256 if video.script else "",
        "source_sha256": files.sha256_of_text(video.source),
        "source_page": dict(page(video)),
        "synthetic_voice": True,
        "has_synthetic_media": has_synthetic_media(video, credited),
        "credits": credited,
        "lacking": _lacking(video),
        "providers": video.plan.get("providers", {}),
        "licences": _licences(video),
        "voice_consents": consented.told(video),
        "pictures": video.pictures,
        "parts": [
            {
                "stage": row.run.stage,
                "part": row.part,
                "key": row.artifact.key,
                "provider": row.artifact.provider,
                "files": row.artifact.files,
            }
            for row in rows
        ],
        "files": delivered(video),
    }
