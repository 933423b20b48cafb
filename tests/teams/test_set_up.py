"""The first minutes of an empty studio."""

import pytest
from django.core.cache import cache
from django.core.management import call_command

from config.kit.errors import Refused
from teams import actions, setting_up
from teams.models import Membership, Role, User

STRONG = "a long walk at dusk"
FORM = {
    "name": "Mara",
    "email": "mara@example.org",
    "password": STRONG,
    "team": "Northlight",
}
FAR = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def empty(db):
    cache.clear()


@pytest.mark.parametrize("path", ["/", "/videos/", "/accounts/login/", "/admin/"])
def test_every_page_leads_to_the_set_up(client, path):
    assert client.get(path).url == "/set-up/"


def test_programs_are_told_plainly(client):
    assert client.get("/api/v1/me/").status_code == 401


def test_who_sits_at_the_machine_becomes_the_owner(client):
    assert client.post("/set-up/", FORM).url == "/"
    mine = Membership.objects.get()
    assert (mine.role, mine.team.name, mine.user.is_superuser) == (Role.OWNER, "Northlight", True)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", [FAR, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"HTTP_FORWARDED": "for=1.2.3.4"}]
)
def test_from_elsewhere_it_takes_the_code(client, elsewhere):
    refused = client.post("/set-up/", FORM, **elsewhere)
    wrong = client.post("/set-up/", {**FORM, "code": "0" * 16}, **elsewhere)
    assert (refused.status_code, wrong.status_code, User.objects.count()) == (200, 200, 0)
    assert "mara@example.org" in wrong.content.decode()
    client.post("/set-up/", {**FORM, "code": setting_up.code()}, **elsewhere)
    assert User.objects.count() == 1


def test_the_link_that_the_server_prints_carries_the_code(client, capsys):
    call_command("set_up_link")
    link = capsys.readouterr().out.split()[-1]
    page = client.get(link[link.index("/set-up/") :], **FAR)
    assert setting_up.code() in page.content.decode()


def test_afterwards_there_is_no_such_page(client):
    client.post("/set-up/", FORM)
    assert client.get("/set-up/").status_code == 404
    assert client.post("/set-up/", {**FORM, "email": "late@example.org"}).status_code == 404
    assert User.objects.count() == 1


def test_of_two_at_once_the_second_is_refused():
    told = {"email": "a@example.org", "password": STRONG, "name": "A", "team_name": "A"}
    actions.set_up(**told)
    with pytest.raises(Refused, match="has an owner"):
        actions.set_up(**{**told, "email": "b@example.org"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"password": "password"}, "too common"),
        ({"email": "nobody"}, "valid email"),
        ({"name": ""}, "required"),
        ({"team": "two\nlines"}, "one line"),
    ],
)
def test_a_refused_set_up_keeps_what_was_typed(client, given, told):
    page = client.post("/set-up/", {**FORM, **given}).content.decode()
    assert told in page
    assert ("Northlight" in page) or "team" in given
    assert not User.objects.exists()
