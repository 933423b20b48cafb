"""Who may make an account, and what they come into; passwords that were forgotten."""

import re

import pytest
from django.core.cache import cache

from config.kit.models import Mail
from teams import actions, invitations
from teams.models import Membership, Role, Team, User

STRONG = "a long walk at dusk"


@pytest.fixture(autouse=True)
def studio(ana, settings):
    """Somebody is there already, and the studio is known by its public address."""
    settings.PUBLIC_URL = "https://studio.example"
    settings.SIGN_UP = "open"


def sign_up(client, **given):
    form = {"name": "Dee", "email": "dee@example.org", "password1": STRONG, **given}
    return client.post("/accounts/signup/", form)


def link_in(letter: str) -> str:
    found = re.search(r"https://studio\.example(/\S+)", Mail.objects.get(letter=letter).text)
    assert found
    return found.group(1)


def test_open_to_all_a_person_gets_a_team_of_their_own(client):
    assert sign_up(client).status_code == 302
    mine = Membership.objects.get(user__email="dee@example.org")
    assert (mine.role, mine.user.name, mine.team.name) == (Role.OWNER, "Dee", "Dee’s studio")
    assert client.get("/").status_code == 200


def test_a_team_that_can_not_be_made_leaves_no_person(client):
    sign_up(client, name="two\nlines")
    assert not User.objects.filter(email="dee@example.org").exists()


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_without_an_invitation_the_door_is_shut(client, settings, mode):
    settings.SIGN_UP = mode
    assert "By invitation" in client.get("/accounts/signup/").content.decode()
    sign_up(client)
    assert not User.objects.filter(email="dee@example.org").exists()


def test_who_was_invited_signs_up_into_the_team(client, by_ana, team, settings):
    settings.SIGN_UP = "invite"
    _, link = invitations.invite(by=by_ana, email="dee@example.org", role=Role.VIEWER)
    assert "Make an account" in client.get(link.partition("example")[2]).content.decode()
    assert sign_up(client).status_code == 302
    mine = Membership.objects.get(user__email="dee@example.org")
    assert (mine.team, mine.role) == (team, Role.VIEWER)
    assert Team.objects.count() == 1


def test_closed_means_closed_for_who_was_invited_too(client, by_ana, settings):
    settings.SIGN_UP = "closed"
    _, link = invitations.invite(by=by_ana, email="dee@example.org", role=Role.VIEWER)
    client.get(link.partition("example")[2])
    sign_up(client)
    assert not User.objects.filter(email="dee@example.org").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"email": "no address"}, "valid email"),
        ({"password1": "12345678"}, "too common"),
        ({"name": ""}, "required"),
        ({"name": "bell \x07"}, "one line"),
        ({"email": "dee@example.org\nBcc: all@example.org"}, "valid email"),
    ],
)
def test_a_refused_account_says_why_and_keeps_the_name(client, given, told):
    answer = sign_up(client, **given)
    assert (answer.status_code, User.objects.count()) == (200, 1)
    assert told in answer.content.decode()


def test_html_in_a_name_stays_text(client):
    sign_up(client, name="<b>Dee</b>")
    told = client.get("/team/").content.decode()
    assert "<b>Dee</b>" not in told
    assert "&lt;b&gt;Dee" in told


def test_a_forgotten_password_is_chosen_anew_once(client, ana):
    client.post("/accounts/password/reset/", {"email": ana.email}, headers={"Host": "testserver"})
    link = link_in("password_reset")
    page = client.get(link, follow=True)
    path = page.redirect_chain[-1][0]
    given = {"password1": STRONG, "password2": STRONG}
    client.post(path, given)
    assert client.login(username=ana.email, password=STRONG)
    client.logout()
    assert "used up" in client.get(link, follow=True).content.decode()


def test_an_unknown_address_is_told_the_same(client, ana):
    known = client.post("/accounts/password/reset/", {"email": ana.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Mail.objects.get(to="nobody@example.org").letter == "unknown_account"


def test_a_known_address_makes_no_second_account(client, ana):
    answer = sign_up(client, email=ana.email.upper())
    assert User.objects.count() == 1
    assert answer.status_code in (200, 302)


def test_guessing_passwords_is_slowed_down(client, ana):
    for _ in range(6):
        answer = client.post("/accounts/login/", {"login": ana.email, "password": "wrong"})
    right = client.post("/accounts/login/", {"login": ana.email, "password": "correct horse"})
    assert "Too many failed" in answer.content.decode()
    assert right.status_code == 200
    cache.clear()


def test_a_password_is_changed_by_who_knows_it(client, ana):
    client.force_login(ana)
    given = {"password1": STRONG, "password2": STRONG}
    client.post("/accounts/password/change/", {"oldpassword": "wrong", **given})
    ana.refresh_from_db()
    assert ana.check_password("correct horse")
    client.post("/accounts/password/change/", {"oldpassword": "correct horse", **given})
    ana.refresh_from_db()
    assert ana.check_password(STRONG)


@pytest.mark.parametrize("path", ["email/", "reauthenticate/", "password/set/", "login/code/"])
def test_what_has_no_page_here_can_not_be_reached(client, ana, path):
    client.force_login(ana)
    assert client.get(f"/accounts/{path}").status_code == 404


def test_who_is_switched_off_does_not_come_in(client, by_ana, ben):
    actions.change_person(user=ben, settings={"is_active": False})
    client.post("/accounts/login/", {"login": ben.email, "password": "correct horse"})
    assert client.get("/").status_code == 302
