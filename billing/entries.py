"""Entries of the ledger: what each tells, and where it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing import balances
from billing.balances import CURRENCY, Move
from billing.models import CostEntry
from billing.places import Place
from billing.prices import Charge
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
    channel_id: int = 0
    batch_id: int = 0

    @property
    def place(self) -> Place:
        return Place(self.team_id, self.channel_id, self.batch_id, self.video_id)


@dataclass(frozen=True)
class CostBooked(News):
    kind = "billing.cost_booked"
    video_id: int
    stage: str
    provider: str
    amount_micros: int
    currency: str


def new(
    purpose: Purpose, charge: Charge, kind: CostEntry.Kind, request: str = "", job: str = ""
) -> CostEntry:
    spend = charge.spend
    return CostEntry(
        team_id=purpose.team_id,
        video_id=purpose.video_id,
        channel_id=purpose.channel_id,
        batch_id=purpose.batch_id,
        run_id=purpose.run_id,
        stage=purpose.stage,
        part=purpose.part,
        provider=spend.provider,
        request=request,
        job=job,
        kind=kind,
        model=spend.model,
        unit=spend.unit,
        quantity=Decimal(str(spend.quantity)),
        amount_micros=charge.amount_micros,
        currency=CURRENCY,
        charged_micros=spend.amount_micros,
        charged_currency=spend.currency,
        rate=charge.rate,
        price_id=charge.price_id,
    )


def count(written: Sequence[CostEntry]) -> None:
    """On the balances, when the verb commits; and tells of them."""
    for entry in written:
        place = Place(entry.team_id, entry.channel_id, entry.batch_id, entry.video_id)
        balances.move(Move(place, spent_micros=entry.amount_micros))
        what = (entry.video_id, entry.stage, entry.provider, entry.amount_micros, entry.currency)
        publish(entry.team_id, CostBooked(*what))
