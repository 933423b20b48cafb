"""The journal by pages and as a stream of server-sent events."""

import contextlib
import json
import threading
import time
from socket import SHUT_RDWR

import httpx
import pytest

from billing.entries import CostBooked
from config.kit.database import after, verb
from teams import journal, tickets
from teams.actions import change_team
from teams.events import publish
from teams.models import Event, SocketTicket, TeamJournal
from teams.tokens import create_token, revoke_token
from tests.kit.test_api import problem
from videos.actions import cancel

served = pytest.mark.processes


def told(answer) -> list[dict]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def rename(by, team, name: str = "Dulse") -> None:
    change_team(by=by, team=team, name=name, email=team.email)


@verb
def book(team) -> None:
    publish(team, CostBooked(1, "script", "paid:one", 80, "USD"))


# --- by pages


def test_events_come_in_order_from_where_one_was(program, vic, by_ana, team):
    who, since = program(vic, "team:read"), TeamJournal.objects.get(team=team).seq
    for n in range(5):
        rename(by_ana, team, f"Name {n}")
    first = who.get(f"events/?since={since}&limit=2")
    assert [one["payload"]["name"] for one in told(first)] == ["Name 0", "Name 1"]
    rest = who.client.get(first.json()["next"], headers=who.headers)
    assert [one["seq"] for one in told(rest)] == [since + 3, since + 4]


def test_events_of_a_kind_and_of_a_video(program, ana, by_ana, team, video):
    rename(by_ana, team)
    cancel(by=by_ana, video=video)
    who = program(ana)
    kinds = {one["kind"] for one in told(who.get("events/?kind=videos.video_created"))}
    assert kinds == {"videos.video_created"}
    of_video = told(who.get(f"events/?video={video.pk}"))
    assert {one["payload"]["video_id"] for one in of_video} == {video.pk}
    assert problem(who.get("events/?kind=nothing"), 400, "invalid")["errors"]


def test_a_stranger_sees_events_of_their_own_team_alone(program, cho, by_ana, team, video):
    assert not told(program(cho).get(f"events/?video={video.pk}"))
    assert all(one["kind"].startswith("teams.") for one in told(program(cho).get("events/")))


@pytest.mark.parametrize(
    ("scope", "begins"),
    [("team:read", {"teams"}), ("channels:read", {"channels"}), ("videos:read", {"videos"})],
)
def test_a_token_sees_what_its_scopes_open(program, vic, video, scope, begins):
    found = told(program(vic, scope).get("events/?limit=200"))
    assert {one["kind"].partition(".")[0] for one in found} == begins


def test_each_kind_is_read_by_some_scope():
    ours = [kind for kind in journal.kinds() if not kind.startswith("tests.")]
    assert [kind for kind in ours if journal.scope_of(kind) == "unknown"] == []


def test_costs_are_shown_to_who_may_see_them(program, ana, vic, team):
    book(team)
    path = "events/?kind=billing.cost_booked"
    assert len(told(program(ana).get(path))) == 1
    assert not told(program(vic).get(path))


def test_what_the_journal_has_forgotten_is_no_empty_page(program, ana, by_ana, team):
    rename(by_ana, team)
    Event.objects.filter(team=team, seq__lte=2).delete()
    who = program(ana)
    assert problem(who.get("events/?since=1"), 410, "events_forgotten")
    assert told(who.get("events/?since=2"))[0]["seq"] == 3


def test_a_browser_reads_them_with_its_session(browser, vic, team):
    assert browser(vic).get("/api/v1/events/").status_code == 200


# --- tickets


def test_tickets_are_for_tokens(browser, ana):
    answer = browser(ana).post("/api/v1/socket-tickets/", {}, content_type="application/json")
    assert problem(answer, 403, "forbidden")


def test_a_ticket_is_kept_as_a_hash_and_used_once(program, ana, by_ana):
    answer = program(ana, "videos:read").post("socket-tickets/")
    assert answer.status_code == 201
    secret = answer.json()["protocols"][1].removeprefix("ticket.")
    assert secret not in str(SocketTicket.objects.values())
    assert tickets.redeem(secret)
    assert tickets.redeem(secret) is None


def test_old_tickets_are_cleared_away(program, ana):
    program(ana, "videos:read").post("socket-tickets/")
    SocketTicket.objects.update(expires_at=after(-tickets.LASTS))
    tickets.prune()
    assert not SocketTicket.objects.exists()


# --- how long they are kept


def grow(team, count: int) -> int:
    head = TeamJournal.objects.get(team=team).seq
    Event.objects.bulk_create(
        Event(team=team, seq=head + n, kind="teams.team_changed") for n in range(1, count + 1)
    )
    TeamJournal.objects.filter(team=team).update(seq=head + count)
    return head + count


