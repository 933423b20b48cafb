"""Who gets a socket, who does not, and who loses it."""

import contextlib
import json
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from websockets.exceptions import ConnectionClosed

from billing.entries import CostBooked
from config.kit.database import after, verb
from teams.access import actor_for_token
from teams.actions import change_person, change_role, change_team, remove_member
from teams.events import publish
from teams.models import ApiToken, Membership, Role, SocketTicket, User
from teams.tickets import LASTS, create_ticket
from teams.tokens import create_token, revoke_token
from tests.conftest import acting
from tests.live.server import Server, Socket, kinds, running, session_of
from tests.live.test_feed import came
from tests.processes import until
from videos.actions import cancel
from videos.models import Asset
from videos.shelf import rename_asset

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def ticket_for(user: User, *scopes: str) -> tuple[ApiToken, str]:
    token, _ = create_token(by=acting(user), name="t", scopes=scopes or ["videos:read"])
    by = actor_for_token(token)
    assert by
    return token, create_ticket(by=by)


def with_ticket(server: Server, secret: str) -> Socket:
    return Socket(server, subprotocols=["sr.v1", f"ticket.{secret}"])


# --- getting in


def test_who_is_signed_out_is_told_so(server):
    with server.open(None) as socket:
        assert socket.closed_with() == 4401


def test_who_is_in_no_team_gets_nothing(server, db):
    with server.open(User.objects.create_user("dee@example.org", "long enough")) as socket:
        assert socket.closed_with() == 4403


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "null"])
def test_a_page_of_somebody_else_cannot_use_the_cookie(server, ana, origin):
    with server.open(ana, origin=origin) as socket:
        assert socket.closed_with() == 4403


def test_there_is_no_socket_elsewhere(server, ana):
    with server.open(ana, path="/ws/other/") as socket:
        assert socket.closed_with() == 4404


def test_a_viewer_follows_team_and_video(server, vic, video):
    with server.open(vic) as socket:
        assert socket.follow("team")["type"] == "snapshot"
        assert socket.follow("video", video.pk)["type"] == "snapshot"


def test_another_teams_things_do_not_exist(server, cho, team, video):
    with server.open(cho) as socket:
        for topic, id_ in (("team", team.pk), ("video", video.pk), ("video", 10**9)):
            told = socket.follow(topic, id_)
            assert (told["type"], told["code"]) == ("refused", 4404)
        assert socket.follow("team")["type"] == "snapshot"
        assert socket.follow("weather")["code"] == 4404


def test_a_stranger_hears_nothing(server, cho, by_ana, team):
    with server.open(cho) as socket:
        socket.follow("team")
        change_team(by=by_ana, team=team, name="Dulse", email=team.email)
        assert socket.is_quiet()


# --- tickets


def test_a_ticket_opens_one_socket_once(server, ana, team):
    _, secret = ticket_for(ana)
    with with_ticket(server, secret) as socket:
        assert socket.until("hello")["team"] == team.pk
        assert socket.line.subprotocol == "sr.v1"
    with with_ticket(server, secret) as socket:
        assert socket.closed_with() == 4401


