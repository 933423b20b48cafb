"""Who is in a room, as the server knows it."""

import pytest

from collab.frames import BadFrame, State, awareness, states_in
from collab.presence import EXPIRES_S, MOST_OF_ONE, Presence

ANA, BEN = {"id": 1, "name": "Ana"}, {"id": 2, "name": "Ben"}


def told(client_id: int, clock: int = 1, **state) -> bytes:
    return awareness([State(client_id, clock, state)]).payload


def gone(client_id: int, clock: int = 1) -> bytes:
    return awareness([State(client_id, clock, None)]).payload


def heard(frame) -> list[State]:
    return [] if frame is None else states_in(frame.payload)


@pytest.fixture
def presence() -> Presence:
    """Ana at her socket as client 7, Ben at his as client 8."""
    found = Presence()
    found.hear("ana's", told(7, cursor=3), ANA, now=0)
    found.hear("ben's", told(8), BEN, now=0)
    return found


def test_a_joiner_sees_all_at_once(presence):
    states = heard(presence.all())
    assert [(one.client_id, one.state) for one in states] == [
        (7, {"cursor": 3, "user": ANA}),
        (8, {"user": BEN}),
    ]
    assert presence.users() == [ANA, BEN]


def test_nobody_is_who_they_say_but_who_they_are(presence):
    news = presence.hear("ben's", told(8, 2, user=ANA, cursor=9), BEN, now=1)
    assert heard(news) == [State(8, 2, {"user": BEN, "cursor": 9})]


def test_nobody_speaks_for_another(presence):
    assert presence.hear("ben's", told(7, 5, cursor=0), BEN, now=1) is None
    assert presence.hear("ben's", gone(7, 5), BEN, now=1) is None
    assert heard(presence.all())[0].state == {"cursor": 3, "user": ANA}


def test_a_socket_has_few_clients(presence):
    for client_id in range(100, 110):
        presence.hear("ben's", told(client_id), BEN, now=1)
    assert len(presence) == 1 + MOST_OF_ONE


def test_what_was_told_before_is_no_news(presence):
    assert presence.hear("ana's", told(7, 1, cursor=4), ANA, now=1) is None
    assert heard(presence.hear("ana's", told(7, 2, cursor=4), ANA, now=1))[0].clock == 2
    assert presence.hear("ana's", gone(99), ANA, now=1) is None


def test_who_closes_the_page_has_gone_for_everybody(presence):
    assert heard(presence.leave("ana's")) == [State(7, 2, None)]
    assert presence.leave("ana's") is None
    assert presence.users() == [BEN]


def test_who_says_that_they_go_has_gone(presence):
    assert heard(presence.hear("ana's", gone(7), ANA, now=1)) == [State(7, 1, None)]
    assert presence.users() == [BEN]


def test_who_is_not_heard_of_for_long_has_gone(presence):
    presence.hear("ana's", told(7, 2), ANA, now=EXPIRES_S - 1)
    assert [one.client_id for one in heard(presence.expire(EXPIRES_S))] == [8]
    assert presence.expire(EXPIRES_S) is None


def test_people_at_other_processes_are_there_too(presence):
    there = Presence()
    news = there.hear("cara's", told(9, cursor=1), {"id": 3, "name": "Cara"}, now=0)
    assert presence.hear_remote(news.payload, now=0) is not None
    assert [user["name"] for user in presence.users()] == ["Ana", "Ben", "Cara"]
    presence.hear_remote(there.leave("cara's").payload, now=1)
    assert [user["name"] for user in presence.users()] == ["Ana", "Ben"]


def test_who_reconnects_elsewhere_goes_on_as_the_same_client(presence):
    elsewhere = Presence()
    elsewhere.hear_remote(presence.all().payload, now=0)
    news = elsewhere.hear("ana's new", told(7, 2, cursor=5), ANA, now=1)
    assert heard(news) == [State(7, 2, {"cursor": 5, "user": ANA})]
    assert elsewhere.hear("ben's new", told(7, 9), BEN, now=1) is None


def test_a_state_that_is_too_large_is_refused(presence):
    with pytest.raises(BadFrame):
        presence.hear("ana's", told(7, 2, cursor="x" * 20_000), ANA, now=1)
