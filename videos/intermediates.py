"""What a published video was made of: let go after a while, made again should it be missed."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from config.kit import files
from config.kit.database import after, verb
from config.kit.models import BlobRef
from videos.contracts import WHOLE
from videos.models import Artifact, RunPart, Video, VideoState

STAGES = ("narration", "captions", "render", "quality")  # pictures stay: the studio shows them
HOLDER = "videos.artifact"
AT_ONCE = 100


def let_go(*, is_rehearsal: bool = False) -> int:
    """How many videos it was done for; `prune` then removes the bytes."""
    videos = [video.pk for video in _old().order_by("id")]
    if is_rehearsal:
        return len(videos)
    return sum(_let_go(videos[at : at + AT_ONCE]) for at in range(0, len(videos), AT_ONCE))


def _old() -> QuerySet[Video]:
    """Published long ago, with intermediates that are still held."""
    long_ago = after(-timedelta(days=settings.KEEP_INTERMEDIATES_DAYS))
    published = Video.objects.filter(state=VideoState.PUBLISHED, changed_at__lt=long_ago)
    still = BlobRef.objects.filter(kind=HOLDER, ref_id=OuterRef("artifact_id"))
    parts = _parts().filter(Exists(still), run__video=OuterRef("pk"))
    return published.filter(Exists(parts))


def _parts() -> QuerySet[RunPart]:
    return RunPart.objects.filter(run__stage__in=STAGES).exclude(part=WHOLE)


@verb
def _let_go(video_ids: list[int]) -> int:
    """An artifact that another video uses too stays."""
    elsewhere = RunPart.objects.filter(artifact=OuterRef("pk")).exclude(run__video__in=video_ids)
    parts = _parts().filter(run__video__in=video_ids)
    mine = Artifact.objects.filter(pk__in=parts.values("artifact")).filter(~Q(Exists(elsewhere)))
    files.release(HOLDER, list(mine.values_list("pk", flat=True)))
    return len(video_ids)
