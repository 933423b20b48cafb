"""The journal as its readers see it: who may read which kinds, what comes after a place, how long
it is kept."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from config.kit.database import after, verb
from teams.access import Actor
from teams.events import OF_COSTS, kinds
from teams.models import Event, TeamJournal

KEPT = timedelta(days=30)
MOST_KEPT = 100_000  # lines of a team
AT_ONCE = 5_000  # that one round of pruning takes from a team
# the scope that lets a token read a kind, by how the kind begins
SCOPES: Mapping[str, str] = {
    "teams.": "team:read",
    "channels.": "channels:read",
    "videos.asset_": "assets:read",
    "videos.": "videos:read",
    "collab.": "videos:read",
    "billing.": "costs:read",
}


def scope_of(kind: str) -> str:
    """Of the longest beginning; a kind that this version does not know is read by people alone."""
    return next((scope for begins, scope in SCOPES.items() if kind.startswith(begins)), "unknown")


def may_read(by: Actor, kind: str) -> bool:
    return by.has_scope(scope_of(kind)) and (by.can_see_costs or not kind.startswith(OF_COSTS))


def visible_to(by: Actor) -> QuerySet[Event]:
    """As `may_read`, asked of the database."""
    found = Event.objects.filter(team_id=by.team_id)
    if not by.can_see_costs:
        found = found.exclude(kind__startswith=OF_COSTS)
    if by.scopes is None:
        return found
    return found.filter(kind__in=[kind for kind in kinds() if may_read(by, kind)])


def heads(team_ids: Collection[int]) -> dict[int, int]:
    rows = TeamJournal.objects.filter(team_id__in=team_ids)
    return dict(rows.values_list("team_id", "seq"))


def begins_at(team_id: int) -> int:
    """The first line that is kept; behind the head where none is."""
    first = Event.objects.filter(team_id=team_id).order_by("seq").values_list("seq", flat=True)
    found = first.first()
    return found if found is not None else heads([team_id]).get(team_id, 0) + 1


def lines(team_id: int, after_seq: int, up_to: int) -> list[dict[str, Any]]:
    """What was written behind a place, as clients get it."""
    found = Event.objects.filter(team_id=team_id, seq__gt=after_seq, seq__lte=up_to)
    return [line(one) for one in found.order_by("seq")]


def line(event: Event) -> dict[str, Any]:
    at = event.at.isoformat().replace("+00:00", "Z")  # as the API writes it
    return {"seq": event.seq, "kind": event.kind, "at": at, "payload": event.payload}


def prune() -> None:
    """In each sweep: a little of each team that has too much, found by its oldest line."""
    oldest = Event.objects.filter(team_id=OuterRef("team_id")).order_by("seq")
    journals = TeamJournal.objects.annotate(
        first=Subquery(oldest.values("seq")[:1]), first_at=Subquery(oldest.values("at")[:1])
    )
    is_long = Q(seq__gte=F("first") + MOST_KEPT)
    too_much = journals.filter(is_long | Q(first_at__lt=after(-KEPT)))
    for team_id, head in list(too_much.values_list("team_id", "seq")):
        _shorten(team_id, head - MOST_KEPT)


@verb
def _shorten(team_id: int, beyond: int) -> None:
    first = Event.objects.filter(team_id=team_id).order_by("seq")
    some = list(first.values_list("seq", flat=True)[:AT_ONCE])
    old = Q(seq__lte=beyond) | Q(at__lt=Now() - KEPT)
    Event.objects.filter(old, team_id=team_id, seq__lte=max(some, default=0)).delete()
