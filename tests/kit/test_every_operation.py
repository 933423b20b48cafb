"""What every operation of the reference promises: a new endpoint is asked the same by itself."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from billing import budgets
from channels_app.models import BrandKit
from collab.actions import create_comment, create_share_link, suggest
from config.kit.openapi import example_of
from config.kit.problems import CODES
from teams import webhooks
from teams.access import SCOPES
from teams.brakes import pull
from teams.invitations import invite
from teams.models import ApiToken, Event, Membership, Notification, Role
from teams.tokens import create_token
from tests.conftest import Program
from tests.kit.test_api import problem
from tests.videos.test_rewriting import SCRIPT
from videos import uploads
from videos.actions import edit_script
from videos.models import Asset, Proposal, Video

# what the parameters of an address stand for in the team of Ana, by the first word behind them
PLACES = {"{uid}": "aaaa0001", "{number}": "1", "{stage}": "script", "{name}": "script.json"}
A_BUDGET = {"scope": "team", "window": "month", "limit_micros": 50_000_000}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Offset": "0"}
WITHOUT_SCOPE = {
    "/api/v1/me/",
    "/api/v1/events/",  # each kind has its own
    "/api/v1/events/stream/",
    "/api/v1/socket-tickets/",
}
OF_PEOPLE = ("members", "tokens", "invitations", "brakes", "webhooks", "deliveries")
OF_ONESELF = ("notifications",)  # a viewer's own are theirs to mark


@cache
def operations() -> list[tuple[str, str]]:
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415 - the URLs must be up

    schema = SchemaGenerator().get_schema(request=None, public=True)
    return [(method, path) for path, told in schema["paths"].items() for method in told]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted: dict[str, Callable[[str, str], bool]] = {
        "any_operation": lambda method, path: True,
        "operation_of_one": lambda method, path: "{" in path,
        # a ticket is the way to read
        "writing": lambda method, path: method != "get" and "socket-tickets" not in path,
        "taking_a_body": lambda method, path: method in ("post", "patch") and "uploads" not in path,
    }
    for name, is_wanted in wanted.items():
        if name in metafunc.fixturenames:
            found = [one for one in operations() if is_wanted(*one)]
            metafunc.parametrize(name, found, ids=[f"{m} {p}" for m, p in found])


@pytest.fixture
def there(by_ana, ana, video, tmp_path) -> dict[str, str]:
    """The ids of things of Ana's team, by the noun of their address."""
    hooks = ("Under the waves stands a forest.", "What eats a forest at night?")
    edit_script(by=by_ana, video=video, script=replace(SCRIPT, hooks=hooks))
    kind = {"kind": "picture", "content_type": "image/png", "size": 9}
    asset = Asset.objects.create(team=video.team, name="a.png", **kind)
    token, _ = create_token(by=by_ana, name="a", scopes=["team:read"])
    invitation, _ = invite(by=by_ana, email="dan@example.org", role=Role.VIEWER)
    hook, _ = webhooks.create(by=by_ana, url="https://hooks.example/", kinds=[])
    read = Notification.objects.create(
        team=video.team, user=ana, kind="mentioned", text="Hello", url="/", event_seq=1
    )
    upload = uploads.begin(by=by_ana, name="a.png", kind="picture", size=9)
    words = {"scene_uid": "aaaa0001", "quote": "half a metre", "replacement": "60 cm"}
    link, _ = create_share_link(by=by_ana, video=video)
    other = Proposal.objects.create(team=video.team, video=video, uid="aaaa0001", instruction="?")
    return {
        "videos": str(video.pk),
        "channels": str(video.channel_id),
        "brand-kits": str(BrandKit.objects.get().pk),
        "assets": str(asset.pk),
        "members": str(Membership.objects.get(user=ana).pk),
        "tokens": str(token.pk),
        "invitations": str(invitation.pk),
        "uploads": str(upload.uid),
        "comment": str(create_comment(by=by_ana, video=video, text="Why?").pk),
        "suggestion": str(suggest(by=by_ana, video=video, **words).pk),
        "link": str(link.pk),
        "proposal": str(other.pk),
        "webhooks": str(hook.pk),
        "deliveries": str(webhooks.ping(by=by_ana, webhook=hook).pk),
        "notifications": str(read.pk),
        "budgets": str(budgets.create(by=by_ana, **A_BUDGET).pk),
        "brakes": str(pull(by=by_ana, what="publishing").pk),
    }


