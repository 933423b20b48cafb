"""Answers of paid services, kept as they came until the part that was made of them is settled."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from billing import ledger
from billing.models import Hold
from config.kit import files
from config.kit.database import after, retry_db, verb
from videos.contracts import JOB, SENT
from videos.models import Reply, RunState, StageRun, VendorAnswer
from videos.proposal_rows import Proposal, ProposalState

KIND = "videos.reply"
SOUGHT = timedelta(days=90)


def request_of(team_id: int, key: str) -> str:
    """By which a part is bought: equal at every attempt at it."""
    return f"{team_id}-{key}"


def key_of(request: str) -> str:
    """Of the part that is bought by it."""
    return request.partition("-")[2]


def found(team_id: int, request: str) -> Path | None:
    reply = Reply.objects.filter(team=team_id, request=request).first()
    if reply is None or not files.is_kept(team_id, reply.sha256):
        return None
    return files.path_of(team_id, reply.sha256)


def keep(team_id: int, request: str, key: str, reply: Path) -> None:
    """Also for a worker that has lost its lease: what was bought is kept. Raises Unavailable."""
    _refer(team_id, request, key, files.store(team_id, reply))


@retry_db
@verb
def _refer(team_id: int, request: str, key: str, sha256: str) -> None:
    row, _ = Reply.objects.update_or_create(
        team_id=team_id, request=request, defaults={"key": key, "sha256": sha256}
    )
    blob = files.hold(team_id, sha256, content_type="application/octet-stream")
    files.refer_anew({"reply": blob}, kind=KIND, ref_id=row.pk)


@retry_db
@verb
def claim(vendor: str, answer: str, request: str) -> None:
    """By the name that the vendor gave it: nobody else adopts this answer. First come, first
    served."""
    row = VendorAnswer(vendor=vendor, answer=answer, request=request)
    VendorAnswer.objects.bulk_create([row], ignore_conflicts=True)


def is_taken(vendor: str, answer: str, request: str) -> bool:
    others = VendorAnswer.objects.filter(vendor=vendor, answer=answer)
    return others.exclude(request=request).exists()


@verb
def forget_answers() -> None:
    """Those that are too old for anybody to look for."""
    VendorAnswer.objects.filter(at__lt=after(-SOUGHT)).delete()


@verb
def forget(team_id: int, key: str) -> None:
    """The part is settled: it is found by its key from now on."""
    _drop(Reply.objects.filter(team=team_id, key=key))


@verb
def forget_unread(team_id: int, runs: Iterable[StageRun]) -> None:
    """Of parts that these runs bought and never settled: a person has them made anew. Of what was
    not answered the notes stay: it is gone on with if it is still at work, and what it may have
    cost is not asked about."""
    bought = _bought_by([run.pk for run in runs])
    kept = Reply.objects.filter(team=team_id)
    unread = [one for one in kept if request_of(team_id, one.key) in bought]
    answered = {one.key for one in unread if not _is_note(one)}
    _drop(kept.filter(pk__in=[one.pk for one in unread if one.key in answered]))
    for key in {one.key for one in unread} - answered:
        ledger.accept_request(team_id, request_of(team_id, key))


@verb
def sweep() -> None:
    """Those of parts that no run can ask for any more, for all that bought them are over; and of
    proposals that are over."""
    over = (RunState.DONE, RunState.SKIPPED)
    unfinished = StageRun.objects.exclude(state__in=over)
    kept = list(Reply.objects.order_by("id"))
    requests = [request_of(one.team_id, one.key) for one in kept]
    wanted = _bought_by(unfinished.values("pk"), request__in=requests)
    asked = Proposal.objects.filter(state__in=[ProposalState.WAITING, ProposalState.ASKED])
    wanted |= {proposal.request for proposal in asked}
    found = [one for one in kept if {one.request, request_of(one.team_id, one.key)} & wanted]
    gone = {one.pk for one in kept} - {one.pk for one in found}
    _drop(Reply.objects.filter(pk__in=gone))


def _is_note(reply: Reply) -> bool:
    return reply.request.endswith((SENT, JOB))


def _bought_by(runs: Any, **which: Any) -> set[str]:
    held = Hold.objects.filter(run_id__in=runs, **which).exclude(request="")
    return set(held.values_list("request", flat=True))


def _drop(replies: QuerySet[Reply]) -> None:
    for reply in replies.order_by("id"):
        files.refer_anew({}, kind=KIND, ref_id=reply.pk)
        reply.delete()
