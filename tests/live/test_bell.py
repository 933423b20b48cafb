"""The bell at a socket: one's own, as it changes, and nobody else's."""

import asyncio

import pytest

from config.kit.live.hub import hubs
from teams import bells, notices
from teams.access import Actor
from teams.models import NoticeKind, Notification, User
from teams.notices import Notice
from tests.conftest import acting
from tests.live.server import Server, Socket
from tests.live.test_doors import ticket_for, with_ticket

pytestmark = pytest.mark.django_db(transaction=True)
real = pytest.mark.processes


def tell(team, *users: User, seq: int = 1, count: int = 1) -> None:
    to = frozenset(user.pk for user in users)
    kind = NoticeKind.VIDEO_FAILED
    rows = [Notice(kind, "“Kelp” failed", "/videos/1/", seq + n, to) for n in range(count)]
    notices.tell(team.pk, rows)


def unread(socket: Socket, within_s: float = 4) -> int:
    """As the bell is told next."""
    while True:
        for one in socket.until("progress", within_s)["of"]:
            if one["topic"] == "bell":
                return int(one["unread"])


@real
def test_the_bell_rings_for_whom_it_is(server: Server, ana, ben, team):
    with server.open(ana) as hers, server.open(ben) as his:
        for socket in (hers, his):
            assert socket.follow("bell")["type"] == "subscribed"
            assert unread(socket) == 0
        tell(team, ben)
        assert unread(his) == 1
        assert hers.is_quiet(2)
        assert not Notification.objects.filter(user=ana).exists()


@real
def test_all_tabs_of_a_person_are_told_when_it_is_read(server: Server, ana, by_ana, team):
    tell(team, ana, count=3)
    with server.open(ana) as one, server.open(ana) as other:
        for socket in (one, other):
            socket.follow("bell")
            assert unread(socket) == 3
        notices.mark_all(by=by_ana)
        assert [unread(one), unread(other)] == [0, 0]
        first = Notification.objects.earliest("id")
        notices.mark(by=by_ana, notification=first, is_read=False)
        assert [unread(one), unread(other)] == [1, 1]


@real
def test_who_follows_the_team_hears_no_bell(server: Server, ana, ben, team):
    with server.open(ana) as socket:
        socket.follow("team")
        tell(team, ana, ben)
        assert socket.is_quiet(2.5)


@real
def test_no_bell_of_another_team_can_be_named(server: Server, ana, cho, team):
    tell(team, ana)
    with server.open(cho) as socket:
        for id_ in (team.pk, 10**9):
            told = socket.follow("bell", id_)
            assert (told["type"], told["code"]) == ("refused", 4404)
        socket.follow("bell")
        assert unread(socket) == 0


@real
def test_who_is_signed_out_hears_no_bell(server: Server, db):
    with server.open(None) as socket:
        assert socket.closed_with() == 4401


@real
def test_a_token_needs_the_scope(server: Server, ana, team):
    tell(team, ana)
    _, secret = ticket_for(ana, "team:read", "videos:read")
    with with_ticket(server, secret) as socket:
        told = socket.follow("bell")
        assert (told["type"], told["code"]) == ("refused", 4403)
    _, secret = ticket_for(ana, "notifications:read")
    with with_ticket(server, secret) as socket:
        socket.follow("bell")
        assert unread(socket) == 1


@real
def test_who_follows_it_no_more_is_told_no_more(server: Server, ana, team):
    with server.open(ana) as socket:
        socket.follow("bell")
        assert unread(socket) == 0
        socket.say(type="unsubscribe", topic="bell", id=team.pk)
        tell(team, ana)
        assert socket.is_quiet(2)


# --- what a look costs


class Tab:
    def __init__(self, actor: Actor) -> None:
        self.actor, self.told, self.has_credit = actor, list[str](), True

    def tell(self, frame: str) -> None: ...

    def tick(self, topic: str, state: str) -> None:
        self.told.append(state)


def test_a_hint_is_one_query_however_many_listen_and_none_for_others(
    ana, ben, vic, team, django_assert_num_queries
):
    tell(team, ana, ben, count=2)
    owners = {(user.pk, team.pk) for user in (ana, ben, vic)}
    with django_assert_num_queries(1):
        found = notices.bells(owners)
    assert {owner: one.unread for owner, one in found.items()} == {
        (ana.pk, team.pk): 2,
        (ben.pk, team.pk): 2,
    }


def test_what_is_no_change_is_told_to_nobody(ana, ben, team, monkeypatch):
    """And a hint about somebody who has no socket here asks nothing."""
    asked: list[set[notices.Owner]] = []
    monkeypatch.setattr(bells, "ALL_EVERY_ALONE_S", 60.0)
    monkeypatch.setattr(bells, "ALL_EVERY_S", 60.0)
    monkeypatch.setattr(bells, "PAUSE_S", 0.01)
    was = notices.bells
    monkeypatch.setattr(notices, "bells", lambda owners: asked.append(set(owners)) or was(owners))

    async def main() -> list[Tab]:
        tabs = [Tab(acting_of[ana.pk]), Tab(acting_of[ana.pk])]
        found = bells.bells()
        for tab in tabs:
            found.follow(tab)
        await asyncio.sleep(0.3)
        for user in (ana, ben):
            hubs()[-1].hear({"topic": notices.RUNG, "team": team.pk, "users": [user.pk]})
            await asyncio.sleep(0.2)
        return tabs

    acting_of = {ana.pk: acting(ana)}
    tabs = asyncio.run(main())
    mine = (ana.pk, team.pk)
    assert asked == [{mine}, {mine}]
    assert [len(tab.told) for tab in tabs] == [1, 1]
