"""Verbs of single scenes: each saves a version of the script, and only what it changes is made
again. They raise Refused (no_such_scene, bad_script, being_published) and Stale."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from channels_app.models import Approval
from config.kit import rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, team_for_approval, team_for_edit
from teams.events import publish
from videos import evidence, moves, rules, scripts
from videos.contracts import Script
from videos.models import Asset, AssetKind, Scene, ScriptVersion, Video, VideoState
from videos.news import VersionNamed, VideoRenamed
from videos.writing import rewriting
from videos.writing import scripts as texts
from videos.writing.checks import Wrong
from videos.writing.claims import Source
from videos.writing.visuals import source_of

Change = Callable[[Script], Script]


class NoSuchScene(Refused):
    code = "no_such_scene"


@verb
def edit_scene(
    *, by: Actor, scene: Scene, version: int | None = None, **fields: Any
) -> ScriptVersion:
    """Other `narration`, `headline`, `visual` or `voice`; `version` is the scene's."""
    strange = set(fields) - {"narration", "headline", "visual", "voice"}
    if strange:
        raise Refused(f"{min(strange)}: a scene has no such field.", code="invalid")
    team_for_edit(by, scene.video.team_id)
    locked = scripts.settled(scene.video_id)
    rows.refuse_stale(there(scene), version)
    return _rewritten(by, locked, lambda script: rewriting.change(script, scene.uid, **fields))


@verb
def add_scene(  # noqa: PLR0913 - a keyword for each thing that a scene has
    *,
    by: Actor,
    video: Video,
    after: str,
    narration: str,
    headline: str = "",
    voice: str = "",
    version: int | None = None,
) -> ScriptVersion:
    """A scene behind the one whose uid is `after`, first if that is "". `version` is the video's,
    here and in all that follows."""
    return _rewrite(
        by, video, lambda script: rewriting.add(script, after, narration, headline, voice), version
    )


@verb
def remove_scene(
    *,
    by: Actor,
    video: Video,
    uid: str,
    version: int | None = None,
    scene_version: int | None = None,
) -> ScriptVersion:
    """`scene_version` is the scene's own, for who has read no more of the video."""
    team_for_edit(by, video.team_id)
    locked = scripts.settled(video.pk)
    rows.refuse_stale(locked, version)
    if scene_version is not None:
        rows.refuse_stale(there(Scene(video=video, uid=uid)), scene_version)
    return _rewritten(by, locked, lambda script: rewriting.remove(script, uid))


@verb
def move_scene(
    *, by: Actor, video: Video, uid: str, to: int, version: int | None = None
) -> ScriptVersion:
    return _rewrite(by, video, lambda script: rewriting.move(script, uid, to), version)


@verb
def split_scene(
    *, by: Actor, video: Video, uid: str, at: int, version: int | None = None
) -> ScriptVersion:
    return _rewrite(by, video, lambda script: rewriting.split(script, uid, at), version)


@verb
def merge_scenes(*, by: Actor, video: Video, uid: str, version: int | None = None) -> ScriptVersion:
    """The scene and the one behind it."""
    return _rewrite(by, video, lambda script: rewriting.merge(script, uid), version)


@verb
def edit_details(
    *, by: Actor, video: Video, details: Mapping[str, Any], version: int | None = None
) -> ScriptVersion:
    """Description and tags, as they go out with the video."""
    strange = set(details) - {"description", "tags"}
    if strange:
        raise Refused(f"{min(strange)}: this is no detail of a script.", code="invalid")
    rules.refuse_words(video.channel, details.get("description", ""), *details.get("tags", ()))

    def rewrite(script: Script) -> Script:
        plain = json.loads(texts.to_json(script))
        return texts.read({**plain, **details})

    return _rewrite(by, video, rewrite, version)


def begin_with(
    *, by: Actor, video: Video, number: int, version: int | None = None
) -> ScriptVersion:
    """The first scene says another of the beginnings that its writer offers, counted from 1. What
    it claims is held against the source."""
    source = evidence.source_of(video)  # reads files: not in a transaction

    def rewrite(script: Script) -> Script:
        if not 1 <= number <= len(script.hooks):
            raise Refused(f"This script has no beginning {number}.", code="no_such_hook")
        hook, first = script.hooks[number - 1], script.scenes[0].id
        rules.refuse_words(video.channel, hook)
        return evidence.checked(rewriting.change(script, first, narration=hook), first, source)

    return _begin_with(by, video, rewrite, version)


@verb
def _begin_with(by: Actor, video: Video, change: Change, version: int | None) -> ScriptVersion:
    return _rewrite(by, video, change, version)


@verb
def take_words(
    *, by: Actor, scene: Scene, source: Source | None, narration: str, headline: str
) -> ScriptVersion:
    """Of a writer: as `edit_scene`, and what they claim is held against the source."""

    def rewrite(script: Script) -> Script:
        told = rewriting.change(script, scene.uid, narration=narration, headline=headline)
        return evidence.checked(told, scene.uid, source)

    return _rewrite(by, scene.video, rewrite)