def test_old_events_go(team, others):
    head = grow(team, 20)
    Event.objects.filter(team=team, seq__lte=head - 5).update(at=after(-journal.KEPT))
    journal.prune()
    assert journal.begins_at(team.pk) == head - 4
    assert journal.begins_at(others.pk) == 1


def test_more_than_a_team_may_have_go(team, monkeypatch):
    head = grow(team, 40)
    monkeypatch.setattr(journal, "MOST_KEPT", 10)
    monkeypatch.setattr(journal, "AT_ONCE", 25)
    journal.prune()
    journal.prune()
    kept = Event.objects.order_by("seq").values_list("seq", flat=True)
    assert list(kept) == list(range(head - 9, head + 1))


def test_a_journal_that_lost_all_its_lines_begins_behind_its_head(team):
    head = grow(team, 3)
    Event.objects.filter(team=team).delete()
    assert journal.begins_at(team.pk) == head + 1


# --- as a stream


class Listening(threading.Thread):
    """Reads a stream until it ends."""

    def __init__(self, server, secret: str, path: str = "", **headers: str) -> None:
        super().__init__(daemon=True)
        self.texts, self.status = list[str](), 0
        self.address = f"{server.address}/api/v1/events/stream/{path}"
        self.headers = {"Authorization": f"Bearer {secret}", **headers}
        self.response: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        with contextlib.suppress(httpx.TransportError):  # either side stops
            self._read()

    def _read(self) -> None:
        with httpx.stream("GET", self.address, headers=self.headers, timeout=30) as answer:
            self.status, self.response = answer.status_code, answer
            text = ""
            for piece in answer.iter_text():
                text += piece
                *whole, text = text.split("\n\n")
                self.texts += whole

    def stop(self) -> None:
        if self.response is not None and self.is_alive():
            line = self.response.extensions["network_stream"].get_extra_info("socket")
            with contextlib.suppress(OSError):
                line.shutdown(SHUT_RDWR)
        self.join(5)

    def ids(self) -> list[int]:
        return [int(t.split("\n")[0][4:]) for t in self.texts if t.startswith("id: ")]

    def until(self, condition, within_s: float = 10) -> None:
        ends = time.monotonic() + within_s
        while not condition(self):
            assert time.monotonic() < ends, self.texts
            time.sleep(0.05)


@pytest.fixture
def listen(server):
    begun: list[Listening] = []

    def begin(secret: str, path: str = "", **headers: str) -> Listening:
        begun.append(Listening(server, secret, path, **headers))
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()


@pytest.fixture
def secret_of():
    def make(by, *scopes: str) -> str:
        return create_token(by=by, name="t", scopes=scopes or ["team:read", "videos:read"])[1]

    return make


@served
@pytest.mark.django_db(transaction=True)
def test_a_stream_tells_what_happens_and_goes_on_from_an_id(listen, by_ana, team, secret_of):
    secret = secret_of(by_ana)
    now = listen(secret)
    now.until(lambda one: any("event: snapshot" in text for text in one.texts))
    head = now.ids()[-1]
    rename(by_ana, team)
    now.until(lambda one: one.ids()[-1] == head + 1)
    line = json.loads(now.texts[-1].split("data: ")[1])
    assert (line["kind"], line["payload"]["name"]) == ("teams.team_changed", "Dulse")
    again = listen(secret, **{"Last-Event-ID": str(head)})
    again.until(lambda one: one.ids() == [head + 1])


@served
@pytest.mark.django_db(transaction=True)
def test_a_stream_ends_when_its_token_is_revoked(server, listen, by_ana, team):
    token, secret = create_token(by=by_ana, name="t", scopes=["team:read"])
    listening = listen(secret)
    listening.until(lambda one: one.ids())
    revoke_token(by=by_ana, token=token)
    listening.join(3)
    assert not listening.is_alive()
    assert server.get("/api/v1/events/stream/", secret).status_code == 401


@served
@pytest.mark.django_db(transaction=True)
def test_a_stream_of_anothers_video_is_nothing(server, by_ana, cho, video, secret_of):
    assert server.get("/api/v1/events/stream/").status_code == 401
    assert server.get(f"/api/v1/events/stream/?video={video.pk + 1}", secret_of(by_ana)).is_error
    narrow = secret_of(by_ana, "team:read")
    assert server.get(f"/api/v1/events/stream/?video={video.pk}", narrow).status_code == 403


@served
@pytest.mark.django_db(transaction=True)
def test_a_person_has_five_streams(server, listen, by_ana, team, secret_of):
    secret = secret_of(by_ana)
    five = [listen(secret) for _ in range(5)]
    for one in five:
        one.until(lambda it: it.ids())
    answer = server.get("/api/v1/events/stream/", secret)
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    rename(by_ana, team)
    for one in five:
        one.until(lambda it: len(it.ids()) == 2)
