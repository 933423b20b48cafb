"""Videos that a brake on spending, a full budget or a lacking price holds back, and how they go on
by themselves."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.urls import reverse

from billing import budgets, ledger, prices, standing
from billing.balances import OVER_BUDGET
from billing.prices import PRICE_UNKNOWN
from config.kit.database import verb
from config.kit.errors import Refused
from config.kit.money import shown
from teams import brakes
from teams.access import Actor, names_of_admins
from teams.events import publish
from teams.models import Brake, Stops
from videos import limits, moves, readiness
from videos.models import IN_WORK, RunState, StageRun, Video, VideoState
from videos.news import StageFinished

STOPPED = brakes.code_of(Stops.SPENDING)
BY_THEMSELVES = (STOPPED, OVER_BUDGET, PRICE_UNKNOWN)


def wait(run: StageRun, video: Video, refusal: Refused) -> None:
    """Inside a verb that has locked the video. Parts that were made stay made, and this attempt
    does not count; the run is ready again, but nobody takes runs of a video that is blocked."""
    gone = StageRun.objects.held_by(run).update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=Now(),
        attempt=F("attempt") - 1,
        reason=refusal.message,
        phase="",
        eta_s=None,
    )
    if gone:
        limits.give_back(run)
        publish(video.team_id, StageFinished(video.pk, run.stage, RunState.WAITING))
        why = {"reason": refusal.message, "code": refusal.code}
        moves.move(video, VideoState.BLOCKED, leaving=IN_WORK, **why)


def go_on() -> None:
    """Every video that waits for a brake which is on no longer, for room which there is now, or for
    a price, since the book has changed."""
    stopped = Exists(Brake.objects.over(OuterRef("team"), Stops.SPENDING))
    blocked = Video.objects.filter(state=VideoState.BLOCKED, deleted_at=None)
    free = blocked.filter(reason_code=STOPPED).filter(~stopped)
    full = blocked.filter(reason_code=OVER_BUDGET)
    roomy = blocked.filter(pk__in=budgets.freed(full)) if full.exists() else blocked.none()
    waits = StageRun.objects.filter(video=OuterRef("pk"), state=RunState.WAITING)
    since = waits.filter(due_at__lt=prices.changed_at())
    priced = blocked.filter(reason_code=PRICE_UNKNOWN).filter(Exists(since))
    for video_id in (free | roomy | priced).order_by("id").values_list("pk", flat=True):
        _go_on(video_id)


@verb
def _go_on(video_id: int) -> None:
    video = moves.lock(video_id)
    if video.reason_code not in BY_THEMSELVES:
        return
    # what became of its other runs meanwhile could not move a video that was blocked already
    broken = video.runs.filter(state__in=[RunState.FAILED, RunState.BLOCKED])
    run = broken.order_by("-state", "position").first()
    if run is None:
        moves.move(video, VideoState.QUEUED, leaving=[VideoState.BLOCKED])
        for cluster in sorted(set(_due(video))):
            readiness.wake(cluster)
    elif run.state == RunState.FAILED:
        why = {"reason": run.reason, "code": run.stage}
        moves.move(video, VideoState.FAILED, leaving=[VideoState.BLOCKED], **why)
    else:
        why = {"reason": run.reason, "code": moves.OUTCOME_UNKNOWN}
        moves.move(video, VideoState.BLOCKED, leaving=[VideoState.BLOCKED], **why)


def _due(video: Video) -> list[str]:
    due = StageRun.objects.ready().filter(video=video)
    return list(due.values_list("cluster", flat=True))


def refuse_resuming(video: Video) -> None:
    """What a brake or a budget holds back goes on by itself, and not before. Raises Refused."""
    if video.reason_code in (OVER_BUDGET, PRICE_UNKNOWN):
        raise Refused(video.reason, code=video.reason_code)
    if video.reason_code in brakes.CODES:
        brakes.refuse(video.team_id, video.reason_code.partition("_")[0])


def goes_on_by_itself(video: Video) -> bool:
    return video.reason_code in BY_THEMSELVES or video.reason_code in brakes.CODES


@dataclass(frozen=True)
class Shortage:
    """What a full budget asks of whom."""

    told: str  # in figures; empty for who may not see costs
    raises: str  # the page where this person raises it; empty: it is not theirs to raise
    admins: list[str]  # whom they ask


def in_doubt(video: Video, by: Actor) -> str:
    """What a request of which nobody knows the outcome may cost once more, for who sees costs."""
    if video.reason_code != moves.OUTCOME_UNKNOWN or not by.can_see_costs:
        return ""
    held = ledger.asked_about(video.team_id, video.pk)
    return f"Up to {shown(held.amount_micros, held.currency)}." if held else ""


def shortage(video: Video, by: Actor) -> Shortage | None:
    parked = standing.parked_at(video.pk) if video.reason_code == OVER_BUDGET else None
    if parked is None:
        return None
    told = standing.shortage(parked) if by.can_see_costs else ""
    if not by.may_set_budgets:
        return Shortage(told, "", names_of_admins(video.team_id))
    page, pk = reverse("billing:budgets"), parked.budget_id
    return Shortage(told, f"{page}?raise={pk}#amount-{pk}", [])
