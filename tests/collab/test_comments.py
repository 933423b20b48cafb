"""What people say about a video: threads, answers, mentions, and who may say what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collab import actions
from collab.actions import (
    create_comment,
    delete_comment,
    edit_comment,
    reopen_thread,
    reply,
    resolve_thread,
)
from collab.models import Comment
from collab.roles import guest_of
from config.kit.errors import Refused, Stale
from teams import listening
from teams.access import Forbidden
from teams.models import Event, Membership, NoticeKind, Notification
from tests.conftest import acting
from tests.kit.test_api import problem
from tests.videos.test_rewriting import SCRIPT
from videos.actions import Wish, create_video, edit_script
from videos.models import Video
from videos.moves import Deleted
from videos.removals import delete_video

RANGE = {
    "start": {"item": {"client": 7, "clock": 3}, "assoc": 0},
    "end": {"type": None, "tname": "script", "item": None, "assoc": -1},
}


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    video.refresh_from_db()
    return video


@pytest.fixture
def thread(by_ana, written) -> Comment:
    return create_comment(by=by_ana, video=written, text="Is this right?")


@pytest.fixture
def comments(program, ben, written):
    """A program of Ben's and the address of the comments."""
    return program(ben), f"videos/{written.pk}/comments/"


def told(kind: str) -> list[dict]:
    return list(Event.objects.filter(kind=kind).order_by("id").values_list("payload", flat=True))


def test_a_comment_stands_at_words_a_moment_a_scene_or_the_video(by_ana, written):
    places = [
        {"scene_uid": "aaaa0002", "anchor": RANGE, "quote": "Otters"},
        {"at_ms": 4_200},
        {"scene_uid": "aaaa0002"},
        {},
    ]
    for place in places:
        made = create_comment(by=by_ana, video=written, text="Here.", place=place)
        made.refresh_from_db()
        assert {name: getattr(made, name) for name in place} == place


@pytest.mark.parametrize(
    "place",
    [
        {"at_ms": 1, "scene_uid": "aaaa0002"},
        {"scene_uid": "otters"},
        {"anchor": {"start": RANGE["start"]}},
        {"anchor": {"start": {}, "end": {}}},
        {"anchor": {"start": {"item": {"client": 1}}, "end": RANGE["end"]}},
        {"anchor": {"start": {"item": "x"}, "end": RANGE["end"]}},
        {"anchor": {"start": {"tname": 5}, "end": RANGE["end"]}},
        {"anchor": {"start": {"tname": "x" * 1000}, "end": RANGE["end"]}},
        {"anchor": {"start": RANGE["start"], "end": {"item": {"client": -1, "clock": 2}}}},
        {"at_ms": -1},
        {"line": 3},
    ],
)
def test_what_is_no_place_is_refused(by_ana, written, place):
    with pytest.raises(Refused):
        create_comment(by=by_ana, video=written, text="Here.", place=place)
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001, "a\0b"])
def test_words_that_are_none_are_refused(by_ana, written, text):
    with pytest.raises(Refused, match="text"):
        create_comment(by=by_ana, video=written, text=text)


def test_an_answer_to_an_answer_is_in_the_same_thread(by_ana, ben, thread):
    first = reply(by=acting(ben), comment=thread, text="Yes.")
    second = reply(by=by_ana, comment=first, text="Good.")
    assert {first.parent_id, second.parent_id} == {thread.pk}
    assert [one["parent_id"] for one in told("collab.comment_added")] == [None, *[thread.pk] * 2]


def test_who_is_mentioned_is_told_once(by_ana, ana, ben, vic, written):
    made = create_comment(by=by_ana, video=written, text="@Ben", mentions=[ben.pk])
    edit_comment(by=by_ana, comment=made, text="@Ben @Vic", mentions=[ben.pk, vic.pk])
    assert [one["user_id"] for one in told("collab.comment_mentioned")] == [ben.pk, vic.pk]


