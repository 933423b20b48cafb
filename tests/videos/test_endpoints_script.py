"""Scenes, versions and files of a video as programs read and change them."""

import asyncio
import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.kit.test_api import problem
from tests.videos.test_endpoints import PLAIN, written
from videos import assets
from videos.actions import edit_script
from videos.models import Asset
from videos.writing import scripts as texts

__all__ = ["written"]


@pytest.fixture
def scenes(program, ben, written):
    """A program that edits, the address of the scenes, and the scenes as it has read them."""
    its, path = program(ben), f"videos/{written.pk}/scenes/"
    return its, path, its.get(path).json()["results"]


def said(its, path) -> list[str]:
    return [one["narration"] for one in its.get(path).json()["results"]]


def test_scenes_come_in_their_order(scenes):
    _, _, found = scenes
    assert [one["uid"] for one in found] == [one["id"] for one in PLAIN["scenes"]]


def test_one_scene_is_changed_once_a_version(scenes):
    its, path, found = scenes
    one = f"{path}{found[1]['uid']}/"
    seen = its.get(one)["ETag"]
    changed = its.patch(one, {"narration": "Otters rest."}, If_Match=seen)
    assert (changed.json()["narration"], changed["ETag"]) == ("Otters rest.", '"v2"')
    problem(its.patch(one, {"narration": "Otters play."}, If_Match=seen), 412, "stale")
    assert said(its, path)[1] == "Otters rest."


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"narration": ""}, 400, "invalid"),
        ({"narration": "a\0b"}, 400, "invalid"),
        ({"narration": 7}, 400, "invalid"),
        ({"visual": []}, 400, "invalid"),
        ({"visual": {"template": "hologram"}}, 409, "bad_script"),
        ({"visual": {"template": "statement", "text": "x" * 10_000}}, 409, "bad_script"),
        ({"position": 0}, 400, "invalid"),
    ],
)
def test_what_no_scene_can_be_changes_nothing(scenes, wrong, status, code):
    its, path, found = scenes
    before = said(its, path)
    problem(its.patch(f"{path}{found[1]['uid']}/", wrong, If_Match="*"), status, code)
    assert said(its, path) == before


def test_scenes_are_added_moved_split_merged_and_removed(scenes):
    its, path, found = scenes
    first = found[0]["uid"]
    new = its.post(path, {"narration": "Divers plant kelp by hand.", "after": first}).json()
    assert new["position"] == 1
    half = its.post(f"{path}{new['uid']}/split/", {"at": 12}).json()
    assert (half["position"], half["narration"]) == (2, "kelp by hand.")
    assert its.post(f"{path}{half['uid']}/move/", {"to": 0}).json()["position"] == 0
    merged = its.post(f"{path}{half['uid']}/merge/").json()
    assert merged["narration"].startswith("kelp by hand. ")
    answer = its.delete(f"{path}{new['uid']}/", If_Match="*")
    assert answer.status_code == 204
    assert new["uid"] not in [one["uid"] for one in its.get(path).json()["results"]]


def test_a_scene_goes_to_the_end_or_to_the_front(scenes):
    its, path, found = scenes
    assert its.post(path, {"narration": "The end."}).json()["position"] == len(found)
    assert its.post(path, {"narration": "The start.", "after": ""}).json()["position"] == 0
    problem(its.post(path, {"narration": "Where?", "after": "ffffffff"}), 409, "no_such_scene")


def test_a_repeated_request_adds_one_scene(scenes):
    its, path, found = scenes
    body = {"narration": "The end."}
    first = its.post(path, body, Idempotency_Key="s").json()
    assert its.post(path, body, Idempotency_Key="s").json() == first
    assert len(said(its, path)) == len(found) + 1
    its.delete(f"{path}{first['uid']}/", If_Match="*")
    problem(its.post(path, body, Idempotency_Key="s"), 410, "gone")


