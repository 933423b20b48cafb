"""What rendering takes of the studio's own processors, where an operator has put a price on that:
it is set aside and booked as what a vendor sells, so budgets hold for it as well.

Without a price (vendor `own`, unit `render_seconds`) nothing is set aside and nothing is booked.
"""

import resource
from collections.abc import Iterator, Sequence

from django.db.models.functions import Now

from billing import ledger
from billing.costs import Request
from billing.models import Price, Unit
from billing.spending import OWN
from config.kit.errors import Spend
from config.kit.money import Use
from videos.contracts import FPS, WHOLE, Part, Script, scene_part
from videos.media.timing import estimated_s
from videos.models import StageRun

STAGE = "render"
NAME = f"{OWN}:{STAGE}"
A_SECOND = 2.0  # of a processor for a second of video that is drawn and encoded
JOINED = 0.05  # of that, for putting it together
LEAST, MOST = 0.2, 6.0  # of what is expected: cards are quick, clips and busy machines slow
BEGINS_S = 2.0  # that the programs may take to start
AROUND_S = 0.6  # of silence around what a scene says


def is_priced() -> bool:
    """Of the vendor itself, or by the worst case that holds for the unit."""
    rows = Price.objects.filter(unit=Unit.RENDER_SECONDS, provider__in=("", OWN))
    return rows.filter(valid_from__lte=Now()).exists()


class Meter:
    """Counts from now on what this process and the programs it has started and awaited take."""

    def __init__(self) -> None:
        self._began = _processor_s()

    def spent(self) -> list[Spend]:
        taken = max(_processor_s() - self._began, 0.0)
        return [Spend(NAME, Unit.RENDER_SECONDS, round(taken, 3))]


def meter(stage: str) -> Meter | None:
    return Meter() if stage == STAGE and is_priced() else None


def uses(part: Part) -> Sequence[Use]:
    frames = part.params["frames"]
    if part.id == WHOLE:
        return [_use(sum(frames) / FPS * JOINED)]
    return [_use(frames / FPS)]


def request(run: StageRun, part: str) -> ledger.Request:
    """Each attempt takes its own time, and nobody need be asked before another one."""
    return ledger.Request(NAME, f"own-{run.pk}-{run.fence}-{part}"[:100], is_repeatable=True)


def ahead(script: Script) -> Iterator[Request]:
    """Of a video that nobody has made."""
    if not is_priced():
        return
    lengths = [AROUND_S + estimated_s(scene.narration) for scene in script.scenes]
    for scene, seconds in zip(script.scenes, lengths, strict=True):
        yield Request(STAGE, scene_part(scene.id), [_use(seconds)])
    yield Request(STAGE, WHOLE, [_use(sum(lengths) * JOINED)])


def _use(video_s: float) -> Use:
    expected = video_s * A_SECOND
    most = BEGINS_S + expected * MOST
    return Use(NAME, Unit.RENDER_SECONDS, expected * LEAST, expected, most)


def _processor_s() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
