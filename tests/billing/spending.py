"""What tests of budgets spend, and on what."""

from billing import budgets, ledger
from billing.balances import OverBudget
from billing.models import Budget
from config.kit.database import verb
from config.kit.errors import Spend
from teams.access import Actor
from videos import moves
from videos.models import Video, VideoState

USD = 1_000_000


def limit(by: Actor, scope: str, amount: int, **more) -> Budget:
    wanted = {"window": "month", **more}
    return budgets.create(by=by, scope=scope, limit_micros=amount * USD, **wanted)


def purpose(video: Video) -> ledger.Purpose:
    about = (video.team_id, video.pk, 1, "narration", "scene:aa")
    return ledger.Purpose(*about, channel_id=video.channel_id)


def spend(video: Video, amount: int) -> None:
    ledger.book(purpose(video), [Spend("voice:paid", "characters", 1, amount * USD)])


def set_aside(video: Video, amount: int) -> None:
    ledger.hold(purpose(video), amount_micros=amount * USD)


@verb
def is_stopped(video: Video, amount: int) -> None:
    """As a worker does whose next step has no room."""
    try:
        ledger.hold(purpose(video), amount_micros=amount * USD)
    except OverBudget as refusal:
        why = {"reason": refusal.message, "code": refusal.code}
        moves.move(video, VideoState.BLOCKED, leaving=list(VideoState), **why)
        place = purpose(video).place
        budgets.park(place, refusal)
