"""The page of one video: what it shows, who may do what there, and that nothing typed is lost."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.actions import change_channel
from videos import removals
from videos.actions import edit_script
from videos.contracts import SceneText, Script
from videos.models import Asset, RunState, Scene, ScriptVersion, StageRun, Video, VideoState

SCENE = "scenes/00000001/"
TEXT = {"template": "statement", "text": "Kelp grows"}


def script(count: int = 3) -> Script:
    scenes = [
        SceneText(f"{n:08x}", f"Sentence number {n} about kelp.", f"Scene {n}", TEXT)
        for n in range(1, count + 1)
    ]
    return Script("Kelp", "en", "given", tuple(scenes))


@pytest.fixture
def written(by_ana, video):
    edit_script(by=by_ana, video=video, script=script())
    video.refresh_from_db()
    return video


def page(browser, who, video, path=""):
    return browser(who).get(f"/videos/{video.pk}/{path}")


def form(video: Video, uid: str = "00000001", **given) -> dict:
    scene = Scene.objects.get(video=video, uid=uid)
    return {
        "headline": scene.headline,
        "narration": scene.narration,
        "template": "keep",
        "version": scene.version,
        **given,
    }


def test_the_page_shows_scenes_and_every_stage(browser, ana, written):
    told = page(browser, ana, written).content.decode()
    for shown in ("Sentence number 2", "Narration", "Render", "Quality check", "Queued"):
        assert shown in told


@pytest.mark.parametrize("who", ["ben", "vic"])
def test_the_team_may_look(browser, request, written, who):
    assert page(browser, request.getfixturevalue(who), written).status_code == 200


PATHS = [
    "",
    "status/",
    "details/",
    "order/",
    "versions/1/",
    "scenes/00000001/",
    "scenes/00000001/edit/",
]


@pytest.mark.parametrize("path", PATHS)
def test_another_team_finds_nothing(browser, cho, written, path):
    assert page(browser, cho, written, path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_who_is_signed_out_is_asked_to_sign_in(browser, written, path):
    assert page(browser, None, written, path).status_code == 302


POSTS = [
    ("do/pause/", {}),
    ("do/cancel/", {}),
    ("stages/script/retry/", {}),
    ("duplicate/", {}),
    ("delete/", {}),
    ("versions/1/", {}),
    ("scenes/", {"after": "", "narration": "More kelp."}),
    ("scenes/00000001/move/", {"to": "2"}),
    ("scenes/00000001/split/", {"at": "9"}),
    ("scenes/00000001/merge/", {}),
    ("scenes/00000001/remove/", {}),
]


@pytest.mark.parametrize(("path", "given"), POSTS)
@pytest.mark.parametrize("who", ["vic", "cho"])
def test_only_editors_of_the_team_change_it(browser, request, written, who, path, given):
    before = list(Video.objects.values()), list(Scene.objects.values())
    browser(request.getfixturevalue(who)).post(f"/videos/{written.pk}/{path}", given)
    assert (list(Video.objects.values()), list(Scene.objects.values())) == before


def test_an_edit_changes_the_scene_and_sends_it_back_to_work(browser, ben, written):
    StageRun.objects.filter(video=written).update(state=RunState.DONE)
    Video.objects.filter(pk=written.pk).update(state=VideoState.APPROVED)
    given = form(written, narration="Other words.")
    browser(ben).post(f"/videos/{written.pk}/scenes/00000001/edit/", given)
    assert Scene.objects.get(uid="00000001").narration == "Other words."
    written.refresh_from_db()
    assert written.state == VideoState.QUEUED


def test_two_edits_of_one_version_lose_no_words(browser, ana, ben, written):
    mine, theirs = form(written, narration="Mine."), form(written, narration="Theirs.")
    browser(ana).post(f"/videos/{written.pk}/scenes/00000001/edit/", theirs)
    answer = browser(ben).post(f"/videos/{written.pk}/scenes/00000001/edit/", mine)
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "Mine." in told
    assert "Theirs." in told
    assert Scene.objects.get(uid="00000001").narration == "Theirs."


@pytest.mark.parametrize(
    "given",
    [
        {"narration": ""},
        {"narration": "x" * 2001},
        {"template": "list", "text": "one item only"},
        {"template": "json", "visual": "{"},
        {"template": "json", "visual": '{"template": "hologram"}'},
        {"headline": "h" * 81},
        {"narration": "nul \0 byte"},
    ],
)
def test_a_refused_edit_keeps_what_was_typed(browser, ana, written, given):
    typed = form(written, headline="My own headline") | given
    answer = browser(ana).post(f"/videos/{written.pk}/scenes/00000001/edit/", typed)
    assert answer.status_code == 422
    assert typed["headline"] in answer.content.decode()
    assert Scene.objects.get(uid="00000001").narration == "Sentence number 1 about kelp."


@pytest.mark.parametrize(
    ("template", "text", "template_made"),
    [
        ("quote", "Kelp is calm.\n— A diver", {"text": "Kelp is calm.", "attribution": "A diver"}),
        ("statement", "Short and\nlarge", {"text": "Short and large"}),
    ],
)
def test_a_card_can_be_written_as_text(browser, ana, written, template, text, template_made):
    given = form(written, template=template, text=text)
    browser(ana).post(f"/videos/{written.pk}/scenes/00000001/edit/", given)
    visual = Scene.objects.get(uid="00000001").visual
    assert visual["template"] == template
    assert template_made.items() <= visual.items()


def test_html_in_texts_is_shown_as_text(browser, ana, by_ana, written):
    evil = "<script>alert(1)</script>"
    browser(ana).post(
        f"/videos/{written.pk}/scenes/00000001/edit/", form(written, narration=evil, headline=evil)
    )
    told = page(browser, ana, written).content.decode()
    assert evil not in told
    assert "&lt;script&gt;" in told


def test_a_removed_scene_comes_back_with_undo(browser, ana, written):
    client = browser(ana)
    before = written.script.number
    client.post(f"/videos/{written.pk}/scenes/00000002/remove/")
    assert not Scene.objects.filter(uid="00000002").exists()
    client.post(f"/videos/{written.pk}/versions/{before}/")
    assert Scene.objects.filter(uid="00000002").exists()


def test_a_scene_is_split_moved_and_merged(browser, ana, written):
    client, where = browser(ana), f"/videos/{written.pk}/scenes/00000001/"
    client.post(f"{where}split/", {"at": "15"})
    client.post(f"{where}merge/")
    client.post(f"{where}move/", {"to": "2"})
    uids = list(written.scenes.order_by("position").values_list("uid", flat=True))
    assert uids == ["00000002", "00000003", "00000001"]


def test_a_deleted_video_offers_to_come_back(browser, ana, by_ana, written):
    removals.delete_video(by=by_ana, video=written)
    answer = page(browser, ana, written)
    assert (answer.status_code, "Restore it" in answer.content.decode()) == (404, True)
    browser(ana).post("/videos/bulk/", {"action": "restore", "ids": str(written.pk)})
    assert page(browser, ana, written).status_code == 200


def test_polling_ends_when_nothing_moves_any_more(browser, ana, written):
    assert "data-moving" in page(browser, ana, written, "status/").content.decode()
    Video.objects.filter(pk=written.pk).update(state=VideoState.APPROVED)
    answer = page(browser, ana, written, "status/?seen=old")
    assert "data-moving" not in answer.content.decode()
    assert "advanced" in json.loads(answer["HX-Trigger"])


def test_details_keep_what_was_typed_when_somebody_was_faster(browser, ana, written):
    client, path = browser(ana), f"/videos/{written.pk}/details/"
    seen = written.version
    client.post(path, {"title": "First", "description": "", "tags": "", "version": seen})
    answer = client.post(path, {"title": "Second", "description": "", "version": seen})
    assert answer.status_code == 422
    assert "Second" in answer.content.decode()


def test_another_voice_and_music_are_ordered(browser, ana, by_ana, video):
    given = {"voice": "fast", "music": "none", "format": "square", "seconds": "20"}
    browser(ana).post(f"/videos/{video.pk}/order/", {**given, "version": video.version})
    video.refresh_from_db()
    assert (video.voice, video.music, video.format) == ("fast", "none", "square")


def test_another_teams_track_can_not_be_ordered(browser, ana, cho, others, video):
    theirs = Asset.objects.create(
        team=others, name="t.m4a", kind="music", size=1, sha256="a" * 64, content_type="audio/mp4"
    )
    given = {"music": f"asset:{theirs.pk}", "format": "short", "seconds": "20"}
    answer = browser(ana).post(f"/videos/{video.pk}/order/", given)
    video.refresh_from_db()
    assert (answer.status_code, video.music) == (422, "composed")


def test_a_viewer_orders_nothing_anew(browser, vic, video):
    given = {"voice": "", "music": "none", "format": "square", "seconds": "20"}
    browser(vic).post(f"/videos/{video.pk}/order/", given)
    video.refresh_from_db()
    assert video.format == "short"


def test_a_version_is_shown_beside_the_script_of_now(browser, ana, written):
    browser(ana).post(
        f"/videos/{written.pk}/scenes/00000001/edit/", form(written, narration="Other words.")
    )
    first = ScriptVersion.objects.filter(video=written).order_by("number").first()
    told = page(browser, ana, written, f"versions/{first.number}/").content.decode()
    assert "<ins>Sentence number 1 about kelp.</ins>" in told
    assert "<del>Other words.</del>" in told


def test_the_page_costs_the_same_for_one_scene_and_for_fifty(browser, ana, by_ana, video):
    client = browser(ana)
    counts = []
    for scenes in (1, 50):
        edit_script(by=by_ana, video=video, script=script(scenes))
        client.get(f"/videos/{video.pk}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/videos/{video.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_was_approved_goes_out_under_the_name_that_was_approved(browser, by_ana, ben, written):
    change_channel(by=by_ana, channel=written.channel, settings={"approval": "one"})
    Video.objects.filter(pk=written.pk).update(state=VideoState.APPROVED)
    written.refresh_from_db()
    given = {"title": "Another name", "description": "", "version": written.version}
    browser(ben).post(f"/videos/{written.pk}/details/", given)
    written.refresh_from_db()
    assert written.title == "Kelp"


def test_only_what_was_seen_is_approved(browser, ana, written):
    Video.objects.filter(pk=written.pk).update(state=VideoState.REVIEW)
    client, path = browser(ana), f"/videos/{written.pk}/approve/"
    told = client.post(path, {"version": written.version - 1}, follow=True).content.decode()
    assert "Somebody else has changed this" in told
    client.post(path, {"version": written.version})
    written.refresh_from_db()
    assert written.state == VideoState.APPROVED


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_only_who_may_approves(browser, request, written, who):
    Video.objects.filter(pk=written.pk).update(state=VideoState.REVIEW)
    browser(request.getfixturevalue(who)).post(f"/videos/{written.pk}/approve/")
    written.refresh_from_db()
    assert written.state == VideoState.REVIEW
