"""Where money counts: which budgets hold for it there, and their balances in the windows of now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from billing.models import EVER, Scope, Window
from config.kit.database import month_sql, today_sql
from config.kit.together import Rows, Statement, ask


@dataclass(frozen=True)
class Place:
    """Where money counts: 0 where there is no such thing."""

    team_id: int
    channel_id: int = 0
    batch_id: int = 0
    video_id: int = 0

    def subject(self, scope: str) -> int:
        """Of a budget of this scope; a request has no balance, a team but one."""
        at: dict[str, int] = {
            Scope.VIDEO: self.video_id,
            Scope.BATCH: self.batch_id,
            Scope.CHANNEL: self.channel_id,
        }
        return at.get(scope, 0)


class Counted(NamedTuple):
    """A budget that money counts on, the window that runs now, and the balance for it: None where
    there is none yet, and for one that is for each request."""

    budget_id: int
    scope: str
    for_id: int  # the budget's subject: 0 where it is for each of its kind
    window: str
    limit_micros: int
    subject_id: int
    starts: date | str
    balance_id: int | None

    @property
    def is_for_each_request(self) -> bool:
        return self.scope == Scope.CALL


# Money moves often: nothing for the ORM to write, and as little as can be for the planner.
_COUNTED = """
SELECT g.id, g.scope, g.subject_id, g."window", g.limit_micros, {today}, {month}, (
    SELECT b.id FROM billing_balance b WHERE b.budget_id = g.id
        AND b.subject_id = CASE g.scope WHEN 'video' THEN %s WHEN 'batch' THEN %s
            WHEN 'channel' THEN %s ELSE 0 END
        AND b.starts = CASE g."window" WHEN 'day' THEN {today} WHEN 'month' THEN {month}
            ELSE {ever} END
) FROM billing_budget g WHERE g.team_id = %s ORDER BY g.id
"""
# another may have made the same one meanwhile
_NEW = """
INSERT INTO billing_balance
    (budget_id, subject_id, starts, limit_micros, held_micros, spent_micros, told_percent)
VALUES {rows} ON CONFLICT DO NOTHING RETURNING id
"""


def looking(place: Place) -> Statement:
    """Asks for what `counted` reads."""
    statement = _COUNTED.format(today=today_sql(), month=month_sql(), ever=f"'{EVER}'")
    return Statement(statement, [place.video_id, place.batch_id, place.channel_id, place.team_id])


def counted(place: Place, rows: Rows) -> list[Counted]:
    """Balances of windows that are new are made."""
    found = _read(place, rows)
    lacking = [one for one in found if one.balance_id is None and not one.is_for_each_request]
    if not lacking:
        return found
    _, rows = ask(_new(lacking), looking(place))
    return _read(place, rows)


def _read(place: Place, rows: Rows) -> list[Counted]:
    """Of all budgets of the team those that money counts on there."""
    found = []
    for pk, scope, for_id, window, limit_micros, today, month, balance_id in rows:
        subject_id = place.subject(scope)
        has_subject = bool(subject_id) or scope in (Scope.CALL, Scope.TEAM)
        if has_subject and for_id in (0, subject_id):
            starts = {Window.DAY: today, Window.MONTH: month}.get(window, EVER)
            of = (pk, scope, for_id, window, limit_micros)
            found.append(Counted(*of, subject_id, starts, balance_id))
    return found


def _new(lacking: Sequence[Counted]) -> Statement:
    rows = ", ".join(["(%s, %s, %s, %s, 0, 0, 0)"] * len(lacking))
    values = [(one.budget_id, one.subject_id, one.starts, one.limit_micros) for one in lacking]
    return Statement(_NEW.format(rows=rows), [value for row in values for value in row])


def counted_on(place: Place) -> list[Counted]:
    (rows,) = ask(looking(place))
    return counted(place, rows)


def balances_of(counted_on: Iterable[Counted]) -> list[int]:
    return [one.balance_id for one in counted_on if one.balance_id is not None]


def overruled(counted_on: Sequence[Counted]) -> list[int]:
    """A budget for each of a kind says nothing where there is one for this very one."""
    own = {(one.scope, one.window) for one in counted_on if one.for_id}
    alike = [one for one in counted_on if not one.for_id]
    return [one.budget_id for one in alike if (one.scope, one.window) in own]
