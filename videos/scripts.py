"""The script as rows: its versions, its scenes, and what a change sends back to work."""

import json
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Max

from channels_app.actions import withdraw
from channels_app.models import ACTIVE, Upload
from config.kit import files, registry, rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.events import publish
from videos import casting, estimates, moves, outputs, readiness, routing, rules
from videos.contracts import WHOLE, SceneText, Script
from videos.models import HANDED_OVER, Scene, ScriptVersion, StageRun, Video, VideoState
from videos.news import ScriptSaved
from videos.writing import scripts as texts
from videos.writing.checks import Wrong

TO_BE_BOUGHT = "to_be_bought"  # the reason code of an edit that waits for a person's word
QUIET = timedelta(seconds=10)  # what people are still writing is not spoken word by word
WAITS = "The script was edited, and making that costs money: press “Make the video”."
_APART = 100_000  # positions are unique: rows step aside before they take their new places


class BeingPublished(Refused):
    code = "being_published"


@verb
def settled(video_id: int) -> Video:
    """The video as `moves.lock_kept` answers it, its script as people have written it so far.

    Raises Refused (bad_script) while what they write is no script.
    """
    locked = moves.lock_kept(video_id)
    for writer in registry.script_writer:
        writer.settle(locked, strictly=True)
    return locked


@verb
def save_script(
    video: Video, script: Script, *, saved_by_id: int | None, version: int | None = None
) -> ScriptVersion:
    """A new version of the script; what it changes is made again. Equal text: the same version.

    Raises Refused with the scene and field that a video can't be made of.
    """
    script = _checked(script)
    locked = settled(video.pk)
    rows.refuse_stale(locked, version)
    return save_change(locked, script, saved_by_id=saved_by_id)


def save_change(locked: Video, script: Script, *, saved_by_id: int | None) -> ScriptVersion:
    """As `save_script`, for a script that was made of `current(locked)`: `locked` is what `settled`
    answered, so that what people write from then on is not taken for something that it changes."""
    script = _checked(script)
    refuse_if_gone_out(locked)
    casting.refuse_unable(locked.team_id, script, current(locked) if locked.script else None)
    _tell_writer(locked, script, saved_by_id)
    return _save(locked, script, saved_by_id)


def _checked(script: Script) -> Script:
    return _read(lambda: json.loads(texts.to_json(script)))


def _read(plain: Callable[[], Any]) -> Script:
    try:
        return texts.read(plain())
    except Wrong as fault:
        raise Refused(texts.in_words(fault), code="bad_script") from None


def read_scenes(video: Video, scenes: Sequence[SceneText]) -> Script:
    """The video's script with these scenes; an empty `visual` is not chosen yet. Raises Refused
    (bad_script) as `save_script` does."""
    now = current(video)
    plain = json.loads(texts.to_json(now))
    plain |= {"method": "edited", "scenes": [_plain(scene) for scene in scenes]}
    script = _read(lambda: plain)
    casting.refuse_unable(video.team_id, script, now)
    return script


def save_scenes(
    locked: Video, scenes: Sequence[SceneText], *, saved_by_id: int | None = None
) -> bool:
    """What people wrote together, as the rows: a new version, unless it is the script already
    (False). It is made once they have been quiet for a while. Raises as `read_scenes`, and
    BeingPublished."""
    script = read_scenes(locked, scenes)
    if script.scenes == current(locked).scenes:
        return False
    refuse_if_gone_out(locked)
    _save(locked, script, saved_by_id, quiet=QUIET)
    return True


def _plain(scene: SceneText) -> dict[str, object]:
    chosen = {"visual": dict(scene.visual)} if scene.visual else {}
    words = {"narration": scene.narration, "headline": scene.headline}
    return {"id": scene.id, **words, "voice": scene.voice, **chosen}


def _save(
    locked: Video, script: Script, saved_by_id: int | None, quiet: timedelta | None = None
) -> ScriptVersion:
    saved = _keep(locked, script, saved_by_id, is_draft=quiet is not None)
    if locked.script_id != saved.pk:
        _make_current(locked, saved, script)
        rows.write(locked, ["title"])
        readiness.skip(locked, "script")  # a person's words are not overwritten by the stage
        readiness.send_back(locked, readiness.behind(locked, "script"))
        withdraw(locked.pk)
        leaving = set(VideoState) - {VideoState.DRAFT, VideoState.PAUSED, VideoState.CANCELLED}
        if quiet and not estimates.price_of_edit(locked, script).is_free:
            why = {"reason": WAITS, "code": TO_BE_BOUGHT}
            moves.move(locked, VideoState.QUEUED, leaving=leaving, **why)
            rules.hold_back(locked)
            return saved
        moves.move(locked, VideoState.QUEUED, leaving=leaving)
        readiness.promote(locked, quiet=quiet)
        rules.hold_back(locked)
    return saved