def test_a_mention_waits_in_the_studio_for_who_is_mentioned(by_ana, ana, ben, written):
    create_comment(by=by_ana, video=written, text="@Ben and me", mentions=[ben.pk, ana.pk])
    gone = create_comment(by=by_ana, video=written, text="@Ben again", mentions=[ben.pk])
    delete_comment(by=by_ana, comment=gone)
    listening.work(written.team_id)
    mentions = Notification.objects.filter(kind=NoticeKind.MENTIONED)
    assert [(one.user_id, one.text) for one in mentions] == [
        (ben.pk, "Ana mentions you on “Kelp”: @Ben and me")
    ]


def test_strangers_are_not_mentioned(by_ana, cho, written):
    with pytest.raises(Refused, match="people of this team"):
        create_comment(by=by_ana, video=written, text="@Cho", mentions=[cho.pk])
    assert told("collab.comment_mentioned") == []


def test_only_its_author_changes_a_comment(by_ana, ben, thread):
    changed = edit_comment(by=by_ana, comment=thread, text="Is it?", version=1)
    assert (changed.text, changed.version) == ("Is it?", 2)
    with pytest.raises(Stale):
        edit_comment(by=by_ana, comment=thread, text="Hm.", version=1)
    with pytest.raises(Forbidden):
        edit_comment(by=acting(ben), comment=thread, text="No.")


def test_a_thread_goes_with_its_answers(by_ana, ben, thread):
    answer = reply(by=acting(ben), comment=thread, text="Yes.")
    delete_comment(by=by_ana, comment=thread)
    assert not Comment.objects.visible_to(by_ana).exists()
    with pytest.raises(actions.NoSuchThread):
        reply(by=by_ana, comment=answer, text="Still there?")


def test_an_admin_deletes_any_and_an_editor_only_their_own(by_ana, ben, vic, written):
    by_vic, by_ben = acting(vic), acting(ben)
    made = create_comment(by=by_vic, video=written, text="Rude.")
    with pytest.raises(Forbidden):
        delete_comment(by=by_ben, comment=made)
    delete_comment(by=by_ana, comment=made)
    assert told("collab.comment_deleted") == [{"video_id": written.pk, "comment_id": made.pk}]


def test_threads_are_resolved_and_taken_up_again(by_ana, ben, thread):
    resolved = resolve_thread(by=acting(ben), comment=thread)
    resolve_thread(by=by_ana, comment=thread)
    assert (resolved.resolved_by_id, resolved.version) == (ben.pk, 2)
    assert reopen_thread(by=by_ana, comment=thread).resolved_at is None
    assert len(told("collab.thread_resolved")) == len(told("collab.thread_reopened")) == 1
    with pytest.raises(Refused, match="with its thread"):
        resolve_thread(by=by_ana, comment=reply(by=by_ana, comment=thread, text="Yes."))


def test_a_viewer_comments_unless_it_is_taken_from_them(vic, written):
    assert create_comment(by=acting(vic), video=written, text="Nice.").author == vic
    Membership.objects.filter(user=vic).update(can_comment=False)
    with pytest.raises(Forbidden):
        create_comment(by=acting(vic), video=written, text="Nice.")


def test_a_stranger_says_nothing_here(cho, thread):
    by_cho = acting(cho)
    with pytest.raises(Forbidden):
        create_comment(by=by_cho, video=thread.video, text="Hello.")
    for act in (resolve_thread, reopen_thread, delete_comment):
        with pytest.raises(Forbidden):
            act(by=by_cho, comment=thread)
    with pytest.raises(Forbidden):
        reply(by=by_cho, comment=thread, text="Hello.")
    assert Comment.objects.count() == 1


def test_nobody_comments_on_what_was_deleted(by_ana, thread):
    delete_video(by=by_ana, video=thread.video)
    with pytest.raises(Deleted):
        reply(by=by_ana, comment=thread, text="Where is it?")


def test_who_came_by_a_link_comments_under_the_name_they_gave(by_ana, written, others):
    _, secret = actions.create_share_link(by=by_ana, video=written, role="commenter")
    dan = guest_of(secret, "  Dan \n of Kelp Ltd ")
    made = create_comment(by=dan, video=written, text="Lovely.")
    assert (made.guest, made.author) == ("Dan of Kelp Ltd", None)
    with pytest.raises(Forbidden):
        edit_comment(by=by_ana, comment=made, text="Awful.")


