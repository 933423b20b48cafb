"""A listener of the tests."""

from collections.abc import Sequence

from teams.events import publish
from teams.models import Event, Team
from teams.tokens import TokenRevoked

TASK = "tests.teams.heard.hear"
told: list[tuple[int, list[int]]] = []
stumbles_over: set[int] = set()


def hear(team_id: int, events: Sequence[Event]) -> None:
    """Keeps the numbers, and writes a row that must stand or fall with the cursor."""
    publish(team_id, TokenRevoked(0))
    Team.objects.filter(pk=team_id).update(name=f"heard {events[-1].seq}")
    if stumbles_over.intersection(event.seq for event in events):
        raise ValueError("a stone")
    told.append((team_id, [event.seq for event in events]))
