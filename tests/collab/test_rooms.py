"""Rooms over real sockets: who writes, who only reads, and what becomes of what is written."""

import base64
import contextlib
import time
from collections import Counter
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from pycrdt import Doc
from websockets.exceptions import ConnectionClosed

from collab import documents, store
from collab.actions import create_share_link, revoke_share_link
from collab.documents import apply_scenes, scenes_of
from collab.frames import Frame, Kind, State, awareness, write
from collab.models import Document, ShareLink
from config.kit.database import after
from config.kit.live.limits import MESSAGES_A_S
from config.kit.live.socket import MOST_UNREAD
from teams.access import actor_for_token
from teams.actions import change_role, remove_member
from teams.models import Membership, Role
from teams.tickets import create_ticket
from teams.tokens import create_token, revoke_token
from tests.collab.replies import reply
from tests.collab.test_updates import nested
from tests.collab.typist import Typist
from tests.live.server import Server, running, session_of
from tests.processes import until
from videos import actions, scene_edits
from videos.copies import duplicate_video
from videos.models import RunState, StageRun

MIDDLE = "Otters guard it. Urchins eat it."
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def member(user) -> Membership:
    return Membership.objects.get(user=user)


def by_link(secret: str, name: str = "Zoë") -> dict:
    told = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
    return {"subprotocols": ["sr.v1", f"share.{secret}", f"name.{told}"]}


def said(video) -> list[str]:
    return list(video.scenes.order_by("position").values_list("narration", flat=True))


# --- writing together


