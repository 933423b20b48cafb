"""The chapters of a video as it is made: where each begins, by what was really spoken."""

from videos.contracts import FPS, scene_part
from videos.models import RunPart, RunState, Video
from videos.writing import descriptions
from videos.writing.descriptions import Chapter


def of(video: Video) -> list[Chapter]:
    """Empty until all is spoken, and where the video is too short for any."""
    spoken = RunPart.objects.filter(
        run__video=video, run__stage="narration", run__state=RunState.DONE
    )
    frames = {
        part: facts.get("frames") for part, facts in spoken.values_list("part", "artifact__facts")
    }
    scenes = [
        (headline, frames.get(scene_part(uid)))
        for headline, uid in video.scenes.order_by("position").values_list("headline", "uid")
    ]
    if not all(length for _, length in scenes):
        return []
    return descriptions.chapters([(name, length / FPS) for name, length in scenes if length])


def below(video: Video, description: str) -> str:
    """What stands under the description: a line each, nothing where its author wrote some."""
    if descriptions.has_chapters(description):
        return ""
    return "\n".join(one.line for one in of(video))
