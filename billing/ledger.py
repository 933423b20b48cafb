"""Money moves here and nowhere else: hold before buying, settle what was spent, refund the rest."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import Now

from billing import balances, prices
from billing.balances import CURRENCY, Move, Place
from billing.models import IN_DOUBT, CostEntry, Doubt, Hold, HoldState
from billing.prices import Charge, PriceUnknown
from config.kit import locks
from config.kit.database import retry_db, today_sql, verb
from config.kit.errors import Refused, Spend
from teams import brakes
from teams.events import News, publish
from teams.models import Stops


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
    """Sets money aside. Raises Braked while spending is stopped, OverBudget where it could pass a
    budget."""
    brakes.refuse(purpose.team_id, Stops.SPENDING)  # shares the lock of `balances` as well
    return Hold.objects.create(
        balances=balances.bind(purpose.place, amount_micros),
        team_id=purpose.team_id,
        video_id=purpose.video_id,
        channel_id=purpose.channel_id,
        batch_id=purpose.batch_id,
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
    """Writes what was spent and answers the sum in micro-units; free calls leave no line. Raises
    PriceUnknown."""
    return _book(purpose, prices.charges(spent))


def _book(purpose: Purpose, charged: Sequence[Charge]) -> int:
    paid = [one for one in charged if one.amount_micros]
    if paid:
        balances.share()
    for one in paid:
        _enter(purpose, one, CostEntry.Kind.USAGE)
    return sum(one.amount_micros for one in paid)


@retry_db
@verb
def settle(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Ends a hold with what was really spent. Raises NotOpen when it has ended already."""
    _lock_alike(held)
    _end(held, HoldState.SETTLED)
    return _book_answer(held, purpose, spent)


@retry_db
@verb
def refund(held: Hold, *, is_final: bool = False) -> None:
    """Ends a hold of which nothing was spent. Raises NotOpen when it has ended already.

    Final: the provider said that nothing comes of this request, however often it is sent.
    """
    _lock_alike(held)
    _end(held, HoldState.REFUNDED)
    if is_final and held.is_repeatable:
        _take_back_unknown(held)


@retry_db
@verb
def give_up(held: Hold) -> None:
    """Nobody learnt what became of the request. What it may have bought is booked in full:
    a person can correct an entry, but nobody misses one that was never written."""
    _lock_alike(held)
    if held.is_repeatable and _is_booked(held):
        _end(held, HoldState.REFUNDED)
        return
    _end(held, HoldState.SETTLED, doubt=Doubt.OPEN)
    unknown = _call(held, 1, held.amount_micros)
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


def is_being_bought(team_id: int, request: str) -> bool:
    """Whether another run has sent the same request and does not know the answer yet. Asked inside
    the verb that would hold money for it: until that commits nobody else of the team asks."""
    if not request:
        return False
    digest = hashlib.sha256(f"{team_id} {request}".encode()).digest()
    locks.lock(int.from_bytes(digest[:8], signed=True), alone=True)
    alike = Hold.objects.filter(team=team_id, request=request)
    return alike.filter(state=HoldState.OPEN).exists()


@dataclass(frozen=True)
class Attempts:
    """At a request that may have been served: when the first and the last began, what time it is by
    the same clock, and whether what became of all of them is known and booked."""

    first: datetime
    last: datetime
    now: datetime
    is_booked: bool


def former(team_id: int, request: str) -> Attempts | None:
    """None: nothing was bought, as far as anybody knows."""
    alike = Hold.objects.filter(team=team_id, request=request).exclude(request="")
    bought = alike.filter(state=HoldState.SETTLED).order_by("id")
    first = bought.values_list("created_at", Now()).first()
    if first is None:
        return None
    last = alike.exclude(state=HoldState.OPEN).aggregate(last=Max("created_at"))["last"]
    return Attempts(first[0], last, first[1], not bought.filter(doubt__in=IN_DOUBT).exists())


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
    for held in asked.order_by("id"):
        accept_alike(held)


@verb
def accept_alike(held: Hold) -> None:
    """The same request is bought again, however many holds of it are in doubt."""
    alike = Hold.objects.filter(team=held.team_id, request=held.request, doubt=Doubt.OPEN)
    alike.update(doubt=Doubt.ACCEPTED)


