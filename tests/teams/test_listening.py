"""Who listens to the journal: woken once, at least once each, never held up by another."""

import json
import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from config.kit.database import after, verb
from config.kit.models import Tally
from teams import events, listening
from teams.actions import create_team
from teams.events import Listener, publish, publish_everywhere
from teams.models import Event, ListenerCursor, Team, TeamJournal
from teams.tokens import TokenMade, TokenRevoked
from tests.teams import heard

HEARD, OTHER = TokenMade(1, "a", ("team:read",)), TokenRevoked(1)


@pytest.fixture(autouse=True)
def listening_alone(monkeypatch):
    """One listener, of one kind."""
    heard.told.clear()
    heard.stumbles_over.clear()
    one = Listener(heard.TASK, frozenset({TokenMade.kind}))
    monkeypatch.setattr(events, "_listeners", {heard.TASK: one})
    monkeypatch.setattr(events, "_heard", {TokenMade.kind})


@verb
def tell(team: Team, *news) -> None:
    for one in news:
        publish(team, one)


def wakes() -> int:
    return sum(task.task["func"] == events.WAKE for task in OrmQ.objects.all())


def cursor(team: Team) -> ListenerCursor:
    return ListenerCursor.objects.get(team=team, listener=heard.TASK)


def seqs(team: Team) -> list[int]:
    return [seq for team_id, some in heard.told if team_id == team.pk for seq in some]


def test_a_transaction_wakes_once_and_only_for_what_is_listened_to(team):
    tell(team, OTHER, OTHER)
    assert wakes() == 0
    tell(team, HEARD, OTHER, HEARD)
    assert wakes() == 1


def test_a_burst_wakes_once_until_somebody_reads(team):
    for _ in range(5):
        tell(team, HEARD)
    assert wakes() == 1
    listening.work(team.pk)
    tell(team, HEARD)
    assert wakes() == 2


def test_what_the_handler_is_given_is_in_order_and_of_its_kinds(team):
    tell(team, HEARD, OTHER, HEARD)
    tell(team, HEARD)
    listening.work(team.pk)
    wanted = Event.objects.filter(team=team, kind=HEARD.kind).order_by("seq")
    assert seqs(team) == list(wanted.values_list("seq", flat=True))
    assert len(seqs(team)) == 3
    listening.work(team.pk)
    assert len(seqs(team)) == 3


def test_many_come_in_parts(team, monkeypatch):
    monkeypatch.setattr(listening, "AT_ONCE", 3)
    tell(team, *[HEARD] * 7)
    listening.work(team.pk)
    assert [len(some) for _, some in heard.told] == [3, 3, 1]


def test_what_the_handler_writes_falls_with_the_cursor_and_all_is_tried_again(team):
    tell(team, HEARD)
    heard.stumbles_over.add(Event.objects.get(kind=HEARD.kind).seq)
    before = TeamJournal.objects.get(team=team).seq
    listening.work(team.pk)
    found = cursor(team)
    assert (found.attempt, found.error) == (1, "ValueError: a stone")
    assert Team.objects.get().name == team.name
    assert TeamJournal.objects.get(team=team).seq == before
    heard.stumbles_over.clear()
    listening.work(team.pk)
    assert seqs(team) == []  # it waits for its pause
    ListenerCursor.objects.update(due_at=after(-timedelta(seconds=1)))
    listening.work(team.pk)
    assert len(seqs(team)) == 1
    assert cursor(team).attempt == 0


def test_one_stone_holds_up_nothing_that_lies_before_it(team):
    tell(team, HEARD, HEARD, HEARD)
    stone = Event.objects.filter(kind=HEARD.kind).order_by("-seq").first().seq
    heard.stumbles_over.add(stone)
    listening.work(team.pk)
    ListenerCursor.objects.update(due_at=None)
    listening.work(team.pk)  # event by event after a failure
    assert stone - 1 in seqs(team)
    assert cursor(team).seq == stone - 1


