"""What every endpoint promises, asked of the endpoints of people and tokens."""

import json
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kit import idempotency, throttle
from config.kit.errors import Refused
from config.kit.models import IdempotencyKey
from teams.actions import create_team, remove_member
from teams.models import ApiToken, Membership, Role, Team
from teams.tokens import create_token, revoke_token
from tests.conftest import acting, member

PROBLEM = "application/problem+json"


def problem(answer, status: int, code: str) -> dict:
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert answer["Content-Type"].startswith(PROBLEM)
    assert told["detail"]
    assert told["status"] == status
    return told


def test_a_token_says_whom_it_acts_for(program, ana, team):
    told = program(ana).get("me/").json()
    assert (told["team"]["id"], told["role"], told["user_id"]) == (team.pk, "owner", ana.pk)


@pytest.mark.parametrize("secret", ["", "sr_live_00000000_wrong", "x" * 5000])
def test_a_wrong_token_is_refused(db, client, secret):
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_who_is_signed_out_is_told_how_to_come_in(db, program):
    assert "Bearer" in problem(program(None).get("me/"), 401, "not_authenticated")["detail"]


def test_a_revoked_token_opens_nothing(client, by_ana):
    token, secret = create_token(by=by_ana, name="old", scopes=["team:read"])
    revoke_token(by=by_ana, token=token)
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    problem(answer, 401, "not_authenticated")


def test_a_token_dies_with_its_makers_membership(program, by_ana, ben):
    its = program(ben)
    remove_member(by=by_ana, membership=Membership.objects.get(user=ben))
    problem(its.get("me/"), 401, "not_authenticated")


def test_a_secret_is_kept_as_a_hash_alone(by_ana):
    _, secret = create_token(by=by_ana, name="one", scopes=["team:read"])
    assert secret not in json.dumps(list(ApiToken.objects.values()), default=str)


@pytest.mark.parametrize("scope", ["team:write", "videos:write"])
def test_a_viewer_gives_no_token_more_than_they_may(vic, scope):
    with pytest.raises(Refused, match="scope"):
        create_token(by=acting(vic), name="x", scopes=[scope])


def test_a_token_stays_within_its_scopes(program, ana):
    told = problem(program(ana, "videos:read").get("members/"), 403, "forbidden")
    assert "team:read" in told["detail"]


def test_a_reading_token_changes_nothing(program, ana, ben):
    pk = Membership.objects.get(user=ben).pk
    answer = program(ana, "team:read").patch(f"members/{pk}/", {"role": "admin"}, If_Match="*")
    problem(answer, 403, "forbidden")


def test_another_teams_rows_do_not_exist(program, cho, ben):
    pk = Membership.objects.get(user=ben).pk
    problem(program(cho).get(f"members/{pk}/"), 404, "not_found")
    problem(program(cho).delete(f"members/{pk}/", If_Match="*"), 404, "not_found")


def test_an_editor_appoints_nobody(program, ben):
    pk = Membership.objects.get(user=ben).pk
    answer = program(ben).patch(f"members/{pk}/", {"role": "owner"}, If_Match="*")
    problem(answer, 403, "forbidden")


@pytest.mark.parametrize("path", ["nothing/", "members/999999/", "members/x/"])
def test_what_is_not_there_is_a_problem_too(program, ana, path):
    problem(program(ana).get(path), 404, "not_found")


