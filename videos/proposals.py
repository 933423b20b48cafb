"""Other words for one scene: priced, asked of a paid writer, and taken or dropped by a person."""

import logging
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from billing import ledger, prices
from billing.balances import OverBudget
from billing.models import Hold, HoldState
from config.kit import jobs
from config.kit.database import after, retry_db, unless_away, verb
from config.kit.errors import OutcomeUnknown, ProviderError, Refused, Spend, Stopped, Unavailable
from teams.access import Actor, team_for_edit
from teams.brakes import Braked
from videos import moves, replies, routing, rules, scene_edits, scripts, writers
from videos.models import Scene, Video
from videos.moves import WrongState
from videos.proposal_rows import STAGE, Proposal, ProposalState
from videos.writing import scene_answers
from videos.writing.asked import BoughtWriter, Prompt
from videos.writing.assignments import scene_prompt
from videos.writing.languages import count_words

log = logging.getLogger("showrunner.proposals")
WORK = "videos.tasks.propose"
CLUSTER = "ai"
LEASE = timedelta(seconds=300)  # longer than a request may take
SCRIPT_CHARACTERS = 12_000
DEARER = "The script has changed since, and the price with it: ask for it again."


class NoWriter(Refused):
    code = "no_writer"


@verb
def price(*, by: Actor, scene: Scene, instruction: str) -> Proposal:
    """What it would cost to ask; nothing is asked yet. Raises NoWriter, PriceUnknown."""
    video = scene.video
    team = team_for_edit(by, video.team_id)
    scripts.refuse_if_gone_out(video)
    proposal = Proposal(
        team=team,
        video=video,
        uid=scene.uid,
        instruction=" ".join(instruction.split())[:300],
        writer=writer_of(video),
        was_narration=scene.narration,
        was_headline=scene.headline,
        created_by_id=by.user_id,
    )
    if not proposal.writer:
        raise NoWriter("No paid writer is set up here: write the scene by hand.")
    if not proposal.instruction:
        raise Refused("instruction: say what is to be different.", code="invalid")
    cost = prices.Book().cost(_writer(proposal).uses(_prompt(proposal)))
    proposal.expected_micros, proposal.most_micros = cost.expected, cost.high
    proposal.save()
    return proposal


def writer_of(video: Video) -> str:
    """Who wrote the video, else the first that is set up here; "" where nobody is paid."""
    mine = video.order().writer
    found = writers.offered()
    return mine or (writers.full_name(found[0][0]) if found else "")


@verb
def ask(*, by: Actor, proposal: Proposal) -> None:
    """A person says yes to the price."""
    team_for_edit(by, proposal.team_id)
    _move(proposal, ProposalState.WAITING, leaving=[ProposalState.PRICED])
    jobs.enqueue(WORK, proposal.pk, to=jobs.cluster(CLUSTER))


@verb
def take(*, by: Actor, proposal: Proposal) -> None:
    """The scene says it now. Raises Refused where others have changed the scene meanwhile."""
    team_for_edit(by, proposal.team_id)
    locked = scripts.settled(proposal.video_id)
    _move(proposal, ProposalState.TAKEN, leaving=[ProposalState.READY])
    scene = Scene.objects.filter(video=locked, uid=proposal.uid).select_related("video").first()
    now = (scene.narration, scene.headline) if scene else None
    if scene is None or now != (proposal.was_narration, proposal.was_headline):
        raise Refused(
            "This scene was changed since the writer was asked: drop the proposal, or ask anew.",
            code="text_changed",
        )
    scene_edits.edit_scene(
        by=by, scene=scene, narration=proposal.narration, headline=proposal.headline
    )


@verb
def drop(*, by: Actor, proposal: Proposal) -> None:
    team_for_edit(by, proposal.team_id)
    leaving = [ProposalState.PRICED, ProposalState.READY, ProposalState.FAILED]
    _move(proposal, ProposalState.DROPPED, leaving=leaving)