def test_two_people_write_one_script(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        assert "Divers replant it." in one.text
        one.type(" By hand.")
        other.until(lambda: other.text.endswith("By hand."))
        other.type(" And by boat.")
        one.until(lambda: one.text.endswith("By hand. And by boat."))
        one.until(lambda: one.is_saved)
        other.until(lambda: other.is_saved)
    with Typist(server, written.pk, ana) as again:
        assert again.text.endswith("By hand. And by boat.")


def test_saved_is_said_only_of_what_is_stored(server: Server, ana, written):
    with Typist(server, written.pk, ana) as one:
        one.type(" By hand.")
        one.until(lambda: one.is_saved)
        document = Document.objects.get(video=written)
        rows = documents.loaded(*store.load(document.pk).updates)
        assert str(documents.text_of(rows)).endswith("By hand.")


def test_what_was_written_without_a_line_comes_back(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        one.abort()
        offline: Doc = Doc()
        offline.apply_update(one.doc.get_update())
        text = documents.text_of(offline)
        text.insert(len(str(text).encode()), " Written on a train.")
        other.type(" Meanwhile.")
        epoch = one.joined["epoch"]
        with Typist(server, written.pk, ana, doc=offline, epoch=epoch) as back:
            back.until(lambda: "Meanwhile." in back.text)
            other.until(lambda: "Written on a train." in other.text)
            back.until(lambda: back.is_saved and back.sent)


def test_an_edit_by_another_door_merges_with_who_is_typing(server: Server, ana, by_ana, written):
    first = written.scenes.order_by("position")[0]
    with Typist(server, written.pk, ana) as one:
        one.type(" By hand.")
        scene_edits.edit_scene(by=by_ana, scene=first, narration="Kelp is tall.")
        one.until(lambda: "Kelp is tall." in one.text)
        assert one.text.endswith("By hand.")
        one.until(lambda: one.is_saved)
    until(lambda: said(written) == ["Kelp is tall.", MIDDLE, "Divers replant it. By hand."])


def test_a_video_made_right_after_a_keystroke_holds_it(server: Server, ana, by_ana, written):
    with Typist(server, written.pk, ana) as one:
        one.type(" By hand.")
        one.until(lambda: one.is_saved)
        actions.produce(by=by_ana, video=written)
        assert said(written)[-1] == "Divers replant it. By hand."
        due = StageRun.objects.filter(video=written, state=RunState.WAITING).exclude(due_at=None)
        assert set(due.values_list("stage", flat=True)) == {"narration", "visuals"}


def test_the_page_is_told_what_the_words_make_again(server: Server, ana, written):
    with Typist(server, written.pk, ana) as one:
        one.until(lambda: one.last("remade"))
        assert one.last("remade")["parts"]["narration"] == 3  # nothing is made yet
        one.body.clear()
        one.until(lambda: one.last("remade")["fault"])


def test_the_price_of_an_edit_is_told_to_those_who_see_costs(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        one.until(lambda: one.last("remade"))
        other.until(lambda: other.last("remade"))
        assert one.last("remade")["price"]["expected"] == 0  # spoken on this machine
        assert "price" not in other.last("remade")


def test_who_holds_an_older_document_is_sent_away(server: Server, ana, written):
    with Typist(server, written.pk, ana) as one:
        store.begin_anew(Document.objects.get(video=written))
        assert one.closed_with() == 4409
        stale = Typist(server, written.pk, ana, doc=one.doc, epoch=1)
        assert stale.closed_with() == 4409
    with Typist(server, written.pk, ana) as fresh:
        assert [scene.id for scene in scenes_of(fresh.doc)] == ["aaaa0001", "aaaa0002", "aaaa0003"]


def test_a_script_that_is_larger_than_a_frame_comes_in_pieces(server: Server, ana, written):
    document = store.open_for(written)
    doc = documents.loaded(*store.load(document.pk).updates)
    for n in range(4):
        was = doc.get_state()
        text = documents.text_of(doc)
        text.insert(len(str(text).encode()), f"\n{n} " + "kelp " * 20_000)
        store.append(document.pk, doc.get_update(was))
    with Typist(server, written.pk, ana) as one:
        assert one.text == str(documents.text_of(doc))


# --- who is there


def test_a_joiner_sees_everybody_at_once_and_who_leaves_is_gone(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one:
        one.move(cursor={"anchor": 3})
        with Typist(server, written.pk, ben) as other:
            other.until(lambda: one.doc.client_id in other.others)
            shown = other.others[one.doc.client_id]
            assert (shown["user"]["name"], shown["cursor"]) == ("Ana", {"anchor": 3})
            other.move(cursor=None)
            one.until(lambda: other.doc.client_id in one.others)
        one.until(lambda: other.doc.client_id not in one.others)


def test_nobody_is_shown_as_somebody_else(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as forger:
        one.move(cursor=None)
        forger.until(lambda: one.doc.client_id in forger.others)
        told = {"user": {"id": ana.pk, "name": "Ana"}}
        forger.send(write(awareness([State(one.doc.client_id, 99, told)])))
        forger.move(user={"id": ana.pk, "name": "Ana"})
        one.until(lambda: forger.doc.client_id in one.others)
        assert one.others[forger.doc.client_id]["user"]["name"] == "Ben"
        assert set(one.others) == {forger.doc.client_id}


# --- who may


def test_who_is_signed_out_or_of_another_team_does_not_come_in(server: Server, cho, written):
    with Typist(server, written.pk, None, enters=False) as nobody:
        assert nobody.closed_with() == 4401
    with Typist(server, written.pk, cho, enters=False) as stranger:
        assert stranger.closed_with() == 4404
    with Typist(server, 999_999, cho, enters=False) as lost:
        assert lost.closed_with() == 4404


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example"])
def test_a_page_of_somebody_else_cannot_use_the_cookie(server: Server, ana, written, origin):
    with Typist(server, written.pk, ana, enters=False, origin=origin) as foreign:
        assert foreign.closed_with() == 4403


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.STEP2])
def test_a_viewer_reads_and_changes_nothing(server: Server, ana, vic, written, kind):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, vic) as viewer:
        assert viewer.joined["role"] == "commenter"
        mine: Doc = Doc()
        mine.apply_update(viewer.doc.get_update())
        documents.text_of(mine).insert(0, "Vandal")
        viewer.send(write(Frame(kind, mine.get_update(viewer.doc.get_state()))))
        viewer.until(lambda: viewer.last("refused"))
        one.type(" By hand.")
        viewer.until(lambda: viewer.text.endswith("By hand."))
        assert "Vandal" not in one.text
    with Typist(server, written.pk, ana) as again:
        assert "Vandal" not in again.text


def test_who_may_only_read_from_now_on_is_told_and_heard_no_more(
    server: Server, ana, ben, by_ana, written
):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        change_role(by=by_ana, membership=member(ben), role=Role.VIEWER)
        other.until(lambda: other.last("role"), within_s=2)
        other.type(" Still here.")
        other.until(lambda: other.last("refused"))
        one.ask()
        one.pump(1)
        assert "Still here." not in one.text


def test_a_kicked_editor_is_out_within_seconds(server: Server, ben, by_ana, written):
    with Typist(server, written.pk, ben) as other:
        remove_member(by=by_ana, membership=member(ben))
        assert other.closed_with(within_s=2) == 4403


def test_who_signs_out_is_out(server: Server, ben, written):
    key = session_of(ben)
    shown = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}
    with Typist(server, written.pk, headers=shown) as other:
        assert server.post("/accounts/logout/", key).status_code == 302
        assert other.closed_with(within_s=2) == 4401


def test_a_programs_token_opens_a_room_until_it_is_revoked(server: Server, ana, by_ana, written):
    token, _ = create_token(by=by_ana, name="t", scopes=["videos:read", "videos:write"])
    by = actor_for_token(token)
    assert by
    ticket = create_ticket(by=by)
    shown = {"subprotocols": ["sr.v1", f"ticket.{ticket}"], "origin": None}
    with Typist(server, written.pk, **shown) as program:
        assert program.joined["role"] == "editor"
        revoke_token(by=by_ana, token=token)
        assert program.closed_with(within_s=2) == 4401
    with Typist(server, written.pk, enters=False, **shown) as late:
        assert late.closed_with() == 4401


def test_a_link_shows_one_video_to_a_guest(server: Server, ana, by_ana, written, cho):
    link, secret = create_share_link(by=by_ana, video=written, role="commenter")
    with (
        Typist(server, written.pk, ana) as one,
        Typist(server, written.pk, **by_link(secret)) as guest,
    ):
        assert (guest.joined["role"], guest.joined["you"]["name"]) == ("commenter", "Zoë")
        guest.move(cursor=None)
        one.until(lambda: guest.doc.client_id in one.others)
        revoke_share_link(by=by_ana, link=link)
        assert guest.closed_with(within_s=2) == 4401
    with Typist(server, written.pk, enters=False, **by_link(secret)) as late:
        assert late.closed_with() == 4401


def test_a_link_opens_no_other_room_and_none_after_its_time(server: Server, by_ana, written):
    copy = duplicate_video(by=by_ana, video=written)
    _, secret = create_share_link(by=by_ana, video=written, role="viewer")
    with Typist(server, copy.pk, enters=False, **by_link(secret)) as guest:
        assert guest.closed_with() == 4404
    ShareLink.objects.update(expires_at=after(timedelta(seconds=-1)))
    with Typist(server, written.pk, enters=False, **by_link(secret)) as guest:
        assert guest.closed_with() == 4401


# --- bad input


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff",
        b"\x00\x07abc",
        b"\x00\x02\x05ab",
        write(Frame(Kind.UPDATE, b"garbage that is no update")),
        write(Frame(Kind.UPDATE, nested(100_000, b"\x75\1"))),
        reply(type="dance"),
        reply(type="ack", n=10**6),
        "text",
    ],
)
def test_garbage_closes_its_own_socket_alone(server: Server, ana, ben, written, data):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        other.send(data)
        assert other.closed_with() == 4400
        one.type(" By hand.")
        one.until(lambda: one.is_saved)


