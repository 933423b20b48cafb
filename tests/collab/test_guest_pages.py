"""Pages of who came by a share link: what a link opens, what it does not, and what stays secret."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from collab import passes
from collab.actions import (
    create_comment,
    create_share_link,
    note_use,
    revoke_share_link,
    suggest,
)
from collab.models import Comment, ShareLink, Suggestion
from collab.roles import NAMELESS, printable
from config.kit import logs
from config.kit.database import after
from teams.actions import add_member
from teams.models import Event, Role, User
from tests.conftest import acting
from tests.kit.test_api import problem
from videos.models import Video

NOBODY = "not_authenticated"
GONE = "This link opens nothing"
pytestmark = pytest.mark.django_db


def opens(secret: str, client: Client | None = None) -> Client:
    """A browser without an account, once it has followed a link."""
    client = client or Client()
    answer = client.get(f"/s/{secret}/")
    assert answer.status_code == 302, answer.content
    client.place = answer["Location"]  # type: ignore[attr-defined]
    return client


def guest(client: Client, method: str, path: str = "", body: object = None):
    given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(client.place + path, **given)  # type: ignore[attr-defined]


@pytest.fixture
def reads(by_ana, written):
    return create_share_link(by=by_ana, video=written, role="viewer")


@pytest.fixture
def comments(by_ana, written):
    return create_share_link(by=by_ana, video=written, role="commenter")


# --- what a link opens


def test_a_link_leads_to_a_page_without_its_secret(reads):
    link, secret = reads
    client = Client()
    answer = client.get(f"/s/{secret}/")
    assert answer["Location"] == f"/shared/{link.pk}/"
    kept = answer.cookies[passes.COOKIE]
    assert kept["path"] == f"/shared/{link.pk}/"
    assert (kept["httponly"], kept["samesite"], kept["max-age"]) == (True, "Lax", "")
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "Kelp" in page.text
    assert secret not in page.text + kept.value


@pytest.mark.parametrize(("role", "told"), [("viewer", "read"), ("commenter", "read and comment")])
def test_the_page_says_what_the_guest_may(by_ana, written, role, told):
    _, secret = create_share_link(by=by_ana, video=written, role=role)
    page = guest(opens(secret), "get").text
    assert f"Shared with you to {told}<" in page
    assert f'data-role="{role}"' in page


def test_the_page_shows_nothing_else_of_the_team(reads, ana, ben, team):
    page = guest(opens(reads[1]), "get").text
    for inside in (ana.email, ben.email, ana.name, team.name, 'id="members"', 'class="side"'):
        assert inside not in page
    links = set(re.findall(r'href="(/[^"#]*)"', page))
    assert {one for one in links if not one.startswith("/static/")} == set()


def test_pages_of_guests_are_in_no_index_and_no_cache(reads):
    client = opens(reads[1])
    for path in (client.place, f"/s/{reads[1]}/", "/s/nothing-of-ours-at-all/"):
        answer = client.get(path)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "private, no-store"
        assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert client.get(f"/s/{reads[1]}/")["Referrer-Policy"] == "no-referrer"
    assert client.get("/s/nothing-of-ours-at-all/")["Referrer-Policy"] == "no-referrer"


def test_a_page_without_a_script_yet_says_so(by_ana, video):
    _, secret = create_share_link(by=by_ana, video=video)
    page = guest(opens(secret), "get")
    assert page.status_code == 200
    assert "There is no script yet" in page.text


def test_when_a_link_was_used_is_known_to_who_shares_it(program, ben, reads, written):
    its, path = program(ben), f"videos/{written.pk}/share-links/"
    assert its.get(path).json()["results"][0]["last_used_at"] is None
    guest(opens(reads[1]), "get")
    first = its.get(path).json()["results"][0]["last_used_at"]
    note_use(reads[0].pk)
    assert first is not None
    assert its.get(path).json()["results"][0]["last_used_at"] == first  # once a minute


def test_the_api_tells_the_address_of_a_link_once(program, ben, written):
    its, path = program(ben), f"videos/{written.pk}/share-links/"
    made = its.post(path, {}, Idempotency_Key="a").json()
    assert made["url"] == f"{settings.PUBLIC_URL}/s/{made['secret']}/"
    assert its.post(path, {}, Idempotency_Key="a").json()["url"] is None
    assert "url" not in its.get(path).json()["results"][0]
    opens(made["secret"])


def test_a_member_who_opens_a_link_comes_to_the_teams_own_page(
    browser, reads, vic, others, written
):
    add_member(team=others, user=vic, role=Role.EDITOR)
    client = browser(vic)
    client.post(reverse("teams:switch"), {"team": others.pk})
    answer = client.get(f"/s/{reads[1]}/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/videos/{written.pk}/script/"
    assert answer.status_code == 200
    assert passes.COOKIE not in client.cookies


def test_a_stranger_with_an_account_is_a_guest(browser, reads, cho):
    client = opens(reads[1], browser(cho))
    page = guest(client, "get").text
    assert client.place == f"/shared/{reads[0].pk}/"
    assert cho.name not in page
    assert cho.email not in page


# --- what ends


def end_revoked(by_ana: object, link: ShareLink) -> None:
    revoke_share_link(by=by_ana, link=link)  # type: ignore[arg-type]


def end_expired(by_ana: object, link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(expires_at=after(-timedelta(seconds=1)))


def end_with_its_video(by_ana: object, link: ShareLink) -> None:
    Video.objects.filter(pk=link.video_id).update(deleted_at=Now())


@pytest.mark.parametrize("end", [end_revoked, end_expired, end_with_its_video])
def test_an_ended_link_looks_like_one_that_never_was(by_ana, comments, end):
    link, secret = comments
    client = opens(secret)
    end(by_ana, link)
    never = Client().get("/s/nothing-of-ours-at-all/")
    nonce = re.compile(r'nonce="[^"]+"|X-CSRFToken": "[^"]+')
    for answer in (Client().get(f"/s/{secret}/"), guest(client, "get"), Client().get(client.place)):
        assert answer.status_code == never.status_code == 404
        assert nonce.sub("", answer.text) == nonce.sub("", never.text)
        assert GONE in answer.text
    problem(guest(client, "get", "comments/"), 404, "not_found")
    problem(guest(client, "post", "comments/", {"text": "Still here?"}), 404, "not_found")
    assert guest(client, "post", "name/").status_code == 404
    assert not Comment.objects.exists()


def test_wrong_links_are_refused_more_and_more_and_good_ones_open(reads):
    client = Client()
    tried = {client.get(f"/s/wrong-{n}/").status_code for n in range(60)}
    assert tried == {404, 429}
    assert "Too many tries" in client.get("/s/wrong-again/").text
    opens(reads[1], client)


# --- what a guest's browser holds


def test_what_one_link_gave_opens_no_other(by_ana, comments, written, channel):
    other_video = Video.objects.create(team=written.team, channel=channel, plan={"stages": {}})
    other, _ = create_share_link(by=by_ana, video=other_video, role="commenter")
    client = opens(comments[1])
    kept = client.cookies[passes.COOKIE].value
    client.cookies[passes.COOKIE]["path"] = "/"
    assert client.get(f"/shared/{other.pk}/").status_code == 404
    client.place = f"/shared/{other.pk}/"
    problem(guest(client, "get", "comments/"), 404, "not_found")
    problem(guest(client, "post", "comments/", {"text": "Hello"}), 404, "not_found")
    changed = kept.replace(kept[:8], kept[:7] + ("A" if kept[7] != "A" else "B"))
    client.cookies[passes.COOKIE] = changed
    assert client.get(f"/shared/{comments[0].pk}/").status_code == 404


def test_a_pass_of_the_room_opens_no_page(comments):
    client = opens(comments[1])
    page = guest(client, "get").text
    room_pass = re.search(r'data-pass="([^"]+)"', page)[1]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", room_pass)  # as a subprotocol may be
    client.cookies[passes.COOKIE] = room_pass
    assert guest(client, "get").status_code == 404
    assert passes.of_room(opens(comments[1]).cookies[passes.COOKIE].value) is None


def test_a_guest_reaches_nothing_else(comments, written, ana):
    client = opens(comments[1])
    client.cookies[passes.COOKIE]["path"] = "/"  # as if a browser sent it everywhere
    video = f"/api/v1/videos/{written.pk}/"
    api = ["/api/v1/videos/", video, f"{video}comments/", f"{video}share-links/", "/api/v1/events/"]
    for path in api:
        problem(client.get(path), 401, NOBODY)
    problem(client.post(f"{video}comments/", {"text": "a"}, "application/json"), 401, NOBODY)
    bearer = {"Authorization": f"Bearer {client.cookies[passes.COOKIE].value}"}
    problem(client.get("/api/v1/videos/", headers=bearer), 401, NOBODY)
    pages = ["/", "/videos/", f"/videos/{written.pk}/", f"/videos/{written.pk}/script/", "/team/"]
    for path in pages:
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (
            302,
            "/accounts/login/",
        )


def test_what_guests_ask_stands_in_no_reference():
    told = Client().get("/api/v1/schema/").json()["paths"]
    assert not [path for path in told if "shared" in path]


# --- what a guest says


def test_a_guest_comments_and_answers_under_their_name(by_ana, comments, program, ben, written):
    thread = create_comment(by=by_ana, video=written, text="Is this right?")
    client = opens(comments[1])
    named = client.post(client.place + "name/", {"name": "  Zoë \u202eAna\u200b "}).json()
    assert named["name"] == "Zoë Ana"
    made = guest(client, "post", "comments/", {"text": "Yes.", "thread": thread.pk})
    assert made.status_code == 201, made.content
    assert (made.json()["guest"], made.json()["author"]) == ("Zoë Ana", None)
    place = {"scene_uid": "aaaa0002", "quote": "Otters"}
    assert guest(client, "post", "comments/", {"text": "Sea otters?", **place}).status_code == 201
    told = program(ben).get(f"videos/{written.pk}/comments/").json()["results"]
    assert [(one["text"], one["guest"]) for one in told] == [
        ("Sea otters?", "Zoë Ana"),
        ("Yes.", "Zoë Ana"),
        ("Is this right?", ""),
    ]
    assert Event.objects.filter(kind="collab.comment_added").count() == 3


def test_a_guest_who_gives_no_name_is_a_guest(comments):
    client = opens(comments[1])
    assert guest(client, "post", "comments/", {"text": "Hello"}).json()["guest"] == NAMELESS


def test_a_name_is_what_can_be_seen_of_it():
    assert printable("\u202eAna\u200b\n Lind\x00\ue000 ") == "Ana Lind"
    assert printable("\u200b\u2060") == ""
    assert len(printable("x" * 500)) == 80


def test_a_guest_suggests_words(comments):
    said = {"scene_uid": "aaaa0002", "quote": "Otters", "replacement": "Sea otters"}
    client = opens(comments[1])
    assert guest(client, "post", "suggestions/", said).status_code == 201
    assert Suggestion.objects.get().guest == NAMELESS
    assert len(guest(client, "get", "suggestions/?state=open").json()["results"]) == 1


def test_a_link_to_read_lets_nobody_say_anything(by_ana, reads, written):
    create_comment(by=by_ana, video=written, text="Is this right?")
    client = opens(reads[1])
    assert len(guest(client, "get", "comments/").json()["results"]) == 1
    said = {"scene_uid": "aaaa0002", "quote": "Otters", "replacement": "Sea otters"}
    problem(guest(client, "post", "comments/", {"text": "No."}), 403, "forbidden")
    problem(guest(client, "post", "suggestions/", said), 403, "forbidden")
    assert (Comment.objects.count(), Suggestion.objects.count()) == (1, 0)


def test_a_guest_mentions_nobody(comments, ana):
    answer = guest(opens(comments[1]), "post", "comments/", {"text": "Hi", "mentions": [ana.pk]})
    problem(answer, 400, "invalid")


def test_a_guest_answers_only_what_is_said_of_this_video(by_ana, comments, written, channel):
    other = Video.objects.create(team=written.team, channel=channel, plan={"stages": {}})
    elsewhere = create_comment(by=by_ana, video=other, text="Elsewhere")
    client = opens(comments[1])
    problem(
        guest(client, "post", "comments/", {"text": "Hi", "thread": elsewhere.pk}), 400, "invalid"
    )
    assert "Elsewhere" not in guest(client, "get", "comments/").text


def test_guests_are_told_no_mail_address(by_ana, ben, comments, written):
    User.objects.filter(pk=ben.pk).update(name="")
    create_comment(by=acting(ben), video=written, text="Hello")
    suggest(by=acting(ben), video=written, scene_uid="aaaa0002", quote="Kelp", replacement="Crabs")
    client = opens(comments[1])
    for path in ("comments/", "suggestions/"):
        answer = guest(client, "get", path)
        assert answer.json()["results"][0]["author"]["name"] == "A member"
        assert "@" not in answer.text


def test_what_another_page_sends_is_refused(comments):
    client = opens(comments[1], Client(enforce_csrf_checks=True))
    problem(guest(client, "post", "comments/", {"text": "Hello"}), 403, "csrf")
    assert client.post(client.place + "name/", {"name": "Eve"}).status_code == 403


def test_one_link_says_so_much_a_minute(comments):
    client = opens(comments[1])
    said = {guest(client, "post", "comments/", {"text": str(n)}).status_code for n in range(60)}
    assert said == {201, 429}


@pytest.mark.parametrize("path", ["comments/", "suggestions/"])
def test_a_longer_list_asks_no_more(by_ana, comments, written, path):
    client = opens(comments[1])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert guest(client, "get", path).status_code == 200
        return len(seen)

    def say() -> None:
        create_comment(by=by_ana, video=written, text="Hello")
        suggest(by=by_ana, video=written, scene_uid="aaaa0002", quote="Kelp", replacement="Crabs")

    say()
    guest(client, "get", path)
    few = queries()
    for _ in range(5):
        say()
    assert queries() == few


# --- what nobody reads in a log


def test_a_secret_stands_in_no_line(caplog, comments):
    _, secret = comments
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(logs.Line())
    logging.getLogger().addHandler(handler)
    try:
        client = Client()
        client.get(f"/s/{secret}/")
        client.get(f"/s/{secret[:-1]}/")  # Django says "Not Found: " and the path
        guest(opens(secret), "get", "nothing/")
    finally:
        logging.getLogger().removeHandler(handler)
    assert [line for line in lines if "Not Found: /s/…" in line]
    assert not [line for line in lines if secret[:20] in line]


@pytest.mark.parametrize(
    "secret", ["q" * 43, "Only-Letters_And-Dashes-Nothing-That-Counts", "a1" * 21]
)
def test_a_secret_is_cut_out_whatever_chance_wrote(secret):
    assert secret not in logs.scrubbed(f"GET /s/{secret}/ 302, and https://x.example/s/{secret}")
