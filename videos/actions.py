"""What people do with videos: create, edit, pause, resume, retry, cancel, approve."""

from collections.abc import Collection, Mapping
from typing import Any

from billing import ledger
from channels_app import actions as channel_actions
from channels_app.models import BrandKit, Channel, Upload
from config.kit import rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams import brakes
from teams.access import Actor, team_for_approval, team_for_edit
from teams.events import publish
from teams.models import Stops
from videos import (
    assets,
    braked,
    casting,
    clusters,
    conclusions,
    consented,
    estimates,
    moves,
    readiness,
    reading,
    replies,
    routing,
    rules,
    runs,
    scripts,
    writers,
)
from videos.contracts import Script
from videos.models import (
    IN_WORK,
    Asset,
    Counted,
    RunState,
    ScriptVersion,
    StageRun,
    Video,
    VideoState,
)
from videos.moves import WrongState
from videos.news import OrderChanged, VideoCreated
from videos.wishes import Wish as Wish
from videos.wishes import brand_of
from videos.wishes import video_of as video_of
from videos.writing.sources import MAX_CHARACTERS

FOR_THE_SCRIPT = writers.WISHES | {
    *("title", "source", "source_kind", "pictures", "clips", "seconds", "language")
}
WISHED = {"wants_publishing": "publish"}  # where the order has another name
ORDERED = FOR_THE_SCRIPT | {"format", "voice", "music", "illustrate", "wants_publishing"}


class TooLong(Refused):
    code = "source_too_long"


def create_video(
    *,
    by: Actor,
    channel: Channel,
    wish: Wish,
    script: Script | None = None,
    kit: BrandKit | None = None,
) -> Video:
    """`script` are words that a person wrote already: the script stage is skipped then. `kit` is
    another look than the channel's.

    Raises Refused with the field that no video can be made with, ExternalIdTaken.
    """
    writer = routing.writer_for(wish.source, wish.source_kind, writers.full_name(wish.writer))
    rules.refuse_topic(channel, wish.title, wish.source)  # reads text: not in a transaction
    language = wish.language or channel.language
    if script is not None:
        rules.refuse_script(channel, script)
    elif writer == "given":
        casting.refuse_unable_in(by.team_id, wish.source, language)
    else:
        writers.refuse_other_language(writer, wish.source, wish.source_kind, language)
    video = _create_video(by=by, channel=channel, wish=wish, writer=writer, script=script, kit=kit)
    estimates.keep(video, script, is_new=True)  # reads text as well
    return video


@verb
def _create_video(
    *,
    by: Actor,
    channel: Channel,
    wish: Wish,
    writer: str,
    script: Script | None,
    kit: BrandKit | None,
) -> Video:
    team = team_for_edit(by, channel.team_id)
    if kit is not None and kit.team_id != team.pk:
        raise Refused("brand_kit: this look is another team's.", code="invalid")
    video = video_of(channel, wish)
    video.created_by_id = by.user_id
    _refuse_bad_order(video)
    writers.refuse_too_long(writer, video.order())
    routing.refuse_no_maker(video.illustrate)
    video.plan = routing.plan_for(video, brand_of(kit or channel.brand_kit), writer)
    video.plan |= reading.begun(wish.source, wish.source_kind, wish.reading)
    video.plan |= writers.briefing(video, writer)
    video.save()
    assets.hold_logo(video)
    moves.count(video)
    StageRun.objects.bulk_create(
        StageRun(
            video=video,
            stage=name,
            position=position,
            cluster=clusters.cluster_of(name, asked),
            provider=asked,
        )
        for position, name in enumerate(video.plan["stages"])
        for asked in [routing.asked_by(video, name)]
    )
    publish(team, VideoCreated(video.pk, video.title))
    if script is None:
        readiness.promote(video)
    else:
        scripts.save_script(video, script, saved_by_id=by.user_id)
        video.refresh_from_db()
    return video


def _refuse_bad_order(video: Video) -> None:
    if len(video.source) > MAX_CHARACTERS:
        raise TooLong(
            f"This text has {len(video.source):,} characters; {MAX_CHARACTERS:,} is the most. "
            "Choose the part that the video is about."
        )
    is_own = video.music.startswith("asset:")
    video.track = assets.ready_track(video.team_id, video.music).sha256 if is_own else ""
    rows.refuse_taken_id(video, video.external_id)
    rows.refuse_invalid(video, unchecked=["team", "channel", "script", "plan"])
    wanted = {*video.pictures.values(), *video.clips.values()}
    known = Asset.objects.filter(team=video.team_id, sha256__in=wanted).count()
    if known != len(wanted):
        raise Refused(
            "pictures: upload each picture and clip before you use it.", code="no_such_picture"
        )


