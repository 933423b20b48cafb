"""Money moves here and nowhere else: hold before buying, settle what was spent, refund the rest."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Now

from billing import answers, balances, commitments, entries, prices
from billing.answers import purpose_of as purpose_of
from billing.balances import CURRENCY, Move
from billing.commitments import Behind
from billing.entries import Purpose as Purpose
from billing.models import CostEntry, Doubt, Hold, HoldState
from billing.places import balances_of, counted, looking, overruled
from billing.spending import OWN
from config.kit import locks, together
from config.kit.database import retry_db, today_sql, verb
from config.kit.errors import Refused, Spend
from config.kit.money import vendor_of
from config.kit.together import Statement, insert, keep
from teams import brakes
from teams.models import Stops


@dataclass(frozen=True)
class Request:
    """Who is asked, and by which key; repeatable: the same key again is not billed again."""

    provider: str = ""
    key: str = ""
    is_repeatable: bool = False


class NotOpen(Refused):
    code = "hold_not_open"


NOBODY = Request()


@verb
def hold(
    purpose: Purpose, *, amount_micros: int, currency: str = CURRENCY, request: Request = NOBODY
) -> Hold:
    """Sets money aside, from the batch's commitment where that has enough left. Raises Braked while
    spending is stopped, OverBudget where it could pass a budget."""
    of = (purpose.team_id, Stops.SPENDING)
    _, is_stopped, rows = together.ask(
        balances.share(), brakes.looking(*of), looking(purpose.place)
    )
    if is_stopped:
        brakes.refuse_braked(*of)
    counted_on = counted(purpose.place, rows)
    balances.check_request(counted_on, amount_micros)
    taken = commitments.take(purpose.place, counted_on, amount_micros)
    asked = [one for one in counted_on if one not in taken.covers]
    held = Hold(
        balances=[*taken.balances, *balances_of(asked)],
        commitment_id=taken.commitment_id,
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
    lax = overruled(counted_on)
    aside = balances.setting_aside(asked, amount_micros, lax)
    stored, *_, moved = together.ask(insert(held), *aside)
    balances.check(asked, amount_micros, moved)
    keep(held, stored)
    return held


@verb
def book(purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Writes what was spent and answers the sum in micro-units; free calls leave no line. Raises
    PriceUnknown."""
    return answers.book(purpose, prices.charges(spent))


