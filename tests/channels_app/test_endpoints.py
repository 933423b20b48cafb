"""Channels and brand kits as programs make and change them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.actions import create_channel
from channels_app.models import BrandKit, Channel
from tests.conftest import acting
from tests.kit.test_api import problem

NEW = {"name": "Deep Water", "language": "en", "external_id": "dw-1", "look": {"ink": "#101820"}}


def test_a_channel_is_made_with_a_look_of_its_own(program, ben):
    answer = program(ben).post("channels/", NEW)
    told = answer.json()
    assert (answer.status_code, answer["ETag"], told["slug"]) == (201, '"v1"', "deep-water")
    assert BrandKit.objects.get(pk=told["brand_kit"]).ink == "#101820"


def test_a_repeated_request_makes_one_channel(program, ben):
    its = program(ben)
    first = its.post("channels/", NEW, Idempotency_Key="k1")
    again = its.post("channels/", NEW, Idempotency_Key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    other = its.post("channels/", {**NEW, "name": "Other"}, Idempotency_Key="k1")
    problem(other, 422, "idempotency_key_reused")
    assert Channel.objects.count() == 1


def test_a_channel_is_found_by_its_number_elsewhere(program, ben, channel):
    its = program(ben)
    its.post("channels/", NEW)
    found = its.get("channels/?external_id=dw-1").json()["results"]
    assert [one["name"] for one in found] == ["Deep Water"]


@pytest.mark.parametrize("query", ["external=dw-1", "limit=0", "limit=x", "limit=1000", "q=%00"])
def test_a_question_that_nobody_understands_is_refused(program, ben, query):
    problem(program(ben).get(f"channels/?{query}"), 400, "invalid")


@pytest.mark.parametrize(
    ("wrong", "pointer", "status", "code"),
    [
        ({"name": ""}, "/name", 400, "blank"),
        ({"name": "x" * 101}, "/name", 400, "max_length"),
        ({"name": "a\0b"}, "/name", 400, "null_characters_not_allowed"),
        ({"name": "a\ud800b"}, "/name", 400, "surrogate_characters_not_allowed"),
        ({"name": 7}, "/name", 400, "invalid"),
        ({"name": None}, "/name", 400, "null"),
        ({"slug": "a b"}, "/slug", 400, "invalid"),
        ({"slug": "kelp"}, "/slug", 409, "slug_taken"),
        ({"external_id": "taken"}, "/external_id", 409, "external_id_taken"),
        ({"language": "english please"}, "/language", 400, "max_length"),
        ({"language": "e!"}, "/language", 400, "invalid"),
        ({"music": "loud"}, "/music", 400, "invalid_choice"),
        ({"look": {"ink": "blue"}}, "/ink", 400, "invalid"),
        ({"look": {"font": "Wingdings"}}, "/font", 409, "no_such_font"),
        ({"look": {"logo_sha256": "f" * 64}}, "/logo_sha256", 409, "no_such_logo"),
        ({"look": {"size": 1}}, "/look/size", 400, "unknown_field"),
        ({"look": None}, "/look", 400, "null"),
        ({"brand_kit": 999_999, "look": None}, "/brand_kit", 400, "unknown"),
        ({"brand_kit": "1"}, "/brand_kit", 400, "invalid"),
        ({"brand_kit": True}, "/brand_kit", 400, "invalid"),
        ({"brand_kit": 10**30}, "/brand_kit", 400, "unknown"),
    ],
)
def test_what_is_wrong_with_a_channel_is_pointed_at(
    program, ana, channel, wrong, pointer, status, code
):
    Channel.objects.update(external_id="taken")
    answer = program(ana).post("channels/", {**NEW, **wrong})
    told = problem(answer, status, "invalid" if status == 400 else code)
    assert {"pointer": pointer, "code": code} in [
        {"pointer": one["pointer"], "code": one["code"]} for one in told["errors"]
    ]
    assert Channel.objects.count() == 1


def test_markup_and_formulas_are_words_like_others(program, ana):
    for name in ("<script>alert(1)</script>", '=HYPERLINK("http://x")', "{{ 7 * 7 }}"):
        assert program(ana).post("channels/", {"name": name}).json()["name"] == name


def test_a_strangers_brand_kit_is_none(program, ana, cho, channel):
    theirs = create_channel(by=acting(cho), name="X", slug="x", brand={}).brand_kit
    wanted = {"name": "New", "brand_kit": theirs.pk}
    told = problem(program(ana).post("channels/", wanted), 400, "invalid")
    assert told["errors"][0]["pointer"] == "/brand_kit"


def test_of_two_changes_of_one_version_the_second_is_stale(program, ben, channel):
    its, path = program(ben), f"channels/{channel.pk}/"
    seen = its.get(path)["ETag"]
    assert its.patch(path, {"name": "Tall kelp"}, If_Match=seen)["ETag"] == '"v2"'
    problem(its.patch(path, {"name": "Small kelp"}, If_Match=seen), 412, "stale")
    problem(its.patch(path, {"name": "Small kelp"}), 428, "if_match_required")
    assert its.get(path).json()["name"] == "Tall kelp"
    assert its.get(path, If_None_Match='"v2"').status_code == 304


def test_an_editor_does_not_let_everything_out(program, ana, ben, channel):
    path = f"channels/{channel.pk}/"
    assert program(ana).patch(path, {"approval": "one"}, If_Match="*").status_code == 200
    problem(program(ben).patch(path, {"approval": "none"}, If_Match="*"), 403, "forbidden")


def test_the_address_of_a_channel_stays(program, ana, channel):
    answer = program(ana).patch(f"channels/{channel.pk}/", {"slug": "other"}, If_Match="*")
    assert problem(answer, 400, "invalid")["errors"][0]["code"] == "unknown_field"


def test_a_brand_kit_is_made_changed_and_deleted(program, ben):
    its = program(ben)
    made = its.post("brand-kits/", {"name": "Night", "accent": "#ff0000"}).json()
    path = f"brand-kits/{made['id']}/"
    changed = its.patch(path, {"accent": "#00ff00"}, If_Match='"v1"')
    assert (changed.json()["accent"], changed["ETag"]) == ("#00ff00", '"v2"')
    problem(its.delete(path, If_Match='"v1"'), 412, "stale")
    assert its.delete(path, If_Match='"v2"').status_code == 204
    problem(its.get(path), 404, "not_found")


def test_a_brand_kit_that_a_channel_wears_stays(program, ana, channel):
    path = f"brand-kits/{channel.brand_kit_id}/"
    problem(program(ana).delete(path, If_Match="*"), 409, "brand_kit_in_use")


@pytest.mark.parametrize("path", ["channels/", "brand-kits/"])
def test_a_list_costs_the_same_for_one_and_for_fifty(program, ana, by_ana, channel, path):
    its = program(ana)
    with CaptureQueriesContext(connection) as one:
        its.get(path)
    for number in range(49):
        create_channel(by=by_ana, name=f"c{number}", slug=f"c{number}", brand={})
    with CaptureQueriesContext(connection) as fifty:
        assert len(its.get(path).json()["results"]) == 50
    assert len(fifty) <= len(one)
