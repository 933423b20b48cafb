"""Whether those whom scenes name as their voice can speak them here: asked when a script is saved,
long before it is spoken."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.kit.errors import AccountFault, Refused, Rejected
from videos import routing
from videos.contracts import Script
from videos.models import Scene, Video
from videos.providers.voices import Offer, best_first, choose_voice
from videos.writing import scripts as texts
from videos.writing.checks import Wrong
from videos.writing.sources import MAX_CHARACTERS


def refuse_unable(team_id: int, script: Script, was: Script | None = None) -> None:
    """Raises Refused (bad_script) with the scene. What stood so before is not asked again: a voice
    that went away must not keep people from mending other scenes."""
    stands = set[tuple[str, str]]()
    if was and was.language == script.language:
        stands = {(scene.id, scene.voice) for scene in was.scenes}
    named = [
        (number, scene.voice)
        for number, scene in enumerate(script.scenes, 1)
        if scene.voice and (scene.id, scene.voice) not in stands
    ]
    found = routing.offers(team_id) if named else []
    for number, voice in named:
        try:
            routing.choose(team_id, voice, script.language, found)
        except (Rejected, AccountFault) as fault:
            why = f"{fault.message[:1].lower()}{fault.message[1:]}"
            raise Refused(f"Scene {number}: {why}", code="bad_script") from None


def refuse_unable_in(team_id: int, source: str, language: str) -> None:
    """The same of a source that is a ready script. What else is wrong with it, its stage says."""
    if len(source) > MAX_CHARACTERS:
        return
    try:
        script = texts.from_json(source, title="Any", language=language)
    except Wrong as fault:
        if fault.where.endswith(".voice"):
            raise Refused(texts.in_words(fault), code="bad_script") from None
        return
    refuse_unable(team_id, script)


@dataclass(frozen=True)
class Cast:
    """Who may speak the scenes of a video. `usual` speaks those that name nobody; "" where that is
    not settled yet."""

    usual: str
    voices: Sequence[Offer]

    @property
    def usual_short(self) -> str:
        return _short(self.usual)


def cast_of(video: Video) -> Cast:
    """For a video that has a script."""
    language = str(video.script.content["language"]) if video.script else ""
    found = routing.offers(video.team_id)
    return Cast(usual(video) or _first_choice(video, language, found), best_first(found, language))


def usual(video: Video) -> str:
    """Full name; "" while nobody has settled whom `fast` or an empty order means."""
    chosen = str(video.plan["providers"].get(routing.VOICE, ""))
    return chosen or (video.voice if ":" in video.voice else "")


def _first_choice(video: Video, language: str, found: Sequence[Offer]) -> str:
    try:
        return choose_voice(video.voice, language, found)
    except Rejected:
        return ""


def label(scene: Scene, usual: str) -> str:
    """Who speaks it, where that is not the voice of the video."""
    return "" if scene.voice in ("", usual) else _short(scene.voice)


def _short(full_name: str) -> str:
    engine, _, name = full_name.partition(":")
    return Offer(engine, name, ()).short
