import threading
from dataclasses import dataclass

import pytest
from django.db import OperationalError, connection

from config.kit.database import rehearse, verb
from config.kit.endings import before_commit
from teams.actions import create_team
from teams.events import News, publish
from teams.models import Event, Team, TeamJournal


@dataclass(frozen=True)
class Said(News):
    kind = "tests.said"
    text: str


@verb
def say(team: Team, *texts: str) -> None:
    for text in texts:
        publish(team, Said(text))


def told(team: Team) -> list[str]:
    rows = Event.objects.filter(team=team, kind="tests.said").order_by("seq")
    return [row.payload["text"] for row in rows]


def test_news_is_written_in_order_and_without_gaps(team):
    say(team, "one", "two")
    say(team, "three")
    rows = list(Event.objects.filter(team=team).order_by("seq").values_list("seq", flat=True))
    assert told(team) == ["one", "two", "three"]
    assert rows == list(range(1, len(rows) + 1))
    assert TeamJournal.objects.get(team=team).seq == rows[-1]


def test_news_of_a_nested_verb_that_fails_is_not_told(team):
    @verb
    def outer() -> None:
        publish(team, Said("before"))
        with pytest.raises(ValueError, match="no"):
            inner()
        publish(team, Said("after"))

    @verb
    def inner() -> None:
        publish(team, Said("never"))
        raise ValueError("no")

    outer()
    assert told(team) == ["before", "after"]


def test_a_verb_that_fails_leaves_neither_rows_nor_news(team):
    @verb
    def fails() -> None:
        Team.objects.filter(pk=team.pk).update(name="changed")
        publish(team, Said("never"))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    team.refresh_from_db()
    assert team.name == "Kelp Films"
    assert told(team) == []


def test_what_is_rehearsed_leaves_neither_rows_nor_news(team):
    def rename() -> None:
        Team.objects.filter(pk=team.pk).update(name="changed")
        say(team, "never")

    rehearse(rename)
    team.refresh_from_db()
    assert (team.name, told(team)) == ("Kelp Films", [])


def test_a_rehearsal_shows_what_would_go_wrong(team):
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        rehearse(fails)


def test_nobody_can_tell_news_outside_a_verb(team):
    with pytest.raises(RuntimeError, match="only a verb"):
        publish(team, Said("loose"))


def test_items_of_one_key_are_flushed_together_at_the_end(db):
    flushed = []

    @verb
    def inner() -> None:
        before_commit("b", flushed.append, 2)

    @verb
    def outer() -> None:
        before_commit("b", flushed.append, 1)
        before_commit("a", flushed.append, 0)
        inner()
        assert flushed == []

    outer()
    assert flushed == [[0], [1, 2]]


@pytest.mark.django_db(transaction=True)
def test_a_passing_fault_repeats_the_whole_verb():
    tries = []

    @verb
    def unlucky_twice() -> str:
        tries.append(connection.in_atomic_block)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        return "done"

    assert unlucky_twice() == "done"
    assert tries == [True, True, True]


def test_inside_an_open_transaction_nothing_is_repeated(db):
    tries = []

    @verb
    def unlucky() -> None:
        tries.append(1)
        raise OperationalError("database is locked")

    with pytest.raises(OperationalError):
        unlucky()
    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_two_threads_that_tell_at_once_get_numbers_of_their_own():

    team = create_team(name="Kelp", slug="kelp", email="a@b.example")

    def tell_ten() -> None:
        for n in range(10):
            say(team, str(n))
        connection.close()

    threads = [threading.Thread(target=tell_ten) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    seqs = list(Event.objects.filter(team=team).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 42))
