"""When the last stage is done: the verdict, the approval, the hand-over to a publisher."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from billing import costs
from channels_app.actions import request_publication
from channels_app.models import ACTIVE, Approval, Upload, UploadState
from config.kit import registry
from config.kit.database import verb
from config.kit.errors import Refused
from teams import brakes
from teams.models import Brake, Stops
from videos import chapters, consented, moves, outputs, rules
from videos.models import HANDED_OVER, IN_WORK, Video, VideoState
from videos.readiness import OVER

LONGEST_DESCRIPTION = 5_000  # characters that go out with a video
QUALITY, APPROVAL = "quality", "approval"  # the reason codes of what a person looks at
PUBLISH = "publish"  # the reason code of a failed publication
STOPPED = brakes.code_of(Stops.PUBLISHING)  # of one that a brake holds back
_FROM_UPLOAD = {
    UploadState.WAITING: VideoState.SCHEDULED,
    UploadState.RUNNING: VideoState.UPLOADING,
    UploadState.DONE: VideoState.PUBLISHED,
    UploadState.FAILED: VideoState.FAILED,
    UploadState.CANCELLED: VideoState.APPROVED,
}


def conclude(video: Video) -> None:
    """Moves a video whose runs are all over on to review or, where that is enough, to approved.
    What was written meanwhile is made first."""
    for writer in registry.script_writer:
        writer.settle(video, strictly=False)
    if video.runs.exclude(state__in=OVER).exists():
        return
    costs.learn(video.team_id, video.pk)
    verdict = outputs.facts(video, "quality")
    if not verdict.get("passed", False):
        reason = str(verdict.get("reason") or "The quality check did not pass: see its report.")
        moves.move(video, VideoState.REVIEW, leaving=IN_WORK, reason=reason, code=QUALITY)
    elif video.channel.approval != Approval.NONE:
        moves.move(
            video,
            VideoState.REVIEW,
            leaving=IN_WORK,
            reason="Waits for a person's approval.",
            code=APPROVAL,
        )
    elif moves.move(video, VideoState.APPROVED, leaving=IN_WORK) and video.wants_publishing:
        _hand_over_or_block(video)


def _hand_over_or_block(video: Video) -> None:
    """Nobody is there to be refused: the video says why it stands still."""
    try:
        hand_over(video)
    except Refused as refusal:
        moves.move(
            video,
            VideoState.BLOCKED,
            leaving=[VideoState.APPROVED],
            reason=refusal.message,
            code=refusal.code,
        )


def _described(description: str, added: str) -> str:
    """Chapters and credits come last, and what is too long loses words of its own before it loses
    them."""
    if not added:
        return description
    own = description[: max(0, LONGEST_DESCRIPTION - len(added) - 2)]
    return f"{own}\n\n{added}".strip()[:LONGEST_DESCRIPTION]


def hand_over(video: Video) -> Upload:
    """Gives an approved video to its channel's publisher; the Upload row is then the truth. While
    publishing is stopped the video is blocked until the brake is released. Raises BlockedTopic, and
    ConsentWithdrawn for a copied voice that may not speak any more."""
    rules.refuse_blocked(video)
    consented.refuse_withdrawn(video)
    content = video.script.content if video.script else {}
    credited = outputs.credits_of(video)
    own = content.get("description", "")
    added = (chapters.below(video, own), outputs.credit_text(credited))
    metadata = {
        "title": video.title,
        "description": _described(own, "\n\n".join(filter(None, added))),
        "tags": content.get("tags", []),
        "language": content.get("language", ""),
        "has_synthetic_media": outputs.has_synthetic_media(video, credited),
        "provenance": outputs.provenance(video),
    }
    upload = request_publication(
        channel=video.channel,
        video_id=video.pk,
        title=video.title,
        files=outputs.delivered(video),
        metadata=metadata,
    )
    place = _place(upload)
    if place.state != VideoState.BLOCKED:
        place = Place(VideoState.SCHEDULED)
    moves.move(
        video, place.state, leaving=[VideoState.APPROVED], reason=place.reason, code=place.code
    )
    return upload


@dataclass(frozen=True)
class Place:
    """Where a video stands by its upload, and why it stands still there."""

    state: VideoState
    reason: str = ""
    code: str = ""


def _place(upload: Upload) -> Place:
    state = UploadState(upload.state)
    if state == UploadState.WAITING:
        brake = brakes.found(upload.team_id, Stops.PUBLISHING)
        if brake is not None:
            return Place(VideoState.BLOCKED, brakes.sentence(brake), STOPPED)
    code = PUBLISH if state == UploadState.FAILED else ""
    return Place(_FROM_UPLOAD[state], upload.reason, code)


@verb
def follow_upload(video_id: int) -> None:
    """Brings the video where its latest upload stands; asked twice it changes nothing."""
    video = moves.lock(video_id)
    uploads = Upload.objects.filter(video_id=video_id).order_by("id")
    upload = uploads.filter(state=UploadState.DONE).last() or uploads.last()
    if upload is None:
        return
    place = _place(upload)
    if place.state == VideoState.APPROVED:  # taken back, perhaps since a person withdrew
        place = _withdrawn(video) or place
    leaving = _left_for(upload, video)
    moves.move(video, place.state, leaving=leaving, reason=place.reason, code=place.code)


def _withdrawn(video: Video) -> Place | None:
    try:
        consented.refuse_withdrawn(video)
    except consented.ConsentWithdrawn as refusal:
        return Place(VideoState.BLOCKED, refusal.message, refusal.code)
    return None


def _left_for(upload: Upload, video: Video) -> list[VideoState]:
    """The states in which a video is moved to where this upload stands."""
    if upload.state == UploadState.DONE:
        return list(VideoState)  # what is out is out
    leaving = [*HANDED_OVER, VideoState.APPROVED]
    if video.reason_code == PUBLISH:
        leaving.append(VideoState.FAILED)  # the upload was taken up again
    if video.reason_code == STOPPED:
        leaving.append(VideoState.BLOCKED)
    return leaving


def goes_out(video_id: int) -> bool:
    """Whether a publisher may take this video as it was handed over."""
    may_be_retried = Q(state=VideoState.FAILED, reason_code=PUBLISH)
    handed_over = Q(state__in=HANDED_OVER) | Q(state=VideoState.BLOCKED, reason_code=STOPPED)
    kept = Video.objects.filter(pk=video_id, deleted_at=None)
    found = kept.filter(handed_over | may_be_retried).defer("source").first()
    return found is not None and consented.withdrawn(found) is None


def follow_all() -> None:
    """What a lost wake would have done: videos whose upload has moved on without them."""
    uploads = Upload.objects.filter(video_id=OuterRef("pk"))
    gone_out = Q(Exists(uploads.filter(state=UploadState.DONE)))
    taken_up_again = Q(Exists(uploads.filter(state__in=ACTIVE)), reason_code=PUBLISH)
    stopped = Exists(Brake.objects.over(OuterRef("team"), Stops.PUBLISHING))
    freed = Q(~stopped, state=VideoState.BLOCKED, reason_code=STOPPED)
    behind = Q(state__in=HANDED_OVER) | gone_out | taken_up_again | freed
    found = Video.objects.exclude(state=VideoState.PUBLISHED).filter(behind).order_by("id")
    for video_id in found.values_list("pk", flat=True):
        follow_upload(video_id)