def test_a_method_that_is_not_there(program, ana):
    problem(program(ana).post("members/", {}), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"rôle": "admin"}, "/rôle", "unknown_field"),
        ({"role": 7}, "/role", "invalid_choice"),
        ({"can_approve": "yes"}, "/can_approve", "invalid"),
        ({"can_approve": None}, "/can_approve", "null"),
        ({"a/b": 1}, "/a~1b", "unknown_field"),
        ([], "", "invalid"),
        ("text", "", "invalid"),
    ],
)
def test_what_is_wrong_with_a_body_is_pointed_at(program, ana, ben, body, pointer, code):
    pk = Membership.objects.get(user=ben).pk
    answer = program(ana).patch(f"members/{pk}/", json.dumps(body), If_Match="*")
    [error] = problem(answer, 400, "invalid")["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


def test_a_body_that_is_no_json(program, ana, ben):
    pk = Membership.objects.get(user=ben).pk
    answer = program(ana).patch(f"members/{pk}/", "{", If_Match="*")
    problem(answer, 400, "bad_request")


def test_ten_megabytes_are_too_large(program, ana, ben):
    pk = Membership.objects.get(user=ben).pk
    body = json.dumps({"role": "x" * 10_000_000})
    problem(program(ana).patch(f"members/{pk}/", body, If_Match="*"), 413, "too_large")


def test_a_form_is_no_json(program, ana, ben):
    pk = Membership.objects.get(user=ben).pk
    its = program(ana)
    answer = its.client.patch(
        f"/api/v1/members/{pk}/",
        "role=admin",
        "text/plain",
        headers={**its.headers, "If-Match": "*"},
    )
    problem(answer, 415, "unsupported_media_type")


def test_a_change_needs_the_version_that_was_read(program, ana, ben):
    its, path = program(ana), f"members/{Membership.objects.get(user=ben).pk}/"
    problem(its.patch(path, {"role": "viewer"}), 428, "if_match_required")
    seen = its.get(path)["ETag"]
    changed = its.patch(path, {"role": "viewer"}, If_Match=seen)
    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    problem(its.patch(path, {"role": "admin"}, If_Match=seen), 412, "stale")
    assert Membership.objects.get(user=ben).role == "viewer"
    assert its.get(path, If_None_Match=changed["ETag"]).status_code == 304


def test_the_last_owner_stays(program, ana):
    path = f"members/{Membership.objects.get(user=ana).pk}/"
    problem(program(ana).delete(path, If_Match="*"), 409, "last_owner")


def test_a_browser_needs_the_csrf_token(ana, ben):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    path = f"/api/v1/members/{Membership.objects.get(user=ben).pk}/"
    answer = browser.patch(path, "{}", "application/json", headers={"If-Match": "*"})
    problem(answer, 403, "csrf")


def test_pages_of_rows_meet_without_gap_or_double(program, ana, team):
    for number in range(7):
        member(team, f"p{number}", Role.VIEWER)
    its, path, seen = program(ana), "members/?limit=3", []
    while path:
        page = its.get(path).json()
        seen += [row["id"] for row in page["results"]]
        path = (page["next"] or "").partition("/api/v1/")[2]
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize("path", ["members/", "tokens/"])
def test_a_list_costs_the_same_for_one_and_for_fifty(program, ana, by_ana, team, path):
    its = program(ana)
    with CaptureQueriesContext(connection) as one:
        its.get(path)
    for number in range(49):
        member(team, f"p{number}", Role.VIEWER)
        if number < 45:
            create_token(by=by_ana, name=str(number), scopes=["team:read"])
    with CaptureQueriesContext(connection) as fifty:
        assert len(its.get(path).json()["results"]) > 40
    assert len(fifty) <= len(one)


def test_what_is_left_of_the_limit_is_told(program, ana, settings):
    settings.API_RATE = 2
    its = program(ana)
    first = its.get("me/")
    assert first["RateLimit-Policy"] == '"default";q=2;w=60'
    assert first["RateLimit"].startswith('"default";r=1;')
    its.get("me/")
    third = its.get("me/")
    problem(third, 429, "throttled")
    assert 1 <= int(third["Retry-After"]) <= 31


def test_one_token_does_not_use_up_anothers_limit(program, ana, ben, settings):
    settings.API_RATE = 1
    program(ana).get("me/")
    assert program(ben).get("me/").status_code == 200


def test_who_finds_a_limit_just_begun_is_let_through(db):
    rate = throttle.Rate(2, 3600)
    begun = [throttle._begin("fresh", rate) for _ in range(3)]
    assert begun == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_a_limit_holds_when_many_ask_at_once():
    rate, allowed = throttle.Rate(5, 3600), []

    def ask() -> None:
        allowed.append(throttle.take("many", rate).is_allowed)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 5


def test_the_reference_names_every_error_of_every_operation(client, db):
    told = client.get(reverse("schema")).json()
    assert told["openapi"].startswith("3.1")
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            wanted = {"401", "403", "404", "429", "500"}
            if method in ("post", "patch", "put"):
                wanted |= {"400", "409", "413", "415"}
            assert wanted <= set(operation["responses"]), (path, method)


def test_the_reference_is_a_page(client, db):
    assert client.get("/api/docs/").status_code == 200


# --- Idempotency-Key, as the verb's neighbours see it


def teams_made(slug: str) -> int:
    return Team.objects.filter(slug=slug).count()


def make(slug: str):
    return lambda: create_team(name=slug, slug=slug, email="x@example.org")


def test_a_claim_is_made_once_and_repeated_from_its_note(db):
    claimed = idempotency.claim("token:1", "k", "f")
    made = idempotency.perform(claimed, make("one"))
    again = idempotency.claim("token:1", "k", "f")
    assert (again.state, again.answer_id, teams_made("one")) == ("done", str(made.pk), 1)


def test_a_key_in_progress_is_refused(db):
    idempotency.claim("token:1", "k", "f")
    with pytest.raises(idempotency.InProgress):
        idempotency.claim("token:1", "k", "f")


def test_a_key_with_another_body_is_refused(db):
    idempotency.claim("token:1", "k", "f")
    with pytest.raises(idempotency.Reused):
        idempotency.claim("token:1", "k", "g")


def test_a_key_is_its_owners_alone(db):
    idempotency.claim("token:1", "k", "f")
    assert idempotency.claim("token:2", "k", "f").state == "claimed"


def test_a_refusal_frees_the_key(db):
    def refuse() -> Team:
        raise Refused("no")

    with pytest.raises(Refused):
        idempotency.perform(idempotency.claim("token:1", "k", "f"), refuse)
    assert not IdempotencyKey.objects.exists()


def test_a_claim_whose_process_died_is_taken_over(db):
    dead = idempotency.claim("token:1", "k", "f")
    IdempotencyKey.objects.update(lease_until="2020-01-01T00:00:00Z")
    taken = idempotency.claim("token:1", "k", "f")
    idempotency.perform(taken, make("one"))
    with pytest.raises(idempotency.InProgress):
        idempotency.perform(dead, make("two"))
    assert (teams_made("one"), teams_made("two")) == (1, 0)


def test_the_command_makes_a_token_that_works(ana, team, client):
    out = StringIO()
    call_command("api_token", "--team", team.slug, stdout=out)
    secret = out.getvalue().strip()
    assert (
        client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    )


@pytest.mark.parametrize("cursor", ["cD1hYmM=", "cD1OYU4=", "cD0xZTU=", "cD0=", "x"])
def test_a_cursor_that_nobody_gave_out_is_refused(program, ana, cursor):
    assert program(ana).get(f"members/?cursor={cursor}").status_code in (200, 404)
