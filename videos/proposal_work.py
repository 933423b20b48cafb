"""Other words for a scene, as workers ask a writer for them: once, for money that was held."""

import logging
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from billing import ledger, prices
from billing.balances import OverBudget
from billing.models import Hold, HoldState
from config.kit import jobs
from config.kit.database import after, retry_db, unless_away, verb
from config.kit.errors import (
    Busy,
    OutcomeUnknown,
    ProviderError,
    Spend,
    Stopped,
    Unavailable,
    VendorTrouble,
)
from teams.brakes import Braked
from videos import limits, moves, proposal_texts, proposals, refusals, replies, resting, scripts
from videos.models import Proposal, ProposalState
from videos.proposal_rows import STAGE
from videos.proposals import CLUSTER, WORK
from videos.writing import scene_answers
from videos.writing.asked import BoughtWriter, Prompt

log = logging.getLogger("showrunner.proposals")
LEASE = timedelta(seconds=300)  # longer than a request may take
GONE = "The video has gone out or was deleted meanwhile: nothing was asked."
DEARER = "The script has changed since, and the price with it: ask for it again."


@unless_away(log)
def perform(proposal_id: int) -> None:
    """As a worker does it, once: asked again it finds nothing to do."""
    proposal = _claim(proposal_id)
    if proposal is None:
        return
    earlier = replies.found(proposal.team_id, proposal.request)
    if earlier:
        _buy(proposal, None, earlier)
        return
    try:
        limits.count(proposal.provider)
    except Busy as error:
        _let_wait(proposal, error.message)
        return
    held = _hold(proposal)
    if held:
        _buy(proposal, held, None)


@retry_db
@verb
def _claim(proposal_id: int) -> Proposal | None:
    """None: another worker has it, its video has gone out, or its writer takes no more now."""
    rows_of = Proposal.objects.select_related("video__channel", "video__script")
    found = rows_of.filter(pk=proposal_id, state=ProposalState.WAITING).first()
    if found is None:
        return None
    video = moves.lock(found.video_id)
    waiting = Proposal.objects.filter(pk=proposal_id, state=ProposalState.WAITING)
    if not waiting.update(state=ProposalState.ASKED, lease_until=after(LEASE), reason=""):
        return None
    found.state = ProposalState.ASKED
    if video.deleted_at is not None or scripts.gone_out([video]):
        _end(found, ProposalState.FAILED, GONE)
        return None
    if replies.found(found.team_id, found.request):
        return found  # it was asked already, and nothing more is
    rest = resting.resting().get(found.provider)
    if rest is not None or not limits.take(found.provider):
        tired = f"{found.provider} failed several times and is left alone for a while."
        _back(found, tired if rest else f"{found.provider} does as much as it may: this waits.")
        return None
    return found


@retry_db
@verb
def _let_wait(proposal: Proposal, why: str) -> None:
    limits.leave(proposal.provider)
    _back(proposal, why)


def _back(proposal: Proposal, why: str) -> None:
    """The sweep asks for it again."""
    asked = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.ASKED)
    asked.update(state=ProposalState.WAITING, lease_until=None, reason=why)


@retry_db
@verb
def _hold(proposal: Proposal) -> Hold | None:
    """None: there is no money for it, and the proposal says so."""
    moves.lock(proposal.video_id)
    same = Hold.objects.filter(team=proposal.team_id, request=proposal.request, run_id=0)
    if (mine := same.filter(state=HoldState.OPEN).first()) is not None:
        return mine  # the answer to the first commit was lost with the connection
    writer = proposal_texts.writer(proposal)
    try:
        most = prices.Book().cost(writer.uses(proposal_texts.prompt(proposal))).high
        if most > proposal.most_micros:
            _end(proposal, ProposalState.FAILED, DEARER)
            return None
        request = ledger.Request(proposal.writer, proposal.request)
        return ledger.hold(_purpose(proposal), amount_micros=most, request=request)
    except (Braked, OverBudget, prices.PriceUnknown) as refusal:
        _end(proposal, ProposalState.FAILED, refusal.message)
        return None