def _move(proposal: Proposal, to: ProposalState, *, leaving: Sequence[ProposalState]) -> None:
    left = Proposal.objects.filter(pk=proposal.pk, state__in=leaving)
    if not left.update(state=to):
        proposal.refresh_from_db()
        raise WrongState(f"This proposal is {proposal.state}.")
    proposal.state = to


@unless_away(log)
def perform(proposal_id: int) -> None:
    """As a worker does it, once: asked again it finds nothing to do."""
    proposal = _claim(proposal_id)
    if proposal is None:
        return
    earlier = replies.found(proposal.team_id, proposal.request)
    held = None if earlier else _hold(proposal)
    if earlier or held:
        _buy(proposal, held, earlier)


@retry_db
@verb
def _claim(proposal_id: int) -> Proposal | None:
    waiting = Proposal.objects.filter(pk=proposal_id, state=ProposalState.WAITING)
    if not waiting.update(state=ProposalState.ASKED, lease_until=after(LEASE)):
        return None
    return Proposal.objects.select_related("video__channel", "video__script").get(pk=proposal_id)


@retry_db
@verb
def _hold(proposal: Proposal) -> Hold | None:
    """None: there is no money for it, and the proposal says so."""
    moves.lock(proposal.video_id)
    same = Hold.objects.filter(team=proposal.team_id, request=proposal.request, run_id=0)
    if (mine := same.filter(state=HoldState.OPEN).first()) is not None:
        return mine  # the answer to the first commit was lost with the connection
    writer = _writer(proposal)
    try:
        most = prices.Book().cost(writer.uses(_prompt(proposal))).high
        if most > proposal.most_micros:
            _end(proposal, ProposalState.FAILED, DEARER)
            return None
        request = ledger.Request(proposal.writer, proposal.request)
        return ledger.hold(_purpose(proposal), amount_micros=most, request=request)
    except (Braked, OverBudget, prices.PriceUnknown) as refusal:
        _end(proposal, ProposalState.FAILED, refusal.message)
        return None


def _buy(proposal: Proposal, held: Hold | None, earlier: Path | None) -> None:
    writer, prompt = _writer(proposal), _prompt(proposal)
    try:
        with tempfile.TemporaryDirectory() as room:
            reply = earlier or _asked(proposal, writer, prompt, Path(room) / "reply")
            wrote = writer.read(reply, prompt)
        found = scene_answers.read(wrote.text, _expected(proposal))
    except scene_answers.Unusable as fault:
        _settle(proposal, held, wrote.spent, failed=f"The answer can't be used: {fault}")
    except (OutcomeUnknown, Stopped) as error:
        _lose(proposal, held, str(error))
    except ProviderError as error:
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
    asked.update(
        state=state,
        reason=reason,
        narration=proposal.narration,
        headline=proposal.headline,
        lease_until=None,
    )


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


def _writer(proposal: Proposal) -> BoughtWriter:
    return cast(BoughtWriter, routing.made("script", proposal.writer))


def _prompt(proposal: Proposal) -> Prompt:
    video: Video = proposal.video
    content: dict[str, Any] = video.script.content if video.script else {}
    language = str(content.get("language", ""))
    told = [f"{n}. {one['narration']}" for n, one in enumerate(content.get("scenes", []), 1)]
    evidence = [
        claim["evidence"] for claim in content.get("claims", []) if claim["scene"] == proposal.uid
    ]
    texts = {
        "script": "\n".join(told)[:SCRIPT_CHARACTERS],
        "scene": f"{proposal.was_headline}\n{proposal.was_narration}",
        "source": "\n".join(filter(None, evidence)),
    }
    words = count_words(proposal.was_narration, language)
    return scene_prompt(video.order(), language, proposal.instruction, texts, words)


def _expected(proposal: Proposal) -> scene_answers.Expected:
    video: Video = proposal.video
    content: dict[str, Any] = video.script.content if video.script else {}
    told = "\n".join(one["narration"] for one in content.get("scenes", []))
    avoided = rules.avoided(video.channel)
    return scene_answers.Expected(str(content.get("language", "")), told, avoided)