def ask(who: Program, operation: tuple[str, str], there: dict[str, str], body: str = "{}"):
    method, path = operation
    noun = path.removeprefix("/api/v1/").split("/")[0]
    ids = {**PLACES, "{id}": there.get(noun, "")}
    ids |= {f"{{{name}}}": there[name] for name in ("comment", "suggestion", "link", "proposal")}
    if noun == "uploads":
        ids["{uid}"] = there[noun]
    told = re.sub(r"\{\w+\}", lambda found: ids[found[0]], path)
    kind = "application/offset+octet-stream" if noun == "uploads" else "application/json"
    headers = {**who.headers, **TUS, "If-Match": "*"}
    return who.client.generic(method.upper(), told, body, content_type=kind, headers=headers)


def rows() -> list[Any]:
    """What a change would touch: every verb tells the journal."""
    return [Event.objects.count(), list(Video.objects.values()), list(Asset.objects.values())]


def test_who_is_signed_out_is_let_in_nowhere(program, there, any_operation):
    answer = ask(program(None), any_operation, there)
    assert "Bearer" in problem(answer, 401, "not_authenticated")["detail"]


def test_a_strangers_ids_are_nothing(program, cho, there, operation_of_one):
    who, before = program(cho), rows()
    problem(ask(who, operation_of_one, there), 404, "not_found")
    assert rows() == before


def test_ids_that_are_guessed_are_nothing(program, ana, there, operation_of_one):
    who = program(ana)
    guessed = dict.fromkeys(there, "99999999999999999999")
    answer = ask(who, operation_of_one, {**guessed, "uploads": there["uploads"][::-1]})
    problem(answer, 404, "not_found")


def test_a_reading_token_writes_nothing(program, ana, there, writing):
    who = program(ana, "videos:read", "channels:read", "assets:read", "team:read")
    before = rows()
    assert "scope" in problem(ask(who, writing, there), 403, "forbidden")["detail"]
    assert rows() == before


def test_a_viewer_writes_nothing(program, by_ana, vic, there, writing):
    if any(noun in writing[1] for noun in OF_ONESELF):
        return
    token, secret = create_token(by=by_ana, name="an editor's", scopes=["videos:write"])
    ApiToken.objects.filter(pk=token.pk).update(created_by_id=vic.pk, scopes=list(SCOPES))
    Membership.objects.filter(user=vic).update(can_comment=False)
    who, before = Program(secret), rows()
    body = '{"role": "admin"}' if "members" in writing[1] else "{}"
    problem(ask(who, writing, there, body), 403, "forbidden")
    assert rows() == before


def test_a_token_of_another_scope_sees_nothing(program, ana, there, any_operation):
    if any_operation[1] in WITHOUT_SCOPE:
        return
    noun = any_operation[1].removeprefix("/api/v1/").split("/")[0]
    other = "team:read" if noun not in OF_PEOPLE else "videos:read"
    problem(ask(program(ana, other), any_operation, there), 403, "forbidden")


def test_a_field_that_nobody_knows_is_pointed_at(program, ana, there, taking_a_body):
    who, before = program(ana), rows()
    told = problem(ask(who, taking_a_body, there, '{"nobody": 1}'), 400, "invalid")
    assert told["errors"][0]["pointer"] == "/nobody"
    assert rows() == before


NO_OBJECTS = ('"text"', "[1]", "7", "null", '{"a": NaN}', "{", "[" * 100_000)


def test_a_body_that_is_no_object_is_refused(program, ana, there, taking_a_body):
    who, before = program(ana), rows()
    for body in NO_OBJECTS:
        answer = ask(who, taking_a_body, there, body)
        told = answer.json()
        assert (answer.status_code, told["code"] in ("invalid", "bad_request")) == (400, True), body
        assert told["detail"]
    assert rows() == before


def test_ten_megabytes_are_too_large_anywhere(program, ana, there, taking_a_body):
    who, before = program(ana), rows()
    body = json.dumps({"title": "x" * 10_000_000})
    problem(ask(who, taking_a_body, there, body), 413, "too_large")
    assert rows() == before


