"""Money moves here and nowhere else: hold before buying, settle what was spent, refund the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.models import CostEntry, Hold, HoldState
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


@verb
def hold(purpose: Purpose, *, amount_micros: int, currency: str = "USD") -> Hold:
    """Sets money aside; without budgets nothing refuses yet, but what is bound is seen."""
    return Hold.objects.create(
        team_id=purpose.team_id,
        video_id=purpose.video_id,
        run_id=purpose.run_id,
        amount_micros=amount_micros,
        currency=currency,
    )


@verb
def book(purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Writes what was spent and answers the sum in micro-units; free calls leave no line."""
    paid = [spend for spend in spent if spend.amount_micros]
    for spend in paid:
        CostEntry.objects.create(
            team_id=purpose.team_id,
            video_id=purpose.video_id,
            run_id=purpose.run_id,
            stage=purpose.stage,
            part=purpose.part,
            provider=spend.provider,
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
    return sum(spend.amount_micros for spend in paid)


@verb
def settle(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Ends a hold with what was really spent. Raises NotOpen when it has ended already."""
    _end(held, HoldState.SETTLED)
    return book(purpose, spent)


@verb
def refund(held: Hold) -> None:
    """Ends a hold of which nothing was spent. Raises NotOpen when it has ended already."""
    _end(held, HoldState.REFUNDED)


@verb
def give_up_holds(run_id: int) -> int:
    """The worker died between holding and settling. What it may have bought is booked in full:
    a person can correct an entry, but nobody misses one that was never written."""
    left = list(Hold.objects.filter(run_id=run_id, state=HoldState.OPEN).order_by("id"))
    for held in left:
        _end(held, HoldState.SETTLED)
        CostEntry.objects.create(
            team_id=held.team_id,
            video_id=held.video_id,
            run_id=held.run_id,
            kind=CostEntry.Kind.UNKNOWN,
            unit="call",
            quantity=1,
            amount_micros=held.amount_micros,
            currency=held.currency,
        )
    return len(left)


def _end(held: Hold, state: HoldState) -> None:
    ended = Hold.objects.filter(pk=held.pk, state=HoldState.OPEN).update(state=state)
    if not ended:
        raise NotOpen("This hold has ended already.")
