"""Videos as programs order, follow, change and delete them."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import CostEntry
from channels_app.models import Channel
from teams.models import Membership
from tests.kit.test_api import problem
from tests.videos.test_rewriting import SCRIPT
from videos.actions import edit_script
from videos.models import StageRun, Video
from videos.writing import scripts as texts

TEXT = "Kelp grows half a metre a day. Otters guard it."
PLAIN = json.loads(texts.to_json(SCRIPT))


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    video.refresh_from_db()
    return video


def state(video: Video) -> str:
    video.refresh_from_db()
    return video.state


def test_a_text_is_ordered_and_followed(program, ben):
    its = program(ben)
    answer = its.post("videos/", {"source": TEXT, "seconds": 10, "external_id": "k-1"})
    told = answer.json()
    assert (answer.status_code, told["state"], told["progress"]["fraction"]) == (201, "queued", 0)
    assert told["channel"] == Channel.objects.get().pk
    path = told["links"]["self"].partition("/api/v1/")[2]
    assert its.get(path).json() == told
    runs = its.get(f"{path}runs/").json()["results"]
    assert [run["stage"] for run in runs][:2] == ["script", "narration"]


def test_a_repeated_order_is_one_video(program, ben, channel):
    its, order = program(ben), {"source": TEXT, "channel": channel.pk}
    first = its.post("videos/", order, Idempotency_Key="n1").json()
    assert its.post("videos/", order, Idempotency_Key="n1").json() == first
    problem(its.post("videos/", {"source": "Other."}, Idempotency_Key="n1"), 422,
            "idempotency_key_reused")  # fmt: skip
    assert Video.objects.count() == 1


def test_a_refused_order_frees_its_key(program, ben, channel):
    its = program(ben)
    wrong = {"source": TEXT, "pictures": {"a.png": "0" * 64}}
    problem(its.post("videos/", wrong, Idempotency_Key="n2"), 409, "no_such_picture")
    assert its.post("videos/", {"source": TEXT}, Idempotency_Key="n2").status_code == 201


def test_words_that_are_ready_are_not_written_anew(program, ben, channel):
    told = program(ben).post("videos/", {"script": PLAIN, "channel": channel.pk}).json()
    assert StageRun.objects.get(video=told["id"], stage="script").state == "skipped"
    assert told["script_version"] == 1


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"source": None}, "/source", "null"),
        ({"source": ["Kelp"]}, "/source", "invalid"),
        ({"source": "  "}, "/source", "blank"),
        ({"source": "Kelp\0grows."}, "/source", "null_characters_not_allowed"),
        ({"title": "x" * 201}, "/title", "max_length"),
        ({"seconds": "60"}, "/seconds", "invalid"),
        ({"seconds": True}, "/seconds", "invalid"),
        ({"seconds": 10.0}, "/seconds", "invalid"),
        ({"seconds": 1}, "/seconds", "min_value"),
        ({"seconds": 10**40}, "/seconds", "max_value"),
        ({"format": "round"}, "/format", "invalid_choice"),
        ({"format": ["short"]}, "/format", "invalid_choice"),
        ({"language": "e!"}, "/language", "invalid"),
        ({"music": "loud"}, "/music", "invalid"),
        ({"publish": "yes"}, "/publish", "invalid"),
        ({"publish": 1}, "/publish", "invalid"),
        ({"priority": 1001}, "/priority", "max_value"),
        ({"pictures": []}, "/pictures", "not_a_dict"),
        ({"pictures": {"a": 7}}, "/pictures/a", "invalid"),
        ({"pictures": {"a\0": "b"}}, "/pictures", "null_characters_not_allowed"),
        ({"channel": 999_999}, "/channel", "unknown"),
        ({"channel": [1]}, "/channel", "invalid"),
        ({"brand_kit": 999_999}, "/brand_kit", "unknown"),
        ({"script": []}, "/script", "invalid"),
        ({"script": {"scenes": []}}, "/script", "bad_script"),
        ({"script": {**PLAIN, "nobody": 1}}, "/script", "bad_script"),
        ({"state": "published"}, "/state", "unknown_field"),
        ({"team": 1}, "/team", "unknown_field"),
    ],
)
def test_what_is_wrong_with_an_order_is_pointed_at(program, ana, channel, wrong, pointer, code):
    answer = program(ana).post("videos/", {"source": TEXT, **wrong})
    told = problem(answer, 400, "invalid")
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in told["errors"]]
    assert not Video.objects.exists()


def test_an_order_needs_a_text_or_a_script(program, ana, channel):
    told = problem(program(ana).post("videos/", {"title": "Kelp"}), 400, "invalid")
    assert told["errors"][0]["pointer"] == "/source"


def test_markup_and_formulas_are_words_like_others(program, ana, channel):
    for title in ("<img src=x onerror=alert(1)>", "=1+1", "{{ settings }}"):
        order = {"source": TEXT, "title": title}
        assert program(ana).post("videos/", order).json()["title"] == title


def test_a_number_elsewhere_is_one_videos(program, ana, channel):
    its, order = program(ana), {"source": TEXT, "external_id": "k-1"}
    its.post("videos/", order)
    problem(its.post("videos/", order), 409, "external_id_taken")
    assert Video.objects.count() == 1


def test_a_list_is_narrowed(program, ana, video):
    its = program(ana)
    other = its.post("videos/", {"source": TEXT, "title": "Otters", "external_id": "o-1"}).json()
    its.post(f"videos/{other['id']}/pause/")
    for query in ("state=paused", "external_id=o-1", "q=otter"):
        found = its.get(f"videos/?{query}").json()["results"]
        assert [one["id"] for one in found] == [other["id"]], query
    assert not its.get("videos/?channel=999999").json()["results"]
    assert len(its.get(f"videos/?channel={video.channel_id}").json()["results"]) == 2


@pytest.mark.parametrize("query", ["state=odd", "channel=x", "q=%00", "deleted=perhaps", "id=1"])
def test_a_filter_that_is_none_is_refused(program, ana, query):
    problem(program(ana).get(f"videos/?{query}"), 400, "invalid")


def test_a_list_costs_the_same_for_one_and_for_fifty(program, ana, video):
    its = program(ana)
    with CaptureQueriesContext(connection) as one:
        its.get("videos/")
    for number in range(49):
        its.post("videos/", {"source": TEXT, "title": str(number)})
    with CaptureQueriesContext(connection) as fifty:
        assert len(its.get("videos/").json()["results"]) == 50
    assert len(fifty) <= len(one)


def test_progress_reaches_who_has_the_same_version(program, ana, video):
    its, path = program(ana), f"videos/{video.pk}/"
    seen = its.get(path)["ETag"]
    StageRun.objects.filter(video=video, stage="script").update(state="done")
    told = its.get(path, If_None_Match=seen)
    assert (told.status_code, told.json()["progress"]["fraction"] > 0) == (200, True)


def test_costs_are_for_who_may_see_them(program, ben, video):
    run = StageRun.objects.get(video=video, stage="narration")
    paid = {"provider": "voice:x", "unit": "characters", "quantity": 1, "amount_micros": 1_500}
    CostEntry.objects.create(team=video.team, video_id=video.pk, run_id=run.pk, **paid)
    path = f"videos/{video.pk}/"
    Membership.objects.filter(user=ben).update(can_see_costs=False)
    assert program(ben).get(path).json()["costs"] is None
    Membership.objects.filter(user=ben).update(can_see_costs=True)
    assert program(ben).get(path).json()["costs"][0]["amount_micros"] == 1_500


def test_an_order_is_changed_by_who_has_read_it(program, ben, video):
    its, path = program(ben), f"videos/{video.pk}/"
    seen = its.get(path)["ETag"]
    changed = its.patch(path, {"seconds": 20, "title": "Tall kelp"}, If_Match=seen)
    assert (changed.json()["seconds"], changed.json()["title"]) == (20, "Tall kelp")
    problem(its.patch(path, {"seconds": 30}, If_Match=seen), 412, "stale")
    problem(its.patch(path, {"seconds": 30}), 428, "if_match_required")
    video.refresh_from_db()
    assert video.seconds == 20


def test_a_change_of_which_one_part_is_refused_is_none(program, ben, video):
    wanted = {"title": "Tall kelp", "description": "There is no script to describe yet."}
    answer = program(ben).patch(f"videos/{video.pk}/", wanted, If_Match="*")
    problem(answer, 409, "no_such_scene")
    video.refresh_from_db()
    assert video.title == "Kelp"


def test_what_goes_out_with_a_video_is_described(program, ben, written):
    wanted = {"description": "All about kelp.", "tags": ["kelp", "otters"]}
    told = program(ben).patch(f"videos/{written.pk}/", wanted, If_Match="*").json()
    assert (told["description"], told["tags"]) == ("All about kelp.", ["kelp", "otters"])


def test_another_text_is_not_described_before_it_has_a_script(program, ben, video):
    wanted = {"source": "Otters sleep.", "description": "Otters."}
    answer = program(ben).patch(f"videos/{video.pk}/", wanted, If_Match="*")
    problem(answer, 409, "script_to_come")


def test_a_video_is_halted_and_goes_on(program, ben, video):
    its, path = program(ben), f"videos/{video.pk}/"
    for act, becomes in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        answer = its.post(f"{path}{act}/")
        assert (answer.status_code, answer.json()["state"]) == (200, becomes)
    problem(its.post(f"{path}pause/"), 409, "wrong_state")


def test_an_act_with_a_key_happens_once(program, ben, video):
    its, path = program(ben), f"videos/{video.pk}/"
    its.post(f"{path}pause/", Idempotency_Key="p")
    its.post(f"{path}resume/")
    answer = its.post(f"{path}pause/", Idempotency_Key="p")
    assert (answer["Idempotent-Replayed"], state(video)) == ("true", "queued")


def test_who_may_approve_need_not_edit(program, ben, vic, video):
    Video.objects.update(state="review")
    path = f"videos/{video.pk}/approve/"
    problem(program(ben).post(path), 403, "forbidden")
    Membership.objects.filter(user=vic).update(can_approve=True)
    told = program(vic).post(path)
    problem(told, 403, "forbidden")  # a viewer's token has no scope that writes
    Membership.objects.filter(user=ben).update(can_approve=True)
    assert program(ben).post(path).json()["state"] == "approved"


def test_a_deleted_video_comes_back(program, ben, video):
    its, path = program(ben), f"videos/{video.pk}/"
    problem(its.delete(path), 428, "if_match_required")
    problem(its.delete(path, If_Match='"v9"'), 412, "stale")
    assert its.delete(path, If_Match="*").status_code == 204
    problem(its.get(path), 404, "not_found")
    [binned] = its.get("videos/?deleted=true").json()["results"]
    assert binned["deleted_at"]
    assert its.post(f"{path}restore/").status_code == 200
    assert its.get(path).status_code == 200


def test_a_copy_is_another_video(program, ben, written):
    told = program(ben).post(f"videos/{written.pk}/duplicate/", {"format": "square"}).json()
    assert told["id"] != written.pk
    assert (told["format"], told["source"]) == ("square", written.source)


def test_a_stage_is_done_again(program, ben, written):
    its, path = program(ben), f"videos/{written.pk}/runs/"
    StageRun.objects.filter(video=written, stage="narration").update(state="failed", reason="No.")
    Video.objects.update(state="failed")
    assert its.get(path).json()["results"][1]["reason"] == "No."
    answer = its.post(f"{path}narration/retry/")
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
    problem(its.post(f"{path}script/retry/"), 409, "wrong_state")
    problem(its.post(f"{path}polish/retry/"), 404, "not_found")
