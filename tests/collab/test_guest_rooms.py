"""Guests in a room: by what their page was given for the link, under a name that is marked."""

import time

import pytest
from pycrdt import Doc

from collab import passes
from collab.actions import create_comment, create_share_link, resolve_thread, revoke_share_link
from collab.documents import text_of
from collab.frames import Frame, Kind, write
from collab.models import ShareLink
from collab.passes import Pass
from collab.roles import guest_of
from teams.models import User
from tests.collab.typist import Typist
from tests.live.server import Server
from videos.models import Video

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def with_pass(shown: Pass) -> dict:
    return {"subprotocols": ["sr.v1", f"guest.{shown.for_room}"]}


@pytest.fixture
def shown(by_ana, written) -> Pass:
    _, secret = create_share_link(by=by_ana, video=written, role="commenter")
    return passes.begin(guest_of(secret)).named("Zoë")


def test_a_guest_reads_along_under_a_marked_name(server: Server, ana, written, shown):
    with (
        Typist(server, written.pk, ana) as one,
        Typist(server, written.pk, **with_pass(shown)) as guest,
    ):
        assert guest.joined["role"] == "commenter"
        one.type(" By hand.")
        guest.until(lambda: guest.text.endswith("By hand."))
        guest.move(user={"id": ana.pk, "name": "Ana", "guest": False})
        one.until(lambda: one.others)
        told = next(iter(one.others.values()))["user"]
        assert (told["name"], told["guest"], told["id"]) == ("Zoë", True, f"guest-{shown.key}")
    assert ShareLink.objects.get().last_used_at is not None


def test_a_guest_types_nothing(server: Server, written, shown):
    with Typist(server, written.pk, **with_pass(shown)) as guest:
        vandal: Doc = Doc()
        text_of(vandal).insert(0, "Vandal")
        guest.send(write(Frame(Kind.UPDATE, vandal.get_update())))
        guest.until(lambda: guest.last("refused"))
    with Typist(server, written.pk, **with_pass(shown)) as again:
        assert "Vandal" not in again.text


def test_a_guest_is_told_that_something_was_said(server: Server, ana, by_ana, written, shown):
    with (
        Typist(server, written.pk, ana) as one,
        Typist(server, written.pk, **with_pass(shown)) as guest,
    ):
        thread = create_comment(by=by_ana, video=written, text="Is this right?")
        guest.until(lambda: guest.last("said"))
        guest.told.clear()
        resolve_thread(by=by_ana, comment=thread)
        guest.until(lambda: guest.last("said"))
        one.pump()
        assert not one.last("said")  # who has the feed


def test_a_guest_hears_no_mail_address(server: Server, ana, written, shown):
    User.objects.filter(pk=ana.pk).update(name="")
    with (
        Typist(server, written.pk, ana) as one,
        Typist(server, written.pk, **with_pass(shown)) as guest,
    ):
        one.move(cursor=None)
        guest.until(lambda: guest.others)
        assert next(iter(guest.others.values()))["user"]["name"] == "A member"


def test_a_revoked_guest_is_out_within_a_second(server: Server, by_ana, written, shown):
    with Typist(server, written.pk, **with_pass(shown)) as guest:
        began = time.monotonic()
        revoke_share_link(by=by_ana, link=ShareLink.objects.get())
        assert guest.closed_with() == 4401
        assert time.monotonic() - began < 2  # on a busy machine
    assert Typist(server, written.pk, **with_pass(shown)).closed_with() == 4401


def test_a_pass_opens_the_room_of_its_link_alone(server: Server, written, channel, shown):
    other = Video.objects.create(team=written.team, channel=channel, plan={"stages": {}})
    assert Typist(server, other.pk, **with_pass(shown)).closed_with() == 4404


@pytest.mark.parametrize("path", ["/ws/feed/", "/ws/rooms/{}/"])
def test_what_is_no_pass_of_a_room_opens_no_socket(server: Server, written, shown, path):
    for told in ("nonsense", shown.for_room[:-1] + "~", shown.for_pages):
        given = shown.for_room if "feed" in path else told
        options = {"subprotocols": ["sr.v1", f"guest.{given}"]}
        with server.open(path=path.format(written.pk), **options) as socket:
            assert socket.closed_with() == 4401


def test_another_page_cannot_use_a_pass(server: Server, written, shown):
    evil = Typist(server, written.pk, origin="https://evil.example", **with_pass(shown))
    assert evil.closed_with() == 4403


def test_no_line_of_the_server_holds_a_secret_or_a_pass(server: Server, by_ana, written, shown):
    _, secret = create_share_link(by=by_ana, video=written)
    opened = server.get(f"/s/{secret}/")
    assert opened.status_code == 302
    kept = opened.cookies[passes.COOKIE]
    server.get(
        opened.headers["Location"], Cookie=f"{passes.COOKIE}={kept}", Referer=str(opened.url)
    )
    with Typist(server, written.pk, **with_pass(shown)):
        pass
    log = server.log()
    assert "GET /s/…/ 302" in log
    assert not [told for told in (secret, kept, shown.for_room) if told[:24] in log]
