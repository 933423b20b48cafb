"""Money for the part at hand: set aside before anything is asked, or the video waits for it."""

from billing import budgets, ledger
from billing.balances import OverBudget
from billing.models import Hold, HoldState
from config.kit import files
from config.kit.database import retry_db, verb
from config.kit.errors import Refused
from teams.brakes import Braked
from videos import braked, moves, replies, runs
from videos.models import Artifact, StageRun, Video

ALREADY_BOUGHT = "The same is being bought for another video just now: this one waits for it."


@retry_db
@verb
def hold(run: StageRun, part: str, amount_micros: int, request: ledger.Request) -> Hold | None:
    """Sets money aside for a part. Raises Stopped when the lease is lost. None: the run waits, for
    the same request may have been billed before and would be billed again, or is being bought for
    another video, or spending is stopped, or a budget has no room."""
    video = moves.lock(run.video_id)
    runs.check_lease(run)
    why = runs.purpose(run, part)
    same = Hold.objects.filter(run_id=run.pk, fence=run.fence, part=part, request=request.key)
    if (mine := same.filter(state=HoldState.OPEN).first()) is not None:
        return mine  # the answer to the first commit was lost with the connection
    if not _may_be_asked(run, video, request):
        return None
    try:
        return ledger.hold(why, amount_micros=amount_micros, request=request)
    except (Braked, OverBudget) as refusal:
        braked.wait(run, video, refusal)
        if isinstance(refusal, OverBudget):
            budgets.park(why.place, refusal)
        return None


def _may_be_asked(run: StageRun, video: Video, request: ledger.Request) -> bool:
    """False: the run waits, for an answer that is on its way or for a person."""
    if not request.key:
        return True
    for run_id, fence in runs.left_holds(team=video.team_id, request=request.key):
        ledger.give_up_holds(run_id, fence)
    if ledger.is_being_bought(video.team_id, request.key) or _was_made(video, request):
        runs.step_aside(run, ALREADY_BOUGHT)
        return False
    if request.is_repeatable or replies.found(video.team_id, request.key):
        return True
    in_doubt = ledger.open_doubt(video.team_id, request.key)
    if in_doubt is not None:
        runs.block_unsure(run, in_doubt)
    return in_doubt is None


def _was_made(video: Video, request: ledger.Request) -> bool:
    """Meanwhile, by who held money for it: the next attempt finds it by its key."""
    made = Artifact.objects.filter(team=video.team_id, key=replies.key_of(request.key)).first()
    if made is None or not made.files:
        return False
    return all(files.is_kept(video.team_id, sha256) for sha256 in made.files.values())


@retry_db
@verb
def wait_for(run: StageRun, refusal: Refused) -> None:
    """For what frees the video by itself. Raises Stopped when the lease is lost."""
    video = moves.lock(run.video_id)
    runs.check_lease(run)
    braked.wait(run, video, refusal)