@verb
def restore_version(
    *, by: Actor, video: Video, number: int, version: int | None = None
) -> ScriptVersion:
    """An older version becomes the newest; nothing that was written since is lost."""
    wanted = video.script_versions.filter(number=number).first()
    if wanted is None:
        raise Refused(f"This video has no version {number}.", code="no_such_version")
    return _rewrite(by, video, lambda _: texts.read(wanted.content), version)


@verb
def name_version(*, by: Actor, version: ScriptVersion, name: str) -> ScriptVersion:
    """So that people find it again; an empty name takes it away."""
    team_for_edit(by, version.video.team_id)
    moves.lock_kept(version.video_id)
    version.name = name.strip()
    rows.refuse_invalid(version, unchecked=["video"])
    if (
        ScriptVersion.objects.filter(pk=version.pk)
        .exclude(name=version.name)
        .update(name=version.name)
    ):
        publish(version.video.team_id, VersionNamed(version.video_id, version.number, version.name))
    return version


@verb
def name_now(*, by: Actor, video: Video, name: str) -> ScriptVersion:
    """Names the script as it stands, with what people have written up to now."""
    team_for_edit(by, video.team_id)
    locked = scripts.settled(video.pk)
    if locked.script is None:
        raise NoSuchScene("There is no script yet: wait until it is written.")
    return name_version(by=by, version=locked.script, name=name)


@verb
def rename(*, by: Actor, video: Video, title: str, version: int | None = None) -> Video:
    """What the video is called, here and where it is published; its pictures stay as they are."""
    team_for_edit(by, video.team_id)
    locked = moves.lock_kept(video.pk)
    scripts.refuse_if_gone_out(locked)
    if not title.strip():
        raise Refused("title: a video keeps a name.", code="invalid")
    rules.refuse_words(locked.channel, title)
    if locked.state == VideoState.APPROVED and locked.channel.approval != Approval.NONE:
        team_for_approval(by, video.team_id)  # else another name goes out than was approved
    if rows.change(locked, {"title": title.strip()}, among=("title",), version=version):
        publish(locked.team_id, VideoRenamed(locked.pk, locked.title))
    return locked


@verb
def use_asset(*, by: Actor, scene: Scene, asset: Asset, version: int | None = None) -> None:
    """Shows a picture or a clip of the team's own in this scene."""
    team_for_edit(by, scene.video.team_id)
    video = scripts.settled(scene.video_id)
    ready = Asset.objects.visible_to(by).ready().filter(pk=asset.pk).first()
    if ready is None or ready.kind not in (AssetKind.PICTURE, AssetKind.CLIP):
        raise Refused("Choose a picture or a clip that is ready.", code="no_such_picture")
    named = f"asset:{ready.pk}"
    field = "clips" if ready.kind == AssetKind.CLIP else "pictures"
    media = {**getattr(video, field), named: ready.sha256}
    Video.objects.filter(pk=video.pk).update(**{field: media})
    visual = _shown(there(scene), ready, named)
    edit_scene(by=by, scene=scene, version=version, visual=visual)


@verb
def another_picture(*, by: Actor, scene: Scene, seen: int | None = None) -> ScriptVersion | None:
    """The next that is found, or one made anew and paid anew. `seen` is the turn of the picture
    that the person saw: None is answered where another one is ordered since, so that whoever asks
    twice buys once. Raises Refused where the scene asks nobody."""
    team_for_edit(by, scene.video.team_id)
    video = scripts.settled(scene.video_id)
    now = there(scene)
    if not source_of(now.visual, video.illustrate):
        raise Refused("This scene asks nobody for a picture.", code="no_such_picture")
    turn = int(now.visual.get("turn", 0))
    if seen is not None and seen != turn:
        return None
    return edit_scene(by=by, scene=now, visual={**now.visual, "turn": turn + 1})


def _shown(scene: Scene, asset: Asset, named: str) -> dict[str, Any]:
    """A title keeps its words over the picture; every other card becomes picture or clip."""
    if asset.kind == AssetKind.PICTURE and scene.visual.get("template") == "title":
        return {**scene.visual, "picture": named}
    kicker = str(scene.visual.get("kicker", ""))
    template = "clip" if asset.kind == AssetKind.CLIP else "picture"
    return {"template": template, template: named, "kicker": kicker}


def there(scene: Scene) -> Scene:
    """As it is now, inside a verb that has locked its video. Raises NoSuchScene."""
    found = Scene.objects.filter(video=scene.video_id, uid=scene.uid).first()
    if found is None:
        raise NoSuchScene("This scene was removed meanwhile.")
    return found


def _rewrite(by: Actor, video: Video, change: Change, version: int | None = None) -> ScriptVersion:
    team_for_edit(by, video.team_id)
    locked = scripts.settled(video.pk)
    rows.refuse_stale(locked, version)
    return _rewritten(by, locked, change)


def _rewritten(by: Actor, locked: Video, change: Change) -> ScriptVersion:
    try:
        script = change(scripts.current(locked))
    except LookupError as fault:
        raise NoSuchScene(
            "There is no script yet: wait until it is written."
            if locked.script is None
            else f"{str(fault)[:1].upper()}{str(fault)[1:]}."
        ) from None
    except Wrong as fault:
        raise Refused(texts.in_words(fault), code="bad_script") from None
    return scripts.save_change(locked, script, saved_by_id=by.user_id)
