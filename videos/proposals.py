"""Other words for a scene, or for a line of it: priced, asked for, taken or dropped by a person."""

from collections.abc import Sequence

from billing import prices
from config.kit import jobs, rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, team_for_edit
from teams.events import publish
from videos import evidence, moves, proposal_texts, rules, scene_edits, scripts, writers
from videos.models import Scene, Video
from videos.moves import WrongState
from videos.news import ProposalMoved
from videos.proposal_rows import Proposal, ProposalState
from videos.writing import lines
from videos.writing.claims import Source

WORK = "videos.tasks.propose"
CLUSTER = "ai"


class NoWriter(Refused):
    code = "no_writer"


@verb
def price(
    *,
    by: Actor,
    scene: Scene,
    instruction: str,
    line: int = 0,
    text: str = "",
    version: int | None = None,
) -> Proposal:
    """What it would cost to ask; nothing is asked yet. One sentence alone is said otherwise where
    `line` numbers it (from 1) or `text` gives words of it; `version` is the scene's.

    Raises NoWriter, PriceUnknown, Stale, and Refused (no_such_line).
    """
    team = team_for_edit(by, scene.video.team_id)
    video = scripts.settled(scene.video_id)
    scripts.refuse_if_gone_out(video)
    scene = scene_edits.there(scene)
    rows.refuse_stale(scene, version)
    begin, end = _line_of(video, scene, line, text)
    proposal = Proposal(
        team=team,
        video=video,
        uid=scene.uid,
        instruction=" ".join(instruction.split())[:300],
        writer=writer_of(video),
        was_narration=scene.narration,
        was_headline=scene.headline,
        line=scene.narration[begin:end],
        line_at=begin,
        created_by_id=by.user_id,
    )
    if not proposal.writer:
        raise NoWriter("No paid writer is set up here: write the scene by hand.")
    if not proposal.instruction:
        raise Refused("instruction: say what is to be different.", code="invalid")
    cost = prices.Book().cost(proposal_texts.writer(proposal).uses(proposal_texts.prompt(proposal)))
    proposal.expected_micros, proposal.most_micros = cost.expected, cost.high
    proposal.save()
    return proposal


def _line_of(video: Video, scene: Scene, line: int, text: str) -> tuple[int, int]:
    """Nothing of the narration: the whole scene is meant."""
    language = language_of(video)
    try:
        if line:
            return lines.numbered(scene.narration, language, line)
        return lines.holding(scene.narration, language, text) if text.strip() else (0, 0)
    except lines.NoLine as fault:
        raise Refused(str(fault), code="no_such_line") from None


def language_of(video: Video) -> str:
    return str(video.script.content["language"]) if video.script else ""


def line_with(scene: Scene, text: str) -> int:
    """The number of the sentence that these words stand in, from 1; 0 where that can't be said."""
    language = language_of(scene.video)
    try:
        found = lines.holding(scene.narration, language, text)
    except lines.NoLine:
        return 0
    places = lines.sentences(scene.narration, language)
    return places.index(found) + 1 if found in places else 0


def writer_of(video: Video) -> str:
    """Who wrote the video, else the first that is set up here; "" where nobody is paid."""
    mine = video.order().writer
    found = writers.offered()
    return mine or (writers.full_name(found[0][0]) if found else "")


@verb
def ask(*, by: Actor, proposal: Proposal) -> None:
    """A person says yes to the price."""
    team_for_edit(by, proposal.team_id)
    scripts.refuse_if_gone_out(moves.lock_kept(proposal.video_id))
    _move(proposal, ProposalState.WAITING, leaving=[ProposalState.PRICED])
    jobs.enqueue(WORK, proposal.pk, to=jobs.cluster(CLUSTER))


def take(*, by: Actor, proposal: Proposal) -> None:
    """The scene says it now, and what it claims is held against the source. Raises Refused where
    others have changed the scene meanwhile."""
    source = evidence.source_of(proposal.video)  # reads files: not in a transaction
    _take(by, proposal, source)


@verb
def _take(by: Actor, proposal: Proposal, source: Source | None) -> None:
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
    rules.refuse_words(locked.channel, proposal.narration, proposal.headline)
    words = {"narration": proposal.narration, "headline": proposal.headline}
    scene_edits.take_words(by=by, scene=scene, source=source, **words)


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
    tell(proposal)


def tell(proposal: Proposal) -> None:
    of = (proposal.video_id, proposal.pk, proposal.uid)
    publish(proposal.team_id, ProposalMoved(*of, proposal.state))