@retry_db
@verb
def settle(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> int:
    """Ends a hold with what was really spent. Raises NotOpen when it has ended already."""
    charged = answers.charged(held, spent)
    if answers.is_billed_once(held):
        ended = _end(held, HoldState.SETTLED)
        booked = answers.book_answer(held, purpose, charged)
    else:
        lines = answers.usage(purpose, charged)
        ended = _end(held, HoldState.SETTLED, lines=lines)
        booked = sum(line.amount_micros for line in lines)
    _free(held, ended, booked)
    return booked


@retry_db
@verb
def refund(held: Hold, *, is_final: bool = False) -> None:
    """Ends a hold of which nothing was spent. Raises NotOpen when it has ended already.

    Final: the provider said that nothing comes of this request, however often it is sent.
    """
    _free(held, _end(held, HoldState.REFUNDED), 0)
    if is_final and held.is_repeatable:
        answers.take_back_unknown(held)


@retry_db
@verb
def give_up(held: Hold) -> None:
    """Nobody learnt what became of the request. What it may have bought is booked in full:
    a person can correct an entry, but nobody misses one that was never written."""
    if held.is_repeatable:
        answers.lock_alike(held)
        if answers.is_booked(held):
            _free(held, _end(held, HoldState.REFUNDED), 0)
            return
    entry = answers.unknown(held)
    ended = _end(held, HoldState.SETTLED, doubt=Doubt.OPEN, lines=[entry])
    _free(held, ended, entry.amount_micros)


@verb
def give_up_holds(run_id: int, fence: int) -> list[Hold]:
    """The worker with this lease died between holding and settling; answers what may have been
    bought. Time of machines of our own is no purchase: what was set aside for it is free again."""
    left = Hold.objects.filter(run_id=run_id, fence=fence, state=HoldState.OPEN)
    given_up = []
    for held in left.order_by("id"):
        with suppress(NotOpen):  # another sweep, or a worker still alive, was faster
            if vendor_of(held.provider) == OWN:  # nobody bills it, and who does it again is counted
                refund(held)
                continue
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
    the same clock, whether what became of all of them is known and booked, and whether a person had
    it bought again all the same."""

    first: datetime
    last: datetime
    now: datetime
    is_booked: bool
    is_accepted: bool = False


def former(team_id: int, request: str) -> Attempts | None:
    """None: nothing was bought, as far as anybody knows."""
    alike = Hold.objects.filter(team=team_id, request=request).exclude(request="")
    bought = alike.filter(state=HoldState.SETTLED).order_by("id")
    first = bought.values_list("created_at", Now()).first()
    if first is None:
        return None
    last = alike.exclude(state=HoldState.OPEN).aggregate(last=Max("created_at"))["last"]
    doubts = answers.doubts(team_id, request).values_list("doubt", flat=True)
    is_accepted = doubts.last() == Doubt.ACCEPTED
    return Attempts(first[0], last, first[1], not doubts.exists(), is_accepted)


@verb
def ask(held: Hold, video_id: int) -> None:
    """This video waits for a person's word on what the hold may have bought, and on no other."""
    asked = Hold.objects.filter(team=held.team_id, asked_video_id=video_id, doubt=Doubt.OPEN)
    asked.update(asked_video_id=None)
    Hold.objects.filter(pk=held.pk).update(asked_video_id=video_id)


def asked_about(team_id: int, video_id: int) -> Hold | None:
    """What a person is asked about who would have this video go on."""
    asked = Hold.objects.filter(team=team_id, asked_video_id=video_id, doubt=Doubt.OPEN)
    return asked.order_by("id").last()


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


@verb
def accept_request(team_id: int, request: str) -> None:
    """A person has it bought again, whatever became of it."""
    answers.doubts(team_id, request).filter(doubt=Doubt.OPEN).update(doubt=Doubt.ACCEPTED)


@retry_db
@verb
def book_late(held: Hold, purpose: Purpose, spent: Sequence[Spend]) -> None:
    """The hold was given up, and so booked in full, while its worker was still alive."""
    answers.lock_alike(held)
    if held.is_repeatable and spent:
        answers.book_answer(held, purpose, answers.charged(held, spent))
    else:
        answers.correct(held, spent)


@retry_db
@verb
def learn(team_id: int, request: str, spent: Sequence[Spend], job: str | None = None) -> None:
    """What was booked in full when nobody knew it: what the last answer cost or, where the vendor
    is asked for it by name, this one. No name: what was sent last has not come to the vendor."""
    if job == "":
        for lost in answers.nameless(team_id, request):
            book_late(lost, purpose_of(lost), ())
        return
    doubts = answers.doubts(team_id, request)
    if job:
        doubts = doubts.filter(job=job) | answers.nameless(team_id, request)
    held = doubts.last()
    if held is not None:
        held.job = job or held.job
        book_late(held, purpose_of(held), spent)


@retry_db
@verb
def name(held: Hold, job: str, *, is_another: bool) -> bool:
    """What the hold buys, as the vendor names it: also who ends it for a dead worker knows that.
    Without a name something is bought now, and what was bought before, known or not, is another
    purchase. False: the hold has ended meanwhile."""
    held.job, held.is_another = job, is_another
    if is_another and not job:
        answers.lock_alike(held)
        answers.nameless(held.team_id, held.request).update(doubt=Doubt.ACCEPTED)
    still = Hold.objects.filter(pk=held.pk, state=HoldState.OPEN)
    return bool(still.update(job=job, is_another=is_another))


@dataclass(frozen=True)
class Ended:
    """Where the money of a hold was set aside."""

    bound: list[int]
    is_of_today: bool
    behind: Behind


# The row itself knows best where the money is set aside: a budget that was made meanwhile has
# entered itself.
_END = """
UPDATE "billing_hold" SET state = %s, doubt = %s WHERE id = %s AND state = %s
RETURNING balances, created_at >= {today}
"""


def _end(
    held: Hold, state: HoldState, *, doubt: Doubt = Doubt.NONE, lines: Sequence[CostEntry] = ()
) -> Ended:
    """Raises NotOpen when it has ended already. `_free` is to follow."""
    said = [str(state), str(doubt), held.pk, str(HoldState.OPEN)]
    ending = Statement(_END.strip().format(today=today_sql()), said)
    first = (balances.share(), commitments.locking(held), answers.locking_alike(held))
    _, committed, _, ended, *_ = together.ask(*first, ending, *map(insert, lines))
    if not ended:
        raise NotOpen("This hold has ended already.")
    entries.count(lines)
    bound, is_of_today = ended[0]
    bound = json.loads(bound) if isinstance(bound, str) else bound
    # what took from a commitment stands where and when that was made
    is_of_today = bool(is_of_today) and held.commitment_id is None
    return Ended(bound, is_of_today, commitments.behind(committed))


def _free(held: Hold, ended: Ended, spent_micros: int) -> None:
    """What of it was set aside and is not spent."""
    freed = ended.behind.free(held, ended.bound, spent_micros)
    balances.move(Move(purpose_of(held).place, freed, is_of_today=ended.is_of_today))
