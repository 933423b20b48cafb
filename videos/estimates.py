"""What a video would ask of those who are paid: before there is a script, by the length that was
ordered; for a script, by its very words. The stages say it themselves, of parts that nobody makes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from math import ceil
from pathlib import Path
from typing import Any

from billing import costs
from billing.costs import Expected, Request
from config.kit.errors import ProviderError, Rejected
from config.kit.money import Use
from videos import own_machines, remaking, routing
from videos.contracts import Order, Part, SceneText, Script, Task
from videos.media.timing import estimated_s
from videos.models import Video
from videos.providers.catalogue import providers
from videos.providers.voices import ORDERS, choose_voice
from videos.remaking import Remade, Unmade
from videos.stages import catalogue
from videos.writing import scripts as texts
from videos.writing.languages import find_language, glue
from videos.writing.ready import is_ready, read_ready
from videos.writing.sources import is_page
from videos.writing.visuals import source_of

SCRIPT = "script"
FREE_PICTURES = {"", "none", "footage"}
A_SCENE_S = 9.0  # as scripts come out
LOOKED_AT = 20_000  # characters of a source
LEAST, MOST = 0.7, 1.5  # of what is expected, while nobody has written the words
FILLER = "Words of the length that was asked for stand where nobody has written any yet."
_MARKS = re.compile(r"<[^>]{0,500}>|[#*_`>|\[\]{}]+")


@dataclass(frozen=True)
class Named:
    """Who would do it: a provider by its kind; without a voice the best for the language."""

    providers: Mapping[str, str]
    team_id: int = 0

    @classmethod
    def of(cls, video: Video) -> "Named":
        return cls(dict(video.plan["providers"]), video.team_id)


class AheadTools:
    """The tools that a run would be given. Nothing is remembered and nobody is asked."""

    def __init__(self, order: Order, named: Named, language: str) -> None:
        self._order, self._named, self._language = order, named, language
        self._voice = ""

    def speaker(self, name: str) -> Any:
        return routing.made(routing.VOICE, name or self._usual())

    def _usual(self) -> str:
        self._voice = self._voice or self._named.providers.get(routing.VOICE, "")
        if not self._voice:
            found = routing.offers(self._named.team_id)
            self._voice = choose_voice(self._order.voice, self._language, found)
        return self._voice

    def maker(self, kind: str) -> Any:
        """Of pictures and clips. Raises LookupError where none is set up."""
        return routing.maker(kind, self._named.providers.get(kind, "") or routing.usual_maker(kind))

    @property
    def shown(self) -> frozenset[str]:
        return frozenset()

    def __getattr__(self, kind: str) -> Any:
        """Any other provider by its kind. Raises LookupError where none is chosen."""
        return routing.made(kind, self._named.providers.get(kind, ""))


class Ahead:
    """The Work and the Inputs of stages that are asked what they would use."""

    def __init__(self, order: Order, script: Script, named: Named) -> None:
        self.order, self.script = order, script
        self.tools: Any = AheadTools(order, named, script.language)
        self.room = Path()

    @property
    def inputs(self) -> "Ahead":
        return self

    def facts(self, stage: str, part: str) -> Mapping[str, Any]:
        return Unmade()

    def path(self, reference: str) -> Path:
        raise LookupError(f"nobody has made {reference} yet")

    def sha256(self, reference: str) -> str:
        return ""


def of_order(team_id: int, order: Order, named: Named) -> Expected:
    """Before a script stands, of all stages."""
    if not (may_be_paid(order, named) or own_machines.is_priced()):
        return costs.NOTHING_BOUGHT
    script, is_written = _imagined(order, named)
    if script is None:
        return costs.NOTHING_BOUGHT
    ahead = Ahead(order, script, named)
    spread = () if is_written else (LEAST, MOST)
    found = [
        replace(request, uses=_spread(request.uses, *spread))
        if spread and name != SCRIPT
        else request
        for name in catalogue.in_order()
        if not (is_written and name == SCRIPT)
        for request in [*_requests(ahead, name), *_of_machines(script, name)]
    ]
    return costs.expect(team_id, found)


def _of_machines(script: Script, name: str) -> Iterator[Request]:
    return own_machines.ahead(script) if name == own_machines.STAGE else iter(())


def of_script(video: Video, script: Script) -> Expected:
    """Of all that follows the script, as if nothing of it had been made."""
    ahead = Ahead(video.order(), script, Named.of(video))
    if not (may_be_paid(ahead.order, Named.of(video), script) or own_machines.is_priced()):
        return costs.NOTHING_BOUGHT
    names = [name for name in catalogue.in_order() if name != SCRIPT]
    found = [
        request
        for name in names
        for request in [*_requests(ahead, name), *_of_machines(script, name)]
    ]
    return costs.expect(video.team_id, found)


def of_edit(video: Video, script: Script, found: Remade) -> Expected:
    """Of the parts that this script would make again: what stands costs nothing, and nobody is
    asked whether our own machines may do it."""
    named = Named.of(video)
    order = video.order()
    if not found.parts or not may_be_paid(order, named, script):
        return costs.NOTHING_BOUGHT
    ahead = Ahead(order, script, named)
    missing = {name: set(parts) for name, parts in found.parts.items()}
    wanted = [
        request
        for name, parts in missing.items()
        for request in _requests(ahead, name)
        if request.part in parts
    ]
    return costs.expect(video.team_id, wanted)


def of_video(video: Video) -> Expected:
    """Of its script, or while there is none of its order; as if nothing of it had been made."""
    if video.script:
        return of_script(video, texts.read(video.script.content))
    return of_order(video.team_id, video.order(), Named.of(video))


def price_of_written(video: Video) -> Expected:
    """As `price_of_edit`, of the script that the video has."""
    return (
        price_of_edit(video, texts.read(video.script.content))
        if video.script
        else costs.NOTHING_BOUGHT
    )


def price_of_edit(video: Video, script: Script) -> Expected:
    """What it costs to make the video as this script has it, in place of what is made."""
    if not may_be_paid(video.order(), Named.of(video), script):
        return costs.NOTHING_BOUGHT  # without a look at what is made
    return of_edit(video, script, remaking.remade(video, script))


def keep(video: Video, script: Script | None = None, *, is_new: bool = False) -> None:
    """With the video, as its order stands: that is what its costs are compared with."""
    named = Named.of(video)
    expected = of_script(video, script) if script else of_order(video.team_id, video.order(), named)
    if expected.lines or not is_new:
        costs.keep(video.team_id, video.pk, expected)


def may_be_paid(order: Order, named: Named, script: Script | None = None) -> bool:
    """Without a look at the text, since most videos cost nothing."""
    asked = {kind: name for kind, name in named.providers.items() if name}
    asked.setdefault(routing.VOICE, order.voice)
    voices = {scene.voice for scene in script.scenes if scene.voice} if script else set[str]()
    voice = asked.pop(routing.VOICE)
    others = any(_is_paid(kind, name) for kind, name in asked.items())
    spoken = any(_speaks_for_money(one, named.team_id) for one in {voice, *voices})
    scenes = script.scenes if script else ()
    shown = {source_of(scene.visual, order.illustrate) for scene in scenes} or {order.illustrate}
    return others or spoken or not shown <= FREE_PICTURES


def _is_paid(kind: str, name: str) -> bool:
    full = f"{kind}:{name.partition(':')[0]}"
    return full in providers and routing.is_paid(providers.get(full))


def _speaks_for_money(voice: str, team_id: int) -> bool:
    if voice not in ORDERS:
        return _is_paid(routing.VOICE, voice)
    chosen = (offer for offer in routing.offers(team_id) if not offer.is_sold)  # by itself
    return any(_is_paid(routing.VOICE, offer.engine) for offer in chosen)


def _requests(ahead: Ahead, name: str) -> Iterator[Request]:
    stage = catalogue.get(name)
    if stage.ahead is None and stage.uses is None:
        return
    try:
        plan = stage.plan(ahead)
    except LookupError:
        return  # its parts follow from what is made before
    for part in plan:
        yield Request(name, part.id, _uses(ahead, name, part))


def _uses(ahead: Any, name: str, part: Part) -> Sequence[Use]:
    """Nothing of a part that hangs on what is made before, such as a second try; or that nobody
    here can make, as its stage will say."""
    stage = catalogue.get(name)
    uses = stage.ahead or stage.uses
    task = Task(part.id, part.params, {}, voice=part.voice)
    try:
        return uses(ahead, task) if uses else ()
    except (LookupError, OSError, ProviderError):
        return ()


def _spread(uses: Sequence[Use], least: float, most: float) -> Sequence[Use]:
    return [
        replace(
            use,
            low=use.low * least,
            high=use.high * most,
            quoted_micros=use.quoted_micros and ceil(use.quoted_micros * most),
        )
        for use in uses
    ]


def _imagined(order: Order, named: Named) -> tuple[Script | None, bool]:
    """A script of the length that is asked for, and whether it is the very one. None: the order is
    no script."""
    if is_ready(order):
        try:
            return read_ready(order), True
        except Rejected:
            return None, True
    is_unread = is_page(order.source, order.source_kind)
    text = "" if is_unread else " ".join(_MARKS.sub(" ", order.source[:LOOKED_AT]).split())
    language = find_language([text], order.language)
    seconds = float(order.seconds)
    if not _is_paid(SCRIPT, named.providers.get(SCRIPT, "")) and not is_unread:
        seconds = min(seconds, estimated_s(text))  # the keyless writer has no words of its own
    scenes = tuple(_scenes(text or FILLER, max(seconds, 1.0), language))
    return Script(order.title or "Untitled", language, "written", scenes), False


def _scenes(text: str, seconds: float, language: str) -> Iterator[SceneText]:
    """The text's own words, from the beginning again where they do not suffice."""
    between = glue(language)
    pieces = cycle(text.split() if between else text)
    count = max(1, round(seconds / A_SCENE_S))
    for number in range(count):
        words: list[str] = []
        length = 0.0
        while length < seconds / count:
            words.append(next(pieces))
            length += estimated_s(words[-1] + between)
        visual = {"template": "statement", "text": "Words"}
        yield SceneText(f"{number:08x}", between.join(words), "Words", visual)
