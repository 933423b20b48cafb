"""What a vendor was asked for and still owes: it is waited for a day, then a person is asked."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Case, F, Sum, When
from django.db.models.functions import Coalesce, Now

from billing import ledger
from billing.models import CostEntry, Doubt, Hold
from config.kit.database import after, retry_db, verb
from teams.events import publish
from videos import limits, moves, waits
from videos.models import IN_WORK, RunState, StageRun, VideoState
from videos.news import StageFinished

LONGEST = timedelta(hours=24)
WAITS = (
    "What it was asked for may still come, and is paid: so this waits for it, and nobody takes "
    "over."
)


def is_owed(team_id: int, requests: Collection[str]) -> bool:
    """What was asked by one of these may still come, or is made and paid though it was not fetched
    yet: whoever took over would be paid as well. A person who accepted that is not asked again."""
    alike = Hold.objects.filter(team=team_id, request__in=requests)
    if alike.filter(doubt=Doubt.OPEN).exists():
        return True
    accepted = alike.filter(doubt=Doubt.ACCEPTED).values_list("request", flat=True)
    lasting = set(alike.filter(is_repeatable=True).values_list("request", flat=True))
    booked = CostEntry.objects.filter(team=team_id, request__in=lasting - set(accepted))
    sums = booked.order_by().values("request").annotate(sum=Sum("amount_micros"))
    return sums.filter(sum__gt=0).exists()


@retry_db
@verb
def wait(run: StageRun, requests: Collection[str], why: str, told_s: float) -> bool:
    """For what is owed, which is no attempt. After a day of that the video is blocked: who resumes
    it lets it be bought again, or waits for another day. False: the lease was lost."""
    video = moves.lock(run.video_id)
    mine = StageRun.objects.held_by(run)
    if mine.filter(owed_since__lt=after(-LONGEST)).exists():
        return _ask(run, requests, why)
    pause_s = waits.pause_s(told_s, 2.0**run.attempt)
    changed = mine.update(
        state=RunState.WAITING,
        lease_until=None,
        due_at=after(timedelta(seconds=pause_s)),
        attempt=Case(When(attempt__gt=0, then=F("attempt") - 1), default=0),
        owed_since=Coalesce("owed_since", Now()),
        reason=f"{why} {WAITS}",
    )
    if changed:
        limits.give_back(run)
        publish(video.team_id, StageFinished(video.pk, run.stage, RunState.WAITING))
    return bool(changed)


def _ask(run: StageRun, requests: Collection[str], why: str) -> bool:
    reason = (
        f"{why} What it was asked for has been waited for since yesterday. Try again: it is waited "
        "for another day, or bought once more where nobody can tell what became of it (it may be "
        "billed again). Or change what the scene asks for."
    )
    changed = StageRun.objects.held_by(run).update(
        state=RunState.BLOCKED, lease_until=None, due_at=None, ended_at=Now(), reason=reason
    )
    if changed:
        limits.give_back(run)
        video = run.video
        publish(video.team_id, StageFinished(video.pk, run.stage, RunState.BLOCKED))
        code = moves.OUTCOME_UNKNOWN
        moves.move(video, VideoState.BLOCKED, leaving=IN_WORK, reason=reason, code=code)
        doubts = Hold.objects.filter(team=video.team_id, request__in=requests, doubt=Doubt.OPEN)
        if (held := doubts.order_by("id").first()) is not None:
            ledger.ask(held, video.pk)
    return bool(changed)
