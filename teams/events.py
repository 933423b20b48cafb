"""The journal: what happened, written by the verb that did it, in its transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import ClassVar

from django.db.models import F

from config.kit.database import advance, before_commit
from teams.models import Event, Team, TeamJournal


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
    rows = []
    for team_id, pairs in groupby(by_team, key=lambda pair: pair[0]):
        news = [item for _, item in pairs]
        head = advance(TeamJournal._meta.db_table, "seq", "team_id", team_id, len(news))
        first = head - len(news) + 1
        rows += [
            Event(team_id=team_id, seq=first + place, kind=item.kind, payload=asdict(item))
            for place, item in enumerate(news)
        ]
    Event.objects.bulk_create(rows)


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