def test_another_team_and_another_listener_go_on(team, others, monkeypatch, caplog):
    second = Listener("tests.teams.test_listening.second", frozenset({HEARD.kind}))
    monkeypatch.setitem(events._listeners, second.task, second)
    listening.sweep()
    tell(team, HEARD)
    tell(others, OTHER, HEARD)
    heard.stumbles_over.add(Event.objects.get(team=team, kind=HEARD.kind).seq)
    seconds.clear()
    with caplog.at_level(logging.ERROR, "showrunner.listening"):
        listening.work()
    assert len(seqs(others)) == 1
    assert seconds == sorted([team.pk, others.pk])
    assert f"{heard.TASK} failed on the journal of team {team.pk}" in caplog.text


seconds: list[int] = []


def second(team_id, found):
    seconds.append(team_id)


def test_the_sweep_finds_what_lost_its_wake(team):
    tell(team, HEARD)
    OrmQ.objects.all().delete()
    listening.sweep()
    assert wakes() == 1
    listening.work()
    assert len(seqs(team)) == 1
    OrmQ.objects.all().delete()
    listening.sweep()
    assert wakes() == 0


def test_a_new_listener_is_told_of_what_comes_and_a_new_team_of_all(team):
    ListenerCursor.objects.all().delete()
    tell(team, HEARD)
    listening.sweep()
    listening.work()
    assert seqs(team) == []
    tell(team, HEARD)
    young = create_team(name="Young", slug="young", email="y@example.org")
    tell(young, HEARD)
    listening.work()
    assert (len(seqs(team)), len(seqs(young))) == (1, 1)


def test_a_cursor_is_not_left_behind_by_what_is_not_for_it(team, monkeypatch):
    monkeypatch.setattr(listening, "IDLE", 5)
    tell(team, *[OTHER] * 10)
    listening.sweep()
    assert cursor(team).seq == TeamJournal.objects.get(team=team).seq
    tell(team, HEARD, *[OTHER] * 10)
    before = cursor(team).seq
    listening.sweep()
    assert cursor(team).seq == before  # something is for it


def test_events_that_were_pruned_unread_are_told(team, caplog):
    tell(team, HEARD, HEARD, OTHER)
    Event.objects.filter(team=team, seq__lt=TeamJournal.objects.get(team=team).seq).delete()
    with caplog.at_level(logging.WARNING, "showrunner.listening"):
        listening.work(team.pk)
    assert f"3 events of team {team.pk} were pruned before" in caplog.text
    kept = Tally.objects.get(name=listening.PRUNED)
    assert (json.loads(kept.labels), kept.count) == ([heard.TASK], 3)


def test_news_for_all_teams_wakes_once_for_all(team, others):
    @verb
    def everywhere() -> None:
        publish_everywhere(HEARD)

    everywhere()
    assert wakes() == 1
    listening.work()
    assert len(seqs(team)) == len(seqs(others)) == 1


def test_telling_costs_no_more_for_being_heard_but_one_wake_a_burst(team):
    def statements(*news) -> list[str]:
        with CaptureQueriesContext(connection) as found:
            tell(team, *news)
        return [one["sql"] for one in found if "SAVEPOINT" not in one["sql"]]

    unheard = len(statements(OTHER))
    first, second, tenfold = (len(statements(*n)) for n in ([HEARD], [HEARD], [HEARD] * 10))
    assert second == tenfold == unheard  # a wake is out already
    assert first - unheard <= 2
    if connection.vendor == "postgresql":
        assert (unheard, first) == (1, 2)


def test_nobody_listens_twice():
    with pytest.raises(ValueError, match="listens already"):
        events.listen("a.b", heard.TASK)


def test_a_team_that_an_older_version_made_is_heard_all_the_same(db):
    team = Team.objects.create(name="Old", slug="old", email="o@example.org")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO teams_teamjournal (team_id, seq) VALUES (%s, 0)", [team.pk])
    listening.sweep()
    tell(team, HEARD)
    listening.work(team.pk)
    assert len(seqs(team)) == 1
