"""Who makes pictures and clips of a video that chose nobody: told by its estimate, and no other at
another price without a person's word."""

from typing import Any

from billing.prices import Book, Cost, PriceUnknown
from config.kit.database import retry_db, verb
from config.kit.errors import AccountFault
from videos import moves, outputs
from videos.models import Video
from videos.shots import BoughtPicture, Brief
from videos.stages.illustrating import SHOWS

TOLD = "told_makers"  # in a plan
PAID = ("image", "clip")
_TYPICAL = "x" * 300  # as long as most prompts


def of(video: Video, kind: str) -> str:
    """As plans name it; "" where nobody was told of."""
    told: dict[str, Any] = video.plan.get(TOLD, {})
    return str(told.get(kind, ""))


def refuse_other(video: Video, kind: str, was: BoughtPicture, now: BoughtPicture) -> None:
    """Raises AccountFault where the price is another one: the video waits, and says so. Who resumes
    it then has been told."""
    if _cost(kind, was) == _cost(kind, now):
        return
    _tell(video, kind, now.name)
    former, other = (outputs.vendor_name(one.name.partition(":")[0]) for one in (was, now))
    raise AccountFault(
        f"{former} was to make the {kind}s of this video and is no longer set up as it was: now "
        f"{other} ({now.name.partition(':')[2]}) would, at another price. Resume the video to have "
        "it so, or have an operator mend the account first."
    )


@retry_db
@verb
def _tell(video: Video, kind: str, name: str) -> None:
    locked = moves.lock(video.pk)
    locked.plan.setdefault(TOLD, {})[kind] = name
    locked.save(update_fields=["plan"])
    video.plan = locked.plan


def _cost(kind: str, maker: BoughtPicture) -> Cost | None:
    try:
        return Book().cost(maker.uses(Brief(_TYPICAL, "short", SHOWS[kind])))
    except PriceUnknown:
        return None