def test_a_scene_that_somebody_changed_is_not_removed(scenes):
    its, path, found = scenes
    one = f"{path}{found[1]['uid']}/"
    its.patch(one, {"narration": "Otters rest."}, If_Match="*")
    problem(its.delete(one, If_Match='"v1"'), 412, "stale")


def test_an_act_may_name_the_version_of_the_video_that_was_read(scenes, written):
    its, path, found = scenes
    seen = its.get(f"videos/{written.pk}/")["ETag"]
    move = f"{path}{found[0]['uid']}/move/"
    assert its.post(move, {"to": 1}, If_Match=seen).status_code == 200
    problem(its.post(move, {"to": 2}, If_Match=seen), 412, "stale")


def test_scenes_cost_the_same_queries_for_few_and_for_many(scenes):
    its, path, _ = scenes
    with CaptureQueriesContext(connection) as few:
        its.get(path)
    for number in range(20):
        its.post(path, {"narration": f"Fact number {number}."})
    with CaptureQueriesContext(connection) as many:
        its.get(path)
    assert len(many) <= len(few)


def test_a_whole_script_is_saved_and_an_older_one_restored(program, ben, written):
    its, path = program(ben), f"videos/{written.pk}/script-versions/"
    shorter = {**PLAIN, "scenes": PLAIN["scenes"][:1]}
    saved = its.post(path, {"script": shorter})
    assert (saved.status_code, saved.json()["number"]) == (201, 2)
    assert saved.json()["is_current"]
    told = its.get(path).json()["results"]
    assert [(one["number"], one["is_current"]) for one in told] == [(2, True), (1, False)]
    assert its.get(f"{path}1/").json()["content"]["scenes"] == PLAIN["scenes"]
    restored = its.post(f"{path}1/restore/").json()
    assert (restored["number"], len(restored["content"]["scenes"])) == (3, len(PLAIN["scenes"]))
    problem(its.post(f"{path}9/restore/"), 404, "not_found")


def test_versions_are_named_to_find_them_again(program, ben, written):
    its, path = program(ben), f"videos/{written.pk}/script-versions/"
    its.post(path, {"script": {**PLAIN, "scenes": PLAIN["scenes"][:1]}})
    assert its.post(f"{path}1/name/", {"name": " As ordered "}).json()["name"] == "As ordered"
    now = its.post(f"{path}current/name/", {"name": "Short"}).json()
    assert (now["number"], now["name"], now["is_current"]) == (2, "Short", True)
    assert [one["name"] for one in its.get(path).json()["results"]] == ["Short", "As ordered"]
    assert its.post(f"{path}1/name/", {"name": ""}).json()["name"] == ""
    problem(its.post(f"{path}9/name/", {"name": "None"}), 404, "not_found")
    problem(its.post(f"{path}1/name/", {"name": "x" * 101}), 400, "invalid")


def test_a_version_says_what_it_changed(program, ben, written):
    its, path = program(ben), f"videos/{written.pk}/script-versions/"
    first, *others = PLAIN["scenes"]
    changed = {**first, "narration": f"{first['narration']} Fast."}
    its.post(path, {"script": {**PLAIN, "scenes": [changed, *others[1:]]}})
    told = its.get(f"{path}2/diff/").json()["results"]
    kinds = {one["uid"]: one["kind"] for one in told}
    assert (kinds[first["id"]], kinds[others[0]["id"]]) == ("changed", "removed")
    assert told[0]["words"][-1] == {"side": "new", "text": "Fast."}
    assert told == its.get(f"{path}2/diff/?against=1").json()["results"]
    assert {one["kind"] for one in its.get(f"{path}1/diff/").json()["results"]} == {"added"}
    problem(its.get(f"{path}2/diff/?against=7"), 404, "not_found")
    problem(its.get(f"{path}7/diff/"), 404, "not_found")


