"""Reads the journal for those who listen, each from where it stopped.

A wake hands what is new to the handler, some events at a time, in one verb that also moves the
cursor: what the handler writes and how far it has come stand or fall together. One that raises
keeps its place and tries again later, event by event; nobody else waits for it.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest, Now
from django.utils.module_loading import import_string
from prometheus_client.metrics_core import Metric

from config.kit import jobs, metrics, tallies
from config.kit.database import after, is_away, unless_away, verb
from teams import events
from teams.events import WAKE, Listener
from teams.models import Event, ListenerCursor, TeamJournal

log = logging.getLogger("showrunner.listening")
AT_ONCE = 100  # events of one verb
PAUSES_S = (5, 30, 120, 600, 1800, 3600)
IDLE = 100  # events that a cursor may lie behind where none of them is for its listener
PRUNED = "events_pruned_unheard"


@unless_away(log)
def work(team_id: int | None = None) -> None:
    """A wake: of one team, or of all that have something new."""
    for found in [team_id] if team_id is not None else sorted(_behind()):
        if jobs.stopping():
            return
        _begin_to_read(found)
        for listener in events.listeners():
            _hear(listener, found)


def sweep() -> None:
    """Wakes for what lost its wake or was put off, and begins the cursors of new listeners."""
    _begin_cursors()
    _move_idle_ones()
    if _behind():
        jobs.enqueue(WAKE, to="publish")


@verb
def try_again(cursor: ListenerCursor) -> None:
    """Without waiting for the end of its pause."""
    ListenerCursor.objects.filter(pk=cursor.pk).update(due_at=None)
    jobs.enqueue(WAKE, cursor.team_id, to="publish")


@verb
def _begin_to_read(team_id: int) -> None:
    """What is told from now on wakes anew; what was told before is read by this wake."""
    TeamJournal.objects.filter(team_id=team_id, wake_seq__gt=0).update(wake_seq=0)


def _hear(listener: Listener, team_id: int) -> None:
    try:
        while _step(listener, team_id) and not jobs.stopping():
            pass
    except Exception as error:
        if is_away(error):
            raise
        log.exception("%s failed on the journal of team %s", listener.task, team_id)
        _put_off(listener, team_id, error)


@verb
def _step(listener: Listener, team_id: int) -> bool:
    """Hands over what comes next. False: there was no more, it waits, or has no cursor yet."""
    mine = _ready().filter(listener=listener.task, team_id=team_id)
    cursor = mine.select_for_update(no_key=True).first()
    if cursor is None:
        return False
    journal = TeamJournal.objects.get(team_id=team_id)
    if journal.seq <= cursor.seq:
        return False
    new = Event.objects.filter(team_id=team_id, seq__gt=cursor.seq, seq__lte=journal.seq)
    _tell_of_pruned(cursor, journal, new)
    limit = 1 if cursor.attempt else AT_ONCE
    heard = _heard(new, listener.kinds or journal.hears.split(","))
    found = list(heard.order_by("seq")[:limit])
    if found:
        import_string(listener.task)(team_id, found)
    is_more = len(found) == limit
    reached = found[-1].seq if is_more else journal.seq
    told: dict[str, Any] = {"seq": reached, "due_at": None}
    if not is_more:  # until then it goes on event by event
        told |= {"attempt": 0, "error": ""}
    ListenerCursor.objects.filter(pk=cursor.pk).update(**told)
    return is_more


def _heard(found: QuerySet[Event], kinds: Collection[str]) -> QuerySet[Event]:
    return found if events.ALL in kinds else found.filter(kind__in=kinds)


def _ready() -> QuerySet[ListenerCursor]:
    return ListenerCursor.objects.filter(Q(due_at=None) | Q(due_at__lte=Now()))


def _tell_of_pruned(cursor: ListenerCursor, journal: TeamJournal, new: QuerySet[Event]) -> None:
    """Numbers have no gaps: what is missing after the cursor was removed before it was read."""
    first = new.order_by("seq").values_list("seq", flat=True).first()
    lost = (journal.seq + 1 if first is None else first) - cursor.seq - 1
    if lost:
        log.warning(
            "%s events of team %s were pruned before %s read them",
            *(lost, cursor.team_id, cursor.listener),
        )
        tallies.add(PRUNED, cursor.listener, n=lost)


@verb
def _put_off(listener: Listener, team_id: int, error: Exception) -> None:
    cursor = ListenerCursor.objects.filter(listener=listener.task, team_id=team_id)
    failed = cursor.values_list("attempt", flat=True).first() or 0
    pause = timedelta(seconds=PAUSES_S[min(failed, len(PAUSES_S) - 1)])
    told = f"{type(error).__name__}: {error}".replace("\0", "")[:300]
    cursor.update(attempt=F("attempt") + 1, due_at=after(pause), error=told)


def _for(kinds: Collection[str]) -> Exists:
    """Whether events of these kinds lie before a cursor, which is the outer row."""
    new = Event.objects.filter(team=OuterRef("team"), seq__gt=OuterRef("seq"))
    return Exists(_heard(new, kinds))


def _behind() -> set[int]:
    """Teams in which some listener has something to read."""
    found: set[int] = set()
    for listener in events.listeners():
        cursors = _ready().filter(listener=listener.task)
        if listener.kinds:
            found.update(cursors.filter(_for(listener.kinds)).values_list("team_id", flat=True))
            continue
        asked = TeamJournal.objects.exclude(hears="").values_list("team_id", "hears")
        for team_id, hears in asked:
            mine = cursors.filter(team_id=team_id)
            if mine.filter(_for(hears.split(","))).exists():
                found.add(team_id)
    return found


@verb
def _begin_cursors() -> None:
    """A listener that is new to a team is told of what comes, not of its past."""
    for listener in events.listeners():
        mine = ListenerCursor.objects.filter(listener=listener.task, team=OuterRef("team"))
        lacking = TeamJournal.objects.filter(~Exists(mine)).order_by("team_id")
        ListenerCursor.objects.bulk_create(
            [
                ListenerCursor(listener=listener.task, team_id=team_id, seq=seq)
                for team_id, seq in lacking.values_list("team_id", "seq")
            ],
            ignore_conflicts=True,
            batch_size=500,
        )


@verb
def _move_idle_ones() -> None:
    """Else every look would pass over all that was never for them. One statement and so one
    moment: nothing slips in between the look and the move."""
    head = TeamJournal.objects.filter(team=OuterRef("team")).values("seq")[:1]
    for listener in events.listeners():
        mine = ListenerCursor.objects.filter(listener=listener.task)
        far = TeamJournal.objects.filter(team=OuterRef("team"), seq__gt=OuterRef("seq") + IDLE)
        unheard: Any = Exists(TeamJournal.objects.filter(team=OuterRef("team"), hears=""))
        if listener.kinds:
            unheard = ~_for(listener.kinds)
        mine.filter(Exists(far), unheard).update(seq=Greatest("seq", Subquery(head)))


def measures() -> Iterator[Metric]:
    waits = ListenerCursor.objects.filter(attempt__gt=0).order_by().values_list("listener")
    failing: dict[str, int] = dict.fromkeys([one.task for one in events.listeners()], 0)
    failing |= dict(waits.annotate(n=Count("pk")))
    about = "Teams whose journal a listener failed on and will try again"
    samples: list[Any] = [([name], n) for name, n in failing.items()]
    yield metrics.gauge("listeners_failing", about, ["listener"], samples)
    about = "Events that were pruned before a listener read them"
    yield metrics.counter(PRUNED, about, ["listener"], tallies.counted(PRUNED))