def change_order(*, by: Actor, video: Video, version: int | None = None, **changes: Any) -> None:
    """Orders the same video otherwise: fields of ORDERED by name. Only what they change is made
    again; a paused or cancelled video stays so until it is resumed. Raises Stale."""
    unknown = set(changes) - ORDERED
    if unknown:
        raise Refused(f"{min(unknown)}: this can't be ordered.", code="invalid")
    _refuse_other_types(changes)
    source = changes.get("source", video.source)
    paid = writers.full_name(changes.get("writer", video.writer))
    kind = changes.get("source_kind", video.source_kind)
    language = changes.get("language", video.language)
    writer = routing.writer_for(source, kind, paid)
    if not {"source", "language", "writer"}.isdisjoint(changes) and may_have_another_text(video):
        writers.refuse_other_language(writer, source, kind, language)
    rules.refuse_topic(video.channel, changes.get("title", ""), changes.get("source", ""))
    if writer == "given" and not FOR_THE_SCRIPT.isdisjoint(changes):
        casting.refuse_unable_in(by.team_id, source, language)
    changed = _change_order(by=by, video=video, writer=writer, asked=changes, version=version)
    if changed is not None and changed.script is None:
        estimates.keep(changed)


def _refuse_other_types(changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        wanted = type(getattr(Wish(source=""), WISHED.get(name, name)))
        if not isinstance(value, wanted):
            raise Refused(f"{name}: this must be a {wanted.__name__}.", code="invalid")


@verb
def _change_order(
    *, by: Actor, video: Video, writer: str, asked: Mapping[str, Any], version: int | None
) -> Video | None:
    """None: it is ordered like that already."""
    team_for_edit(by, video.team_id)
    locked = moves.lock_kept(video.pk)
    rows.refuse_stale(locked, version)
    scripts.refuse_if_gone_out(locked)
    own = writers.WISHES | {"wants_publishing"}
    now = {**vars(locked.order()), **{name: getattr(locked, name) for name in own}}
    changes = {name: value for name, value in asked.items() if value != now[name]}
    if not changes:
        return None
    _refuse_another_video(locked, changes)
    for name, value in changes.items():
        setattr(locked, name, value)
    if "source" in changes and not locked.order().title:
        locked.title = changes.get("title", "")  # the old one was the old script's
    _refuse_bad_order(locked)
    writers.refuse_too_long(writer, locked.order())
    routing.refuse_no_maker(changes.get("illustrate", ""))
    routing.plan_anew(locked, writer, changes)
    if not {"source", "source_kind"}.isdisjoint(changes):
        locked.plan |= reading.begun(locked.source, locked.source_kind)
    if not FOR_THE_SCRIPT.isdisjoint(changes):
        writers.brief_anew(locked, writer)
    rows.write(locked, [*({"title"} | set(changes)), "track", "plan"])
    routing.name_providers(locked)
    publish(locked.team_id, OrderChanged(locked.pk, sorted(changes)))
    if set(changes) != {"wants_publishing"}:
        _make_anew(locked)
    elif locked.wants_publishing and locked.state == VideoState.APPROVED:
        conclusions.hand_over(locked)
    return locked


def may_have_another_text(video: Video) -> bool:
    """Nothing was made of the first, and nobody wrote the script by hand."""
    return video.counted != Counted.COMMITTED and not _is_by_hand(video)


def _is_by_hand(video: Video) -> bool:
    return video.runs.filter(stage="script", state=RunState.SKIPPED).exists()


def _refuse_another_video(video: Video, changes: Collection[str]) -> None:
    if "source" in changes and video.counted == Counted.COMMITTED:
        raise Refused("This video was made: start another one for another text.", code="was_made")
    if _is_by_hand(video) and not FOR_THE_SCRIPT.isdisjoint(changes):
        raise Refused(
            "This script was edited by hand: change it there, or duplicate the video to have it "
            "written anew.",
            code="script_edited",
        )


def _make_anew(video: Video) -> None:
    again = list(video.runs.exclude(state=RunState.SKIPPED).values_list("stage", flat=True))
    readiness.send_back(video, again)
    channel_actions.withdraw(video.pk)
    leaving = set(VideoState) - {VideoState.DRAFT, VideoState.PAUSED, VideoState.CANCELLED}
    moves.move(video, VideoState.QUEUED, leaving=leaving)
    readiness.promote(video)
    if "script" not in again:
        rules.hold_back(video)


@verb
def edit_script(
    *, by: Actor, video: Video, script: Script, version: int | None = None
) -> ScriptVersion:
    """Saves a new version; only what it changes is made again. Raises Stale."""
    team_for_edit(by, video.team_id)
    return scripts.save_script(video, script, saved_by_id=by.user_id, version=version)


@verb
def pause(*, by: Actor, video: Video) -> None:
    """Stops work within seconds; finished parts stay, and `resume` goes on from them."""
    _halt(by, video, VideoState.PAUSED, "Paused: resume it to go on.")


@verb
def cancel(*, by: Actor, video: Video) -> None:
    """Lets go of a video for good; `resume` takes it up all the same."""
    _halt(by, video, VideoState.CANCELLED, "Cancelled: resume it to go on after all.")


def _halt(by: Actor, video: Video, to: VideoState, reason: str) -> None:
    team_for_edit(by, video.team_id)
    conclusions.follow_upload(video.pk)  # its publication may have been taken up again
    locked = moves.lock_kept(video.pk)
    leaving = {*IN_WORK, VideoState.BLOCKED}
    if to == VideoState.CANCELLED:
        leaving |= {
            VideoState.PAUSED,
            VideoState.REVIEW,
            VideoState.APPROVED,
            VideoState.FAILED,
            VideoState.SCHEDULED,
        }
    if locked.state not in leaving:
        raise WrongState(f"A video that is {locked.state} can't be {to}.")
    readiness.halt(locked)
    if to == VideoState.CANCELLED:
        channel_actions.withdraw(video.pk)
    moves.move(locked, to, leaving=leaving, reason=reason)


@verb
def resume(*, by: Actor, video: Video) -> None:
    """Goes on where a paused, cancelled, failed or blocked video stands; nothing is made twice.
    Raises Braked for one that a brake holds back."""
    team_for_edit(by, video.team_id)
    conclusions.follow_upload(video.pk)  # its publication may have been taken up again
    locked = scripts.settled(video.pk)
    braked.refuse_resuming(locked)
    rules.refuse_resuming(locked)
    if locked.reason_code in (conclusions.PUBLISH, consented.ConsentWithdrawn.code):
        consented.refuse_withdrawn(locked)
    upload = Upload.objects.filter(video_id=video.pk).order_by("id").last()
    if upload and locked.reason_code == conclusions.PUBLISH:
        channel_actions.retry_upload(by=by, upload=upload)
        moves.move(locked, VideoState.SCHEDULED, leaving=[VideoState.FAILED])
        return
    leaving = [VideoState.PAUSED, VideoState.CANCELLED, VideoState.FAILED, VideoState.BLOCKED]
    if locked.state not in leaving:
        raise WrongState(f"A video that is {locked.state} needs no resuming.")
    was_asked = locked.reason_code == runs.OUTCOME_UNKNOWN
    readiness.halt(locked)
    readiness.promote(locked)
    moves.move(locked, VideoState.QUEUED, leaving=leaving)
    conclusions.conclude(locked)
    rules.hold_back(locked)
    if was_asked:
        ledger.accept(locked.team_id, locked.pk)


@verb
def produce(*, by: Actor, video: Video) -> None:
    """Makes at once what was written so far, without waiting until everybody is quiet; what would
    be bought waits for this word."""
    team_for_edit(by, video.team_id)
    locked = scripts.settled(video.pk)
    if locked.state not in IN_WORK:
        raise WrongState(f"A video that is {locked.state} is not in work.")
    readiness.promote(locked)
    readiness.hurry(locked)
    if locked.reason_code == scripts.TO_BE_BOUGHT:
        moves.move(locked, VideoState.QUEUED, leaving=[VideoState.QUEUED])
    rules.hold_back(locked)


@verb
def retry_stage(*, by: Actor, run: StageRun) -> None:
    """Does a stage and all that follows from it again; parts whose key is unchanged are kept."""
    team_for_edit(by, run.video.team_id)
    video = scripts.settled(run.video_id)
    scripts.refuse_if_gone_out(video)
    leaving = [
        *IN_WORK,
        VideoState.FAILED,
        VideoState.BLOCKED,
        VideoState.REVIEW,
        VideoState.APPROVED,
        VideoState.PAUSED,
    ]
    if run.state == RunState.SKIPPED:
        raise WrongState("This script was edited by hand: duplicate the video to have it anew.")
    if video.state not in leaving:
        raise WrongState(f"A video that is {video.state} can't be made again.")
    if run.stage != "script":
        rules.refuse_resuming(video)
    writers.write_anew(video, run)
    again = {run.stage, *readiness.behind(video, run.stage), *readiness.broken(video)}
    readiness.send_back(video, again)
    channel_actions.withdraw(video.pk)
    readiness.promote(video)
    moves.move(video, VideoState.QUEUED, leaving=leaving)
    replies.forget_unread(video.team_id, video.runs.filter(stage__in=again))
    if "script" not in again:
        rules.hold_back(video)


@verb
def approve(*, by: Actor, video: Video, version: int | None = None) -> None:
    """A person lets a video out. What failed its quality check can't be approved, and with
    `version` nothing that was changed since they saw it: raises Stale."""
    team_for_approval(by, video.team_id)
    locked = scripts.settled(video.pk)
    rows.refuse_stale(locked, version)
    if locked.reason_code == "quality":
        raise WrongState("The quality check failed: mend what it names, then approve.")
    if not moves.move(locked, VideoState.APPROVED, leaving=[VideoState.REVIEW]):
        raise WrongState(f"A video that is {locked.state} does not wait for approval.")
    if locked.wants_publishing:
        conclusions.hand_over(locked)


@verb
def publish_video(*, by: Actor, video: Video) -> Upload:
    """Hands an approved video to its channel's publisher. Raises Braked."""
    team_for_edit(by, video.team_id)
    locked = scripts.settled(video.pk)
    if locked.state != VideoState.APPROVED:
        raise WrongState(f"Only an approved video can be published; this one is {locked.state}.")
    brakes.refuse(locked.team_id, Stops.PUBLISHING)
    return conclusions.hand_over(locked)