def test_a_video_in_work_is_made_at_once(program, ben, vic, written):
    path = f"videos/{written.pk}/produce/"
    assert program(ben).post(path).json()["state"] == "queued"
    problem(program(vic, "videos:read").post(path), 403, "forbidden")
    program(ben).post(f"videos/{written.pk}/pause/")
    problem(program(ben).post(path), 409, "wrong_state")


def test_a_script_of_which_no_video_can_be_made_is_not_saved(program, ben, written):
    its, path = program(ben), f"videos/{written.pk}/script-versions/"
    told = problem(its.post(path, {"script": {"title": "x", "scenes": [{}]}}), 400, "invalid")
    assert told["errors"][0]["pointer"] == "/script"
    assert len(its.get(path).json()["results"]) == 1


# --- files


def body_of(answer) -> bytes:
    async def whole() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    return asyncio.run(whole())


def test_a_finished_file_is_listed_and_comes_whole_or_in_part(program, vic, written):
    its = program(vic)
    [script] = its.get(f"videos/{written.pk}/artifacts/").json()["results"]
    path = script["url"].partition("/api/v1/")[2]
    whole = body_of(its.get(path, Accept="video/mp4"))
    assert (hashlib.sha256(whole).hexdigest(), len(whole)) == (script["sha256"], script["size"])
    part = its.get(path, Range="bytes=2-5")
    assert (part.status_code, body_of(part)) == (206, whole[2:6])
    assert its.get(path, Range="bytes=9999999-").status_code == 416
    assert its.get(path, If_None_Match=part["ETag"]).status_code == 304


@pytest.mark.parametrize("name", ["video.mp4", "nothing.txt", "..%2f..%2fsecret"])
def test_a_file_that_is_not_made_is_not_there(program, vic, written, name):
    problem(program(vic).get(f"videos/{written.pk}/files/{name}"), 404, "not_found")


@pytest.fixture
def picture(by_ana, tmp_path) -> Asset:
    Image.effect_noise((90, 90), 50).save(tmp_path / "kelp.png")
    return assets.keep_picture(by=by_ana, path=tmp_path / "kelp.png")


def test_a_file_of_the_teams_own_is_found_renamed_and_deleted(program, ben, picture):
    its, path = program(ben), f"assets/{picture.pk}/"
    assert not its.get("assets/?kind=music").json()["results"]
    [told] = its.get("assets/?kind=picture&state=ready").json()["results"]
    assert told["sha256"] == picture.sha256
    assert its.patch(path, {"name": "=Kelp<b>"}).json()["name"] == "=Kelp<b>"
    assert len(body_of(its.get(f"{path}file"))) > 100
    assert its.delete(path).status_code == 204
    problem(its.get(path), 404, "not_found")


def test_a_file_that_a_video_shows_stays(program, by_ana, ben, picture, channel):
    order = {"source": "Kelp grows.", "pictures": {"kelp.png": picture.sha256}}
    assert program(ben).post("videos/", order).status_code == 201
    problem(program(ben).delete(f"assets/{picture.pk}/"), 409, "asset_in_use")


def test_files_cost_the_same_queries_for_one_and_for_fifty(program, ben, picture):
    its = program(ben)
    with CaptureQueriesContext(connection) as one:
        its.get("assets/")
    kind = {"kind": "picture", "content_type": "image/png", "size": 9}
    rows = [Asset(team=picture.team, name=f"{n}.png", sha256=str(n), **kind) for n in range(49)]
    Asset.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as fifty:
        assert len(its.get("assets/").json()["results"]) == 50
    assert len(fifty) <= len(one)


def test_the_script_that_a_person_saved_is_told_with_their_number(program, by_ana, ana, written):
    edit_script(by=by_ana, video=written, script=texts.read({**PLAIN, "title": "Kelp again"}))
    told = program(ana).get(f"videos/{written.pk}/script-versions/2/").json()
    assert told["saved_by_id"] == ana.pk
