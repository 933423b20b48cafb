"""Budgets for programs: how they stand, who sees them, who sets them."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Budget
from teams.models import Membership, Role
from tests.billing.spending import USD, is_stopped, limit, set_aside, spend
from tests.conftest import member
from tests.kit.test_api import problem

PATH = "budgets/"
TEAMS = {"scope": "team", "window": "month", "limit_micros": 50 * USD}


def amounts(told: dict) -> tuple[int, ...]:
    names = ("limit_micros", "spent_micros", "held_micros", "left_micros")
    return tuple(told[name] // USD for name in names)


def test_a_budget_tells_how_it_stands(program, ana, by_ana, video):
    budget = limit(by_ana, "team", 50)
    spend(video, 30)
    set_aside(video, 5)
    told = program(ana).get(f"{PATH}{budget.pk}/").json()
    assert amounts(told) == (50, 30, 5, 15)
    assert (told["percent"], told["currency"], told["label"]) == (60, "USD", "The whole team")
    assert told["window_starts"] == datetime.now(UTC).date().replace(day=1).isoformat()


def test_a_budget_of_one_channel_is_called_as_the_channel_is(program, ana, by_ana, channel):
    limit(by_ana, "channel", 50, subject_id=channel.pk, window="total")
    (told,) = program(ana).get(PATH).json()["results"]
    assert (told["subject_id"], told["label"]) == (channel.pk, "Kelp")
    assert (told["window_starts"], told["fullest_id"]) == (None, None)


def test_a_budget_for_each_video_tells_of_the_fullest(program, ana, by_ana, video):
    limit(by_ana, "video", 50)
    spend(video, 30)
    (told,) = program(ana).get(PATH).json()["results"]
    assert (told["label"], told["fullest_id"]) == ("Each video", video.pk)
    assert (told["fullest_label"], told["spent_micros"]) == ("Kelp", 30 * USD)


def test_what_waits_is_counted_until_it_goes_on(program, ana, by_ana, video):
    budget = limit(by_ana, "team", 5)
    is_stopped(video, 6)
    its, path = program(ana), f"{PATH}{budget.pk}/"
    assert its.get(path).json()["waiting"] == 1
    program(ana).post(f"videos/{video.pk}/cancel/")
    assert its.get(path).json()["waiting"] == 0


def test_a_deleted_video_waits_for_nothing(program, ana, by_ana, video):
    limit(by_ana, "team", 5)
    is_stopped(video, 6)
    program(ana).delete(f"videos/{video.pk}/", If_Match="*")
    assert program(ana).get(PATH).json()["results"][0]["waiting"] == 0


def test_a_budget_is_set_once_with_its_key(program, ana):
    its = program(ana)
    made = its.post(PATH, TEAMS, Idempotency_Key="k1")
    again = its.post(PATH, TEAMS, Idempotency_Key="k1")
    assert (made.status_code, made["ETag"]) == (201, '"v1"')
    assert (again.json()["id"], again["Idempotent-Replayed"]) == (made.json()["id"], "true")
    assert Budget.objects.count() == 1


def test_a_second_budget_for_the_same_is_refused(program, ana, by_ana):
    limit(by_ana, "team", 50)
    assert (
        "change its limit"
        in problem(program(ana).post(PATH, TEAMS), 409, "budget_exists")["detail"]
    )


def test_raising_needs_what_was_read(program, ana, by_ana):
    path, more = f"{PATH}{limit(by_ana, 'team', 50).pk}/", {"limit_micros": 80 * USD}
    its = program(ana)
    problem(its.patch(path, more), 428, "if_match_required")
    raised = its.patch(path, more, If_Match='"v1"')
    assert (raised.json()["limit_micros"], raised["ETag"]) == (80 * USD, '"v2"')
    problem(its.patch(path, more, If_Match='"v1"'), 412, "stale")
    problem(its.delete(path, If_Match='"v1"'), 412, "stale")
    assert its.delete(path, If_Match='"v2"').status_code == 204
    problem(its.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"limit_micros": 0}, "/limit_micros"),
        ({"limit_micros": 1.5}, "/limit_micros"),
        ({"scope": "galaxy"}, "/scope"),
        ({"window": "year"}, "/window"),
        ({"subject_id": 7}, "/subject_id"),
        ({"scope": "channel", "subject_id": 999}, "/subject_id"),
    ],
)
def test_what_no_budget_can_be_is_pointed_at(program, ana, wrong, pointer):
    told = problem(program(ana).post(PATH, {**TEAMS, **wrong}), 400, "invalid")
    assert told["errors"][0]["pointer"] == pointer
    assert not Budget.objects.exists()


def test_an_editor_who_sees_costs_reads_and_sets_nothing(program, by_ana, ben):
    Membership.objects.filter(user=ben).update(can_see_costs=True)
    budget, its = limit(by_ana, "team", 50), program(ben, "costs:read")
    assert its.get(PATH).json()["results"][0]["id"] == budget.pk
    problem(its.patch(f"{PATH}{budget.pk}/", {"limit_micros": 1}, If_Match="*"), 403, "forbidden")


@pytest.mark.parametrize("path", [PATH, PATH + "{}/"])
def test_who_may_not_see_costs_reads_no_budget(program, team, by_ana, ben, path):
    path = path.format(limit(by_ana, "team", 50).pk)
    problem(program(ben).get(path), 403, "forbidden")
    admin = member(team, "Adi", Role.ADMIN)
    Membership.objects.filter(user=admin).update(can_see_costs=False)
    problem(program(admin).get(path), 403, "forbidden")
    problem(program(admin).post(PATH, TEAMS), 403, "forbidden")


def test_anothers_budget_does_not_exist(program, cho, by_ana):
    path = f"{PATH}{limit(by_ana, 'team', 50).pk}/"
    problem(program(cho).get(path), 404, "not_found")
    problem(program(cho).patch(path, {"limit_micros": 1}, If_Match="*"), 404, "not_found")
    assert program(cho).get(PATH).json()["results"] == []


def test_a_token_without_a_scope_of_costs_sees_none(program, ana, by_ana, video, browser):
    limit(by_ana, "team", 50)
    spend(video, 30)
    its = program(ana, "videos:read", "team:write")
    problem(its.get(PATH), 403, "forbidden")
    assert its.get(f"videos/{video.pk}/").json()["costs"] is None
    assert its.get("events/?kind=billing.cost_booked").json()["results"] == []
    assert program(ana, "videos:read", "costs:read").get(f"videos/{video.pk}/").json()["costs"]


def test_a_token_that_sets_budgets_needs_no_more(program, ana):
    assert program(ana, "costs:write").post(PATH, TEAMS).status_code == 201


def test_pages_follow_one_another(program, ana, by_ana, channel):
    for scope in ("team", "channel", "video"):
        limit(by_ana, scope, 50)
    first = program(ana).get(f"{PATH}?limit=2").json()
    assert len(first["results"]) == 2
    rest = program(ana).get(first["next"].partition("/api/v1/")[2]).json()["results"]
    assert [one["scope"] for one in rest] == ["team"]
    only = program(ana).get(f"{PATH}?scope=video").json()["results"]
    assert [one["scope"] for one in only] == ["video"]


def test_more_budgets_ask_the_database_no_more(program, ana, by_ana, video, channel):
    its = program(ana)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            its.get(PATH)
        return len(queries)

    limit(by_ana, "channel", 50, subject_id=channel.pk)
    limit(by_ana, "video", 50, subject_id=video.pk)
    spend(video, 1)
    its.get(PATH)
    few = asked()
    for window in ("day", "total"):
        limit(by_ana, "channel", 50, subject_id=channel.pk, window=window)
        limit(by_ana, "video", 50, window=window)
    assert asked() == few
