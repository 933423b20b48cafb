"""What people are told, where they read it, and how few letters come of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.kit import mail
from config.kit.database import after
from config.kit.models import Mail
from teams import brakes, listening, notices
from teams.access import Forbidden
from teams.events import begin_cursors
from teams.invitations import accept, find, invite
from teams.models import Event, Membership, NoticeKind, Notification, Role
from teams.notices import Notice, Ways
from tests.conftest import acting, member
from tests.kit.test_api import problem
from videos.models import Video, VideoState
from videos.moves import move


def told(user=None) -> list[tuple[str, str]]:
    found = Notification.objects.filter(is_shown=True).order_by("id")
    rows = found.filter(user=user) if user else found
    return [(one.kind, one.text) for one in rows]


def tell(team, *users, kind=NoticeKind.VIDEO_FAILED, count=1, seq=1):
    to = frozenset(user.pk for user in users)
    notices.tell(
        team.pk,
        [Notice(kind, f"“Kelp {n}” failed", "/videos/1/", seq + n, to) for n in range(count)],
    )


def is_due() -> None:
    Notification.objects.exclude(mail_due_at=None).update(mail_due_at=after(-timedelta(seconds=1)))


def moves(video, *states) -> None:
    from config.kit.database import verb  # noqa: PLC0415

    @verb
    def through() -> None:
        for state in states:
            move(video, state, leaving=list(VideoState), reason="No voice.")

    through()


@pytest.mark.parametrize(
    ("state", "kind", "who"),
    [
        (VideoState.FAILED, "video_failed", {"Ana", "Ben"}),
        (VideoState.BLOCKED, "video_blocked", {"Ana", "Ben"}),
        (VideoState.REVIEW, "video_review", {"Ana"}),
        (VideoState.PUBLISHED, "video_published", {"Ana", "Ben"}),
    ],
)
def test_who_can_do_something_about_a_video_is_told(video, ana, ben, vic, cho, state, kind, who):
    moves(video, state)
    listening.work(video.team_id)
    found = Notification.objects.filter(kind=kind).select_related("user")
    assert {one.user.name for one in found} == who
    assert {(one.url, one.team_id) for one in found} == {(f"/videos/{video.pk}/", video.team_id)}
    assert all("“Kelp" in one.text for one in found)


def test_who_may_approve_is_told_of_what_waits_for_it(video, ana, vic):
    Membership.objects.filter(user=vic).update(can_approve=True)
    moves(video, VideoState.REVIEW)
    listening.work(video.team_id)
    assert [kind for kind, _ in told(vic)] == ["video_review"]


def test_what_has_moved_on_needs_nobody(video, ana):
    moves(video, VideoState.BLOCKED, VideoState.QUEUED, VideoState.FAILED)
    listening.work(video.team_id)
    assert [kind for kind, _ in told(ana)] == ["video_failed"]
    assert "No voice." in told(ana)[0][1]


def test_a_deleted_video_needs_nobody(video, ana):
    moves(video, VideoState.FAILED)
    Video.objects.update(deleted_at=timezone.now())
    listening.work(video.team_id)
    assert told() == []


def test_what_is_heard_twice_is_told_once(video, ana, team):
    moves(video, VideoState.FAILED)
    listening.work(team.pk)
    team.cursors.all().delete()
    begin_cursors(team.pk)
    listening.work(team.pk)
    assert [kind for kind, _ in told(ana)].count("video_failed") == 1


def test_the_admins_learn_who_joined_and_everybody_who_works_of_the_brake(team, ana, ben, by_ana):
    adam = member(team, "Adam", Role.ADMIN)
    listening.work(team.pk)
    Notification.objects.all().delete()
    _, link = invite(by=by_ana, email="dan@example.org", role=Role.EDITOR)
    dan = type(ana).objects.create_user("dan@example.org", "x", name="Dan")
    accept(user=dan, invitation=find(link.rstrip("/").rpartition("/")[2]))
    brakes.pull(by=by_ana, what="spending", why="A strange bill")
    listening.work(team.pk)
    assert told(ana) == [("member_joined", "Dan joined the team, as editor.")]
    assert [kind for kind, _ in told(adam)] == ["member_joined", "brake_pulled"]
    assert told(ben) == [("brake_pulled", "Spending was stopped in this team (“A strange bill”).")]
    assert [kind for kind, _ in told(dan)] == ["brake_pulled"]


# --- letters


def test_ten_thousand_failures_are_one_letter(team, ana):
    tell(team, ana, count=10_000)
    notices.work()
    assert not Mail.objects.exists()  # something may still come
    is_due()
    notices.work()
    letter = Mail.objects.get()
    assert (letter.to, letter.subject) == (ana.email, "10,000 things in Kelp Films")
    assert "and 9995 more" in letter.text
    assert letter.text.count("“Kelp") == 5
    assert len(letter.text) < 2_000


def test_words_of_several_lines_are_one_in_the_subject(team, ana, mailoutbox):
    text = "Ben mentions you: first\r\nsecond\rthird"
    notices.tell(team.pk, [Notice(NoticeKind.MENTIONED, text, "/", 1, frozenset({ana.pk}))])
    is_due()
    notices.work()
    mail.work()
    assert [one.subject for one in mailoutbox] == ["Ben mentions you: first second third"]


def test_a_strange_name_of_a_team_stops_no_letters(team, by_ana, mailoutbox):
    team.name = "Kelp\rFilms"
    team.save()
    invite(by=by_ana, email="dot@example.org", role=Role.VIEWER)
    mail.work()
    assert "Kelp Films" in mailoutbox[0].subject


def test_the_next_letter_waits_for_half_an_hour(team, ana):
    for n in range(3):
        tell(team, ana, seq=n + 1)
        is_due()
        notices.work()
    assert Mail.objects.count() == 1
    Notification.objects.exclude(mailed_at=None).update(
        mailed_at=after(-notices.APART - timedelta(seconds=1))
    )
    notices.work()
    assert [one.subject for one in Mail.objects.order_by("id")] == [
        "“Kelp 0” failed",
        "2 things in Kelp Films",
    ]


def test_what_was_read_or_is_no_longer_ones_own_is_in_no_letter(team, ana, ben):
    tell(team, ana, ben)
    notices.mark_all(by=acting(ana))
    Membership.objects.filter(user=ben).delete()
    is_due()
    notices.work()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("in_app", "by_mail"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_people_are_told_in_the_ways_that_they_chose(team, ana, browser, in_app, by_mail):
    chosen = {"in_app": ["video_failed"] * in_app, "by_mail": ["video_failed"] * by_mail}
    assert browser(ana).post("/notifications/preferences/", chosen).status_code == 302
    tell(team, ana)
    is_due()
    notices.work()
    assert (len(told(ana)), Mail.objects.count()) == (int(in_app), int(by_mail))


def test_the_settings_show_what_is_usual_and_what_was_chosen(ana, browser):
    page = browser(ana).get("/notifications/preferences/").content.decode()
    assert 'aria-label="A video failed: by mail" checked' in page
    assert 'aria-label="A video was published: by mail">' in page
    notices.choose(by=acting(ana), ways={"video_failed": Ways(in_app=False, by_mail=False)})
    page = browser(ana).get("/notifications/preferences/").content.decode()
    assert 'aria-label="A video failed: by mail">' in page


# --- pages


def test_the_bell_counts_what_is_unread(team, ana, browser):
    assert bell(browser(ana)) == ("Notifications", "hidden>0")
    tell(team, ana, count=3)
    assert bell(browser(ana)) == ("Notifications, 3 unread", ">3")
    tell(team, ana, count=150, seq=100)
    assert bell(browser(ana)) == ("Notifications, 100 unread", ">99+")
    browser(ana).post("/notifications/read/")
    assert bell(browser(ana)) == ("Notifications", "hidden>0")


def bell(client) -> tuple[str, str]:
    """What is said of it, and its number with whether it is hidden."""
    page = client.get("/").content.decode()
    told = page[page.index('id="bell"') :].partition("</a>")[0]
    number = told.partition('id="unread-count" aria-hidden="true"')[2].partition("</span>")[0]
    return told.partition('aria-label="')[2].partition('"')[0], number.strip()


def test_a_page_without_a_feed_asks_for_its_own_bell(team, ana, ben, cho, browser):
    tell(team, ana, count=3)
    newest = Notification.objects.latest("id").pk
    path = "/notifications/bell/"
    assert browser(ana).get(path).json() == {"unread": 3, "newest": newest}
    for who in (ben, cho):
        assert browser(who).get(path).json() == {"unread": 0, "newest": 0}


def test_following_one_marks_it_read_and_it_can_be_marked_unread(team, ana, browser):
    tell(team, ana)
    one = Notification.objects.get()
    answer = browser(ana).post(f"/notifications/{one.pk}/")
    assert answer.headers["Location"] == "/videos/1/"
    assert not Notification.objects.unread().exists()
    browser(ana).post(f"/notifications/{one.pk}/mark/", {"to": "unread"})
    assert Notification.objects.unread().exists()


def test_the_list_is_ones_own_and_narrows_to_what_is_unread(team, ana, ben, cho, browser):
    tell(team, ana)
    assert "Kelp 0" in browser(ana).get("/notifications/").content.decode()
    assert "Nothing yet" in browser(ben).get("/notifications/").content.decode()
    assert "Nothing yet" in browser(cho).get("/notifications/").content.decode()
    browser(ana).post("/notifications/read/")
    assert "All read" in browser(ana).get("/notifications/?unread=on").content.decode()


def test_the_list_asks_no_more_for_many(team, ana, browser, django_assert_max_num_queries):
    tell(team, ana, count=50)
    client = browser(ana)
    client.get("/notifications/")
    with django_assert_max_num_queries(14):
        assert client.get("/notifications/").status_code == 200


@pytest.mark.parametrize("who", ["ben", "vic", "cho", None])
@pytest.mark.parametrize("door", ["/", "/mark/"])
def test_nobody_marks_anothers(request, team, ana, browser, who, door):
    tell(team, ana)
    one = Notification.objects.get()
    client = browser(request.getfixturevalue(who) if who else None)
    answer = client.post(f"/notifications/{one.pk}{door}")
    assert answer.status_code == (404 if who else 302)
    assert who or answer.headers["Location"].startswith("/accounts/login/")
    assert Notification.objects.unread().exists()


@pytest.mark.parametrize("path", ["", "preferences/", "bell/"])
def test_who_is_signed_out_is_led_to_the_door(db, browser, path):
    answer = browser(None).get(f"/notifications/{path}")
    assert answer.headers["Location"].startswith("/accounts/login/")


# --- programs


def test_a_program_lists_marks_and_reads_all(team, ana, program):
    tell(team, ana, count=3)
    mine = program(ana)
    listed = mine.get("notifications/?unread=true").json()["results"]
    assert [one["is_read"] for one in listed] == [False] * 3
    assert listed[0]["url"].startswith("http")
    path = f"notifications/{listed[0]['id']}/"
    etag = mine.get(path)["ETag"]
    problem(mine.patch(path, {"is_read": True}), 428, "if_match_required")
    read = mine.patch(path, {"is_read": True}, If_Match=etag)
    assert read.json()["is_read"]
    problem(mine.patch(path, {"is_read": False}, If_Match=etag), 412, "stale")
    assert mine.post("notifications/read-all/").json() == {"marked": 2}
    assert mine.get("notifications/?unread=true").json()["results"] == []
    assert len(mine.get("notifications/?kind=video_failed").json()["results"]) == 3
    assert mine.get("notifications/?kind=mentioned").json()["results"] == []


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_a_program_of_another_reaches_none(request, team, ana, program, who):
    tell(team, ana)
    one = Notification.objects.get()
    theirs = program(request.getfixturevalue(who))
    assert theirs.get("notifications/").json()["results"] == []
    problem(theirs.get(f"notifications/{one.pk}/"), 404, "not_found")
    answer = theirs.patch(f"notifications/{one.pk}/", {"is_read": True}, If_Match="*")
    problem(answer, 404, "not_found")
    assert theirs.post("notifications/read-all/").json() == {"marked": 0}
    with pytest.raises(Forbidden):
        notices.mark(by=acting(request.getfixturevalue(who)), notification=one, is_read=True)


def test_a_viewers_program_marks_their_own(team, vic, program):
    tell(team, vic)
    assert program(vic).post("notifications/read-all/").json() == {"marked": 1}


def test_old_ones_go(team, ana):
    tell(team, ana, count=3)
    rows = list(Notification.objects.order_by("id"))
    Notification.objects.filter(pk=rows[0].pk).update(created_at=after(-timedelta(days=181)))
    Notification.objects.filter(pk=rows[1].pk).update(read_at=after(-timedelta(days=61)))
    notices.prune()
    assert list(Notification.objects.all()) == [rows[2]]
    assert Event.objects.exists()
