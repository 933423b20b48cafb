"""Whether those whom scenes name as their voice can speak them here: asked when a script is saved,
long before it is spoken."""

from collections.abc import Iterable

from config.kit.errors import Refused, Rejected
from videos import routing
from videos.contracts import Script
from videos.providers.voices import Offer, choose_voice, speakers
from videos.writing import scripts as texts
from videos.writing.checks import Wrong
from videos.writing.sources import MAX_CHARACTERS


def refuse_unable(script: Script, was: Script | None = None) -> None:
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
    found = routing.offers() if named else []
    for number, voice in named:
        try:
            choose_voice(voice, script.language, found)
        except Rejected as fault:
            why = f"{fault.message[:1].lower()}{fault.message[1:]}"
            raise Refused(f"Scene {number}: {why}", code="bad_script") from None


def refuse_unable_in(source: str, language: str) -> None:
    """The same of a source that is a ready script. What else is wrong with it, its stage says."""
    if len(source) > MAX_CHARACTERS:
        return
    try:
        script = texts.from_json(source, title="Any", language=language)
    except Wrong as fault:
        if fault.where.endswith(".voice"):
            raise Refused(texts.in_words(fault), code="bad_script") from None
        return
    refuse_unable(script)


def offered(language: str) -> list[Offer]:
    """Those that a scene of a script in this language may name, the best fit first."""
    return speakers(routing.offers(), language)


def told(full_name: str, found: Iterable[Offer]) -> str:
    """A voice in few words, for a label."""
    known = {offer.full_name: offer for offer in found}
    offer = known.get(full_name)
    return f"{offer.name}, {offer.about}" if offer and offer.about else full_name