def _tell_writer(locked: Video, script: Script, by_id: int | None) -> None:
    was = current(locked).scenes if locked.script else ()
    for writer in registry.script_writer:
        writer.write(locked, was, script.scenes, by_id)


def refuse_if_gone_out(video: Video) -> None:
    """What was handed to a publisher stands as it is. Raises BeingPublished."""
    if gone_out([video]):
        raise BeingPublished("This video has gone out: duplicate it to change it.")


def gone_out(videos: Collection[Video]) -> set[int]:
    """The ids of those that were handed to a publisher."""
    uploads = Upload.objects.filter(video_id__in=[video.pk for video in videos], state__in=ACTIVE)
    uploading = set(uploads.values_list("video_id", flat=True))
    ended = (*HANDED_OVER, VideoState.PUBLISHED)
    return {video.pk for video in videos if video.pk in uploading or video.state in ended}


def take_over(video: Video, run: StageRun) -> None:
    """Makes the script stage's result the current version; the later stages wait for it anyway."""
    artifact = outputs.part_of(video, run.stage, WHOLE)
    if artifact is None:
        raise LookupError(f"run {run.pk} made no script")
    path = files.path_of(video.team_id, artifact.files["script.json"])
    script = texts.from_json(path.read_text(encoding="utf-8"))
    _tell_writer(video, script, None)
    _make_current(video, _keep(video, script, None), script)


def current(video: Video) -> Script:
    """Raises LookupError before the script stage has settled."""
    if video.script is None:
        raise LookupError(f"video {video.pk} has no script yet")
    return texts.read(video.script.content)


def _keep(
    video: Video, script: Script, saved_by_id: int | None, *, is_draft: bool = False
) -> ScriptVersion:
    text = texts.to_json(script)
    sha256 = _store(video.team_id, text)
    if video.script and video.script.sha256 == sha256:
        return video.script
    last = video.script_versions.aggregate(last=Max("number"))["last"] or 0
    version = ScriptVersion.objects.create(
        video=video,
        number=last + 1,
        content=json.loads(text),
        sha256=sha256,
        is_draft=is_draft,
        saved_by_id=saved_by_id,
    )
    blob = files.hold(video.team_id, sha256, content_type="application/json")
    files.refer(blob, kind="videos.scriptversion", ref_id=version.pk, name="script.json")
    publish(video.team_id, ScriptSaved(video.pk, version.number))
    return version


def _store(team_id: int, text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.json"
        path.write_text(text, encoding="utf-8")
        return files.store(team_id, path)


def _make_current(video: Video, version: ScriptVersion, script: Script) -> None:
    asks_others = _asked(video.script) != _asked(version)
    video.script = version
    video.title = video.title or script.title[:200]
    video.save(update_fields=["script", "title", "changed_at"])
    kept = [scene.id for scene in script.scenes]
    video.scenes.exclude(uid__in=kept).delete()
    video.scenes.update(position=F("position") + _APART)
    there = {scene.uid: scene for scene in video.scenes.all()}
    for position, scene in enumerate(script.scenes):
        text = {
            "headline": scene.headline,
            "narration": scene.narration,
            "visual": dict(scene.visual),
            "voice": scene.voice,
        }
        found = there.get(scene.id)
        if found is None:
            Scene.objects.create(video=video, uid=scene.id, position=position, **text)
            continue
        found.position = position
        Scene.objects.filter(pk=found.pk).update(position=position)
        rows.change(found, text, among=text, version=None)
    if asks_others:
        routing.name_providers(video)


def _asked(version: ScriptVersion | None) -> set[tuple[str, str]]:
    """Voices and sources of pictures that scenes name, and the cards that leave it open."""
    scenes = version.content["scenes"] if version else []
    voices = {("voice", scene.get("voice", "")) for scene in scenes} or {("voice", "")}
    cards = [scene["visual"] for scene in scenes]
    return voices | {(card["template"], card.get("source", "")) for card in cards}