def test_a_frame_of_a_megabyte_is_not_even_read(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        other.send(b"\x00\x02" * 500_000)
        assert other.closed_with() in (1006, 1009)
        one.type(" By hand.")
        one.until(lambda: one.is_saved)


@pytest.mark.parametrize("joins", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_who_knocks_without_end_is_refused_and_harms_nobody(tmp_path, ana, ben, written, joins):
    limits = {"HANDSHAKES_PER_ADDRESS": "20", "REDIS_PREFIX": f"knocks{tmp_path.name}"}
    with (
        running(tmp_path, **limits) as strict,
        Typist(strict, written.pk, ben) as other,
    ):
        before = resident_mb(strict)
        codes = Counter(_knocks(strict, written.pk, ana) for _ in range(joins))
        assert codes.pop(4429) > joins // 2
        assert set(codes) <= {1000}, codes
        assert resident_mb(strict) < before + 30
        other.type(" By hand.")
        other.until(lambda: other.is_saved)


def _knocks(server: Server, video_id: int, who) -> int:
    """The code with which it is closed; 1000: it was let in, and goes by itself."""
    with Typist(server, video_id, who, enters=False) as typist:
        try:
            typist.until(lambda: typist.joined)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
    return 1000


def resident_mb(server: Server) -> float:
    assert server.process
    return float(psutil.Process(server.process.pid).memory_info().rss / 2**20)


def test_joining_again_and_again_closes_its_own_socket_alone(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(10_000):
                other.send(reply(type="enter", epoch=None))
        assert other.closed_with() == 4400
        one.type(" By hand.")
        one.until(lambda: one.is_saved)


def test_content_before_the_handshake_is_refused(server: Server, ana, written):
    with Typist(server, written.pk, ana, enters=False) as hasty:
        hasty.until(lambda: hasty.joined)
        hasty.type("Too soon.")
        assert hasty.closed_with() == 4400


def test_who_does_not_read_gets_all_of_it_later(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as slow:
        slow.acks = False
        for n in range(2 * MOST_UNREAD):
            one.type(f" {n}")
            one.until(lambda: one.is_saved)
        while slow.pump(0.5):
            pass
        assert slow.text != one.text
        slow.acks = True
        slow.send(reply(type="ack", n=slow.read))
        slow.until(lambda: slow.text == one.text)


def test_what_builds_upon_refused_words_is_not_lost(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as other:
        before = len(one.text)
        one.type("x" * (store.LARGEST_UPDATE + 100))
        one.until(lambda: one.last("refused"))
        del one.body[len(one.text[:before].encode()) : len(one.text.encode())]
        one.type(" By hand.")
        one.until(lambda: one.is_saved)
        other.until(lambda: other.text.endswith(" By hand."))
        assert other.text == one.text


def without_credit(typist: Typist) -> None:
    """Reads and acks no more."""
    typist.acks, before = False, typist.read
    while typist.read < before + MOST_UNREAD:
        typist.ask()
        typist.pump(1)
        time.sleep(1 / MESSAGES_A_S)


def test_who_had_no_credit_is_told_then_what_passed_by(server: Server, ana, ben, written):
    with Typist(server, written.pk, ana) as one, Typist(server, written.pk, ben) as slow:
        without_credit(slow)
        slow.type(" By hand.")
        one.until(lambda: slow.text == one.text)
        one.move(cursor=None)
        one.pump(0.5)
        slow.acks = True
        slow.send(reply(type="ack", n=slow.read))
        slow.until(lambda: slow.is_saved)
        slow.until(lambda: one.doc.client_id in slow.others)


def test_who_asks_without_reading_is_not_answered_for_ever(server: Server, ana, written):
    with Typist(server, written.pk, ana) as one:
        one.type("Kelp grows. " * 15_000)
        one.until(lambda: one.is_saved)
        one.acks, before = False, one.read
        for _ in range(40):
            one.send(write(Frame(Kind.STEP1, b"\0")))
        while one.pump(0.5):
            pass
        assert one.read - before < 10
        one.acks = True
        one.send(reply(type="ack", n=one.read))
        one.until(lambda: one.last("behind"))


def test_a_script_of_other_scenes_takes_the_place_of_the_old(server: Server, ana, by_ana, written):
    with Typist(server, written.pk, ana) as one:
        scenes = scenes_of(one.doc)
        apply_scenes(one.doc, [scenes[2], scenes[0]])
        one.until(lambda: one.is_saved)
    actions.produce(by=by_ana, video=written)
    order = list(written.scenes.order_by("position").values_list("uid", flat=True))
    assert order == ["aaaa0003", "aaaa0001"]
