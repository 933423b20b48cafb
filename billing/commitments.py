"""Commitments: what a batch may cost is set aside before its first run.

Whoever buys for the batch takes from that: the money moves from the commitment to the hold, and the
budgets that the commitment counts on are not asked again. What the hold does not spend goes back to
the commitment while that is open, else to the budgets. A hold for more than is left is one of its
own: all of it counts on the budgets.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from billing import balances
from billing.balances import Move
from billing.models import Balance, Commitment, CommitmentState, Hold
from billing.places import Counted, Place, balances_of, counted, looking, overruled
from config.kit import ordered
from config.kit.database import verb
from config.kit.errors import Refused
from config.kit.together import Rows, Statement, ask, insert, keep
from teams import brakes
from teams.models import Stops


class AlreadyCommitted(Refused):
    code = "already_committed"


@verb
def commit(place: Place, amount_micros: int) -> Commitment:
    """For all videos of the place's batch; of one channel where it names one. Raises Braked,
    OverBudget, and AlreadyCommitted while the batch has one."""
    if place.video_id or not place.batch_id or amount_micros < 0:
        raise ValueError(f"{place}: a commitment is a batch's, of an amount")
    of = (place.team_id, Stops.SPENDING)
    _, is_stopped, rows = ask(balances.share(), brakes.looking(*of), looking(place))
    if is_stopped:
        brakes.refuse_braked(*of)
    if _open(place).exists():
        raise AlreadyCommitted("Money is set aside for this batch already.")
    counted_on = counted(place, rows)
    made = Commitment(
        team_id=place.team_id,
        batch_id=place.batch_id,
        channel_id=place.channel_id,
        balances=balances_of(counted_on),
        amount_micros=amount_micros,
        left_micros=amount_micros,
    )
    asked = (counted_on, amount_micros, overruled(counted_on))
    stored, *_, moved = ask(insert(made), *balances.setting_aside(*asked))
    balances.check(counted_on, amount_micros, moved)
    keep(made, stored)
    return made


@verb
def release(commitment: Commitment) -> None:
    """In the verb that ends the batch: what is left goes back. Released again nothing changes."""
    ask(balances.share())
    is_open = Commitment.objects.filter(pk=commitment.pk, state=CommitmentState.OPEN)
    if not is_open.update(state=CommitmentState.RELEASED):
        return
    commitment.refresh_from_db()
    place = Place(commitment.team_id, commitment.channel_id, commitment.batch_id)
    freed = dict.fromkeys(commitment.balances, commitment.left_micros)
    balances.move(Move(place, freed))


def _open(place: Place) -> Any:
    return Commitment.objects.filter(
        team=place.team_id, batch_id=place.batch_id, state=CommitmentState.OPEN
    )


@dataclass(frozen=True)
class Taken:
    """What a hold took from a commitment: where that stays set aside, and which of the budgets that
    the hold counts on that covers."""

    commitment_id: int | None = None
    balances: tuple[int, ...] = ()
    covers: tuple[Counted, ...] = ()


_TAKE = """
UPDATE billing_commitment SET left_micros = left_micros - %s
WHERE team_id = %s AND batch_id = %s AND state = 'open' AND left_micros >= %s
RETURNING id, balances
"""


def take(place: Place, counted_on: Sequence[Counted], amount_micros: int) -> Taken:
    """In the verb that sets the money aside, before it locks anything but videos and runs."""
    if not place.batch_id:
        return Taken()
    said = [amount_micros, place.team_id, place.batch_id, amount_micros]
    (found,) = ask(Statement(_TAKE, said))
    if not found:
        return Taken()
    commitment_id, bound = found[0]
    rows = Balance.objects.filter(pk__in=_list(bound)).values_list("budget", "subject_id", "pk")
    # by budget and subject: the commitment may stand in the window of another month
    bound = {(budget_id, subject_id): pk for budget_id, subject_id, pk in rows}
    covers = [one for one in counted_on if (one.budget_id, one.subject_id) in bound]
    return Taken(commitment_id, tuple(bound.values()), tuple(covers))


@dataclass(frozen=True)
class Behind:
    """The commitment that a hold took from, locked until the verb commits; none: it took from none,
    or that is released."""

    commitment_id: int = 0
    balances: tuple[int, ...] = ()

    def free(self, held: Hold, bound: Sequence[int], spent_micros: int) -> dict[int, int]:
        """What of an ended hold is set aside no longer, by balance. The rest goes back to the
        commitment, and stays set aside where that counts; below 0 where a budget began that counts
        it and not the hold."""
        freed = dict.fromkeys(bound, held.amount_micros)
        back = max(0, held.amount_micros - spent_micros)
        if self.commitment_id and back:
            found = Commitment.objects.filter(pk=self.commitment_id)
            found.update(left_micros=F("left_micros") + back)
            freed |= {pk: freed.get(pk, 0) - back for pk in self.balances}
        return freed


_BEHIND = "SELECT id, balances FROM billing_commitment WHERE id = %s AND state = 'open'"


def locking(held: Hold) -> Statement | None:
    """Its commitment; before the hold."""
    if held.commitment_id is None:
        return None
    return Statement(_BEHIND + ordered.locked(), [held.commitment_id])


def behind(rows: Rows) -> Behind:
    return Behind(rows[0][0], tuple(_list(rows[0][1]))) if rows else Behind()


def _list(stored: Any) -> list[int]:
    """SQLite keeps JSON as text."""
    return list(json.loads(stored) if isinstance(stored, str) else stored)