def test_who_came_by_a_link_to_view_says_nothing(by_ana, written):
    _, secret = actions.create_share_link(by=by_ana, video=written)
    with pytest.raises(Forbidden):
        create_comment(by=guest_of(secret), video=written, text="Lovely.")
    assert not Comment.objects.exists()


# --- over HTTP


def test_a_thread_over_the_api(comments, ben, ana):
    its, path = comments
    place = {"scene_uid": "aaaa0002", "anchor": RANGE, "quote": "Otters guard it."}
    made = its.post(path, {"text": "Sea otters?", "mentions": [ana.pk], **place})
    assert made.status_code == 201
    first = made.json()
    assert (first["author"]["name"], first["quote"]) == ("Ben", "Otters guard it.")
    assert (first["anchor"], first["mentions"]) == (RANGE, [ana.pk])
    answer = its.post(path, {"text": "Yes.", "thread": first["id"]}).json()
    assert answer["thread"] == first["id"]
    changed = its.patch(f"{path}{answer['id']}/", {"text": "No."}, If_Match='"v1"')
    assert (changed.json()["text"], changed["ETag"]) == ("No.", '"v2"')
    assert its.post(f"{path}{first['id']}/resolve/").json()["resolved_by"]["name"] == "Ben"
    assert its.get(f"{path}?state=open").json()["results"] == []
    assert its.post(f"{path}{first['id']}/reopen/").json()["resolved_at"] is None
    assert [one["id"] for one in its.get(f"{path}?state=open").json()["results"]] == [first["id"]]
    replies = its.get(f"{path}?thread={first['id']}").json()["results"]
    assert [one["id"] for one in replies] == [answer["id"]]
    assert its.delete(f"{path}{first['id']}/", If_Match="*").status_code == 204
    assert its.get(path).json()["results"] == []


def test_a_repeated_comment_is_said_once(comments):
    its, path = comments
    body = {"text": "Once."}
    first = its.post(path, body, Idempotency_Key="a")
    again = its.post(path, body, Idempotency_Key="a")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": 5},
        {"text": "x", "at_ms": "soon"},
        {"text": "x", "anchor": {"start": 1}},
        {"text": "x", "thread": 999},
        {"text": "x", "mentions": ["ben"]},
        {"text": "x", "mentions": [999]},
        {"text": "x", "author": 1},
    ],
)
def test_what_is_no_comment_is_pointed_at(comments, body):
    its, path = comments
    assert its.post(path, body).status_code in (400, 409)
    assert not Comment.objects.exists()


def test_an_answer_has_no_place_of_its_own(comments, thread):
    its, path = comments
    body = {"text": "x", "thread": thread.pk, "at_ms": 3}
    assert problem(its.post(path, body), 400, "invalid")["errors"][0]["pointer"] == "/at_ms"


def test_a_comment_of_another_video_is_not_found_at_this_one(comments, by_ana, channel, thread):
    other = create_video(by=by_ana, channel=channel, wish=Wish(source="Kelp is tall. It grows."))
    its, _ = comments
    problem(its.get(f"videos/{other.pk}/comments/{thread.pk}/"), 404, "not_found")


def test_who_is_who_over_http(program, vic, cho, thread):
    path = f"videos/{thread.video_id}/comments/"
    assert program(vic).get(path).json()["results"][0]["id"] == thread.pk
    reader = program(vic, "videos:read")
    problem(reader.post(path, {"text": "x"}), 403, "forbidden")
    problem(program(cho).get(path), 404, "not_found")
    problem(program(cho).post(path, {"text": "x"}), 404, "not_found")
    problem(program(None).get(path), 401, "not_authenticated")
    assert Comment.objects.count() == 1


def test_comments_cost_the_same_queries_for_few_and_for_many(
    comments, by_ana, written, ben, django_assert_max_num_queries
):
    its, path = comments
    create_comment(by=by_ana, video=written, text="One.", mentions=[ben.pk])
    with CaptureQueriesContext(connection) as few:
        its.get(path)
    for number in range(20):
        create_comment(by=by_ana, video=written, text=f"{number}", mentions=[ben.pk])
    with django_assert_max_num_queries(len(few)):
        its.get(path)
