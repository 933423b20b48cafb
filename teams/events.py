"""The journal: what happened, written by the verb that did it, in its transaction; and who listens.

A listener is woken once for whatever a burst of verbs tells (`TeamJournal.wake_seq`), reads from
its cursor on, and so hears of each event at least once (teams.listening).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, ClassVar

from django.db import connection
from django.db.models import F

from config.kit import jobs
from config.kit.database import advance
from config.kit.endings import Asking, before_commit
from config.kit.live import hints
from config.kit.together import Rows, Statement
from teams.models import Event, ListenerCursor, Team, TeamJournal

WAKE = "teams.listening.work"
ALL = "*"  # in `TeamJournal.hears`
OF_COSTS = "billing."  # how kinds begin that only who sees costs is told of
FIGURES = frozenset({"percent", "currency"})  # fields that tell of amounts, beside `_micros`

EVERYBODY = "teams"  # the topic of hints that concern each team


def topic_of(team_id: int) -> str:
    """Of the hints that this team's journal has moved."""
    return f"team.{team_id}"


@dataclass(frozen=True)
class News:
    """Something that happened. Subclasses are flat, JSON-plain, past tense and name ids."""

    kind: ClassVar[str]


def without_costs(payload: Mapping[str, Any]) -> dict[str, Any]:
    """An event for who may not see costs and yet is told of it: without amounts, and without how
    much of a limit is spent."""
    return {
        name: value
        for name, value in payload.items()
        if not name.endswith("_micros") and name not in FIGURES
    }


def kinds() -> set[str]:
    """Every kind that the loaded code can tell of."""
    left, found = [News], set[str]()
    while left:
        for news in left.pop().__subclasses__():
            left.append(news)
            found.add(getattr(news, "kind", ""))
    return found - {""}


@dataclass(frozen=True)
class Listener:
    """Who is told of what happened: `task` names `handle(team_id, events)` by its dotted path."""

    task: str
    kinds: frozenset[str]  # none: those that each team has asked for (`TeamJournal.hears`)


_listeners: dict[str, Listener] = {}
_heard: set[str] = set()


def listen(kinds: str | Collection[str], task: str) -> None:
    """In `AppConfig.ready`. The handler gets events of these kinds in their order, some at once, at
    least once, in the verb that moves its cursor; with no kinds, those that the team asks for.

    Its cursor is kept under the path of `task`: under another path it would begin anew.
    """
    wanted = frozenset([kinds] if isinstance(kinds, str) else kinds)
    if task in _listeners:
        raise ValueError(f"{task} listens already")
    _listeners[task] = Listener(task, wanted)
    _heard.update(wanted)


def listeners() -> list[Listener]:
    return list(_listeners.values())


def begin_cursors(team_id: int) -> None:
    """In the verb that makes a team: its listeners miss nothing of it."""
    ListenerCursor.objects.bulk_create(
        ListenerCursor(listener=one.task, team_id=team_id, seq=0) for one in listeners()
    )


def publish(team: Team | int, news: News) -> None:
    """Tells the team's journal when the verb commits. Raises RuntimeError outside a verb."""
    team_id = team if isinstance(team, int) else team.pk
    before_commit("teams.journal", _write, (team_id, news))


def _write(told: Sequence[tuple[int, News]]) -> Asking:
    """One number range per team, teams in order of id, so that two verbs never lock crosswise."""
    by_team = sorted(told, key=lambda pair: pair[0])
    teams = {
        team_id: [item for _, item in pairs]
        for team_id, pairs in groupby(by_team, key=lambda pair: pair[0])
    }
    if connection.vendor == "postgresql":
        answers = yield [_append(*one) for one in teams.items()]
        wakes = [_is_woken(team_id, rows) for team_id, rows in zip(teams, answers, strict=True)]
    else:
        wakes = [_number_and_insert(*one) for one in teams.items()]
    for team_id, wakes_somebody in zip(teams, wakes, strict=True):
        if wakes_somebody:
            jobs.enqueue(WAKE, team_id, to="publish")
        hints.after_commit(topic_of(team_id))


# Every verb of a pipeline ends with this: one round trip, and nothing for the ORM to write.
_APPEND = """
WITH head AS (
    UPDATE teams_teamjournal SET seq = seq + %s, wake_seq = CASE
        WHEN wake_seq = 0 AND (%s OR string_to_array(hears, ',') && %s::text[])
        THEN seq + %s ELSE wake_seq END
    WHERE team_id = %s RETURNING seq, wake_seq
), written AS (
    INSERT INTO teams_event (team_id, seq, kind, payload, at)
    SELECT %s, head.seq - %s + told.place, told.kind, told.payload::jsonb,
        clock_timestamp()
    FROM head, (VALUES {told}) AS told (kind, payload, place)
)
SELECT wake_seq = seq FROM head
"""


def _append(team_id: int, news: Sequence[News]) -> Statement:
    kinds, count = [item.kind for item in news], len(news)
    is_heard = not _heard.isdisjoint(kinds)
    head = [count, is_heard, [*kinds, ALL], count, team_id]
    rows = [(item.kind, json.dumps(asdict(item)), n) for n, item in enumerate(news, 1)]
    told = ", ".join(["(%s, %s, %s)"] * count)
    values = [value for row in rows for value in row]
    return Statement(_APPEND.format(told=told), [*head, team_id, count, *values])


def _is_woken(team_id: int, rows: Rows) -> bool:
    if not rows:
        raise LookupError(f"team {team_id} has no journal")
    return bool(rows[0][0])


def _number_and_insert(team_id: int, news: Sequence[News]) -> bool:
    """SQLite writes in no WITH."""
    head = advance(TeamJournal._meta.db_table, "seq", "team_id", team_id, len(news))
    first = head - len(news) + 1
    Event.objects.bulk_create(
        Event(team_id=team_id, seq=first + place, kind=item.kind, payload=asdict(item))
        for place, item in enumerate(news)
    )
    journal = TeamJournal.objects.get(team_id=team_id)
    kinds = {ALL, *(item.kind for item in news)}
    if journal.wake_seq or kinds.isdisjoint(_heard | set(journal.hears.split(","))):
        return False
    TeamJournal.objects.filter(team_id=team_id).update(wake_seq=head)
    return True


def publish_everywhere(news: News) -> None:
    """Tells the journal of every team, in three statements however many there are."""
    before_commit("teams.journal of all", _write_everywhere, news)


def _write_everywhere(told: Sequence[News]) -> None:
    for news in told:
        TeamJournal.objects.update(seq=F("seq") + 1)
        heads = TeamJournal.objects.order_by("team_id").values_list("team_id", "seq")
        payload = asdict(news)
        Event.objects.bulk_create(
            Event(team_id=team_id, seq=seq, kind=news.kind, payload=payload)
            for team_id, seq in heads
        )
    jobs.enqueue(WAKE, to="publish")
    hints.after_commit(EVERYBODY)
