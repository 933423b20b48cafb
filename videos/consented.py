"""Whose copied voices speak in a video that is made, and whether they still may."""

from typing import Any

from config.kit.errors import Refused
from videos.models import RunPart, RunState, VendorVoice, Video, VoiceConsent
from videos.voice_models import COPIES


class ConsentWithdrawn(Refused):
    code = "consent_withdrawn"


def refuse_withdrawn(video: Video) -> None:
    """Before it goes out. Raises ConsentWithdrawn, which says whose voice it is."""
    found = withdrawn(video)
    if found is not None:
        raise ConsentWithdrawn(
            f"{found.person} withdrew their consent to the copy of their voice that speaks here "
            f"({found.voice_name}): choose another voice and have the video made again, or have an "
            "owner or admin record the consent anew, and resume it."
        )


def withdrawn(video: Video) -> VoiceConsent | None:
    """The first of its voices that may not speak any more."""
    of_team = VoiceConsent.objects.filter(team=video.team_id)
    if not of_team.exclude(withdrawn_at=None).exists():
        return None  # hardly any team has one, and everything that goes out asks
    return next((one for one in consents(video) if one.withdrawn_at is not None), None)


def consents(video: Video) -> list[VoiceConsent]:
    """The last that was recorded for each copy of a person's voice that speaks in it."""
    of_team = VoiceConsent.objects.filter(team=video.team_id, voice__in=_voices(video))
    return list({one.voice: one for one in of_team.order_by("id")}.values())


def told(video: Video) -> list[dict[str, Any]]:
    """The same for a record that leaves the studio: of those who work here it names nobody."""
    return [
        {
            "voice": one.voice,
            "person": one.person,
            "statement": one.statement,
            "recorded_at": one.recorded_at.isoformat(),
            "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
        }
        for one in consents(video)
    ]


def has_copy(video: Video) -> bool:
    """Whether a copy of a person's voice speaks in it; also one that has left its vendor's list."""
    voices = _voices(video)
    of_team = VoiceConsent.objects.filter(team=video.team_id, voice__in=voices)
    ids = [name.partition(":")[2] for name in voices]
    listed = VendorVoice.objects.filter(category__in=COPIES, voice_id__in=ids)
    return of_team.exists() or any(one.full_name in voices for one in listed)


def _voices(video: Video) -> set[str]:
    """Full names of those that spoke; before anything was spoken, of those that would."""
    parts = RunPart.objects.filter(
        run__video=video, run__stage="narration", run__state=RunState.DONE
    )
    identities = parts.values_list("artifact__provider", flat=True)
    if spoke := {one.split(" ")[0] for one in identities if ":" in one}:  # name and version
        return spoke
    scenes = video.script.content.get("scenes", []) if video.script else []
    named = {str(scene.get("voice", "")) for scene in scenes}
    named.add(str(video.plan.get("providers", {}).get("voice", "")))
    return named - {""}
