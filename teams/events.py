"""The journal: what happened, written by the verb that did it, in its transaction."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, ClassVar

from django.db import connection
from django.db.models import F

from config.kit.database import advance, before_commit
from config.kit.live import hints
from teams.models import Event, Team, TeamJournal

EVERYBODY = "teams"  # the topic of hints that concern each team


def topic_of(team_id: int) -> str:
    """Of the hints that this team's journal has moved."""
    return f"team.{team_id}"


@dataclass(frozen=True)
class News:
    """Something that happened. Subclasses are flat, JSON-plain, past tense and name ids."""

    kind: ClassVar[str]


def kinds() -> set[str]:
    """Every kind that the loaded code can tell of."""
    left, found = [News], set[str]()
    while left:
        for news in left.pop().__subclasses__():
            left.append(news)
            found.add(getattr(news, "kind", ""))
    return found - {""}


def publish(team: Team | int, news: News) -> None:
    """Tells the team's journal when the verb commits. Raises RuntimeError outside a verb."""
    team_id = team if isinstance(team, int) else team.pk
    before_commit("teams.journal", _write, (team_id, news))


def _write(told: Sequence[tuple[int, News]]) -> None:
    """One number range per team, teams in order of id, so that two verbs never lock crosswise."""
    by_team = sorted(told, key=lambda pair: pair[0])
    for team_id, pairs in groupby(by_team, key=lambda pair: pair[0]):
        news = [item for _, item in pairs]
        if connection.vendor == "postgresql":
            _append(team_id, news)
        else:
            _number_and_insert(team_id, news)
        hints.after_commit(topic_of(team_id))


# Every verb of a pipeline ends with this: one round trip, and nothing for the ORM to write.
_APPEND = """
WITH head AS (
    UPDATE teams_teamjournal SET seq = seq + %(n)s WHERE team_id = %(team)s RETURNING seq
)
INSERT INTO teams_event (team_id, seq, kind, payload, at)
SELECT %(team)s, head.seq - %(n)s + told.place, told.kind, told.payload::jsonb, clock_timestamp()
FROM head, unnest(%(kinds)s::text[], %(payloads)s::text[])
    WITH ORDINALITY AS told (kind, payload, place)
"""


def _append(team_id: int, news: Sequence[News]) -> None:
    payloads = [json.dumps(asdict(item)) for item in news]
    kinds = [item.kind for item in news]
    told: dict[str, Any] = {"n": len(news), "team": team_id, "kinds": kinds, "payloads": payloads}
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, told)
        if cursor.rowcount != len(news):
            raise LookupError(f"team {team_id} has no journal")


def _number_and_insert(team_id: int, news: Sequence[News]) -> None:
    """SQLite writes in no WITH."""
    head = advance(TeamJournal._meta.db_table, "seq", "team_id", team_id, len(news))
    first = head - len(news) + 1
    Event.objects.bulk_create(
        Event(team_id=team_id, seq=first + place, kind=item.kind, payload=asdict(item))
        for place, item in enumerate(news)
    )


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
    hints.after_commit(EVERYBODY)
