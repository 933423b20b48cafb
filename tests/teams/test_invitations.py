"""Invitations: who sends them, what the link does, and when it does no more."""

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from config.kit import registry
from config.kit.errors import Refused
from config.kit.models import Mail
from teams import invitations
from teams.access import Forbidden
from teams.models import Invitation, Membership, Role
from tests.conftest import acting, member


@pytest.fixture
def invited(by_ana):
    """`invited("dee@example.org")` answers the row and the path of its link."""

    def invite(email: str = "dee@example.org", role: Role = Role.EDITOR, **rights: bool):
        made, link = invitations.invite(by=by_ana, email=email, role=role, rights=rights)
        return made, link[link.index("/invitations/") :]

    return invite


def join(browser, user, path: str):
    return browser(user).post(path, follow=True)


def is_in(user, team) -> bool:
    return Membership.objects.filter(user=user, team=team).exists()


def test_the_letter_holds_the_link_and_the_database_does_not(invited, settings):
    settings.PUBLIC_URL = "https://studio.example"
    made, path = invited()
    letter = Mail.objects.get(letter="invitation")
    assert (letter.to, f"https://studio.example{path}" in letter.text) == (made.email, True)
    secret = path.split("/")[2]
    assert secret not in str(Invitation.objects.values().get())


def test_who_follows_the_link_joins_with_role_and_rights(invited, browser, cho, team):
    _, path = invited(role=Role.VIEWER, can_approve=True)
    assert "Kelp Films" in browser(cho).get(path).content.decode()
    join(browser, cho, path)
    mine = Membership.objects.get(user=cho, team=team)
    assert (mine.role, mine.can_approve) == (Role.VIEWER, True)


def test_a_link_works_once(invited, browser, cho, vic, others, team):
    _, path = invited()
    join(browser, cho, path)
    stranger = Membership.objects.get(user=cho, team=others).user
    assert browser(stranger).get(path).status_code == 404


def test_a_link_grows_old(invited, browser, cho, team):
    _, path = invited()
    Invitation.objects.update(expires_at=Now())
    assert browser(cho).get(path).status_code == 404
    join(browser, cho, path)
    assert not is_in(cho, team)


def test_a_revoked_link_is_void(invited, browser, ana, cho, team):
    made, path = invited()
    browser(ana).post(f"/team/invitations/{made.pk}/revoke/")
    assert browser(cho).get(path).status_code == 404
    assert not is_in(cho, team)


def test_sending_again_makes_the_old_link_void(invited, browser, ana, cho):
    made, path = invited()
    browser(ana).post(f"/team/invitations/{made.pk}/resend/")
    assert browser(cho).get(path).status_code == 404
    assert Mail.objects.filter(letter="invitation").count() == 2
    made.refresh_from_db()
    assert made.sent == 2


def test_a_member_joins_no_second_time(invited, browser, ben, team):
    _, path = invited(email="other@example.org")
    assert "in this team already" in join(browser, ben, path).content.decode()
    assert Membership.objects.filter(team=team, user=ben).count() == 1


def test_who_is_signed_out_is_shown_how_to_join(invited, browser, team):
    _, path = invited()
    told = browser(None).get(path).content.decode()
    assert "I have one" in told
    assert browser(None).post(path).status_code == 302


@pytest.mark.parametrize(
    ("email", "told"),
    [("BEN@example.org", "in the team already"), ("DEE@example.org", "invited already")],
)
def test_nobody_is_invited_twice(invited, by_ana, ben, email, told):
    invited("dee@example.org")
    with pytest.raises(Refused, match=told):
        invitations.invite(by=by_ana, email=email, role=Role.EDITOR)


def test_only_an_owner_invites_an_owner(team, by_ana):
    admin = acting(member(team, "Ada", Role.ADMIN))
    with pytest.raises(Forbidden, match="owner"):
        invitations.invite(by=admin, email="x@example.org", role=Role.OWNER)


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_only_admins_of_the_team_invite_and_revoke(request, invited, browser, team, who):
    made, _ = invited()
    client = browser(request.getfixturevalue(who))
    client.post("/team/", {"email": "new@example.org", "role": "viewer"})
    client.post(f"/team/invitations/{made.pk}/revoke/")
    client.post(f"/team/invitations/{made.pk}/resend/")
    made.refresh_from_db()
    assert (made.revoked_at, made.sent) == (None, 1)
    assert not Invitation.objects.filter(team=team, email="new@example.org").exists()


def test_a_team_sends_no_flood_of_letters(invited, by_ana):
    made, _ = invited()
    Invitation.objects.filter(pk=made.pk).update(sent=invitations.A_DAY)
    with pytest.raises(Refused, match="a day"):
        invitations.invite(by=by_ana, email="one-more@example.org", role=Role.VIEWER)


def test_a_plan_that_is_full_lets_nobody_join(invited, browser, cho, team, monkeypatch):
    monkeypatch.setattr(registry, "gate", [lambda team_id, key, n: key != "members"])
    _, path = invited()
    assert "as its plan allows" in join(browser, cho, path).content.decode()
    assert not is_in(cho, team)
    assert Invitation.objects.get().accepted_at is None


def test_letters_escape_what_people_are_called(invited, by_ana, ana):
    ana.name = "<img src=x>"
    ana.save()
    invited("eve@example.org")
    letter = Mail.objects.get(to="eve@example.org")
    assert "<img src=x>" not in letter.html
    assert "\n" not in letter.subject


def test_an_invitation_is_an_endpoint_too(program, ana, ben, vic, cho):
    its = program(ana)
    given = {"email": "dee@example.org", "role": "viewer"}
    first = its.post("invitations/", given, Idempotency_Key="k")
    again = its.post("invitations/", given, Idempotency_Key="k")
    assert (first.status_code, again.json()) == (201, first.json())
    path = f"invitations/{first.json()['id']}/"
    for who in (ben, vic):
        assert program(who).delete(path).status_code == 403
    assert program(cho).delete(path).status_code == 404
    assert program(ana, "team:read").delete(path).status_code == 403
    assert program(None).get("invitations/").status_code == 401
    assert its.delete(path).status_code == 204
    assert its.get("invitations/").json()["results"] == []


def test_the_command_line_still_makes_a_first_owner(db):
    call_command("first_owner")
    assert Membership.objects.get().role == Role.OWNER