def test_the_reference_says_of_every_operation_what_it_does(reference):
    seen = set()
    for path, found in reference["paths"].items():
        for method, operation in found.items():
            assert operation.get("summary"), (method, path)
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            for status, answer in operation["responses"].items():
                media = answer.get("content", {}).get("application/problem+json", {})
                for code in media.get("examples", {}):
                    assert str(CODES[code][0]) == status


# --- the reference itself


@pytest.fixture
def reference(client, db) -> dict[str, Any]:
    return client.get(reverse("schema")).json()


def test_the_reference_is_valid_and_warns_of_nothing(db, tmp_path):
    path = tmp_path / "schema.yaml"
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(path))
    assert path.read_text().startswith("openapi: 3.1.0")


def bodies(reference: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, media) of every JSON body that is sent or answered, with its examples."""
    for path, found in reference["paths"].items():
        for method, operation in found.items():
            for told in [operation.get("requestBody", {}), *operation["responses"].values()]:
                for kind, media in told.get("content", {}).items():
                    if kind.endswith("json"):
                        yield method, path, media


def test_every_example_is_what_its_schema_says(reference):
    root = {"components": reference["components"]}
    tried = 0
    for method, path, media in bodies(reference):
        checker = Draft202012Validator({**root, **media["schema"]})
        for example in media["examples"].values():
            faults = [fault.message for fault in checker.iter_errors(example["value"])]
            assert not faults, (method, path, faults)
            tried += 1
    assert tried > 100


def test_what_the_reference_shows_works_as_it_stands(program, ana, there, reference):
    who, tried = program(ana), 0
    for method, path, media in bodies(reference):
        for name, example in media["examples"].items():
            if name in ("example",) or method not in ("post", "patch") or "value" not in example:
                continue
            if not media["schema"]["$ref"].endswith("Request"):
                continue
            if path.endswith(
                ("/proposals/", "/accept-claims/")
            ):  # they ask for a paid writer's script
                continue
            answer = ask(who, (method, path), there, json.dumps(example["value"]))
            assert answer.status_code < 300, (method, path, name, answer.content)
            tried += 1
    assert tried >= 7


def test_every_answer_is_what_the_reference_says(program, ana, there, reference):
    who, tried = program(ana), 0
    for path, found in reference["paths"].items():
        media = found.get("get", {"responses": {}})["responses"].get("200", {}).get("content", {})
        if "application/json" not in media:
            continue
        answer = ask(who, ("get", path), there, "")
        assert answer.status_code == 200, path
        schema = {"components": reference["components"], **media["application/json"]["schema"]}
        faults = [
            fault.message for fault in Draft202012Validator(schema).iter_errors(answer.json())
        ]
        assert not faults, (path, faults)
        tried += 1
    assert tried >= 18


# --- whatever comes

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
ODD = st.sampled_from(
    ["", " ", "\0", "\ud800", "=1+1", "<b>", "x" * 3_000, 2**63, -1, 10**30, {}, []]
)


def filled(reference: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """The fields of the operation's body, each with the value of its example."""
    content = reference["paths"][path][method].get("requestBody", {}).get("content", {})
    media = content.get("application/json")
    if media is None:
        return {}
    schema = reference["components"]["schemas"][media["schema"]["$ref"].rpartition("/")[2]]
    return dict(example_of(schema, reference["components"]["schemas"]))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_breaks_an_operation(program, ana, there, reference, taking_a_body, data):
    known = filled(reference, *taking_a_body)
    fields = {name: st.just(value) | ODD | JSON for name, value in known.items()}
    body = data.draw(st.fixed_dictionaries({}, optional=fields))
    answer = ask(shared(program, ana), taking_a_body, there, json.dumps(body))
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        told = answer.json()
        assert answer["Content-Type"].startswith("application/problem+json")
        assert told["detail"]
        assert (told["code"] in CODES) <= (CODES.get(told["code"], (0,))[0] == told["status"])


def shared(program, user) -> Program:
    """One token for all examples: a team has at most fifty."""
    if not hasattr(program, "token"):
        program.token = program(user)
    return program.token