def _buy(proposal: Proposal, held: Hold | None, earlier: Path | None) -> None:
    writer, prompt = proposal_texts.writer(proposal), proposal_texts.prompt(proposal)
    try:
        with tempfile.TemporaryDirectory() as room:
            reply = earlier or _asked(proposal, writer, prompt, Path(room) / "reply")
            wrote = writer.read(reply, prompt)
        found = proposal_texts.read(proposal, prompt, wrote.text)
    except scene_answers.Unusable as fault:
        _settle(proposal, held, wrote.spent, failed=f"The answer can't be used: {fault}")
    except (OutcomeUnknown, Stopped) as error:
        refusals.count_unanswered(error, proposal.provider)
        _lose(proposal, held, str(error))
    except ProviderError as error:
        if isinstance(error, VendorTrouble):
            resting.failed(proposal.provider, error.message)
        is_read = replies.found(proposal.team_id, proposal.request) is not None
        if is_read and not error.spent:
            _lose(proposal, held, error.message)
        else:
            _settle(proposal, held, error.spent, failed=error.message)
    except BaseException:
        _lose(proposal, held, "Something unexpected happened; the server's log has the details.")
        raise
    else:
        proposal.narration, proposal.headline = found
        resting.worked(proposal.provider)
        _settle(proposal, held, wrote.spent)


def _asked(proposal: Proposal, writer: BoughtWriter, prompt: Prompt, into: Path) -> Path:
    writer.ask(
        prompt,
        request=proposal.request,
        into=into,
        stopping=jobs.stopping,
        beat=lambda _: None,
    )
    try:
        replies.keep(proposal.team_id, proposal.request, proposal.request, into)
    except Unavailable as error:  # bought, and lost before anybody read it
        raise OutcomeUnknown(error.message) from error
    return into


@retry_db
@verb
def _settle(
    proposal: Proposal, held: Hold | None, spent: Sequence[Spend], failed: str = ""
) -> None:
    moves.lock(proposal.video_id)
    _end(proposal, ProposalState.FAILED if failed else ProposalState.READY, failed)
    replies.forget(proposal.team_id, proposal.request)
    why = _purpose(proposal)
    if held is None:
        ledger.learn(proposal.team_id, proposal.request, spent)
    elif spent:
        _settle_hold(held, why, spent)
    else:
        ledger.refund(held, is_final=True)


def _settle_hold(held: Hold, why: ledger.Purpose, spent: Sequence[Spend]) -> None:
    if Hold.objects.filter(pk=held.pk, state=HoldState.OPEN).exists():
        ledger.settle(held, why, spent)
    else:  # given up by the sweep while this worker was still alive
        ledger.book_late(held, why, spent)


@retry_db
@verb
def _lose(proposal: Proposal, held: Hold | None, why: str) -> None:
    """Nobody knows what was spent: it is booked in full, and a person may ask anew."""
    moves.lock(proposal.video_id)
    told = f"{why} It may have been paid; asking anew may cost as much again."
    _end(proposal, ProposalState.FAILED, told)
    if held and Hold.objects.filter(pk=held.pk, state=HoldState.OPEN).exists():
        ledger.give_up(held)


def _end(proposal: Proposal, state: ProposalState, reason: str = "") -> None:
    asked = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.ASKED)
    ended = asked.update(
        state=state,
        reason=reason,
        narration=proposal.narration,
        headline=proposal.headline,
        lease_until=None,
    )
    if ended:
        limits.leave(proposal.provider)
        proposal.state = state
        proposals.tell(proposal)


def sweep() -> None:
    """Wakes for what waits, and ends what a dead worker had asked for."""
    waiting = Proposal.objects.filter(state=ProposalState.WAITING)
    for proposal_id in waiting.order_by("id").values_list("pk", flat=True)[:20]:
        jobs.enqueue(WORK, proposal_id, to=jobs.cluster(CLUSTER))
    for proposal in Proposal.objects.overdue().order_by("id"):
        reap(proposal)


@retry_db
@verb
def reap(proposal: Proposal) -> None:
    """An answer that was kept is read by another worker; of any other nobody knows."""
    if replies.found(proposal.team_id, proposal.request) is None:
        held = Hold.objects.filter(request=proposal.request, state=HoldState.OPEN).first()
        _lose(proposal, held, "The worker died while it waited for the answer.")
        return
    for held in Hold.objects.filter(request=proposal.request, state=HoldState.OPEN):
        ledger.give_up(held)
    Proposal.objects.overdue().filter(pk=proposal.pk).update(state=ProposalState.WAITING)


def _purpose(proposal: Proposal) -> ledger.Purpose:
    of = (proposal.team_id, proposal.video_id, 0, STAGE, f"scene:{proposal.uid}")
    return ledger.Purpose(*of, channel_id=proposal.video.channel_id)
