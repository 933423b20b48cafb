"""Money moves here and nowhere else: hold before buying, settle what was spent, refund the rest."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Sum

from billing.models import CostEntry, Doubt, Hold, HoldState
from config.kit.database import verb
from config.kit.errors import Refused, Spend
from teams.events import News, publish


@dataclass(frozen=True)
class Purpose:
    """What money is for: the run of a stage, and the part of it at hand."""

    team_id: int
    video_id: int
    run_id: int
    stage: str
    part: str = ""
    fence: int = 0


@dataclass(frozen=True)
class Request:
    """Who is asked, and by which key; repeatable: the same key again is not billed again."""

    provider: str = ""
    key: str = ""
    is_repeatable: bool = False


@dataclass(frozen=True)
class CostBooked(News):
    kind = "billing.cost_booked"
    video_id: int
    stage: str
    provider: str
    amount_micros: int
    currency: str


class NotOpen(Refused):
    code = "hold_not_open"


NOBODY = Request()


@verb
def hold(
    purpose: Purpose, *, amount_micros: int, currency: str = "USD", request: Request = NOBODY
) -> Hold:
    """Sets money aside; without budgets nothing refuses yet, but what is bound is seen."""
    return Hold.objects.create(
        team_id=purpose.team_id,
        video_id=purpose.video_id,
        run_id=purpose.run_id,
        fence=purpose.fence,
        stage=purpose.stage,
        part=purpose.part,
        provider=request.provider,
        request=request.key,
        is_repeatable=request.is_repeatable,
        amount_micros=amount_micros,
        currency=currency,
    )


@verb
def book(purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Writes what was spent and answers the sum in micro-units; free calls leave no line."""
    paid = [spend for spend in spent if spend.amount_micros]
    for spend in paid:
        _enter(purpose, spend, CostEntry.Kind.USAGE)
    return sum(spend.amount_micros for spend in paid)


@verb
def settle(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Ends a hold with what was really spent. Raises NotOpen when it has ended already."""
    _end(held, HoldState.SETTLED)
    if held.is_repeatable:
        _take_back_unknown(held)
    return book(purpose, spent)


@verb
def refund(held: Hold) -> None:
    """Ends a hold of which nothing was spent. Raises NotOpen when it has ended already."""
    _end(held, HoldState.REFUNDED)


@verb
def give_up(held: Hold) -> None:
    """Nobody learnt what became of the request. What it may have bought is booked in full:
    a person can correct an entry, but nobody misses one that was never written."""
    _end(held, HoldState.SETTLED, doubt=Doubt.OPEN)
    unknown = Spend(held.provider, "call", 1, held.amount_micros, held.currency)
    _enter(purpose_of(held), unknown, CostEntry.Kind.UNKNOWN, held.request)


@verb
def give_up_holds(run_id: int, fence: int) -> list[Hold]:
    """The worker with this lease died between holding and settling; answers what it left."""
    left = Hold.objects.filter(run_id=run_id, fence=fence, state=HoldState.OPEN)
    given_up = []
    for held in left.order_by("id"):
        with suppress(NotOpen):  # another sweep, or a worker still alive, was faster
            give_up(held)
            given_up.append(held)
    return given_up


def open_doubt(team_id: int, request: str) -> Hold | None:
    """The same request may have been served and billed before, and nobody accepted that."""
    doubts = Hold.objects.filter(team=team_id, request=request, doubt=Doubt.OPEN)
    return doubts.exclude(request="").order_by("id").last()


@verb
def ask(held: Hold, video_id: int) -> None:
    """This video waits for a person's word on what the hold may have bought, and on no other."""
    asked = Hold.objects.filter(team=held.team_id, asked_video_id=video_id, doubt=Doubt.OPEN)
    asked.update(asked_video_id=None)
    Hold.objects.filter(pk=held.pk).update(asked_video_id=video_id)


@verb
def accept(team_id: int, video_id: int) -> None:
    """A person has the requests bought again that this video was asked about."""
    asked = Hold.objects.filter(team=team_id, asked_video_id=video_id, doubt=Doubt.OPEN)
    for request in set(asked.values_list("request", flat=True)):
        alike = Hold.objects.filter(team=team_id, request=request, doubt=Doubt.OPEN)
        alike.update(doubt=Doubt.ACCEPTED)


@verb
def book_excess(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> int:
    """The hold was given up, and so booked in full, while its worker was still alive."""
    excess = sum(spend.amount_micros for spend in spent) - held.amount_micros
    if excess <= 0:
        return 0
    dearest = max(spent, key=lambda spend: spend.amount_micros)
    return book(purpose, [replace(dearest, amount_micros=excess)])


def purpose_of(held: Hold) -> Purpose:
    return Purpose(held.team_id, held.video_id, held.run_id, held.stage, held.part, held.fence)


def _take_back_unknown(held: Hold) -> None:
    """The same request was answered after all: what it costs is known now, and due once."""
    same = CostEntry.objects.filter(team=held.team_id, request=held.request).exclude(request="")
    unknown = same.filter(kind=CostEntry.Kind.UNKNOWN).select_for_update().order_by("id")
    if not list(unknown):  # locked: of two answers to one request, one takes it back
        return
    places = same.order_by().values_list("video_id", "run_id", "stage", "part", "currency")
    sums = places.annotate(booked=Sum("amount_micros")).exclude(booked=0)
    for video_id, run_id, stage, part, currency, booked in sums:
        back = Spend(held.provider, "call", -1, -booked, currency)
        purpose = Purpose(held.team_id, video_id, run_id, stage, part)
        _enter(purpose, back, CostEntry.Kind.CORRECTION, held.request)


def _enter(purpose: Purpose, spend: Spend, kind: CostEntry.Kind, request: str = "") -> None:
    CostEntry.objects.create(
        team_id=purpose.team_id,
        video_id=purpose.video_id,
        run_id=purpose.run_id,
        stage=purpose.stage,
        part=purpose.part,
        provider=spend.provider,
        request=request,
        kind=kind,
        unit=spend.unit,
        quantity=Decimal(str(spend.quantity)),
        amount_micros=spend.amount_micros,
        currency=spend.currency,
    )
    publish(
        purpose.team_id,
        CostBooked(
            purpose.video_id, purpose.stage, spend.provider, spend.amount_micros, spend.currency
        ),
    )


def _end(held: Hold, state: HoldState, *, doubt: Doubt = Doubt.NONE) -> None:
    still_open = Hold.objects.filter(pk=held.pk, state=HoldState.OPEN)
    ended = still_open.update(state=state, doubt=doubt)
    if not ended:
        raise NotOpen("This hold has ended already.")
