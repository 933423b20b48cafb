"""What came of a request is booked once for each thing that was bought by it, however often it was
asked for.

A vendor who bills a key once, or whose jobs can be looked up, may still sell two things for one
key: the first came to nothing, or could not be had any more. Each of them is a `job`, by its
vendor's name, and what is said of one says nothing of another. Nobody knows the name of what was
sent and not answered: who goes on names it, or says that it is another purchase.
"""

from collections.abc import Sequence

from django.db.models import Q, QuerySet, Sum

from billing import balances, commitments, entries, prices
from billing.entries import Purpose
from billing.models import IN_DOUBT, CostEntry, Doubt, Hold
from billing.prices import Charge, PriceUnknown
from config.kit import ordered, together
from config.kit.errors import Spend
from config.kit.together import Statement, insert


def is_billed_once(held: Hold) -> bool:
    is_nameless = held.is_another and not held.job  # nothing tells it from what was bought before
    return held.is_repeatable and bool(held.request) and not is_nameless


_ALIKE = "SELECT id FROM billing_hold WHERE team_id = %s AND request = %s ORDER BY id"


def locking_alike(held: Hold) -> Statement | None:
    """Holds of a request that is billed once end one after the other, also over two videos."""
    if not held.is_repeatable or not held.request:
        return None
    return Statement(_ALIKE + ordered.locked(), [held.team_id, held.request])


def lock_alike(held: Hold) -> None:
    together.ask(balances.share(), commitments.locking(held), locking_alike(held))


def purpose_of(held: Hold) -> Purpose:
    run = (held.run_id, held.stage, held.part, held.fence)
    return Purpose(held.team_id, held.video_id, *run, held.channel_id, held.batch_id)


def doubts(team_id: int, request: str) -> QuerySet[Hold]:
    """Holds of a request of which nobody knows what they have bought, the oldest first."""
    alike = Hold.objects.filter(team=team_id, request=request, doubt__in=IN_DOUBT)
    return alike.exclude(request="").order_by("id")


def nameless(team_id: int, request: str) -> QuerySet[Hold]:
    """Those that whoever goes on may still find the name of."""
    return doubts(team_id, request).filter(job="", doubt=Doubt.OPEN)


def doubts_of(held: Hold) -> QuerySet[Hold]:
    """Those that are about what this hold buys."""
    alike = doubts(held.team_id, held.request)
    if held.job:
        return alike.filter(Q(job=held.job) | Q(job="", doubt=Doubt.OPEN))
    return alike.none() if held.is_another else alike


def entries_of(held: Hold) -> QuerySet[CostEntry]:
    """Those of what this hold buys. Versions before knew no names of jobs."""
    alike = CostEntry.objects.filter(team=held.team_id, request=held.request).exclude(request="")
    if held.is_another:
        return alike.filter(job=held.job) if held.job else alike.none()
    return alike.filter(job__in=("", held.job)) if held.job else alike


def is_booked(held: Hold) -> bool:
    used = entries_of(held).filter(kind=CostEntry.Kind.USAGE)
    return doubts_of(held).exists() or used.exists()


def charged(held: Hold, spent: Sequence[Spend]) -> list[Charge]:
    """What lost its price since the money was set aside costs all of that."""
    try:
        return prices.charges(spent)
    except PriceUnknown:
        return [call(held, 1, held.amount_micros)]


def call(held: Hold, quantity: int, amount_micros: int) -> Charge:
    spend = Spend(held.provider, "call", quantity, amount_micros, held.currency)
    return Charge(spend, amount_micros)


def unknown(held: Hold) -> CostEntry:
    """What it may have bought, in full."""
    worst = call(held, 1, held.amount_micros)
    return entries.new(purpose_of(held), worst, CostEntry.Kind.UNKNOWN, held.request, held.job)


def usage(purpose: Purpose, charges: Sequence[Charge]) -> list[CostEntry]:
    paid = [one for one in charges if one.amount_micros]
    return [entries.new(purpose, one, CostEntry.Kind.USAGE) for one in paid]


def book(purpose: Purpose, charges: Sequence[Charge]) -> int:
    lines = usage(purpose, charges)
    if lines:
        enter(*lines, first=balances.share())
    return sum(line.amount_micros for line in lines)


def book_answer(held: Hold, purpose: Purpose, charges: Sequence[Charge]) -> int:
    if not is_billed_once(held):
        return book(purpose, charges)
    take_back_unknown(held)
    return _book_once(held, purpose, charges)


def _book_once(held: Hold, purpose: Purpose, charges: Sequence[Charge]) -> int:
    """One line a job; a later answer that names a higher price adds what is missing."""
    total = sum(one.amount_micros for one in charges)
    mine = entries_of(held)
    booked = mine.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    missing = total - booked
    if missing <= 0:
        return 0
    named = (held.request, held.job)
    if booked or mine.filter(kind=CostEntry.Kind.USAGE).exists():
        line = call(held, 0, missing)
        enter(entries.new(purpose, line, CostEntry.Kind.CORRECTION, *named))
    else:
        enter(entries.new(purpose, _one_line(held, charges), CostEntry.Kind.USAGE, *named))
    return missing


def _one_line(held: Hold, charges: Sequence[Charge]) -> Charge:
    paid = [one for one in charges if one.amount_micros]
    total = sum(one.amount_micros for one in paid)
    return paid[0] if len(paid) == 1 else call(held, 1, total)


def take_back_unknown(held: Hold) -> None:
    """The same was answered after all: what it costs is known now, and due once."""
    for doubtful in doubts_of(held):
        correct(doubtful, ())


def correct(held: Hold, spent: Sequence[Spend]) -> None:
    """Known now, and booked in full before: the difference is entered, once."""
    in_doubt = Hold.objects.filter(pk=held.pk, doubt__in=IN_DOUBT)
    cleared = in_doubt.update(doubt=Doubt.CLEARED)
    difference = sum(one.amount_micros for one in charged(held, spent)) - held.amount_micros
    if cleared and difference:
        line, kind = call(held, 0 if spent else -1, difference), CostEntry.Kind.CORRECTION
        enter(entries.new(purpose_of(held), line, kind, held.request, held.job))


def enter(*lines: CostEntry, first: Statement | None = None) -> None:
    together.ask(first, *map(insert, lines))
    entries.count(lines)
