"""Comments on the rendered video: the frame and the cut that they stand at, and their page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collab.actions import create_comment, create_share_link, reply, resolve_thread
from collab.models import Comment
from collab.moments import first_ms
from config.kit.errors import Refused
from teams import listening
from teams.models import Membership, NoticeKind, Notification
from tests.conftest import acting
from tests.kit.test_api import problem
from videos.models import Artifact, RunPart, RunState, StageRun, Video
from videos.removals import delete_video

THIS, OTHER = "a" * 64, "b" * 64
EARLIER = "Made for an earlier version"


def cut(video: Video, sha256: str) -> None:
    """As if the video had just been rendered to this file."""
    artifact = Artifact.objects.create(
        team=video.team, key=sha256, stage="render", files={"video.mp4": sha256}
    )
    runs = StageRun.objects.filter(video=video, stage="render")
    runs.update(state=RunState.DONE)
    RunPart.objects.update_or_create(
        run=runs.get(),
        part="whole",
        defaults={"artifact": artifact, "position": 0, "was_made": True},
    )


@pytest.fixture
def shown(written) -> Video:
    cut(written, THIS)
    return written


def say(who, video: Video, text: str, frame: int | None = None, **more) -> Comment:
    place = {} if frame is None else {"at_ms": first_ms(frame)}
    return create_comment(by=acting(who), video=video, text=text, place=place, **more)


def page(browser, who, video: Video, part: str = "comments/") -> str:
    return browser(who).get(f"/videos/{video.pk}/{part}").content.decode()


# --- the frame and the cut


def test_a_comment_on_the_video_is_kept_with_the_cut_of_now(ana, shown):
    assert say(ana, shown, "Late.", 203).cut == THIS
    assert say(ana, shown, "Fine as a whole.").cut == THIS


def test_who_still_looks_at_another_cut_comments_on_that_one(by_ana, shown):
    place = {"at_ms": 40, "cut": OTHER}
    assert create_comment(by=by_ana, video=shown, text="Late.", place=place).cut == OTHER


def test_a_comment_on_the_text_is_of_no_cut(by_ana, shown):
    place = {"scene_uid": "aaaa0002"}
    assert create_comment(by=by_ana, video=shown, text="Otters?", place=place).cut == ""
    with pytest.raises(Refused, match="cut"):
        create_comment(by=by_ana, video=shown, text="x", place={**place, "cut": THIS})


@pytest.mark.parametrize("told", ["newest", "A" * 64, THIS + "\n", "a" * 63])
def test_what_is_no_cut_is_refused(by_ana, shown, told):
    with pytest.raises(Refused, match="cut"):
        create_comment(by=by_ana, video=shown, text="x", place={"cut": told})


def test_a_program_comments_at_a_frame(program, ben, shown):
    its, path = program(ben), f"videos/{shown.pk}/comments/"
    made = its.post(path, {"text": "Late.", "frame": 203, "cut": OTHER}).json()
    assert (made["frame"], made["at_ms"], made["cut"]) == (203, 6767, OTHER)
    assert its.get(f"{path}{made['id']}/").json()["frame"] == 203
    assert its.post(path, {"text": "Fine."}).json()["frame"] is None


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"frame": 3, "at_ms": 100}, "/frame"),
        ({"frame": -1}, "/frame"),
        ({"frame": 216_001}, "/frame"),
        ({"frame": "3"}, "/frame"),
        ({"cut": "newest"}, "/cut"),
    ],
)
def test_what_is_no_frame_or_cut_is_pointed_at(program, ben, shown, given, pointer):
    answer = program(ben).post(f"videos/{shown.pk}/comments/", {"text": "x", **given})
    assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == pointer
    assert not Comment.objects.exists()


# --- the page


@pytest.mark.parametrize("part", ["", "comments/"])
def test_threads_stand_in_the_order_of_the_picture(browser, ana, ben, shown, part):
    late = say(ana, shown, "Late thing.", 400)
    say(ben, shown, "Early thing.", 47)
    say(ana, shown, "Fine as a whole.")
    reply(by=acting(ben), comment=late, text="Yes, late.")
    told = page(browser, ana, shown, part)
    words = ("Fine as a whole.", "Early thing.", "Late thing.", "Yes, late.")
    places = [told.index(one) for one in words]
    assert places == sorted(places)
    assert f'href="?frame=400#comment-{late.pk}"' in told
    assert "00:01:17" in told


def test_what_people_wrote_is_no_markup(browser, ana, shown):
    say(ana, shown, "<img src=x>", 3)
    assert "&lt;img src=x&gt;" in page(browser, ana, shown)


def test_what_is_said_beside_the_script_is_counted_and_stays_there(browser, ana, by_ana, shown):
    create_comment(by=by_ana, video=shown, text="Otters?", place={"scene_uid": "aaaa0002"})
    told = page(browser, ana, shown, "")
    assert "Otters?" not in told
    assert "One open comment" in told


def test_who_resolved_a_thread_is_named(browser, ana, ben, shown):
    resolve_thread(by=acting(ben), comment=say(ana, shown, "Late.", 3))
    told = page(browser, ana, shown)
    assert "Resolved by Ben" in told
    assert 'data-state="resolved"' in told


def test_a_comment_on_another_cut_says_so_until_that_cut_is_back(browser, ana, shown):
    say(ana, shown, "Late.", 3)
    hidden = f'meant" hidden>{EARLIER}'
    assert hidden in page(browser, ana, shown)
    cut(shown, OTHER)
    told = page(browser, ana, shown)
    assert EARLIER in told
    assert hidden not in told
    RunPart.objects.update(artifact=Artifact.objects.get(key=THIS))
    assert hidden in page(browser, ana, shown)


def test_without_a_cut_people_comment_on_the_whole_video(browser, ana, written):
    say(ana, written, "Fine as a whole.")
    told = page(browser, ana, written, "")
    assert "Whole video" in told
    assert 'id="review-new"' in told


def test_editors_delete_their_own_and_admins_any(browser, ana, ben, vic, shown):
    say(vic, shown, "Late.", 3)
    assert 'data-does="delete"' in page(browser, ana, shown)
    assert 'data-does="delete"' in page(browser, vic, shown)
    assert 'data-does="delete"' not in page(browser, ben, shown)


def test_who_may_not_comment_reads_and_has_nothing_to_write_with(browser, ana, vic, shown):
    Membership.objects.filter(user=vic).update(can_comment=False)
    say(ana, shown, "Late.", 3)
    told = page(browser, vic, shown, "")
    assert "Late." in told
    assert "An owner can let you comment." in told
    for tool in ('id="review-new"', "data-replies", "data-does"):
        assert tool not in told


def test_another_team_finds_no_comments(browser, cho, shown):
    assert browser(cho).get(f"/videos/{shown.pk}/comments/").status_code == 404


def test_who_is_signed_out_is_asked_to_sign_in(browser, shown):
    assert browser(None).get(f"/videos/{shown.pk}/comments/").status_code == 302


def test_a_share_link_opens_no_page_of_the_studio(browser, by_ana, shown):
    _, secret = create_share_link(by=by_ana, video=shown, role="commenter")
    path = f"/videos/{shown.pk}/comments/"
    assert browser(None).get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 302
    assert browser(None).get(f"{path}?share={secret}").status_code == 302


def test_a_deleted_video_shows_no_comments(browser, ana, by_ana, shown):
    delete_video(by=by_ana, video=shown)
    assert browser(ana).get(f"/videos/{shown.pk}/comments/").status_code == 404


@pytest.mark.parametrize("part", ["", "comments/"])
def test_fifty_threads_ask_as_little_as_one(
    browser, ana, ben, shown, part, django_assert_max_num_queries
):
    def thread(number: int) -> None:
        made = say(ben, shown, f"Late {number}.", number, mentions=[ana.pk])
        reply(by=acting(ana), comment=made, text="Yes.")
        if number % 2:
            resolve_thread(by=acting(ana), comment=made)

    thread(1)
    page(browser, ana, shown, part)
    with CaptureQueriesContext(connection) as one:
        page(browser, ana, shown, part)
    for number in range(2, 51):
        thread(number)
    with django_assert_max_num_queries(len(one)):
        told = page(browser, ana, shown, part)
    assert told.count('data-frame="') == 50


# --- who is told


def mentioned_at(video: Video) -> list[str]:
    listening.work(video.team_id)
    told = Notification.objects.filter(kind=NoticeKind.MENTIONED).order_by("id")
    return list(told.values_list("url", flat=True))


def test_a_mention_at_a_frame_leads_to_that_frame(ana, ben, shown):
    made = say(ana, shown, "@Ben late?", 203, mentions=[ben.pk])
    answer = reply(by=acting(ben), comment=made, text="@Ana yes", mentions=[ana.pk])
    whole = say(ana, shown, "@Ben fine?", mentions=[ben.pk])
    assert mentioned_at(shown) == [
        f"/videos/{shown.pk}/?frame=203#comment-{made.pk}",
        f"/videos/{shown.pk}/?frame=203#comment-{answer.pk}",
        f"/videos/{shown.pk}/#comment-{whole.pk}",
    ]


def test_a_mention_beside_the_script_leads_there(by_ana, ben, shown):
    place = {"scene_uid": "aaaa0002"}
    create_comment(by=by_ana, video=shown, text="@Ben", place=place, mentions=[ben.pk])
    assert mentioned_at(shown) == [f"/videos/{shown.pk}/script/"]