def test_a_ticket_is_got_with_a_token(server, ana, program):
    secret = program(ana, "videos:read").headers["Authorization"].partition(" ")[2]
    address = f"{server.address}/api/v1/socket-tickets/"
    answer = httpx.post(address, json={}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 201
    told = answer.json()
    assert told["url"] == f"ws://127.0.0.1:{server.port}/ws/feed/"
    with Socket(server, subprotocols=told["protocols"]) as socket:
        assert socket.until("hello")


def test_an_old_ticket_opens_nothing(server, ana):
    _, secret = ticket_for(ana)
    SocketTicket.objects.update(expires_at=after(-LASTS))
    with with_ticket(server, secret) as socket:
        assert socket.closed_with() == 4401


def test_a_ticket_ends_with_its_token(server, ana, by_ana):
    token, secret = ticket_for(ana)
    revoke_token(by=by_ana, token=token)
    with with_ticket(server, secret) as socket:
        assert socket.closed_with() == 4401


def test_a_ticket_ends_with_its_makers_membership(server, ana, ben, by_ana):
    _, secret = ticket_for(ben)
    remove_member(by=by_ana, membership=Membership.objects.get(user=ben))
    with with_ticket(server, secret) as socket:
        assert socket.closed_with() == 4401


def test_a_token_reads_what_its_scopes_open(server, ana, by_ana, team, video):
    _, secret = ticket_for(ana, "team:read")
    with with_ticket(server, secret) as socket:
        assert socket.follow("video", video.pk)["code"] == 4403
        socket.follow("team")
        cancel(by=by_ana, video=video)
        change_team(by=by_ana, team=team, name="Dulse", email=team.email)
        assert kinds(socket.events(1)) == ["teams.team_changed"]


# --- what is hidden


@verb
def book(team) -> None:
    publish(team, CostBooked(1, "script", "paid:one", 80, "USD"))


def test_costs_are_told_to_who_may_see_them(server, ana, vic, team):
    with server.open(ana) as sees, server.open(vic) as does_not:
        sees.follow("team")
        does_not.follow("team")
        book(team)
        assert sees.events(1)[0]["payload"]["amount_micros"] == 80
        assert does_not.is_quiet()


def test_another_right_counts_at_once(server, vic, by_ana, team):
    member = Membership.objects.get(user=vic)
    with server.open(vic) as socket:
        socket.follow("team")
        change_role(by=by_ana, membership=member, role=Role.VIEWER, rights={"can_see_costs": True})
        assert kinds(socket.events(1)) == ["teams.member_changed"]
        assert socket.is_quiet(0.6)
        book(team)
        assert kinds(socket.events(1)) == ["billing.cost_booked"]


# --- losing it


def opened(server: Server, session: str) -> Socket:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    socket = server.open(headers={"Cookie": cookie})
    socket.follow("team")
    return socket


def test_signing_out_closes_what_the_session_opened(server, ana):
    here, elsewhere = session_of(ana), session_of(ana)
    with opened(server, here) as socket, opened(server, elsewhere) as stays:
        assert server.post("/accounts/logout/", here).status_code == 302
        assert socket.closed_with(within_s=2) == 4401
        assert stays.is_quiet()


def test_another_password_closes_all_sockets(server, ana):
    ana.password = PBKDF2PasswordHasher().encode("correct horse", "salt", 1000)
    ana.save()
    session = session_of(ana)
    words = {"oldpassword": "correct horse", "password1": "a long walk at dusk"}
    words["password2"] = words["password1"]
    with opened(server, session_of(ana)) as socket:
        assert server.post("/accounts/password/change/", session, **words).status_code == 302
        assert socket.closed_with(within_s=2) == 4401


def test_who_is_taken_out_of_the_team_hears_no_more(server, ben, by_ana):
    with server.open(ben) as socket:
        socket.follow("team")
        remove_member(by=by_ana, membership=Membership.objects.get(user=ben))
        assert socket.closed_with(within_s=2) == 4403


def test_who_is_switched_off_hears_no_more(server, ben):
    with server.open(ben) as socket:
        socket.follow("team")
        change_person(user=ben, settings={"is_active": False})
        assert socket.closed_with(within_s=2) == 4403


def test_a_revoked_token_loses_its_socket(server, ana, by_ana):
    token, secret = ticket_for(ana, "team:read")
    with with_ticket(server, secret) as socket:
        socket.follow("team")
        revoke_token(by=by_ana, token=token)
        assert socket.closed_with(within_s=2) == 4401


# --- what can't be understood


def deep(n: int) -> str:
    return '{"type":' + "[" * n + "]" * n + "}"


@pytest.mark.parametrize(
    "frame",
    [
        *("", "{", "[]", "7", "null", '"text"', "\0", deep(20_000), b"\x00\xff", "x" * 70_000),
        *('{"type":"dance"}', '{"type":["ack"]}', "{}", '{"type":"ack","n":99}'),
        *('{"type":"ack","n":true}', '{"type":"subscribe"}', '{"type":"subscribe","topic":7}'),
        '{"type":"subscribe","topic":"team","id":"1"}',
        '{"type":"subscribe","topic":"team","since":-1}',
        '{"type":"subscribe","topic":"team","since":1e400}',
        '{"type":"subscribe","topic":"video","id":99999999999999999999}',
        '{"type":"websocket.disconnect"}',
    ],
)
def test_what_cannot_be_understood_closes_the_socket(server, ana, frame):
    with server.open(ana) as socket, server.open(ana) as other:
        socket.until("hello")
        other.follow("team")
        socket.line.send(frame)
        assert socket.closed_with() == 4400
        assert other.is_quiet(0.2)
    assert "Traceback" not in server.log()


def test_a_frame_that_is_far_too_large_is_not_read(server, ana):
    with server.open(ana) as socket:
        socket.until("hello")
        with contextlib.suppress(ConnectionClosed):
            socket.line.send(json.dumps({"type": "ack", "n": "x" * 400_000}))
        assert socket.closed_with() in (1009, 1006)  # what was not read cuts the line


# --- too much


def test_ten_thousand_joins_are_refused_and_harm_nobody(server, ana, ben, by_ana, team):
    with server.open(ben) as other, server.open(ana) as socket:
        other.follow("team")
        socket.until("hello")
        with contextlib.suppress(ConnectionClosed):
            for n in range(10_000):
                socket.say(type="subscribe", topic="video", id=n)
        assert socket.closed_with() == 4429
        change_team(by=by_ana, team=team, name="Dulse", email=team.email)
        assert kinds(other.events(1, within_s=3)) == ["teams.team_changed"]


@pytest.fixture
def strict(tmp_path):
    (tmp_path / "strict").mkdir()
    limits = {"HANDSHAKES_PER_ADDRESS": "6", "SOCKETS_PER_USER": "2", "SOCKETS_PER_TOPIC": "1"}
    limits["REDIS_PREFIX"] = "strict"  # others of this test run have knocked, too
    with running(tmp_path / "strict", **limits) as found:
        yield found


def test_people_topics_and_addresses_have_their_share(strict, ana, ben):
    with strict.open(ana) as first, strict.open(ana) as second:
        assert first.follow("team")["type"] == "snapshot"
        assert second.follow("team")["code"] == 4429  # the topic is full
        with strict.open(ana) as third:
            assert third.closed_with() == 4429  # so many sockets has a person
        first.say(type="unsubscribe", topic="team")
        until(lambda: second.follow("team")["type"] == "snapshot", within_s=5)
        with strict.open(ben) as other:
            assert other.until("hello")
        for _ in range(2):
            strict.open(ben)
        with strict.open(ben) as beyond:
            assert beyond.closed_with() == 4429  # so often an address knocks


# --- files of the library


def test_a_file_is_followed_by_its_team_alone(server, ana, vic, cho, by_ana, tmp_path):
    bay = came(by_ana, tmp_path, 1)
    with server.open(vic) as socket:
        assert socket.follow("asset", bay.pk)["type"] == "snapshot"
    with server.open(cho) as socket:
        assert socket.follow("asset", bay.pk)["code"] == 4404
    _, secret = ticket_for(ana, "videos:read")
    with with_ticket(server, secret) as socket:
        assert socket.follow("asset", bay.pk)["code"] == 4403


def test_a_token_for_videos_hears_nothing_of_files(server, ana, by_ana, tmp_path):
    bay = came(by_ana, tmp_path, 1)
    _, secret = ticket_for(ana, "videos:read")
    with with_ticket(server, secret) as socket:
        socket.follow("team")
        Asset.objects.update(fraction=0.5, lease_until=after(timedelta(seconds=60)))
        rename_asset(by=by_ana, asset=bay, name="Bay")
        with pytest.raises(TimeoutError):
            socket.next(2.5)