@retry_db
@verb
def book_late(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> None:
    """The hold was given up, and so booked in full, while its worker was still alive."""
    _lock_alike(held)
    if held.is_repeatable and spent:
        _book_answer(held, purpose, spent)
    else:
        _correct(held, spent)


@retry_db
@verb
def learn(team_id: int, request: str, spent: Sequence[Spend]) -> None:
    """What an answer cost that was booked in full when it came."""
    doubts = Hold.objects.filter(team=team_id, request=request, doubt__in=IN_DOUBT)
    held = doubts.exclude(request="").order_by("id").last()
    if held is not None:
        book_late(held, purpose_of(held), spent)


def purpose_of(held: Hold) -> Purpose:
    run = (held.run_id, held.stage, held.part, held.fence)
    return Purpose(held.team_id, held.video_id, *run, held.channel_id, held.batch_id)


def _lock_alike(held: Hold) -> None:
    """Holds of a request that is billed once end one after the other, also over two videos."""
    balances.share()
    if held.is_repeatable and held.request:
        alike = Hold.objects.filter(team=held.team_id, request=held.request)
        list(alike.select_for_update(no_key=True).order_by("id").values_list("pk"))


def _entries(held: Hold) -> QuerySet[CostEntry]:
    return CostEntry.objects.filter(team=held.team_id, request=held.request).exclude(request="")


def _is_booked(held: Hold) -> bool:
    alike = Hold.objects.filter(team=held.team_id, request=held.request, doubt__in=IN_DOUBT)
    used = _entries(held).filter(kind=CostEntry.Kind.USAGE)
    return alike.exclude(request="").exists() or used.exists()


def _charged(held: Hold, spent: Sequence[Spend]) -> list[Charge]:
    """What lost its price since the money was set aside costs all of that."""
    try:
        return prices.charges(spent)
    except PriceUnknown:
        return [_call(held, 1, held.amount_micros)]


def _call(held: Hold, quantity: int, amount_micros: int) -> Charge:
    spend = Spend(held.provider, "call", quantity, amount_micros, held.currency)
    return Charge(spend, amount_micros)


def _book_answer(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> int:
    if not held.is_repeatable or not held.request:
        return _book(purpose, _charged(held, spent))
    _take_back_unknown(held)
    return _book_once(held, purpose, _charged(held, spent))


def _book_once(held: Hold, purpose: Purpose, charged: Sequence[Charge]) -> int:
    """One line a request; a later answer that names a higher price adds what is missing."""
    total = sum(one.amount_micros for one in charged)
    booked = _entries(held).aggregate(sum=Sum("amount_micros"))["sum"] or 0
    missing = total - booked
    if missing <= 0:
        return 0
    if booked or _entries(held).filter(kind=CostEntry.Kind.USAGE).exists():
        line = _call(held, 0, missing)
        _enter(purpose, line, CostEntry.Kind.CORRECTION, held.request)
    else:
        _enter(purpose, _one_line(held, charged), CostEntry.Kind.USAGE, held.request)
    return missing


def _one_line(held: Hold, charged: Sequence[Charge]) -> Charge:
    paid = [one for one in charged if one.amount_micros]
    total = sum(one.amount_micros for one in paid)
    return paid[0] if len(paid) == 1 else _call(held, 1, total)


def _take_back_unknown(held: Hold) -> None:
    """The same request was answered after all: what it costs is known now, and due once."""
    doubts = Hold.objects.filter(team=held.team_id, request=held.request, doubt__in=IN_DOUBT)
    for doubtful in doubts.exclude(request="").order_by("id"):
        _correct(doubtful, ())


def _correct(held: Hold, spent: Sequence[Spend]) -> None:
    """Known now, and booked in full before: the difference is entered, once."""
    in_doubt = Hold.objects.filter(pk=held.pk, doubt__in=IN_DOUBT)
    cleared = in_doubt.update(doubt=Doubt.CLEARED)
    difference = sum(one.amount_micros for one in _charged(held, spent)) - held.amount_micros
    if cleared and difference:
        line = _call(held, 0 if spent else -1, difference)
        _enter(purpose_of(held), line, CostEntry.Kind.CORRECTION, held.request)


def _enter(purpose: Purpose, charge: Charge, kind: CostEntry.Kind, request: str = "") -> None:
    spend = charge.spend
    CostEntry.objects.create(
        team_id=purpose.team_id,
        video_id=purpose.video_id,
        channel_id=purpose.channel_id,
        batch_id=purpose.batch_id,
        run_id=purpose.run_id,
        stage=purpose.stage,
        part=purpose.part,
        provider=spend.provider,
        request=request,
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
    balances.move(Move(purpose.place, spent_micros=charge.amount_micros))
    publish(
        purpose.team_id,
        CostBooked(purpose.video_id, purpose.stage, spend.provider, charge.amount_micros, CURRENCY),
    )


# The row itself knows best where the money is set aside: a budget that was made meanwhile has
# entered itself.
_END = """
UPDATE "billing_hold" SET state = %s, doubt = %s WHERE id = %s AND state = %s
RETURNING balances, created_at >= {today}
"""


def _end(held: Hold, state: HoldState, *, doubt: Doubt = Doubt.NONE) -> None:
    with connection.cursor() as cursor:
        said: list[Any] = [str(state), str(doubt), held.pk, str(HoldState.OPEN)]
        cursor.execute(_END.strip().format(today=today_sql()), said)
        ended = cursor.fetchone()
    if ended is None:
        raise NotOpen("This hold has ended already.")
    bound, is_of_today = ended
    bound = json.loads(bound) if isinstance(bound, str) else bound
    place = purpose_of(held).place
    balances.move(Move(place, tuple(bound), held.amount_micros, is_of_today=bool(is_of_today)))
